"""Runs every fuzz target for its share of the time: main.py PROGRAM [--minutes N] [TARGET…]."""

import argparse
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile

PROJECT = pathlib.Path(__file__).resolve().parents[2]
FIXTURES = PROJECT / "Fixtures"
CRASHERS = FIXTURES / "crashers"
# Inputs that reached something new, for the next run.
CORPUS = PROJECT / ".build-fuzz" / "corpus"
TARGETS = ("registers", "attributes", "capture", "journal", "xml", "selectors", "faults", "tree")
# Seconds after which an input counts as one that hangs.
HANG = 1
# What a target may take beyond its share before it is killed: start-up, and the seeds.
GRACE = 30

SELECTORS = ("0000:01:00.0", "01:00", "10000:e1:00.0", "pci_0000_01_00_0", "10ee:5000", "group:12", "net:enp1s0f0",
             "block:nvme0n1", "/dev/nvme0n1", "xml:-", "pin:card")
# Words that a mutation puts together, since chance alone does not: those of JSON, of records, and of XML.
WORDS = {
    "journal": ("null", "true", "[]", "{}", '"reset"', '"bind"', '"release"', '"driver":', '"override":', '"attributes":',
                '"prior":', '"target":', '"hasGivenUp":', '"leftBehind":', '"pending":', '"reset_method"', '"sriov_numvfs"',
                '"power/control"', '"../../x"', '"x\\u0000"', '"0000:01:00.1"', '"10000:e1:00.0"', '"op":"load-module"'),
    "faults": ("null", '"errno":', '"times":', '"path":', '"value":', '"milliseconds":', "4294967296", "-1", "1e9", "*"),
    "xml": ("<hostdev ", "</hostdev>", "<source>", "<address ", "<!DOCTYPE ", "<!ENTITY ", "&#0;", "<![CDATA[", "domain='",
            "bus='", "slot='", "function='", "type='pci'", "mode='subsystem'", "0xffffffffffffffff", "-1", "xmlns:"),
}


def paths(name):
    """A table of paths of MemorySysfs.swift: the number of a path is its place there."""
    text = (PROJECT / "Tests" / "Fuzz" / "MemorySysfs.swift").read_text()
    return re.findall(r'"(?:\\\(folder\))?/?([\w./:-]+)"', text[text.index(f"static let {name}"):].split("\n\n")[0])


def host_seeds(table):
    """Every function of every fixture as pieces: 0x01, number of a path, content."""
    names = paths(table)
    for device in sorted(FIXTURES.glob("*/sys/bus/pci/devices/*")):
        tree = FIXTURES / device.relative_to(FIXTURES).parts[0]
        pieces = b""
        for number, name in enumerate(names):
            for file in (device / name, tree / name):
                if file.is_file():
                    pieces += bytes((1, number)) + file.read_bytes()[:4096]
                    break
        yield pieces


def tree_seeds():
    """Every place of CaptureTree.swift made a link that leads outside, to a file (0) and to a folder (16, the second of 15),
    or an empty folder. Pieces are 0x01, kind, number of a place, content; 1 would begin the next one, so that 2 is the first
    number, and the numbers go round.
    """
    for number in range(2, 90):
        for kind, content in ((5, 0), (5, 16), (2, 0)):
            yield bytes((1, kind, number, content))


def seeds(target):
    if target == "registers":
        yield from (file.read_bytes() for file in sorted(FIXTURES.glob("*/sys/bus/pci/devices/*/config")))
    elif target == "attributes":
        yield from host_seeds("attributes")
    elif target == "capture":
        yield from host_seeds("surroundings")
    elif target == "tree":
        yield from tree_seeds()
    elif target == "selectors":
        yield from (text.encode() for text in SELECTORS)
    for file in sorted((FIXTURES / "seeds" / target).glob("*")):
        yield file.read_bytes()


def dictionary(target, path):
    """Writes libFuzzer's list of words for a target; gives the option that names it."""
    words = WORDS.get(target, ())
    quoted = (word.replace("\\", "\\\\").replace('"', '\\"') for word in words)
    path.write_text("".join(f'"{word}"\n' for word in quoted))
    return [f"-dict={path}"] if words else []


def run(program, target, seconds):
    """Gives (executions, edges, complaint or None) of one target."""
    corpus = CORPUS / target
    corpus.mkdir(parents=True, exist_ok=True)
    # In memory where there is such a place: one target makes a tree of files for every execution.
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="hostdev-fuzz-", dir=memory) as scratch:
        seeded = pathlib.Path(scratch) / "seeds"
        seeded.mkdir()
        for number, seed in enumerate(seeds(target)):
            (seeded / str(number)).write_bytes(seed)
        # The crash reporter can hang for minutes.
        environment = os.environ | {"HOSTDEV_FUZZ_TARGET": target, "SWIFT_BACKTRACE": "enable=no",
                                    "TMPDIR": scratch,
                                    # Whence memory came is not worth a third of the time; where it is misused is still said.
                                    "ASAN_OPTIONS": "detect_leaks=0:malloc_context_size=1:quarantine_size_mb=8"}
        command = [program, f"-max_total_time={seconds}", f"-timeout={HANG}", "-max_len=8192", "-detect_leaks=0", "-print_final_stats=1",
                   *dictionary(target, pathlib.Path(scratch) / "words"), f"-artifact_prefix={scratch}/", corpus, seeded]
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                 text=True, errors="replace", env=environment, cwd=scratch, start_new_session=True)
        try:
            text, _ = child.communicate(timeout=seconds + GRACE)
            complaint = None if child.returncode == 0 else f"exit status {child.returncode}"
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            text, _ = child.communicate()
            complaint = "did not end"
        found = [file for file in pathlib.Path(scratch).iterdir() if re.match(r"(crash|timeout|oom|leak)-", file.name)]
        for file in found:
            CRASHERS.mkdir(exist_ok=True)
            shutil.copy(file, CRASHERS / f"{target}-{file.name}")
            complaint = f"Fixtures/crashers/{target}-{file.name}"
    if complaint:
        print("\n".join(f"    {line}" for line in text.splitlines()[-30:]))
    executions = re.search(r"stat::number_of_executed_units:\s*(\d+)", text)
    edges = re.findall(r"\bcov: (\d+)", text)
    return int(executions[1]) if executions else 0, int(edges[-1]) if edges else 0, complaint


def main():
    parser = argparse.ArgumentParser(prog="scripts/fuzz")
    parser.add_argument("program", help=argparse.SUPPRESS)
    parser.add_argument("--minutes", type=float, default=1, metavar="N", help="in all; default: %(default)s")
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=f"of: {' '.join(TARGETS)}")
    arguments = parser.parse_intermixed_args()
    targets = arguments.targets or TARGETS
    for target in targets:
        if target not in TARGETS:
            parser.error(f"no target {target}; there are {' '.join(TARGETS)}")
    seconds = max(int(arguments.minutes * 60 / len(targets)), 1)
    failed = total = 0
    for target in targets:
        executions, edges, complaint = run(arguments.program, target, seconds)
        # Without executions nothing was shown, whatever the exit status.
        if not complaint and not (executions and edges):
            complaint = "nothing was executed"
        print(f"{target:12} {executions:10} executions {edges:7} edges  {complaint or 'ok'}", flush=True)
        failed += bool(complaint)
        total += executions
    print(f"{'all':12} {total:10} executions")
    print(f"fuzz: {len(targets) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
