"""What uses the disks of a host, what is only configured for them, and which process has a node of them open."""

import guest as guests
import picture
import vfio
from guest import Guest
from image import HERE
from scenarios import scenario
from scenarios.use_case import Case, Cases, Chain, Tally, alone, start_udev
from session import Session

ROOT, DISK, TWIN = "0000:01:00.0", "0000:02:00.0", "0000:03:00.0"
MEMBERS, PATHS = ("0000:04:00.0", "0000:05:00.0"), ("0000:06:00.0", "0000:07:00.0")


def play(session: Session, tally: Tally) -> None:
    contents = {path: (HERE / "guest" / name).read_bytes()
                for path, name in (("lab/root", "root-on-disk"), ("lab/box", "container"))}
    with session.boot("use-storage", contents=contents, tools=True, helpers=("keepopen",)) as guest:
        start_udev(guest, "block")
        cases = Cases(session, tally, guest)
        _root(guest, cases)
        for function in (DISK, TWIN):
            _partition(guest, function)
        _mount(guest, cases)
        _swap(guest, cases)
        _fstab(guest, cases)
        _unused(session, guest, cases)
        _layers(guest, cases)
        _shared(guest, cases)
        _container(guest, cases)
        _guest_running(guest, cases)


def _root(guest: Guest, cases: Cases) -> None:
    """`/` itself: it never ends, so it cannot be bound."""
    controller, disk = _names(guest, ROOT)
    cases.refused(Case(
        "root", (ROOT,), TWIN, "root-storage",
        (Chain((ROOT, controller, disk, f"{disk}p1"), "mount", "/"),),
        forceable=False))


def _mount(guest: Guest, cases: Cases) -> None:
    controller, disk = _names(guest, DISK)
    guest.must(f"mount -t ext4 /dev/{disk}p1 /mnt")
    case = Case("mount", (DISK,), TWIN, "root-storage",
                (Chain((DISK, controller, disk, f"{disk}p1"), "mount", "/mnt"),))
    cases.refused(case)
    guest.must("umount /mnt")
    cases.goes_through(case)


def _swap(guest: Guest, cases: Cases) -> None:
    controller, disk = _names(guest, DISK)
    guest.must(f"swapon /dev/{disk}p2")
    case = Case("swap", (DISK,), TWIN, "root-storage",
                (Chain((DISK, controller, disk, f"{disk}p2"), "swap", "swap"),),
                forceable=False)
    cases.refused(case)
    guest.must(f"swapoff /dev/{disk}p2")
    cases.goes_through(case)


def _fstab(guest: Guest, cases: Cases) -> None:
    """Nothing is mounted, and the next boot wants it: by UUID, as udev's record has it."""
    controller, disk = _names(guest, DISK)
    guest.must(f"udevadm trigger --action=change --settle --name-match=/dev/{disk}p1")
    uuid = guest.must(f"blkid -p -o value -s UUID /dev/{disk}p1 || "
                      f"sed -n 's/^E:ID_FS_UUID=//p' /run/udev/data/b$(cat /sys/class/block/{disk}p1/dev)")
    guest.must(f"echo 'UUID={uuid} /srv ext4 defaults 0 2' >>/etc/fstab")
    case = Case("fstab", (DISK,), TWIN, "root-storage",
                (Chain((DISK, controller, disk, f"{disk}p1"), "fstab", "/srv (/etc/fstab:"),))
    cases.refused(case)
    guest.must("sed -i /srv/d /etc/fstab")
    cases.goes_through(case)


