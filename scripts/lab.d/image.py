"""Initramfs images, laid one after the other: a base per kernel, the inner QEMU where wanted, and the test's own files.

The first two change only with packages and kernels, so they are kept in the cache.
"""

import hashlib
import os
import pathlib
import re
import shutil
import subprocess
import tempfile

import cpio
import parts
import tools

HERE = pathlib.Path(__file__).parent

# Programs of this machine that run in the guest as they are, with their libraries.
# The shell is dash, since busybox's own shell runs its applets before the programs of the same name.
_PROGRAMS = {"/bin/sh": "dash", "/usr/bin/lspci": "lspci", "/usr/bin/kmod": "kmod", "/usr/bin/strace": "strace"}
_KMOD_NAMES = ("modprobe", "lsmod", "rmmod", "insmod", "modinfo", "depmod")

# What QEMU reads when it starts a q35 machine without a kernel: firmware and option ROMs, by name in their packages.
_INNER_FIRMWARE = ("bios-256k.bin", "kvmvapic.bin", "linuxboot_dma.bin", "pvh.bin", "multiboot_dma.bin")
_FIRMWARE_DIRECTORIES = ("/usr/share/qemu", "/usr/share/seabios")


def base(kernel):
    """The path of the base archive for a kernel: busybox, modules, and the programs above."""
    programs = {name: find(name) for name in _PROGRAMS.values()}
    busybox = find("busybox")
    stamp = _stamp([*programs.values(), busybox, HERE / "guest" / "init", HERE / "guest" / "agent"],
                   [kernel.version, *sorted(kernel.digests.values()), pathlib.Path(__file__).read_text()])

    def build():
        archive = cpio.Archive()
        for path in ("dev", "proc", "sys", "run", "tmp", "root", "etc"):
            archive.directory(path)
        archive.device("dev/console", 5, 1)
        archive.file("init", HERE / "guest" / "init", 0o755)
        archive.file("lab/agent", HERE / "guest" / "agent")
        archive.data("etc/passwd", b"root:x:0:0:root:/root:/bin/sh\n")
        archive.file("bin/busybox", busybox)
        for path, name in _PROGRAMS.items():
            add_program(archive, path, programs[name])
        for name in _KMOD_NAMES:
            archive.link(f"sbin/{name}", "/usr/bin/kmod")
        for applet in parts.run([busybox, "--list-full"]).split():
            # The real programs win, since a host has them.
            if applet.rsplit("/", 1)[-1] not in (*_KMOD_NAMES, *_PROGRAMS.values(), "sh", "busybox", "init", "linuxrc"):
                archive.link(applet, "/bin/busybox")
        archive.file("usr/share/misc/pci.ids", os.path.realpath("/usr/share/misc/pci.ids"))
        for path in sorted(kernel.modules.rglob("*")):
            if path.is_file():
                archive.file(f"lib/modules/{kernel.version}/{path.relative_to(kernel.modules)}", path)
        return archive.packed()

    return cached(f"base-{kernel.version}", stamp, build)


def inner_qemu():
    """The path of an archive with QEMU for a guest inside the guest."""
    qemu = find(parts.QEMU)
    firmware = {name: _find_firmware(name) for name in _INNER_FIRMWARE}
    stamp = _stamp([qemu, *firmware.values()], [pathlib.Path(__file__).read_text()])

    def build():
        archive = cpio.Archive()
        add_program(archive, f"usr/bin/{parts.QEMU}", qemu)
        # TCG is a plug-in of Debian's QEMU.
        plugin = "qemu/accel-tcg-x86_64.so"
        for directory in pathlib.Path("/usr/lib").glob("*-linux-gnu"):
            if (directory / plugin).is_file():
                archive.file(f"{directory}/{plugin}", directory / plugin)
        for name, path in firmware.items():
            archive.file(f"usr/share/qemu/{name}", path)
        return archive.packed()

    return cached("inner-qemu", stamp, build)


def inner_initrd(kernel):
    """The path of the initramfs of a small Linux for the guest inside the guest: it does what `guest/inner-init` says with
    a disk."""
    busybox = find("busybox")
    init = HERE / "guest" / "inner-init"
    stamp = _stamp([busybox, init], [kernel.version, *sorted(kernel.digests.values()), pathlib.Path(__file__).read_text()])

    def build():
        archive = cpio.Archive()
        for path in ("dev", "proc", "sys", "modules"):
            archive.directory(path)
        archive.device("dev/console", 5, 1)
        archive.file("bin/busybox", busybox)
        archive.file("init", init, 0o755)
        for number, path in enumerate(kernel.module_files("nvme")):
            archive.file(f"modules/{number:02}-{path.name}", path)
        return archive.packed()

    return cached(f"inner-initrd-{kernel.version}", stamp, build)


