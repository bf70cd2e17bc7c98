"""Writes a host of 10,000 functions as a tree for `--root` and for lspci: synthetic.py DIR [COUNT].

Root ports on bus 0, 64 endpoints behind each: network cards with their ports, disks, accelerators, and a display now and
then. Ids, drivers, groups and reset methods vary as on a real host, so that nothing can be remembered from the last one.
"""

import pathlib
import struct
import sys
from typing import NamedTuple

PER_PORT = 64


class Part(NamedTuple):
    """One kind of function."""

    vendor: int
    device: int
    subsystem: tuple[int, int]
    code: int
    driver: str | None
    reset: str


# The ids are of real parts, so that names are found.
PARTS = (
    Part(0x8086, 0x1521, (0x8086, 0x0002), 0x020000, "igb", "flr bus"),
    Part(0x144D, 0xA808, (0x144D, 0xA801), 0x010802, "nvme", "flr bus"),
    Part(0x10EE, 0x5000, (0x10EE, 0x000E), 0x120000, "vfio-pci", "bus"),
    Part(0x15B3, 0x101D, (0x15B3, 0x0043), 0x020000, "mlx5_core", "flr"),
    Part(0x8086, 0x1520, (0x8086, 0x0002), 0x020000, None, "flr"),
    Part(0x10DE, 0x1EB8, (0x10DE, 0x12A2), 0x030200, "nvidia", "flr pm"),
    Part(0x1002, 0x67DF, (0x1462, 0x3416), 0x030000, "amdgpu", "pm bus"),
    Part(0x1B21, 0x1142, (0x1B21, 0x1142), 0x0C0330, "xhci_hcd", ""),
)
PORT = Part(0x8086, 0x1901, (0x8086, 0x7270), 0x060400, "pcieport", "pm")


class Tree:
    def __init__(self, top: pathlib.Path) -> None:
        self.sys = top / "sys"
        for folder in ("bus/pci/devices", "bus/pci/drivers", "kernel/iommu_groups", "devices"):
            (self.sys / folder).mkdir(parents=True)
        for name in {part.driver for part in (*PARTS, PORT) if part.driver}:
            (self.sys / "bus/pci/drivers" / name).mkdir()

    def function(self, folder: pathlib.Path, address: str, part: Part, group: int,
                 secondary: int | None = None) -> pathlib.Path:
        """One function; `folder` is where it stands below /sys/devices. Gives its own folder."""
        vendor, device, subsystem, code, driver, reset = part
        place = folder / address
        path = self.sys / place
        path.mkdir(parents=True)
        up = "../" * len(place.parts)
        (self.sys / "bus/pci/devices" / address).symlink_to(f"../../../{place}")
        text = {
            "uevent": (f"DRIVER={driver}\n" if driver else "") + f"PCI_CLASS={code:04X}\nPCI_ID={vendor:04X}:{device:04X}\n"
            f"PCI_SUBSYS_ID={subsystem[0]:04X}:{subsystem[1]:04X}\nPCI_SLOT_NAME={address}\n"
            f"MODALIAS=pci:v{vendor:08X}d{device:08X}sv{subsystem[0]:08X}sd{subsystem[1]:08X}"
            f"bc{code >> 16:02X}sc{code >> 8 & 0xff:02X}i{code & 0xff:02X}\n",
            "vendor": f"0x{vendor:04x}\n", "device": f"0x{device:04x}\n", "class": f"0x{code:06x}\n",
            "subsystem_vendor": f"0x{subsystem[0]:04x}\n", "subsystem_device": f"0x{subsystem[1]:04x}\n",
            "irq": "16\n", "numa_node": "0\n", "resource": f"{'0x' + '0' * 16} {'0x' + '0' * 16} {'0x' + '0' * 16}\n" * 7,
        }
        if reset:
            text["reset_method"] = reset + "\n"
        if code == 0x030000:
            text["boot_vga"] = "0\n"
        for name, value in text.items():
            (path / name).write_text(value)
        (path / "config").write_bytes(config(part, secondary))
        if driver:
            (path / "driver").symlink_to(f"{up}bus/pci/drivers/{driver}")
        members = self.sys / "kernel/iommu_groups" / str(group) / "devices"
        members.mkdir(parents=True, exist_ok=True)
        (members / address).symlink_to(f"../../../../{place}")
        (path / "iommu_group").symlink_to(f"{up}kernel/iommu_groups/{group}")
        return place


def config(part: Part, secondary: int | None) -> bytes:
    """The 256 bytes that a kernel shows root."""
    vendor, device, subsystem, code, _, _ = part
    space = bytearray(256)
    struct.pack_into("<HH", space, 0, vendor, device)
    struct.pack_into("<I", space, 8, code << 8 | 1)
    if secondary is None:
        struct.pack_into("<HH", space, 0x2C, *subsystem)
    else:
        space[0x0E] = 1
        space[0x19] = space[0x1A] = secondary
    return bytes(space)


def main() -> None:
    top, count = pathlib.Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 10_000
    tree = Tree(top)
    root = pathlib.Path("devices/pci0000:00")
    group = made = 0
    for number in range(255):
        if made >= count:
            break
        bus = number + 1
        port = tree.function(root, f"0000:00:{number // 8:02x}.{number % 8}", PORT, group, bus)
        group += 1
        made += 1
        for place in range(min(PER_PORT, count - made)):
            # Two neighbours in eight share a group.
            group += place % 8 != 5
            tree.function(port, f"0000:{bus:02x}:{place // 8:02x}.{place % 8}", PARTS[(place + number) % len(PARTS)], group)
            made += 1
        group += 1


if __name__ == "__main__":
    main()
