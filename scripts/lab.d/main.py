"""The command line of the lab."""

import argparse
import concurrent.futures
import fcntl
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from typing import TextIO

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "common.d"))

import guest
import image
import parts
import plain
import record
import scenarios
import topologies
from report import Report, complain, say
from session import Session
from settings import Settings

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]

# What the quick part may take, on two cores, without downloads and builds.
QUICK_SECONDS = 360

DESCRIPTION = """\
Boots real kernels in QEMU, in pure emulation, and runs hostdev in them.

  scripts/lab list                 the scenarios and the topologies
  scripts/lab --quick              what scripts/test runs (the default)
  scripts/lab --full               everything, on every kernel
  scripts/lab --full --resume      goes on with it: what passed with these same inputs is not run again
  scripts/lab --peers              hostdev beside driverctl, dpdk-devbind and virsh
  scripts/lab NAME...              these scenarios
  scripts/lab contract --record    also writes what the kernel answered to Fixtures/kernel
  scripts/lab fixture TOPOLOGY     writes `hostdev snapshot` of that machine to Fixtures/NAME;
                                   with --as GROUP/NAME to one file, Fixtures/GROUP/NAME.tar.xz
"""


def main() -> int:
    settings = _arguments()
    if settings.names == ["list"]:
        return _list()
    report = Report()
    settings.log_dir, own = own_directory(settings.log_dir)
    with own:  # held until the end
        try:
            _run(settings, report)
        except parts.PartMissing as error:
            report.check("parts", False, error)
    return report.close()


def _run(settings: Settings, report: Report) -> None:
    say(f"lab: {parts.qemu_version()}")
    kernels = []
    for series in parts.SERIES if settings.kernel == "both" else (settings.kernel,):
        with report.timed(f"kernel {series}"):
            kernels.append(parts.kernel(series))
        say(f"lab: kernel {kernels[-1]}")
    if settings.names[:1] == ["fixture"]:
        _fixture(settings, kernels[0], report)
        return
    chosen = _chosen(settings)
    programs = _programs({need for scenario in chosen for need in scenario.needs}, settings, report)
    sessions = _sessions(kernels, chosen, programs, report, settings)
    started = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(settings.jobs) as pool:
        futures = [pool.submit(session.run) for session in sessions]
        try:
            for future in futures:
                future.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            guest.stop_all()
            raise
    if not (settings.names or settings.full or settings.peers):
        quick_enough(report, time.monotonic() - started, settings.patience)


def quick_enough(report: Report, seconds: float, patience: float) -> None:
    """Fails if the quick part is not quick."""
    report.check("the quick part is quick", seconds < QUICK_SECONDS * patience, f"{seconds:.0f} s")


def own_directory(wanted: pathlib.Path) -> tuple[pathlib.Path, TextIO]:
    """A directory of logs, and the open lock that keeps it: the wanted one, or one beside it if another run has that."""
    place = wanted
    for number in range(2, 100):
        place.mkdir(parents=True, exist_ok=True)
        lock = (place / ".lock").open("w", encoding="utf-8")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            place = wanted.with_name(f"{wanted.name}-{number}")
            complain(f"another run writes there: the logs go to {place}")
        else:
            return place, lock
    raise SystemExit(f"lab: no directory of logs is free beside {wanted}")


def _sessions(kernels: list[parts.Kernel], chosen: list[scenarios.Scenario], programs: dict[str, pathlib.Path],
              report: Report, settings: Settings) -> list[Session]:
    """One for each scenario and kernel, but for those that need not run again."""
    inputs = record.inputs(programs, kernels, parts.qemu_version())
    sessions = []
    for kernel in kernels:
        for scenario in chosen:
            name = scenario.name if settings.kernel != "both" else f"{scenario.name}@{kernel.series}"
            verdict = record.Verdict(settings.log_dir / f"{name}.json", inputs)
            if settings.resume and verdict.passed:
                report.resumed(name, verdict)
            else:
                verdict.forget()
                sessions.append(Session(scenario, kernel, name, programs, report, settings, verdict))
    return sessions


def _arguments() -> Settings:
    parser = argparse.ArgumentParser(
        prog="scripts/lab", description=DESCRIPTION, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="a scenario; or `list`, or `fixture TOPOLOGY`")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--quick", action="store_true", help="the quick scenarios")
    which.add_argument("--full", action="store_true", help="all scenarios")
    which.add_argument("--peers", action="store_true", help="hostdev beside other tools; a table of what each does")
    parser.add_argument("--kernel", choices=(*parts.SERIES, "both"), help=f"default: {parts.SERIES[0]}; with --full: both")
    parser.add_argument("--binary", type=pathlib.Path, help="hostdev; default: built with swift")
    parser.add_argument("--contract-binary", type=pathlib.Path, help="kernel-contract; default: built with swift")
    parser.add_argument("--log-dir", type=pathlib.Path, default=REPOSITORY / ".build" / "lab", help="default: .build/lab")
    parser.add_argument("--jobs", type=int, default=2, metavar="N", help="scenarios side by side; default: 2")
    parser.add_argument("--resume", action="store_true", help="leaves out what passed with the same programs and kernels")
    parser.add_argument("--record", action="store_true",
                        help="with `contract`: write Fixtures/kernel/SERIES.jsonl; with --peers: the table into README.md")
    parser.add_argument("--as", dest="fixture_name", metavar="NAME", help="with `fixture`: default lab-TOPOLOGY")
    parser.add_argument("--patience", type=float, default=1, metavar="N",
                        help="multiplies every wait, for a machine that is busy with other things; default: 1")
    settings = parser.parse_intermixed_args(namespace=Settings())
    settings.kernel = settings.kernel or ("both" if settings.full else parts.SERIES[0])
    if settings.names[:1] == ["fixture"]:
        if len(settings.names) != 2 or settings.names[1] not in topologies.ALL:
            parser.error(f"fixture wants one topology: {' '.join(topologies.ALL)}")
    elif settings.names != ["list"]:
        unknown = [name for name in settings.names if name not in scenarios.ALL]
        if unknown:
            parser.error(f"no scenario {' '.join(unknown)}; `scripts/lab list` names them")
    return settings


