"""What must not stand in the source, and what must not stand anywhere in the tree."""

import pathlib
import re

# In Sources, and why.
FORBIDDEN = {
    r"\btry!": "an error that ends the program",
    r"\bas!": "a cast that ends the program",
    r"\bfatalError\(": "input must not end the program",
    r"\bpreconditionFailure\(": "input must not end the program",
    r"^\s*import Foundation$": "full Foundation brings ICU, 57 MB",
    r"\bTODO\b|\bFIXME\b|\bXXX\b": "an issue, or done",
}
# Below Operations, where time and environment are handed in, so that a simulation can have its own. System defines them.
AMBIENT = {
    r"\bContinuousClock\.now\b|(?<![\w)\]])\.now\b(?=\s*[+,)])": "the time: take a Clock",
    r"\bClock\.system\b|(?<!Clock) = \.system\b": "the machine's clock: it is handed in",
    r"\bgetenv\(|\bEnvironment\.": "the environment: it is handed in",
    r"\bgeteuid\(|\bUser\.": "the user: it is handed in",
    r"\bRoot\(\"/\"\)": "the machine's own root: it is handed in",
}
ABOVE = {"hostdev", "Operations", "Report"}
DEFINES = {"Clock.swift", "Environment.swift", "Rights.swift", "Runtime.swift", "Process.swift", "Root.swift"}

# ArgumentParser makes a name that is not given from the type's description: 0.7 million instructions per command and start.
NAMELESS = re.compile(r"CommandConfiguration\((?!\s*commandName:)")

# Comments and text may have any of these.
LITERAL = re.compile(r'"(?:\\.|[^"\\])*"|//.*$')

# A path of one person's machine.
PRIVATE = re.compile(r"(?<![\w.])/(?:home|Users|work|mnt|tmp/wt|opt/swift[-\w]*)/\w")
# Where a link may lead. What is fetched during a build comes from github.com, by Package.swift.
HOSTS = {
    "github.com", "www.kernel.org", "docs.kernel.org", "libvirt.org", "www.gnu.org", "gnu.org", "fsf.org", "www.fsf.org",
    "deb.debian.org", "swift.org", "www.swift.org", "relaxng.org", "www.w3.org", "pci-ids.ucw.cz", "www.debian.org", "qemu.org",
}
LINK = re.compile(r"\b(?:https?|ftp|git|ssh)://(?:[^/@\s]+@)?([A-Za-z0-9.-]+)")


def judge(files: list[pathlib.Path]) -> list[str]:
    """The complaints, one a line."""
    complaints = []
    for path in files:
        data = path.read_bytes()
        if b"\0" in data:
            continue
        lines = data.decode(errors="replace").splitlines()
        is_source = path.parts[0] == "Sources" and path.suffix == ".swift"
        is_below = is_source and path.parts[1] not in ABOVE and not (path.parts[1] == "System" and path.name in DEFINES)
        if is_source:
            complaints += [f"{path}: a command without commandName" for _ in NAMELESS.finditer("\n".join(lines))]
        # What a captured host says of itself is its own affair.
        is_ours = path.parts[0] != "Fixtures"
        for number, line in enumerate(lines, 1):
            place = f"{path}:{number}"
            if is_source:
                code = LITERAL.sub('""', line)
                complaints += [f"{place}: {line.strip()} ({why})" for rule, why in FORBIDDEN.items() if re.search(rule, code)]
            if is_below and not line.lstrip().startswith("//"):
                complaints += [f"{place}: {line.strip()} ({why})" for rule, why in AMBIENT.items() if re.search(rule, line)]
            if is_ours and path.parts[:2] != ("scripts", "check.d"):
                if PRIVATE.search(line):
                    complaints.append(f"{place}: a private path: {line.strip()}")
                complaints += [f"{place}: a link to {host}" for host in LINK.findall(line) if host.lower() not in HOSTS]
    return complaints
