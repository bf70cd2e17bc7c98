"""A host with systemd: a Debian 12 root file system on a disk, and an initramfs that its own tools made.

The packages come by mmdebstrap, which leaves downloads and their digests to apt; the tree of each list of packages is
kept in the cache. From it each run makes a disk of its own: a copy of the tree, the kernel's modules, the run's files, the
run's commands (in a chroot on this machine, so not under emulation), and `mkfs.ext4 -d`. No loop device, no mount but a
`/proc` in a namespace of its own, and never this machine's `/sys`.
"""

import hashlib
import os
import pathlib
import shutil
import subprocess
import tempfile
import types
from collections.abc import Iterable, Mapping
from typing import Self

import cpio
import image
import kept
import parts

HERE = pathlib.Path(__file__).parent

SUITE = "bookworm"

# What every such host has: systemd and udev, both makers of an initramfs, hostdev's libraries, and a shell to look around.
PACKAGES = (
    "systemd-sysv udev dbus kmod iproute2 libpci3 libexpat1 libyaml-0-2 initramfs-tools zstd dracut-core cryptsetup-bin "
    "pciutils procps e2fsprogs ca-certificates"
).split()

# The size of the disk.
MEGABYTES = 1600

# The file system's own name, for `root=`: as on any host, the disk is found wherever it is.
ROOT_UUID = "6c616221-0000-4000-8000-000000000001"

_AGENT = """\
[Unit]
Description=The lab's agent
DefaultDependencies=no
After=systemd-remount-fs.service systemd-tmpfiles-setup-dev.service
Conflicts=shutdown.target
Before=shutdown.target
IgnoreOnIsolate=yes

[Service]
ExecStartPre=/bin/mkdir -p /run/lab
ExecStart=/bin/sh /lab/agent
Environment=PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C
TimeoutStopSec=2

[Install]
WantedBy=sysinit.target
"""

# Of no interest here, and each costs a second or more under emulation.
_SPARED = (
    "apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer e2scrub_reap.service fstrim.timer "
    "logrotate.timer systemd-update-utmp.service systemd-update-utmp-runlevel.service systemd-pstore.service "
    "getty@tty1.service serial-getty@ttyS0.service systemd-user-sessions.service systemd-logind.service"
).split()

# Dracut's image has network cards' drivers for a host that boots over one alone; with them a pinned card has a rival there.
_MAKERS = {
    "initramfs-tools": "rm -f {image}; update-initramfs -c -k {version}",
    "dracut": "dracut --force --no-hostonly --add-drivers e1000e --kver {version} {image}",
}

# For boots that are over with the initramfs.
_INIT = """\
#!/bin/sh
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C
mount -o remount,rw /
mountpoint -q /proc || mount -t proc proc /proc
mountpoint -q /sys || mount -t sysfs sysfs /sys
mountpoint -q /run || mount -t tmpfs tmpfs /run
mkdir -p /run/lab
exec /bin/sh /lab/agent
"""

_FILES = {
    "lab/init": _INIT,
    "etc/fstab": f"UUID={ROOT_UUID} / ext4 errors=remount-ro 0 1\n",
    "etc/hostname": "lab\n",
    "etc/hosts": "127.0.0.1 localhost lab\n",
    "etc/machine-id": "1ab00000000000000000000000000001\n",  # without one every boot is the first, with presets
    "etc/systemd/system/lab-agent.service": _AGENT,
    "etc/systemd/journald.conf.d/lab.conf": "[Journal]\nStorage=persistent\nRateLimitIntervalSec=0\n",
}


def tree(packages: Iterable[str] = ()) -> pathlib.Path:
    """The directory of a Debian with PACKAGES and these; made once for a list, and shared."""
    wanted = sorted({*PACKAGES, *packages})
    stamp = hashlib.sha256(" ".join([SUITE, "2", *wanted]).encode()).hexdigest()[:12]
    return kept.directory("rootfs", stamp, lambda result: _debootstrap(wanted, result))


