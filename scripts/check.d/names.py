"""No two files of one name: a reader who is told one finds it."""

import collections
import pathlib

SUFFIXES = {".swift", ".py", ".c", ".h"}
# Each program has one, and the modules of C's headers.
COMMON = {"main.py", "main.swift", "shim.h"}


def judge(files: list[pathlib.Path]) -> list[str]:
    """The complaints, one per name."""
    places = collections.defaultdict(list)
    for path in files:
        if path.parts[0] in ("Sources", "Tests", "scripts") and path.suffix in SUFFIXES and path.name not in COMMON:
            places[path.name].append(str(path))
    return [f"{name}: {', '.join(found)}" for name, found in sorted(places.items()) if len(found) > 1]
