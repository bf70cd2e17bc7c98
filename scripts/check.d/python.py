"""Python: types by mypy, rules by ruff. Both are where scripts/lib.sh puts them, in the versions of requirements.txt."""

import collections
import pathlib
from collections.abc import Iterable

import first_line
import tool

HERE = pathlib.Path(__file__).parent
JUDGES = pathlib.Path(".build/judges")

# Each folder is a program of its own, whose modules may have the names of another one's. What one takes from elsewhere:
BESIDE = {
    "Tests/Lab": ("scripts/lab.d", "scripts/common.d"),
    "scripts/bench.d": ("scripts/common.d",),
    "scripts/check.d": ("scripts/mutants.d",),
    "scripts/conformance.d": ("scripts/common.d",),
    "scripts/fuzz.d": ("scripts/common.d",),
    "scripts/lab.d": ("scripts/common.d",),
}


def lint(files: Iterable[pathlib.Path]) -> list[str]:
    """Ruff's complaints, one a line."""
    return tool.answer(
        *_program("ruff"), "check", "--quiet", "--config", str(HERE / "ruff.toml"), "--cache-dir", str(JUDGES / "cache/ruff"),
        "--output-format", "concise", *map(str, _scripts(files)))


def types(files: Iterable[pathlib.Path]) -> list[str]:
    """mypy's complaints, one a line."""
    programs = collections.defaultdict(list)
    for path in _scripts(files):
        programs[_program_of(path)].append(path)
    complaints = []
    for folder, members in sorted(programs.items()):
        places = (str(folder), *BESIDE.get(str(folder), ()))
        complaints += tool.answer(
            *_program("mypy"), "--config-file", str(HERE / "mypy.ini"), "--cache-dir", str(JUDGES / "cache/mypy" / folder),
            *map(str, members), environment={"MYPYPATH": ":".join(places)})
    return complaints


def _scripts(files: Iterable[pathlib.Path]) -> list[pathlib.Path]:
    return [path for path in files if path.suffix == ".py" or first_line.matches(path, rb"#!/usr/bin/(env )?python3")]


def _program_of(path: pathlib.Path) -> pathlib.Path:
    """The folder that `import` begins to look in: the one above all packages."""
    folder = path.parent
    while (folder / "__init__.py").exists():
        folder = folder.parent
    return folder


def _program(name: str) -> list[str]:
    return [str(JUDGES / "bin/python"), "-m", name]
