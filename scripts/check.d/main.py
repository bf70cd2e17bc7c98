"""Judges the source without running it. Every judgement gives the places that are wrong; none is good."""

import argparse
import pathlib
import re
import subprocess
import sys

import imports
import units
import wording

# A hint, not a law: a file should read on one screen or two.
LONG = 200
README_LIMIT = 200
ACCEPTED_LIMIT = 20


def tracked():
    """Every file that git knows or would add, as paths from the project's top."""
    names = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                           capture_output=True, text=True, check=True).stdout.split("\0")
    return [path for path in map(pathlib.Path, filter(None, names)) if path.is_file() and not path.is_symlink()]


def answer(*command):
    """What a judge that is a program complains of, line by line; nothing where it is content."""
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    complaints = (run.stdout + run.stderr).splitlines()
    return complaints or ([f"{command[0]}: exit status {run.returncode}"] if run.returncode else [])


def swift_format(_):
    return answer("swift", "format", "lint", "--strict", "--parallel", "-r", "Package.swift", "Sources", "Tests")


def shell(files):
    scripts = [path for path in files if path.suffix == ".sh" or is_script(path, rb"#!/bin/(ba)?sh|#!/usr/bin/env (ba)?sh")]
    return answer("shellcheck", "-x", *map(str, scripts))


def python(files):
    complaints = []
    for path in files:
        if path.suffix == ".py" or is_script(path, rb"#!/usr/bin/(env )?python3"):
            try:
                compile(path.read_bytes(), str(path), "exec")
            except (SyntaxError, ValueError) as error:
                complaints.append(f"{path}: {error}")
    return complaints


def is_script(path, first_line):
    if path.parts[0] == "Fixtures" or path.suffix:
        return False
    with path.open("rb") as file:
        return re.match(first_line, file.readline(80)) is not None


def manual(files):
    pages = [str(path) for path in files if re.fullmatch(r"\.[1-8]", path.suffix) and path.parts[0] == "scripts"]
    return answer("mandoc", "-Tlint", "-Wwarning", *pages) if pages else ["there is no manual page"]


def length(files):
    complaints = []
    for path, limit in ((pathlib.Path("README.md"), README_LIMIT), (pathlib.Path("scripts/conformance.accepted"), ACCEPTED_LIMIT)):
        lines = [line for line in path.read_text().splitlines() if limit == README_LIMIT or line and line[0] != "#"] if path.exists() else []
        if len(lines) > limit:
            complaints.append(f"{path}: {len(lines)} lines, {limit} are allowed")
        if not path.exists():
            complaints.append(f"{path}: is not there")
    for path in files:
        if path.parts[0] in ("Sources", "Tests") and path.suffix in (".swift", ".c", ".py"):
            count = len(path.read_text(errors="replace").splitlines())
            if count > LONG:
                print(f"  hint: {path} has {count} lines")
    return complaints


JUDGES = {
    "format": swift_format,
    "imports": imports.judge,
    "wording": wording.judge,
    "shell": shell,
    "python": python,
    "manual": manual,
    "units": units.judge,
    "length": length,
}


def main():
    parser = argparse.ArgumentParser(prog="scripts/check")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of: {' '.join(JUDGES)}")
    names = parser.parse_args().names or list(JUDGES)
    for name in names:
        if name not in JUDGES:
            parser.error(f"nothing is called {name}; there are {' '.join(JUDGES)}")
    files = tracked()
    failed = 0
    for name in names:
        complaints = JUDGES[name](files)
        print(f"{name}: {f'{len(complaints)} complaints' if complaints else 'good'}", flush=True)
        for complaint in complaints:
            print(f"  {complaint}")
        failed += bool(complaints)
    print(f"check: {len(names) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
