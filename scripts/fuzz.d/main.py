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
TARGETS = ("registers", "attributes", "capture", "journal", "xml", "pins", "selectors", "faults")
# Seconds after which an input counts as one that hangs.
HANG = 1
# What a target may take beyond its share before it is killed: start-up, and the seeds.
GRACE = 30

JOURNAL = (
    '{"schema":"hostdev-journal/1","id":"1-2","kind":"bind","command":["hostdev","bind","01:00"],"begun":1,'
    '"identities":["0000:01:00.0",{"vendorID":4334,"deviceID":20480}],"prior":[],"target":[],"plan":[],"forced":[],'
    '"holds":[]}')
FAULTS = '{"faults":[{"path":"/sys/bus/pci/drivers/vfio-pci/bind","errno":"EBUSY","count":1}]}'
PINS = (
    '{"version":1,"description":null,"driver":"auto","match":"ids","follow":true,"force":["no-group"],"functions":[{"address":'
    '"0000:01:00.0","path":"0000:00/01.0/00.0","vendor_id":"0x10ee","device_id":"0x5000","subsystem_vendor_id":"0x10ee",'
    '"subsystem_device_id":"0x000e","class":"0x120000","serial_number":"00-0a-35-ff-ff-00-00-01","vpd_serial_number":"X"}],'
    '"pinned":{"at":"2026-01-01T00:00:00Z","findings":[{"code":"no-reset","severity":"warning","functions":["0000:01:00.0"],'
    '"message":"m","evidence":["\\u00e9\\ud83d\\ude00"]}]}}',
    b"\x82\x04\x00Card\x90\x07\x00SN\x04X123\x78")
SELECTORS = ("0000:01:00.0", "01:00", "10000:e1:00.0", "pci_0000_01_00_0", "10ee:5000", "group:12", "net:enp1s0f0",
             "block:nvme0n1", "/dev/nvme0n1", "xml:-", "pin:card")
XML = ("<domain><devices><hostdev mode='subsystem' type='pci' managed='yes'><source>"
       "<address domain='0x0000' bus='0x01' slot='0x00' function='0x1'/></source></hostdev></devices></domain>")


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


def seeds(target):
    if target == "registers":
        yield from (file.read_bytes() for file in sorted(FIXTURES.glob("*/sys/bus/pci/devices/*/config")))
    elif target == "attributes":
        yield from host_seeds("attributes")
    elif target == "capture":
        yield from host_seeds("surroundings")
    else:
        texts = {"journal": [JOURNAL], "xml": [XML], "pins": PINS, "selectors": SELECTORS, "faults": [FAULTS]}[target]
        yield from (text if isinstance(text, bytes) else text.encode() for text in texts)


def run(program, target, seconds):
    """Gives (executions, edges, complaint or None) of one target."""
    corpus = CORPUS / target
    corpus.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="hostdev-fuzz-") as scratch:
        seeded = pathlib.Path(scratch) / "seeds"
        seeded.mkdir()
        for number, seed in enumerate(seeds(target)):
            (seeded / str(number)).write_bytes(seed)
        # The crash reporter can hang for minutes.
        environment = os.environ | {"HOSTDEV_FUZZ_TARGET": target, "SWIFT_BACKTRACE": "enable=no",
                                    "ASAN_OPTIONS": "detect_leaks=0"}
        command = [program, f"-max_total_time={seconds}", f"-timeout={HANG}", "-max_len=8192", "-print_final_stats=1",
                   f"-artifact_prefix={scratch}/", corpus, seeded]
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
    arguments = parser.parse_args()
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