def inner_system(kernel):
    """{path in the guest: path here} of that small Linux: its kernel, which is the guest's own, and its initramfs."""
    return {"/lab/inner/vmlinux": kernel.vmlinux, "/lab/inner/initrd": inner_initrd(kernel)}


def host_tools():
    """The path of an archive with Debian's tools for disks, networks and SSH."""
    files = tools.files()
    stamp = _stamp(files.values(), [*files, pathlib.Path(tools.__file__).read_text()])

    def build():
        archive = cpio.Archive()
        for name, path in files.items():
            archive.file(name, path, 0o644 if name.endswith(".rules") else 0o755)
        for name, target in tools.LINKS.items():
            archive.link(name, target)
        return archive.packed()

    return cached("host-tools", stamp, build)


def files(programs=(), helpers=(), contents=None, sources=None):
    """The bytes of the archive with a test's own files.

    programs: {name: path} of programs of this machine, put in /usr/bin with their libraries; helpers: names of the C
    programs in `guest`; contents: {path in the guest: bytes}; sources: {path in the guest: path here}.
    """
    archive = cpio.Archive()
    for name, path in dict(programs).items():
        add_program(archive, f"usr/bin/{name}", str(path))
    for name in helpers:
        archive.file(f"usr/bin/{name}", helper(name), 0o755)
    for path, content in (contents or {}).items():
        archive.data(path, content, 0o755 if content.startswith(b"#!") else 0o644)
    for path, source in (sources or {}).items():
        archive.file(path, source)
    return archive.packed()


def short_names(vendors=("1234", "1af4", "1b36", "8086")):
    """Of this machine's pci.ids the vendors of QEMU's devices, and all classes: for a fixture the whole is too large."""
    lines, wanted = [], False
    for line in pathlib.Path("/usr/share/misc/pci.ids").read_bytes().split(b"\n"):
        if not line.startswith((b"\t", b"#")):
            wanted = line[:4].decode(errors="replace") in vendors or line.startswith(b"C ")
        if wanted and not line.startswith(b"\t\t"):  # subsystems are most of it
            lines.append(line)
    return b"\n".join(lines) + b"\n"


def helper(name):
    """The path of a small static program, compiled from `guest/NAME.c`."""
    source = HERE / "guest" / f"{name}.c"

    def build():
        with tempfile.TemporaryDirectory() as scratch:
            output = pathlib.Path(scratch) / name
            parts.run(["gcc", "-static", "-O1", "-Wall", "-Wextra", "-Werror", "-o", str(output), str(source)])
            return output.read_bytes()

    return cached(f"helper-{name}", _stamp([source], []), build)


def add_program(archive, path, source):
    """Adds a program and the libraries that ldd(1) names for it, at the places where the loader looks."""
    archive.file(path, source, 0o755)
    listed = subprocess.run(["ldd", source], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if "not found" in listed.stdout:
        raise parts.PartMissing(f"libraries of {source} are missing here:\n{listed.stdout}")
    if listed.returncode == 0:  # else it is static
        for library in re.findall(r"(/\S+) \(0x", listed.stdout):
            archive.file(library, library, 0o755)


def find(name):
    """The path of a program of this machine."""
    path = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
    if not path:
        raise parts.PartMissing(f"{name} is not installed")
    return os.path.realpath(path)


def _find_firmware(name):
    for directory in _FIRMWARE_DIRECTORIES:
        if os.path.isfile(os.path.join(directory, name)):
            return os.path.join(directory, name)
    raise parts.PartMissing(f"{name} is in none of {', '.join(_FIRMWARE_DIRECTORIES)}")


def _stamp(paths, words):
    """Changes whenever an input does. Packaged files are known by size and time, which a new package changes."""
    digest = hashlib.sha256()
    for path in paths:
        status = os.stat(path)
        digest.update(f"{path} {status.st_size} {status.st_mtime_ns}\n".encode())
    for word in words:
        digest.update(f"{word}\n".encode())
    return digest.hexdigest()[:16]


def cached(name, stamp, build):
    """The path of what `build` makes, made once for a stamp; its sha256 lies beside it and is compared at each use."""
    directory = parts.cache_directory() / "images"
    path = directory / f"{name}-{stamp}"
    recorded = directory / f"{name}-{stamp}.sha256"
    with parts.locked(f"image-{name}"):
        if not (path.is_file() and recorded.is_file() and parts.sha256(path) == recorded.read_text().strip()):
            directory.mkdir(parents=True, exist_ok=True)
            content = build()
            with tempfile.NamedTemporaryFile(dir=directory, prefix=".new-", delete=False) as handle:
                handle.write(content)
            recorded.write_text(hashlib.sha256(content).hexdigest() + "\n")
            os.chmod(handle.name, 0o755)
            os.rename(handle.name, path)
    return path