def _unused(session: Session, guest: Guest, cases: Cases) -> None:
    """A volume group that is not activated is not an error, and is named. A guest has the disk, gives it back, and the
    host activates what it finds there: that is seen before the disk goes again."""
    controller, disk = _names(guest, DISK)
    member = f"/dev/{disk}p1"
    guest.must(f"wipefs -a {member}; pvcreate -ff -y {member} && vgcreate vg9 {member} && "
               "lvcreate --yes -Wn -Zn -n data -l 100%FREE vg9 && vgchange -an vg9 && "
               f"udevadm trigger --action=change --settle --name-match={member}")
    bound = cases.hostdev.json(f"bind {DISK}")
    found = [finding for finding in bound["findings"] if finding["code"] == "has-data"]
    session.check("unused: bound without force, its data named", len(found) == 1 and found[0]["severity"] == "warning"
                  and f"{member} (LVM2_member)" in found[0]["message"], found)
    released = cases.hostdev.json(f"release {DISK}")
    found = [finding for finding in released["findings"] if finding["code"] == "guest-data"]
    session.check("unused: on the way back it is told, and a way to keep it from the host",
                  len(found) == 1 and found[0]["severity"] == "warning"
                  and "--leave-unbound" in found[0]["remedy"], found)
    cases.forget()
    _names(guest, DISK)
    if not guest.wait_for(f"[ -b {member} ] && vgchange -ay vg9", 20):
        raise guests.GuestError("the volume group did not come back")
    volume = guest.must("basename $(readlink -f /dev/mapper/vg9-data)")
    case = Case("activated", (DISK,), TWIN, "root-storage",
                (Chain((DISK, controller, disk, f"{disk}p1", f"{volume} (vg9-data)"), "holder",
                       f"{volume} (vg9-data)"),))
    cases.refused(case)
    guest.must("vgchange -an vg9")
    cases.goes_through(case)


def _layers(guest: Guest, cases: Cases) -> None:
    """A volume on an encrypted array: from either disk the chain goes up to the mount."""
    names = [_names(guest, member) for member in MEMBERS]
    disks = " ".join(f"/dev/{disk}" for _, disk in names)
    guest.must("mdadm --create /dev/md0 --run --assume-clean --level=1 --raid-devices=2 "
               f"--metadata=1.2 {disks}")
    guest.must("printf secret | cryptsetup luksFormat --batch-mode --type luks2 --pbkdf pbkdf2 "
               "--pbkdf-force-iterations 1000 /dev/md0 -")
    guest.must("printf secret | cryptsetup open --key-file - /dev/md0 safe")
    guest.must("pvcreate /dev/mapper/safe && vgcreate vg0 /dev/mapper/safe && "
               "lvcreate --yes -n data -l 100%FREE vg0")
    guest.must("mke2fs /dev/mapper/vg0-data && mount -t ext4 /dev/mapper/vg0-data /mnt")
    crypt, volume = (guest.must(f"basename $(readlink -f /dev/mapper/{name})")
                     for name in ("safe", "vg0-data"))
    layers = ("md0", f"{crypt} (safe)", f"{volume} (vg0-data)")
    case = Case("lvm on crypt on md", MEMBERS, TWIN, "root-storage", tuple(
        Chain((member, controller, disk, *layers), "mount", "/mnt")
        for member, (controller, disk) in zip(MEMBERS, names, strict=True)))
    cases.refused(case)
    guest.must("umount /mnt && vgchange -an vg0 && cryptsetup close safe && mdadm --stop /dev/md0")
    cases.goes_through(case)


def _shared(guest: Guest, cases: Cases) -> None:
    """Native multipath: the disk stands under its subsystem, below neither of the two functions."""
    controllers = [guest.must(f"ls /sys/bus/pci/devices/{path}/nvme") for path in PATHS]
    subsystem, disk = guest.must(
        f"cd /sys/class/nvme-subsystem && for name in *; do "
        f"[ ! -e $name/{controllers[0]} ] || echo $name/nvme*n1; done").split("/")
    below = guest.run(f"ls -d /sys/bus/pci/devices/{PATHS[0]}/nvme/nvme*/{disk}")
    if below.status == 0:
        raise guests.GuestError(f"the disk lies below the function, this is not a multipath: {below}")
    guest.must(f"mke2fs /dev/{disk} && mount -t ext4 /dev/{disk} /mnt")
    case = Case("nvme multipath", PATHS, TWIN, "root-storage", tuple(
        Chain((path, controller, subsystem, disk), "mount", "/mnt")
        for path, controller in zip(PATHS, controllers, strict=True)))
    cases.refused(case)
    guest.must("umount /mnt")
    cases.goes_through(case)


