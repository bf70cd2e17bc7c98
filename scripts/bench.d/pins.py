"""Pins, for the bench: 64 of them on the made host's accelerators, each with a serial number of its own."""

import collections
import pathlib
import re
import struct
import subprocess
from collections.abc import Sequence

COUNT = 64
# What the project promises of `apply` with all of them in place: milliseconds of CPU.
CPU_MS = 15

BOOT = "5ea3b1c0-0000-4000-8000-000000000001\n"
PIN = """{{
  "version": 1,
  "description": "bench {number}",
  "driver": "vfio-pci",
  "functions": [
    {{
      "address": "{address}",
      "path": "0000:00/{port}/{function}",
      "vendor_id": "0x10ee",
      "device_id": "0x5000",
      "subsystem_vendor_id": "0x10ee",
      "subsystem_device_id": "0x000e",
      "class": "0x120000",
      "serial_number": "{serial}"
    }}
  ]
}}
"""


def declare(tree: pathlib.Path) -> None:
    """Gives every pinned function a serial number, and writes the pins."""
    pins = tree / "etc/hostdev/pins.d"
    pins.mkdir(parents=True)
    for folder in (tree / "etc", tree / "etc/hostdev", pins):
        folder.chmod(0o755)
    boot = tree / "proc/sys/kernel/random"
    boot.mkdir(parents=True)
    (boot / "boot_id").write_text(BOOT)
    devices = tree / "sys/bus/pci/devices"
    for number, path in enumerate(accelerators(devices)):
        folder = path.resolve()
        (folder / "config").write_bytes(with_serial((folder / "config").read_bytes(), number + 1))
        (pins / f"bench-{number:02}.json").write_text(PIN.format(
            number=number, address=path.name, port=folder.parent.name[8:], function=path.name[8:],
            serial="-".join(f"{byte:02x}" for byte in (0, 10, 53, 1, 0, 0, 0, number + 1))))


def accelerators(devices: pathlib.Path) -> list[pathlib.Path]:
    """Every so many of those on vfio-pci, so that the whole of the host is spread over."""
    found = [path for path in sorted(devices.iterdir())
             if (path / "driver").is_symlink() and (path / "driver").readlink().name == "vfio-pci"]
    step = max(len(found) // COUNT, 1)
    return found[::step][:COUNT]


def with_serial(config: bytes, number: int) -> bytes:
    """4096 bytes with a PCI Express capability, and the serial number behind it."""
    space = bytearray(config[:64].ljust(4096, b"\0"))
    space[0x06] |= 0x10
    space[0x34] = 0x40
    struct.pack_into("<BBH", space, 0x40, 0x10, 0, 2)
    struct.pack_into("<III", space, 0x100, 0x0003 | 1 << 16, number, 0x000A3501)
    return bytes(space)


def reads(log: pathlib.Path, command: Sequence[str | pathlib.Path]) -> dict[str, set[str]]:
    """Names of the attributes that a command opens, of how many functions each."""
    subprocess.run(["strace", "-f", "-y", "-s", "4096", "-e", "trace=openat2,openat,readlinkat", "-o", log, *command],
                   check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    seen: dict[str, set[str]] = collections.defaultdict(set)
    for line in log.read_text(errors="replace").splitlines():
        match = re.search(r'(?:<([^>]*)>, )?"([^"]*)"', line)
        parts = f"{match[1] or ''}/{match[2]}".split("/") if match else []
        places = [place for place, part in enumerate(parts)
                  if re.fullmatch(r"[0-9a-f]{4,}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]", part)]
        if places and places[-1] + 1 < len(parts):
            seen[parts[places[-1] + 1]].add(parts[places[-1]])
    return seen
