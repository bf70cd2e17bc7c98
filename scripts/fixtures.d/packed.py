"""A captured tree as one file, the same file for the same tree: what only tests read is kept like that."""

import os
import pathlib
import tarfile

# 1 January 2000: an archive says when, and tar complains of the year in which time begins.
WHEN = 946684800


def pack(folder: pathlib.Path, archive: pathlib.Path) -> int:
    """Writes `folder` to `archive`, under the archive's name. Gives the number of files and links in it."""
    archive.parent.mkdir(parents=True, exist_ok=True)
    fresh = archive.with_name(f".{archive.name}.new")
    with tarfile.open(fresh, "w:xz", preset=9, format=tarfile.PAX_FORMAT) as tar:
        # Sorted, and all that is below it.
        tar.add(folder, archive.name.removesuffix(".tar.xz"), filter=_plain)
        count = sum(not member.isdir() for member in tar.getmembers())
    os.replace(fresh, archive)
    return count


def _plain(member: tarfile.TarInfo) -> tarfile.TarInfo:
    """Without what a checkout does not keep: owner, time, and modes but for what may be executed."""
    member.uid = member.gid = 0
    member.uname = member.gname = "root"
    member.mtime = WHEN
    member.mode = 0o777 if member.issym() else 0o755 if member.isdir() or member.mode & 0o100 else 0o644
    return member