def _container(guest: Guest, cases: Cases) -> None:
    """A process with its own mounts, pids, network, root and /dev has a node open that no rule
    knows by its kind. It is the last process that was started."""
    controller, disk = _names(guest, DISK)
    generic = disk.replace("nvme", "ng")
    numbers = guest.must(f"tr : ' ' </sys/class/nvme-generic/{generic}/dev")
    guest.spawn(f"unshare -m -p -n -f sh /lab/box {numbers}", "/run/lab/box")
    if not guest.wait_for("grep -q . /run/lab/box", 10):
        raise guests.GuestError("the container did not start")
    pid = guest.must("pidof keepopen")
    where = guest.must(f"for place in /proc/{pid}/ns /proc/1/ns; do cd $place && "
                       "readlink mnt && readlink pid && readlink net; done").split()
    if len(set(where)) != 6:
        raise guests.GuestError(f"this is not a container: {where}")
    case = Case("container", (DISK,), TWIN, "held-open",
                (Chain((DISK, controller, generic), "open", "keepopen, /dev/own"),),
                message=f"pid {pid} (keepopen")
    cases.refused(case)
    guest.must(f"kill -9 {pid}")  # the first process of its namespace, which nothing less ends
    guest.wait_for("! pidof keepopen >/dev/null", 10)
    cases.goes_through(case)


def _guest_running(guest: Guest, cases: Cases) -> None:
    """A guest has the function: no release takes it away. Its twin is on vfio-pci as well, unused."""
    before = picture.take(guest)
    hostdev = cases.hostdev
    hostdev.json(f"bind {DISK} {TWIN}")
    cases.forget()
    group = picture.group(before, DISK)
    holder = vfio.hold(guest, group, (DISK,), 120)
    case = Case("guest", (DISK,), TWIN, "guest-running",
                (Chain((DISK, f"/dev/vfio/{group}"), "vfio-open", "viable"),), forceable=False,
                message=f"pid {holder} (viable")
    cases.refused(case, command="release")
    guest.must(f"kill {holder}")
    guest.wait_for("! pidof viable >/dev/null", 10)
    cases.comes_back("guest", (DISK, TWIN), before)


def _names(guest: Guest, function: str) -> tuple[str, str]:
    """The controller and the disk of a function that has one below it, once the driver has them: it
    looks for them in the background."""
    place = f"/sys/bus/pci/devices/{function}/nvme"
    if not guest.wait_for(f"ls -d {place}/nvme*/nvme*n1 >/dev/null 2>&1", 10):
        raise guests.GuestError(f"{function} has no disk")
    controller, disk = guest.must(f"cd {place} && echo nvme*/nvme*n1").split("/")
    return controller, disk


def _partition(guest: Guest, function: str) -> None:
    """A file system and a swap area, on a partition each."""
    disk = f"/dev/{_names(guest, function)[1]}"
    keys = "n\\np\\n1\\n\\n+100M\\nn\\np\\n2\\n\\n\\nw\\n"
    guest.must(f"printf '{keys}' | fdisk {disk}")
    if not guest.wait_for(f"[ -b {disk}p1 ] && [ -b {disk}p2 ]", 10):
        raise guests.GuestError(f"no partitions on {disk}")
    guest.must(f"mke2fs {disk}p1 && mkswap {disk}p2")


scenario("use-storage", "disks: root, mounted, swap, layered, shared; held by container or guest", full=False)(alone(play))
