"""Judges what systemd is given: the units themselves, and the figure that they say of their hardening."""

import pathlib
import re
import subprocess
import tempfile

import tool


def judge(files: list[pathlib.Path]) -> list[str]:
    units = [path for path in files if path.parent == pathlib.Path("scripts/dist/systemd")]
    if not units:
        return ["there is no unit in scripts/dist/systemd"]
    with tempfile.TemporaryDirectory() as scratch:
        copies = []
        for unit in units:
            # A template is judged as an instance; the program may not be installed here.
            copy = pathlib.Path(scratch) / unit.name.replace("@.", "@card.")
            copy.write_text(unit.read_text().replace("/usr/sbin/hostdev", "/bin/true"))
            copies.append(str(copy))
        complaints = tool.answer("systemd-analyze", "verify", "--man=no", *copies)
        for unit, placed in zip(units, copies, strict=True):
            complaints += _exposure(unit, placed)
    return complaints


def _exposure(unit: pathlib.Path, copy: str) -> list[str]:
    """Each unit names the figure that `systemd-analyze security` gives for its hardening."""
    said = subprocess.run(["systemd-analyze", "security", "--offline=true", copy], capture_output=True, text=True, check=False)
    found = re.search(r"Overall exposure level for \S+: ([0-9.]+ \w+)", said.stdout)
    named = re.search(r"systemd-analyze security[^`]*` gives ([0-9.]+), (\w+)", unit.read_text())
    if not found or not named:
        return [f"{unit}: no figure of systemd-analyze security: {said.stderr.strip()}"]
    if found[1] != f"{named[1]} {named[2]}":
        return [f"{unit}: systemd-analyze security gives {found[1]}, and the unit says {named[1]} {named[2]}"]
    return []
