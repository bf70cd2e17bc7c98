"""A generated host for the measure of evidence: functions, disks, processes with open files."""
import os

DISK = "0000:00:00.0"


def write(path: str, text: str) -> None:
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as file:
        file.write(text)


def link(path: str, target: str) -> None:
    os.makedirs(os.path.dirname(path), exist_ok=True)
    os.symlink(target, path)


def function(root: str, number: int, is_disk: bool) -> str:
    bus, rest = divmod(number, 256)
    address = f"0000:{bus:02x}:{rest >> 3:02x}.{rest & 7}"
    folder = f"{root}/sys/devices/pci0000:{bus:02x}/{address}"
    kind, driver = ("10802", "nvme") if is_disk else ("120000", "xocl")
    write(f"{folder}/uevent",
          f"DRIVER={driver}\nPCI_CLASS={kind}\nPCI_ID=10EE:5000\nPCI_SUBSYS_ID=10EE:000E\nPCI_SLOT_NAME={address}\n")
    write(f"{folder}/reset_method", "flr\n")
    write(f"{folder}/driver_override", "(null)\n")
    link(f"{folder}/iommu_group", f"../../../kernel/iommu_groups/{number}")
    link(f"{folder}/driver", f"../../../bus/pci/drivers/{driver}")
    link(f"{root}/sys/bus/pci/devices/{address}", f"../../../devices/pci0000:{bus:02x}/{address}")
    group = f"{root}/sys/kernel/iommu_groups/{number}"
    link(f"{group}/devices/{address}", f"../../../../devices/pci0000:{bus:02x}/{address}")
    write(f"{group}/reserved_regions", "0x00000000fee00000 0x00000000feefffff msi\n")
    return folder


def disk(root: str, folder: str, number: int) -> None:
    controller = f"{folder}/nvme/nvme{number}"
    below = os.path.relpath(controller, f"{root}/sys")
    write(f"{controller}/uevent", f"MAJOR=240\nMINOR={number}\nDEVNAME=nvme{number}\n")
    link(f"{controller}/subsystem", "../../../../../class/nvme")
    link(f"{root}/sys/class/nvme-subsystem/nvme-subsys{number}/nvme{number}", f"../../../{below}")
    for part in range(3):
        name = f"nvme{number}n1" + (f"p{part}" if part else "")
        place = f"nvme{number}n1" + (f"/{name}" if part else "")
        minor = number * 3 + part
        write(f"{controller}/{place}/uevent",
              f"MAJOR=259\nMINOR={minor}\nDEVNAME={name}\nDEVTYPE={'partition' if part else 'disk'}\n")
        write(f"{controller}/{place}/dev", f"259:{minor}\n")
        os.makedirs(f"{controller}/{place}/holders")
        link(f"{controller}/{place}/subsystem", f"{root}/sys/class/block")
        link(f"{root}/sys/class/block/{name}", f"../../{below}/{place}")
        write(f"{root}/run/udev/data/b259:{minor}",
              f"S:disk/by-id/disk-{minor}\nE:ID_FS_TYPE=ext4\nE:ID_FS_UUID=5eed-{minor:06}\n")
        link(f"{root}/dev/disk/by-id/disk-{minor}", f"../../{name}")


def process(root: str, pid: int, files: int) -> None:
    folder = f"{root}/proc/{pid}"
    os.makedirs(f"{folder}/fd")
    for number in range(files):
        target = "/dev/null" if number < 3 else f"socket:[{pid * 1000 + number}]" if number % 2 else f"/var/lib/x/{number}"
        os.symlink(target, f"{folder}/fd/{number}")
    write(f"{folder}/comm", "worker\n")
    link(f"{folder}/ns/mnt", "mnt:[4026531840]")


def common(root: str, disks: int) -> None:
    mounts = "".join(f"{30 + n} 1 259:{n * 3 + 1} / /srv/{n} rw - ext4 /dev/nvme{n}n1p1 rw\n" for n in range(disks))
    write(f"{root}/proc/self/mountinfo", mounts)
    write(f"{root}/proc/cmdline", "quiet intel_iommu=on\n")
    write(f"{root}/proc/sys/kernel/osrelease", "6.12.1\n")
    write(f"{root}/proc/net/route", "Iface\n")
    write(f"{root}/proc/swaps", "Filename Type Size Used Priority\n")
    write(f"{root}/etc/fstab", "".join(f"UUID=5eed-{n * 3 + 1:06} /srv/{n} ext4 defaults 0 2\n" for n in range(disks)))


def make(root: str, functions: int, disks: int, processes: int, files: int) -> None:
    """`proc` with the processes; `proc.none` without any."""
    for number in range(functions):
        folder = function(root, number, number < disks)
        if number < disks:
            disk(root, folder, number)
    for driver in ("nvme", "xocl", "vfio-pci"):
        os.makedirs(f"{root}/sys/bus/pci/drivers/{driver}")
    common(root, disks)
    iomem = "".join(f"{n:08x}-{n:08x} : 0000:{n >> 8:02x}:{(n >> 3) & 31:02x}.{n & 7}\n" for n in range(functions))
    write(f"{root}/proc/iomem", iomem)
    os.rename(f"{root}/proc", f"{root}/proc.none")
    common(root, disks)
    write(f"{root}/proc/iomem", iomem)
    for number in range(processes):
        process(root, 1000 + number, files)
