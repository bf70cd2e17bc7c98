"""Disks, and what a host does with them."""

from collections.abc import Iterable
from typing import NamedTuple

from ground import Ground


class Mount(NamedTuple):
    """One line of mountinfo, as far as it differs from host to host."""

    number: str
    point: str
    kind: str
    source: str


class Disks(Ground):
    """The part of a Host that declares NVMe controllers, mounts, swap and LVM."""

    def __init__(self) -> None:
        super().__init__()
        self._mounts: list[Mount] = []
        self._swaps: list[str] = []
        self._fstab: list[str] = []
        self._dm_count = 0

    def nvme(self, address: str, index: int, model: str, partitions: Iterable[tuple[int, str | None]] = (),
             hidden: bool = False, namespaces: bool = True) -> None:
        """An NVMe controller and its one namespace.

        `partitions` are (sectors, mount point or "swap" or None). With `hidden` the namespace is a
        native multipath head: it hangs off the subsystem, and nothing below the function leads to it.
        """
        tree, function = self._tree, self.path(address)
        controller = f"{function}/nvme/nvme{index}"
        subsystem = f"sys/devices/virtual/nvme-subsystem/nvme-subsys{index}"
        tree.files(controller, model=model, state="live", transport="pcie", address=address,
                   uevent=f"MAJOR=240\nMINOR={index}\nDEVNAME=nvme{index}\nNVME_TRTYPE=pcie")
        tree.link(f"{controller}/subsystem", "sys/class/nvme")
        tree.link(f"sys/class/nvme/nvme{index}", controller)
        tree.link(f"{subsystem}/nvme{index}", controller)
        tree.link(f"sys/class/nvme-subsystem/nvme-subsys{index}", subsystem)
        if not namespaces:
            return
        disk = f"{subsystem if hidden else controller}/nvme{index}n1"
        minor = 8 * index
        self._disk(disk, minor)
        for number, (sectors, use) in enumerate(partitions, 1):
            self._partition(disk, number, minor + number, sectors, use)

    def _disk(self, disk: str, minor: int, major: int = 259) -> None:
        tree, name = self._tree, disk.rsplit("/", 1)[1]
        tree.files(disk, dev=f"{major}:{minor}",
                   uevent=f"MAJOR={major}\nMINOR={minor}\nDEVNAME={name}\nDEVTYPE=disk\nDISKSEQ={minor + 1}")
        self._block_links(disk)

    def _partition(self, disk: str, number: int, minor: int, sectors: int, use: str | None) -> None:
        name = f"{disk.rsplit('/', 1)[1]}p{number}"
        path = f"{disk}/{name}"
        self._tree.files(path, dev=f"259:{minor}",
                         uevent=f"MAJOR=259\nMINOR={minor}\nDEVNAME={name}\nDEVTYPE=partition\n"
                                f"DISKSEQ=1\nPARTN={number}")
        self._block_links(path)
        self._use(name, f"259:{minor}", uuid(minor), use, sectors)

    def _block_links(self, path: str) -> None:
        name = path.rsplit("/", 1)[1]
        self._tree.link(f"{path}/subsystem", "sys/class/block")
        self._tree.link(f"sys/class/block/{name}", path)
        self._tree.file(f"dev/{name}")

    def _use(self, device: str, number: str, uuid: str, use: str | None, sectors: int) -> None:
        """Mounts a block device, or swaps on it; both stand in /etc/fstab by UUID."""
        if use is None:
            return
        self._tree.link(f"dev/disk/by-uuid/{uuid}", f"dev/{device}")
        if use == "swap":
            self._swaps.append(f"{'/dev/' + device:<40}partition\t{sectors // 2}\t\t0\t\t-2")
            self._fstab.append(f"UUID={uuid} none swap sw 0 0")
            return
        kind = "vfat" if use == "/boot/efi" else "ext4"
        self._mounts.append(Mount(number, use, kind, f"/dev/{device}"))
        self._fstab.append(f"UUID={uuid} {use} {kind} defaults 0 {1 if use == '/' else 2}")

    def logical_volume(self, name: str, on: str, use: str) -> None:
        """An LVM volume on a block device: a dm device that holds it."""
        minor, self._dm_count = self._dm_count, self._dm_count + 1
        disk = f"sys/devices/virtual/block/dm-{minor}"
        under = self._tree.target(f"sys/class/block/{on}")
        self._disk(disk, minor, major=254)
        self._tree.file(f"{disk}/dm/name", name)
        self._tree.link(f"{disk}/slaves/{on}", under)
        self._tree.link(f"{under}/holders/dm-{minor}", disk)
        self._tree.link(f"dev/mapper/{name}", f"dev/dm-{minor}")
        self._mounts.append(Mount(f"254:{minor}", use, "ext4", f"/dev/mapper/{name}"))
        self._fstab.append(f"/dev/mapper/{name} {use} ext4 defaults 0 2")


def uuid(number: int) -> str:
    """A made-up identity that is the same each time."""
    return f"5eedf1c5-0000-4000-8000-{number:012x}"
