"""A newer QEMU than this machine's, for the devices that only it has: igb with its virtual functions.

It comes from Debian's backports, by lists of its own, and is unpacked, never installed: this machine's sources and
programs stay as they are. What was unpacked is kept in the cache, with the digests of its files.
"""

import hashlib
import os
import pathlib
import tempfile

import kept
import parts

_SUITE = "bookworm-backports"
_PACKAGES = ("qemu-system-x86", "qemu-system-common", "qemu-system-data", "seabios")
_KEYS = "/usr/share/keyrings/debian-archive-keyring.gpg"


def words() -> list[str]:
    """The program and where it finds its firmware, as the first words of a command."""
    root = tree() / "usr"
    return [str(root / "bin" / parts.QEMU), "-L", str(root / "share" / "qemu"), "-L", str(root / "share" / "seabios")]


def tree() -> pathlib.Path:
    """The directory that the packages are unpacked in, one directory for all."""
    packages = hashlib.sha256(" ".join(_PACKAGES).encode()).hexdigest()[:12]
    return kept.directory("qemu", f"{_SUITE}-{packages}", _unpack)


def _unpack(result: pathlib.Path) -> None:
    with tempfile.TemporaryDirectory(dir=result.parent.parent) as directory:
        scratch = pathlib.Path(directory)
        archives = scratch / "archives"
        (archives / "partial").mkdir(parents=True)
        options = _options(scratch)
        parts.run(["apt-get", *options, "update"])
        parts.run(["apt-get", *options, "download", "-t", _SUITE, *_PACKAGES], cwd=archives)
        for deb in sorted(archives.glob("*.deb")):
            parts.run(["dpkg", "-x", str(deb), str(result)])


def _options(scratch: pathlib.Path) -> list[str]:
    """Lists, caches and sources of our own; apt itself checks signatures and digests."""
    (scratch / "lists" / "partial").mkdir(parents=True)
    (scratch / "cache" / "archives" / "partial").mkdir(parents=True)
    sources = scratch / "sources.list"
    sources.write_text(f"deb [signed-by={_KEYS}] http://deb.debian.org/debian {_SUITE} main\n")
    settings: dict[str, pathlib.Path | str | int] = {
        "Dir::Etc::sourcelist": sources, "Dir::Etc::sourceparts": "/dev/null", "Dir::State::lists": scratch / "lists",
        "Dir::Cache": scratch / "cache", "Dir::Cache::pkgcache": "", "Dir::Cache::srcpkgcache": "",
        "DPkg::Lock::Timeout": 120,
    }
    if os.geteuid() == 0:
        settings["APT::Sandbox::User"] = "root"  # the user _apt cannot write below a private directory
    return [word for name, value in settings.items() for word in ("-o", f"{name}={value}")]
