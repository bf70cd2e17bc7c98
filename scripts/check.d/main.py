"""Judges the source without running it. Every judgement gives the places that are wrong; none is good."""

import argparse
import pathlib
import re
import subprocess
import sys
from collections.abc import Callable

import first_line
import imports
import labels
import mutants
import names
import python
import tool
import units
import walk
import wording
import words

Judge = Callable[[list[pathlib.Path]], list[str]]

# A hint, not a law: a file should read on one screen or two.
LONG = 200
# Lines, and columns of each.
README_LIMIT = 150
README_WIDTH = 140
ACCEPTED_LIMIT = 20


def tracked() -> list[pathlib.Path]:
    """Every file that git tracks or does not ignore, as paths from the project's top."""
    names = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate"],
                           capture_output=True, text=True, check=True).stdout.split("\0")
    return [path for path in map(pathlib.Path, filter(None, names)) if path.is_file() and not path.is_symlink()]


def swift_format(_: list[pathlib.Path]) -> list[str]:
    return tool.answer("swift", "format", "lint", "--strict", "--parallel", "-r", "Package.swift", "Sources", "Tests")


def shell(files: list[pathlib.Path]) -> list[str]:
    scripts = [path for path in files
               if path.suffix == ".sh" or first_line.matches(path, rb"#!/bin/(ba)?sh|#!/usr/bin/env (ba)?sh")]
    return tool.answer("shellcheck", "-x", *map(str, scripts))


def manual(files: list[pathlib.Path]) -> list[str]:
    pages = [str(path) for path in files if re.fullmatch(r"\.[1-8]", path.suffix) and path.parts[0] == "scripts"]
    return tool.answer("mandoc", "-Tlint", "-Wwarning", *pages) if pages else ["there is no manual page"]


def length(files: list[pathlib.Path]) -> list[str]:
    readme, accepted = pathlib.Path("README.md"), pathlib.Path("scripts/conformance.accepted")
    complaints = [f"{path}: does not exist" for path in (readme, accepted) if not path.exists()]
    if complaints:
        return complaints
    counts = (
        (readme, len(readme.read_text().splitlines()), README_LIMIT),
        # Remarks do not count there.
        (accepted, sum(1 for line in accepted.read_text().splitlines() if line and line[0] != "#"), ACCEPTED_LIMIT),
    )
    complaints += [f"{path}: {count} lines, {limit} are allowed" for path, count, limit in counts if count > limit]
    complaints += [f"{readme}:{number}: {len(line)} columns, {README_WIDTH} are allowed"
                   for number, line in enumerate(readme.read_text().splitlines(), 1) if len(line) > README_WIDTH]
    for path in files:
        if path.parts[0] in ("Sources", "Tests") and path.suffix in (".swift", ".c", ".py"):
            count = len(path.read_text(errors="replace").splitlines())
            if count > LONG:
                print(f"  hint: {path} has {count} lines")
    return complaints


JUDGES: dict[str, Judge] = {
    "format": swift_format,
    "imports": imports.judge,
    "wording": wording.judge,
    "labels": labels.judge,
    "names": names.judge,
    "words": words.judge,
    "shell": shell,
    "lint": python.lint,
    "types": python.types,
    "manual": manual,
    "units": units.judge,
    "walk": walk.judge,
    "mutants": mutants.judge,
    "length": length,
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="scripts/check")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of: {' '.join(JUDGES)}")
    chosen = parser.parse_args().names or list(JUDGES)
    for name in chosen:
        if name not in JUDGES:
            parser.error(f"nothing is called {name}; there are {' '.join(JUDGES)}")
    files = tracked()
    failed = 0
    for name in chosen:
        complaints = JUDGES[name](files)
        print(f"{name}: {f'{len(complaints)} complaints' if complaints else 'good'}", flush=True)
        for complaint in complaints:
            print(f"  {complaint}")
        failed += bool(complaints)
    print(f"check: {len(chosen) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