def _list() -> int:
    say("scenarios (* quick):")
    for scenario in scenarios.ALL.values():
        say(f"  {'*' if scenario.quick else ' '} {scenario.name:24} {scenario.shows}")
    say("topologies:")
    for topology in topologies.ALL.values():
        say(f"    {topology.name:24} {topology.shows}")
    return 0


def _chosen(settings: Settings) -> list[scenarios.Scenario]:
    if settings.names:
        return [scenarios.ALL[name] for name in settings.names]
    if settings.peers:
        return [scenarios.ALL["peers"]]
    return [scenario for scenario in scenarios.ALL.values() if (settings.full and scenario.full) or scenario.quick]


def _programs(needed: set[str], settings: Settings, report: Report) -> dict[str, pathlib.Path]:
    """{name: path} of our programs that are needed: the given ones, or freshly built ones."""
    given = {"hostdev": settings.binary, "kernel-contract": settings.contract_binary}
    programs = {}
    for name in sorted(needed):
        path = given[name]
        if path is None:
            with report.timed(f"build {name}"):
                path = _built(name)
        if not os.access(path, os.X_OK) or path.is_dir():
            raise parts.PartMissing(f"{path} is not a program")
        programs[name] = path
    return programs


def _built(product: str) -> pathlib.Path:
    if not shutil.which("swift"):
        raise parts.PartMissing(f"swift is not installed, and no path to a built {product} was given")
    command = ["swift", "build", "-c", "release", "--static-swift-stdlib", "--product", product]
    complain(" ".join(command))
    if subprocess.run(command, cwd=REPOSITORY, stdout=sys.stderr.fileno(), check=False).returncode != 0:
        raise parts.PartMissing(f"{product} does not build")
    return REPOSITORY / ".build" / "release" / product


def _fixture(settings: Settings, kernel: parts.Kernel, report: Report) -> None:
    """Brings `hostdev snapshot` of a guest out to Fixtures."""
    topology = topologies.ALL[settings.names[1]]
    target = REPOSITORY / "Fixtures" / (settings.fixture_name or f"lab-{topology.name}")
    programs = _programs({"hostdev"}, settings, report)
    log = guest.Log(settings.log_dir / f"fixture-{topology.name}.log")
    try:
        contents = image.Contents(programs, files={"usr/share/misc/pci.ids": image.short_names()})
        with (report.timed("snapshot"),
              guest.Guest(kernel, topology, log, contents, patience=settings.patience) as machine):
            machine.must("hostdev snapshot /tmp/snapshot", 120)
            packed = machine.fetch("/tmp/snapshot")
    except guest.GuestError as error:
        report.check(f"fixture {topology.name}", False, error)
        return
    said = replace(target, packed)
    report.check(f"fixture {topology.name}", said, said)


def replace(target: pathlib.Path, packed: bytes) -> str:
    """Unpacks beside the target and then takes its place, so that a failure leaves the old one. Gives what there is now.

    Right below Fixtures are plain trees, for people to look into; in a folder of a group are packed ones, which only tests
    read.
    """
    target.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".new-") as scratch:
        fresh = pathlib.Path(scratch) / "tree"
        fresh.mkdir()
        subprocess.run(["tar", "-xz", "-C", fresh, "--no-same-owner"], input=packed, check=True)
        is_plain = target.parent.name == "Fixtures"
        if is_plain:
            plain.thin(fresh)
        for directory, folders, files in os.walk(fresh):
            if not folders and not files:
                # git keeps no empty directory, and an empty class says more than a missing one.
                (pathlib.Path(directory) / ".keep").touch()
        if not is_plain:
            command = [str(REPOSITORY / "scripts" / "fixtures"), "--pack", str(fresh), f"{target}.tar.xz"]
            return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
        if target.exists():
            os.rename(target, pathlib.Path(scratch) / "old")
        os.rename(fresh, target)
    count = sum(1 for path in target.rglob("*") if path.is_file())
    return f"{count} files in Fixtures/{target.name}"


if __name__ == "__main__":
    # So that an end by `timeout` or by a test runner takes the machines and their files along.
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
