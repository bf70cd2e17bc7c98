"""A newer QEMU than this machine's, for the devices that only it has: igb with its virtual functions.

It comes from Debian's backports, by lists of its own, and is unpacked, never installed: this machine's sources and
programs stay as they are. What was unpacked is kept in the cache, with the digests of its files.
"""

import json
import os
import pathlib
import tempfile

import parts

_SUITE = "bookworm-backports"
_PACKAGES = ("qemu-system-x86", "qemu-system-common", "qemu-system-data", "seabios")
_KEYS = "/usr/share/keyrings/debian-archive-keyring.gpg"


def words():
    """The program and where it finds its firmware, as the first words of a command."""
    root = tree() / "usr"
    return [str(root / "bin" / parts.QEMU), "-L", str(root / "share" / "qemu"), "-L", str(root / "share" / "seabios")]


def tree():
    """The directory that the packages are unpacked in, one directory for all."""
    directory = parts.cache_directory() / "qemu" / _SUITE
    with parts.locked("newer-qemu"):
        if not _is_whole(directory):
            directory.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=directory.parent, prefix=".unpack-") as scratch:
                _replace(_unpack(pathlib.Path(scratch)), directory)
    return directory / "tree"


def _is_whole(directory):
    record = directory / "record.json"
    if not record.is_file():
        return False
    digests = json.loads(record.read_text())
    return all((directory / name).is_file() and parts.sha256(directory / name) == digest
               for name, digest in digests.items())


def _unpack(scratch):
    result = scratch / "result"
    archives = scratch / "archives"
    (archives / "partial").mkdir(parents=True)
    result.mkdir()
    options = _options(scratch)
    parts.run(["apt-get", *options, "update"])
    parts.run(["apt-get", *options, "download", "-t", _SUITE, *_PACKAGES], cwd=archives)
    for deb in sorted(archives.glob("*.deb")):
        parts.run(["dpkg", "-x", str(deb), str(result / "tree")])
    wanted = [path for path in sorted(result.rglob("*"))
              if path.is_file() and not path.is_symlink() and "doc" not in path.parts]
    (result / "record.json").write_text(
        json.dumps({str(path.relative_to(result)): parts.sha256(path) for path in wanted}, indent=1))
    return result


def _options(scratch):
    """Lists, caches and sources of our own; apt itself checks signatures and digests."""
    (scratch / "lists" / "partial").mkdir(parents=True)
    (scratch / "cache" / "archives" / "partial").mkdir(parents=True)
    sources = scratch / "sources.list"
    sources.write_text(f"deb [signed-by={_KEYS}] http://deb.debian.org/debian {_SUITE} main\n")
    settings = {
        "Dir::Etc::sourcelist": sources, "Dir::Etc::sourceparts": "/dev/null", "Dir::State::lists": scratch / "lists",
        "Dir::Cache": scratch / "cache", "Dir::Cache::pkgcache": "", "Dir::Cache::srcpkgcache": "",
        "DPkg::Lock::Timeout": 120,
    }
    if os.geteuid() == 0:
        settings["APT::Sandbox::User"] = "root"  # the user _apt cannot write below a private directory
    return [word for name, value in settings.items() for word in ("-o", f"{name}={value}")]


def _replace(fresh, directory):
    if directory.exists():
        os.rename(directory, fresh.parent / "old")
    os.rename(fresh, directory)