def _debootstrap(packages: Iterable[str], target: pathlib.Path) -> None:
    _need("mmdebstrap", "mmdebstrap")
    # Without a mirror it is Debian's own, with the suite's updates and security.
    parts.run([
        "mmdebstrap", "--mode=root", "--variant=minbase", "--skip=chroot/mount/sys", "--include=" + ",".join(packages),
        SUITE, str(target),
    ], env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"})


class Root:
    """One host's disk, and what boots it. A context manager: made inside it, and gone after it.

    packages: Debian's, beyond PACKAGES; programs: {path in the guest: path here}; contents: {path in the guest: bytes},
    executable if they begin with `#!`; commands: lines of shell, run as root in the tree on this machine.
    """

    def __init__(self, kernel: parts.Kernel, packages: Iterable[str] = (),
                 programs: Mapping[str, str | pathlib.Path] | None = None, contents: Mapping[str, str | bytes] | None = None,
                 commands: Iterable[str] = (), megabytes: int = MEGABYTES) -> None:
        self.kernel = kernel
        self._packages = tuple(packages)
        self._programs = dict(programs or {})
        self._contents = dict(contents or {})
        self._commands = tuple(commands)
        self._megabytes = megabytes
        # While it is there:
        self._scratch: tempfile.TemporaryDirectory[str]
        self.scratch: pathlib.Path
        self.disk: pathlib.Path
        self._tree: pathlib.Path

    def __enter__(self) -> Self:
        base = tree(self._packages)
        self._scratch = tempfile.TemporaryDirectory(prefix="hostdev-root-")
        try:
            self._make(base, pathlib.Path(self._scratch.name))
        except BaseException:
            self._scratch.cleanup()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None,
                 trace: types.TracebackType | None) -> None:
        self._scratch.cleanup()

    @property
    def initrd_path(self) -> str:
        """The path at which the host keeps the initramfs of its kernel."""
        return f"/boot/initrd.img-{self.kernel.version}"

    def initrd(self) -> pathlib.Path:
        """The path here of the initramfs as it is on the disk now, as a boot loader loads it."""
        found = self._dump(self.initrd_path, "initrd")
        if found is None:
            raise parts.PartMissing(f"the disk has no {self.initrd_path}")
        return found

    def read(self, path: str) -> bytes | None:
        """The bytes of a file of the disk, while no guest has it; None if there is none."""
        found = self._dump(path, "dumped")
        return found.read_bytes() if found else None

    def write(self, path: str, content: bytes, mode: int = 0o644) -> None:
        """Writes a file of the disk while no guest has it. Its directory must be there."""
        source = self.scratch / "written"
        source.write_bytes(content)
        self.remove(path)
        self._debugfs(f"write {source} {path}", f"set_inode_field {path} mode 0{0o100000 | mode:o}",
                      f"set_inode_field {path} uid 0", f"set_inode_field {path} gid 0")

    def remove(self, path: str) -> None:
        """Removes a file of the disk, if it is there, while no guest has it."""
        self._debugfs(f"rm {path}")

    def remake(self, maker: str = "initramfs-tools") -> None:
        """Makes the image anew by its maker, with the disk's pins, as the host itself does, but on this machine: here it
        takes seconds and not minutes.

        What the host uses can only be seen in the guest: run `hostdev image /root/image` there first. This puts its record
        into the image as an archive of its own.
        """
        version = self.kernel.version
        pins = self._tree / "etc" / "hostdev"
        shutil.rmtree(pins, ignore_errors=True)
        self._settle()
        self._debugfs(f"rdump /etc/hostdev {self._tree}/etc")
        in_chroot(self._tree, _MAKERS[maker].format(version=version, image=self.initrd_path))
        content = (self._tree / self.initrd_path.lstrip("/")).read_bytes()
        footing = self.read("/root/image/etc/hostdev/footing.json")
        if footing:
            archive = cpio.Archive()
            archive.data("etc/hostdev/footing.json", footing)
            content += b"\0" * (-len(content) % 4) + archive.packed()
        self.write(self.initrd_path, content)

    # How it is made

    def _make(self, base: pathlib.Path, scratch: pathlib.Path) -> None:
        _need("mkfs.ext4", "e2fsprogs")
        self.scratch = scratch
        self.disk = scratch / "root.ext4"
        work = scratch / "tree"
        # -a keeps owners, modes and device nodes.
        parts.run(["cp", "-a", "--reflink=auto", str(base), str(work)])
        version = self.kernel.version
        shutil.copytree(self.kernel.modules, work / "lib" / "modules" / version)
        shutil.copy(self.kernel.config, work / "boot" / f"config-{version}")
        shutil.copy(HERE / "guest" / "agent", _parent(work / "lab" / "agent"))
        for path, content in {**_FILES, **self._contents}.items():
            data = content.encode() if isinstance(content, str) else content
            target = _parent(work / path.lstrip("/"))
            target.unlink(missing_ok=True)
            target.write_bytes(data)
            target.chmod(0o755 if data.startswith(b"#!") else 0o644)
        programs: list[tuple[str, str | pathlib.Path]] = [
            *self._programs.items(), *((path, path) for path in _own_libraries(self._programs.values()))]
        for path, source in programs:
            target = _parent(work / path.lstrip("/"))
            target.unlink(missing_ok=True)
            shutil.copy(source, target)
            target.chmod(0o755)
            # What a package ships has no symbols; an initramfs with them takes a while to unpack under emulation.
            subprocess.run(["strip", str(target)], stderr=subprocess.DEVNULL, check=False)
        for command in (f"systemctl mask {' '.join(_SPARED)}", "systemctl enable lab-agent.service", *self._commands):
            in_chroot(work, command)
        if not (work / self.initrd_path.lstrip("/")).exists():
            shutil.copy(self._plain_initrd(base, work), work / self.initrd_path.lstrip("/"))
        parts.run(["mkfs.ext4", "-q", "-F", "-U", ROOT_UUID, "-d", str(work), str(self.disk), f"{self._megabytes}M"])
        self._tree = work

    def _plain_initrd(self, base: pathlib.Path, work: pathlib.Path) -> pathlib.Path:
        """The image of a host without pins: the same for all with these packages, so it is made once."""
        stamp = hashlib.sha256(" ".join([base.parent.name, *sorted(self.kernel.digests.values())]).encode()).hexdigest()[:16]

        def build() -> bytes:
            in_chroot(work, f"update-initramfs -c -k {self.kernel.version}")
            return (work / self.initrd_path.lstrip("/")).read_bytes()

        return image.cached(f"initrd-{self.kernel.version}", stamp, build)

    def _dump(self, path: str, name: str) -> pathlib.Path | None:
        target = self.scratch / name
        target.unlink(missing_ok=True)
        self._settle()
        self._debugfs(f"dump {path} {target}")
        return target if target.is_file() else None

    def _settle(self) -> None:
        """Replays the journal of a disk whose guest was switched off, as the next mount does."""
        subprocess.run(["e2fsck", "-p", str(self.disk)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)

    def _debugfs(self, *requests: str) -> None:
        self._settle()
        parts.run(["debugfs", "-w", "-f", "-", str(self.disk)], given="\n".join(requests) + "\n")


def _own_libraries(programs: Iterable[str | pathlib.Path]) -> list[str]:
    """The libraries that no Debian package brings: Swift's, of a program that was not built with them
    inside."""
    found = {library for program in programs for library in parts.libraries(program)
             if library.startswith(("/opt/", "/usr/local/", "/home/", "/root/"))}
    return sorted(found)


def tree_contents(directory: pathlib.Path, place: str) -> dict[str, bytes]:
    """The files below a directory of this machine, as `contents` of a Root, below `place`."""
    return {
        f"{place}/{path.relative_to(directory)}": path.read_bytes()
        for path in sorted(directory.rglob("*")) if path.is_file()
    }


def in_chroot(directory: pathlib.Path, command: str) -> str:
    """Runs a line of shell as root in a tree of this machine, in namespaces of its own, without `/sys`."""
    return parts.run([
        "unshare", "--mount", "--pid", "--fork", "--kill-child", f"--mount-proc={directory}/proc",
        "chroot", str(directory), "/bin/sh", "-e", "-c", command,
    ], env={"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "LC_ALL": "C",
            "DEBIAN_FRONTEND": "noninteractive", "TERM": "dumb"})


def _parent(path: pathlib.Path) -> pathlib.Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def _need(program: str, package: str) -> None:
    if not shutil.which(program, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin"):
        raise parts.PartMissing(f"{program} is not installed (package {package})")
    if os.geteuid() != 0:
        raise parts.PartMissing("a root file system with its owners and device nodes is made by root alone: "
                                "run the lab as root")
