"""Breaks the program in named ways, one by one, and sees whether a test notices.

Each breakage is a file beside this one: what is replaced by what, and the tests that should turn red. The mutants are
built in a copy of the sources, .build-mutants, which is kept, so that a second run is quicker; the tests are those that are
built here, told by HOSTDEV_BINARY which program to run.
"""

import argparse
import os
import pathlib
import re
import shutil
import subprocess
import sys

from mutant import Mutant, Unfit, files

TOP = pathlib.Path(__file__).resolve().parents[2]
COPY = TOP / ".build-mutants"


def copy_sources() -> None:
    """Brings the copy up to date; a file that did not change keeps its time, and so its object file."""
    COPY.mkdir(exist_ok=True)
    names = {"Package.swift", "Package.resolved"} & set(os.listdir(TOP))
    for folder in ["Sources", "Tests"]:
        for base in [TOP, COPY]:
            names |= {str(file.relative_to(base)) for file in (base / folder).rglob("*") if file.is_file()}
    for name in names:
        source, target = TOP / name, COPY / name
        if not source.exists():
            target.unlink()
        elif not target.exists() or target.read_bytes() != source.read_bytes():
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(source.read_bytes())
    for name in ["checkouts", "repositories", "workspace-state.json"]:
        there, here = TOP / ".build" / name, COPY / ".build" / name
        if there.is_dir() and not here.exists():
            shutil.copytree(there, here, symlinks=True)
        elif there.is_file() and not here.exists():
            here.parent.mkdir(exist_ok=True)
            shutil.copy2(there, here)


def apply(mutant: Mutant) -> None:
    for file, text in mutant.edited(COPY).items():
        file.write_text(text)


def build() -> str | None:
    """What the compiler said, or None."""
    done = subprocess.run(
        ["swift", "build", "--product", "hostdev"], cwd=COPY, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        check=False)
    return None if done.returncode == 0 else done.stdout


def test(pattern: str) -> tuple[list[str], int]:
    """Names of the tests that failed, and how many there were."""
    done = subprocess.run(
        ["swift", "test", "--skip-build", "--filter", pattern], cwd=TOP, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, check=False, env={**os.environ, "HOSTDEV_BINARY": str(COPY / ".build/debug/hostdev")})
    failed = re.findall(r"^✘ Test (\w+)\(.*?\) .*failed after", done.stdout, re.MULTILINE)
    ran = re.search(r"Test run with (\d+) tests?", done.stdout)
    return failed, int(ran[1]) if ran else 0


def main() -> int:
    mutants = [Mutant(file) for file in files()]
    parser = argparse.ArgumentParser(
        prog="scripts/mutants", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of: {' '.join(mutant.name for mutant in mutants)}")
    wanted: list[str] = parser.parse_args().names
    unknown = set(wanted) - {mutant.name for mutant in mutants}
    if unknown:
        parser.error(f"no {', '.join(sorted(unknown))}; there are {', '.join(mutant.name for mutant in mutants)}")
    if wanted:
        mutants = [mutant for mutant in mutants if mutant.name in wanted]
    subprocess.run(["swift", "build", "--build-tests", "--quiet"], cwd=TOP, check=True)
    copy_sources()
    if said := build():
        sys.exit(f"mutants: the sources do not build:\n{said}")
    failed, ran = test("|".join(sorted({mutant.tests for mutant in mutants})))
    if failed or not ran:
        sys.exit(f"mutants: without any breakage {len(failed)} of {ran} tests fail: {' '.join(failed)}")
    killed = 0
    for mutant in mutants:
        copy_sources()
        apply(mutant)
        if said := build():
            sys.exit(f"{mutant.name} does not build:\n{said}")
        failed, ran = test(mutant.tests)
        if failed:
            killed += 1
            print(f"killed {mutant.name} by {' '.join(sorted(set(failed)))}", flush=True)
        else:
            print(f"SURVIVED {mutant.name} ({ran} tests)", flush=True)
    copy_sources()
    print(f"mutants: {killed} passed, {len(mutants) - killed} failed")
    return 0 if killed == len(mutants) else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Unfit as why:
        sys.exit(f"mutants: {why}")
