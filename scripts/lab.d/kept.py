"""Directories that are kept in the cache: made once, with a record of all that is in them, and made anew if anything
differs from that."""

import json
import os
import pathlib
import stat
import tempfile
from collections.abc import Callable

import parts

_compared: set[pathlib.Path] = set()  # by this run


def forget() -> None:
    """Compares all anew, as another run does."""
    _compared.clear()


def directory(kind: str, stamp: str, make: Callable[[pathlib.Path], None]) -> pathlib.Path:
    """The path of what `make(path)` makes, made once for a stamp. Two runs side by side make it once."""
    place = parts.cache_directory() / kind / stamp
    with parts.locked(f"{kind}-{stamp}"):
        if place not in _compared and not is_whole(place):
            place.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=place.parent, prefix=".new-") as scratch:
                fresh = pathlib.Path(scratch) / "fresh"
                fresh.mkdir()
                make(fresh / "tree")
                (fresh / "record.json").write_text(json.dumps(listing(fresh / "tree"), indent=1))
                if place.exists():
                    os.rename(place, pathlib.Path(scratch) / "old")
                os.rename(fresh, place)
        _compared.add(place)
    return place / "tree"


def is_whole(place: pathlib.Path) -> bool:
    """Whether all is there as it was recorded, and nothing else."""
    try:
        recorded: object = json.loads((place / "record.json").read_text())
        return recorded == listing(place / "tree")
    except (OSError, ValueError):
        return False


def listing(root: pathlib.Path) -> dict[str, str]:
    """{path: owner, mode, and digest, target or device number} of all below a directory."""
    found = {}
    for folder, folders, files in os.walk(root):
        for name in (*folders, *files):
            path = os.path.join(folder, name)
            status = os.lstat(path)
            if stat.S_ISREG(status.st_mode):
                content = parts.sha256(path)
            elif stat.S_ISLNK(status.st_mode):
                content = os.readlink(path)
            else:
                content = f"{status.st_rdev}"
            found[os.path.relpath(path, root)] = f"{status.st_uid}:{status.st_gid} {status.st_mode:o} {content}"
    return found
