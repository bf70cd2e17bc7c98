"""A picture of everything that sysfs says about PCI, to compare before and after.

Taken by three processes of busybox, since starting one is what costs time under emulation.
"""

import re
import time
from collections.abc import Mapping
from typing import Protocol

# Attributes of which a picture has the name and not the value, and why. Names, as patterns of find(1).
VOLATILE = {
    "config": "registers that drivers and power states change; reading it wakes bridges",
    "rom": "reads as nothing until it is enabled",
    "vpd": "slow, and some cards hang on it",
    "resource[0-9]*": "reading an I/O resource touches the device",
    "enable": "a count of who enabled the function; drivers leave it differently before their first open",
    "irq": "the number of the vector, which is handed out anew at each bind",
    "power_state": "what runtime power management has come to by now",
    "current_link_*": "retrained with power states",
    "aer_*": "counters",
    "pools": "how much of its DMA memory a driver uses just now",
    "runtime_*": "counters, and what runtime power management has come to by now",
    "wakeup_*": "counters",
    "uevent": "repeats driver, class and ids, each compared by itself",
}

# What is left out altogether, and why.
FLEETING = {
    "waiting_for_supplier": "there until a function's first driver, whichever that is; the kernel never brings it back",
}

# Which have a number that older kernels count on with each probe, and never use again.
NUMBERED = re.compile(r"(?<=/ata)\d+$")

_COMMAND = r"""
cd /sys/bus/pci
find devices/*/ -mindepth 1 -maxdepth 1
echo ==
find devices/*/ -maxdepth 1 -type l -exec stat -c %N {} +
find drivers -mindepth 2 -maxdepth 2 -type l -name '*:*' -exec stat -c %N {} +
cd /sys/kernel
find iommu_groups -type l -exec stat -c %N {} +
echo ==
cd /sys/bus/pci
find devices/*/ devices/*/power/ -maxdepth 1 -type f -perm -400 ATTRIBUTES -exec grep -sH '' {} +
grep -sH '' drivers_autoprobe
cd /sys/kernel
find iommu_groups -type f -exec grep -sH '' {} +
"""

_LINK = re.compile(r"^'?(.*?)'? -> '?(.*?)'?$")
_VALUE = re.compile(r"^((?:devices|iommu_groups)/[^/]+/(?:power/)?[\w-]+|drivers_autoprobe):(.*)$")


# {path below /sys/bus/pci or /sys/kernel: text}: links with "-> " before their target, directories empty.
Picture = Mapping[str, str]


class Shell(Protocol):
    """What runs a line of shell."""

    def must(self, command: str, /) -> str: ...


def take(guest: Shell) -> Picture:
    """A picture of now."""
    unread = " ".join(f"! -name '{pattern}'" for pattern in (*VOLATILE, *FLEETING))
    names, links, values = guest.must(_COMMAND.replace("ATTRIBUTES", unread)).split("==\n")
    result: dict[str, str] = {}
    for name in names.splitlines():
        if name.rsplit("/", 1)[-1] not in FLEETING:
            result[NUMBERED.sub("N", name.replace("//", "/"))] = ""
    for line in links.splitlines():
        link = _LINK.match(line)
        if not link:
            raise ValueError(f"stat printed this of a link: {line}")
        name, target = link.groups()
        result[name.replace("//", "/")] = f"-> {target}"
    for line in values.splitlines():
        match = _VALUE.match(line.replace("//", "/", 1))
        if match:
            name, text = match.groups()
            result[name] = f"{result[name]}\n{text}" if result.get(name) else text
    return result


def differences(before: Picture, after: Picture) -> list[str]:
    """One line for each path that differs."""
    lines = []
    for path in sorted(before.keys() | after.keys()):
        old, new = before.get(path, "(absent)"), after.get(path, "(absent)")
        if old != new:
            lines.append(f"{path}: {old!r} is now {new!r}")
    return lines


def settled(guest: Shell, wanted: Picture, timeout: float = 8) -> list[str]:
    """Takes pictures until one equals `wanted`: drivers go on after their probe returned. Gives the last differences."""
    deadline = time.monotonic() + timeout
    while True:
        left = differences(wanted, take(guest))
        if not left or time.monotonic() > deadline:
            return left


def driver(picture: Picture, address: str) -> str | None:
    """The driver of a function in a picture, or None."""
    return _end(picture, f"devices/{address}/driver")


def override(picture: Picture, address: str) -> str | None:
    """The driver override of a function in a picture, None if it is unset."""
    text = picture.get(f"devices/{address}/driver_override")
    return None if text in ("(null)", "", None) else text


def group(picture: Picture, address: str) -> int | None:
    """The number of a function's IOMMU group, or None."""
    number = _end(picture, f"devices/{address}/iommu_group")
    return int(number) if number else None


def _end(picture: Picture, path: str) -> str | None:
    """The last word of a link's target, or None."""
    link = picture.get(path)
    return link.rsplit("/", 1)[-1] if link else None


def groups(picture: Picture) -> dict[int, list[str]]:
    """The IOMMU groups as {number: sorted addresses}."""
    found: dict[int, list[str]] = {}
    for path in picture:
        match = re.fullmatch(r"iommu_groups/(\d+)/devices/(\S+)", path)
        if match:
            found.setdefault(int(match[1]), []).append(match[2])
    return {number: sorted(members) for number, members in found.items()}


def functions(picture: Picture) -> list[str]:
    """All addresses, sorted."""
    return sorted({path.split("/")[1] for path in picture if path.startswith("devices/")})
