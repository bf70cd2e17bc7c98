"""Debian's own tools for what a host does with its devices: arrays, volumes, encryption, udev, SSH.

They are downloaded and unpacked, never installed: that would hook them into this machine's own
boot. With them go the libraries that they alone need; common ones are taken from this machine, as
for every program in the guest.
"""

import hashlib
import os
import pathlib
import tempfile

import kept
import parts

# What a boot may use of each package, below its root; the libraries follow by themselves.
_PROGRAMS = {
    "mdadm": ("sbin/mdadm",),
    "cryptsetup-bin": ("sbin/cryptsetup",),
    "lvm2": ("sbin/lvm",),
    "dmsetup": ("sbin/dmsetup",),
    "udev": ("bin/udevadm",),
    "dropbear-bin": ("usr/sbin/dropbear", "usr/bin/dbclient", "usr/bin/dropbearkey"),
}
_LIBRARIES = (
    "libaio1 libargon2-1 libbsd0 libcap2 libcryptsetup12 libdevmapper1.02.1 "
    "libdevmapper-event1.02.1 libedit2 libgmp10 libjson-c5 libkmod2 libmd0 libpopt0 "
    "libtomcrypt1 libtommath1 libudev1"
).split()

# Rules that load modules and fill udev's database, and no others: interfaces keep the kernel's
# names, and nothing is assembled or activated by itself, so that each layer is there for as long as
# a scenario wants it.
_RULES = (
    "50-udev-default 55-dm 56-lvm 60-block 60-persistent-storage 60-persistent-storage-dm "
    "63-md-raid-arrays 80-drivers 95-dm-notify"
).split()

LINKS = {  # one program, many names
    "lib/systemd/systemd-udevd": "/bin/udevadm",
    **{f"sbin/{name}": "/sbin/lvm" for name in ("pvcreate", "vgcreate", "lvcreate", "vgchange")},
}


def tree() -> pathlib.Path:
    """The directory that the packages are unpacked in, one directory for all."""
    names = sorted([*_PROGRAMS, *_LIBRARIES])

    def unpack(result: pathlib.Path) -> None:
        with tempfile.TemporaryDirectory(dir=result.parent.parent) as scratch:
            for name in names:
                deb = parts.download(name, pathlib.Path(scratch) / name)
                parts.run(["dpkg", "-x", str(deb), str(result)])

    return kept.directory("tools", hashlib.sha256(" ".join(["2", *names]).encode()).hexdigest()[:12], unpack)


def files() -> dict[str, pathlib.Path]:
    """{path in the guest: path here} of the programs, their libraries, udev's rules and helpers."""
    root = tree()
    found: dict[str, pathlib.Path] = {}
    for names in _PROGRAMS.values():
        for name in names:
            found[name] = root / name
    helpers = root / "lib" / "udev"
    for path in sorted(helpers.iterdir()):
        if path.is_file():
            found[f"lib/udev/{path.name}"] = path
    for path in sorted((helpers / "rules.d").iterdir()):
        if path.stem in _RULES:
            found[f"lib/udev/rules.d/{path.name}"] = path
    for path in list(found.values()):
        found.update(_libraries(root, path))
    return found


def command(name: str, *arguments: str) -> tuple[list[str], dict[str, str]]:
    """One of the programs as a command of this machine: its words, and its environment."""
    root = tree()
    path, = (root / program for programs in _PROGRAMS.values() for program in programs
             if program.endswith(f"/{name}"))
    return [str(path), *arguments], _environment(root)


def _environment(root: pathlib.Path) -> dict[str, str]:
    places = sorted({str(path.parent) for path in root.rglob("lib*.so.*")})
    return {**os.environ, "LD_LIBRARY_PATH": ":".join(places)}


def _libraries(root: pathlib.Path, program: pathlib.Path) -> dict[str, pathlib.Path]:
    found = {}
    for name in parts.libraries(program, _environment(root)):
        path = pathlib.Path(name)
        inside = path.is_relative_to(root)
        found[str(path.relative_to(root) if inside else path)] = path
    return found
