"""What a capture that people look into goes without: of all that `hostdev snapshot` takes, what neither hostdev nor lspci
reads.

`strace` of every command that reads, on such a tree, is how the list came about. Captures that only tests read are packed and
stay as they were taken.
"""

import contextlib
import fnmatch
import pathlib

# Links from a device up to what it hangs off; a file of this name is an id.
UP = "device"
# Paths below the tree; `*` goes over slashes too.
UNREAD = (
    # Of functions.
    "sys/devices/pci*/*_link_speed", "sys/devices/pci*/*_link_width", "sys/devices/pci*/aer_dev_correctable",
    "sys/devices/pci*/aer_dev_nonfatal", "sys/devices/pci*/ari_enabled", "sys/devices/pci*/enable", "sys/devices/pci*/iommu",
    "sys/devices/pci*/modalias", "sys/devices/pci*/msi_bus", "sys/devices/pci*/remove", "sys/devices/pci*/rescan",
    "sys/devices/virtual/iommu/*/devices/*",
    # Of what hangs off them: interfaces and NVMe controllers.
    "sys/devices/*/addr_assign_type", "sys/devices/*/addr_len", "sys/devices/*/dev_id", "sys/devices/*/dev_port",
    "sys/devices/*/firmware_rev", "sys/devices/*/iflink", "sys/devices/*/mtu", "sys/devices/*/power/wakeup",
    "sys/devices/*/cntlid", "sys/devices/*/iopolicy", "sys/devices/*/subsysnqn", "sys/devices/*/subsystype",
    # Of keyboards, whose keys alone count, and of devices that are not functions.
    "sys/devices/*/capabilities/[!k]*", "sys/devices/*/input/*/id/*", "sys/devices/*/input/*::*", "sys/devices/*/phys",
    "sys/devices/*/properties", "sys/devices/*/uniq", "sys/devices/platform/*/power/*", "sys/devices/virtual/*/power/*",
    # Of drivers, modules, groups and processes.
    "sys/bus/pci/drivers/*/bind", "sys/bus/pci/drivers/*/new_id", "sys/bus/pci/drivers/*/remove_id",
    "sys/bus/pci/drivers/*/uevent", "sys/bus/pci/drivers/*/unbind",
    "sys/kernel/iommu_groups/*/type", "sys/module/*/initstate", "sys/module/*/taint", "proc/mounts", "proc/*/mounts",
)


def thin(tree: pathlib.Path) -> None:
    """Takes away from a tree what is not read, and a folder that had nothing else."""
    for path in sorted(tree.rglob("*")):
        name = path.relative_to(tree).as_posix()
        is_unread = any(fnmatch.fnmatchcase(name, pattern) for pattern in UNREAD)
        if path.name == UP and path.is_symlink():
            is_unread = True
        if is_unread and (path.is_symlink() or path.is_file()):
            path.unlink()
            with contextlib.suppress(OSError):  # it has more
                path.parent.rmdir()
