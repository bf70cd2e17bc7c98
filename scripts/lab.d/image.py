"""Initramfs images, laid one after the other: a base per kernel, the inner QEMU if wanted, and the test's own files.

The first two change only with packages and kernels, so they are kept in the cache.
"""

import dataclasses
import hashlib
import os
import pathlib
import shutil
import tempfile
from collections.abc import Callable, Container, Iterable, Mapping

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


@dataclasses.dataclass(frozen=True)
class Contents:
    """What a small guest has beside the base."""

    # Of this machine, by name; put in /usr/bin with their libraries.
    programs: Mapping[str, str | pathlib.Path] = dataclasses.field(default_factory=dict)
    helpers: tuple[str, ...] = ()  # names of the C programs in `guest`
    # By path in the guest; executable if they begin with `#!`.
    files: Mapping[str, bytes] = dataclasses.field(default_factory=dict)
    inner_qemu: bool = False
    inner_system: bool = False  # QEMU, and a small Linux to run in it
    tools: bool = False  # Debian's own for disks, networks and SSH

    @property
    def has_inner_qemu(self) -> bool:
        return self.inner_qemu or self.inner_system


def base(kernel: parts.Kernel) -> pathlib.Path:
    """The path of the base archive for a kernel: busybox, modules, and the programs above."""
    programs = {name: find(name) for name in _PROGRAMS.values()}
    busybox = find("busybox")
    stamp = _stamp([*programs.values(), busybox, HERE / "guest" / "init", HERE / "guest" / "agent"],
                   [kernel.version, *sorted(kernel.digests.values()), pathlib.Path(__file__).read_text()])

    def build() -> bytes:
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
        for file in sorted(kernel.modules.rglob("*")):
            if file.is_file():
                archive.file(f"lib/modules/{kernel.version}/{file.relative_to(kernel.modules)}", file)
        return archive.packed()

    return cached(f"base-{kernel.version}", stamp, build)


def inner_qemu() -> pathlib.Path:
    """The path of an archive with QEMU for a guest inside the guest."""
    qemu = find(parts.QEMU)
    firmware = {name: _find_firmware(name) for name in _INNER_FIRMWARE}
    stamp = _stamp([qemu, *firmware.values()], [pathlib.Path(__file__).read_text()])

    def build() -> bytes:
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


def inner_initrd(kernel: parts.Kernel) -> pathlib.Path:
    """The path of the initramfs of a small Linux for the guest inside the guest: it does what `guest/inner-init` says with
    a disk."""
    busybox = find("busybox")
    init = HERE / "guest" / "inner-init"
    stamp = _stamp([busybox, init], [kernel.version, *sorted(kernel.digests.values()), pathlib.Path(__file__).read_text()])

    def build() -> bytes:
        archive = cpio.Archive()
        for path in ("dev", "proc", "sys", "modules"):
            archive.directory(path)
        archive.device("dev/console", 5, 1)
        archive.file("bin/busybox", busybox)
        archive.file("init", init, 0o755)
        for number, module in enumerate(kernel.module_files("nvme")):
            archive.file(f"modules/{number:02}-{module.name}", module)
        return archive.packed()

    return cached(f"inner-initrd-{kernel.version}", stamp, build)


def inner_system(kernel: parts.Kernel) -> dict[str, pathlib.Path]:
    """{path in the guest: path here} of that small Linux: its kernel, which is the guest's own, and its initramfs."""
    return {"/lab/inner/vmlinux": kernel.vmlinux, "/lab/inner/initrd": inner_initrd(kernel)}


def host_tools() -> pathlib.Path:
    """The path of an archive with Debian's tools for disks, networks and SSH."""
    files = tools.files()
    stamp = _stamp(files.values(), [*files, pathlib.Path(tools.__file__).read_text()])

    def build() -> bytes:
        archive = cpio.Archive()
        for name, path in files.items():
            archive.file(name, path, 0o644 if name.endswith(".rules") else 0o755)
        for name, target in tools.LINKS.items():
            archive.link(name, target)
        return archive.packed()

    return cached("host-tools", stamp, build)


def files(contents: Contents, sources: Mapping[str, pathlib.Path]) -> bytes:
    """The bytes of the archive with a test's own files, and with others: {path in the guest: path here}."""
    archive = cpio.Archive()
    for name, program in contents.programs.items():
        add_program(archive, f"usr/bin/{name}", str(program))
    for name in contents.helpers:
        archive.file(f"usr/bin/{name}", helper(name), 0o755)
    for path, content in contents.files.items():
        archive.data(path, content, 0o755 if content.startswith(b"#!") else 0o644)
    for path, source in sources.items():
        archive.file(path, source)
    return archive.packed()


def short_names(vendors: Container[str] = ("1234", "1af4", "1b36", "8086")) -> bytes:
    """Of this machine's pci.ids the vendors of QEMU's devices, and all classes: for a fixture the whole is too large."""
    lines, wanted = [], False
    for line in pathlib.Path("/usr/share/misc/pci.ids").read_bytes().split(b"\n"):
        if not line.startswith((b"\t", b"#")):
            wanted = line[:4].decode(errors="replace") in vendors or line.startswith(b"C ")
        if wanted and not line.startswith(b"\t\t"):  # subsystems are most of it
            lines.append(line)
    return b"\n".join(lines) + b"\n"


def helper(name: str) -> pathlib.Path:
    """The path of a small static program, compiled from `guest/NAME.c`."""
    source = HERE / "guest" / f"{name}.c"

    def build() -> bytes:
        with tempfile.TemporaryDirectory() as scratch:
            output = pathlib.Path(scratch) / name
            parts.run(["gcc", "-static", "-O1", "-Wall", "-Wextra", "-Werror", "-o", str(output), str(source)])
            return output.read_bytes()

    return cached(f"helper-{name}", _stamp([source], []), build)


def add_program(archive: cpio.Archive, path: str, source: str) -> None:
    """Adds a program and the libraries that it wants, at the places where the loader looks."""
    archive.file(path, source, 0o755)
    for library in parts.libraries(source):
        archive.file(library, library, 0o755)


def find(name: str) -> str:
    """The path of a program of this machine."""
    path = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
    if not path:
        raise parts.PartMissing(f"{name} is not installed")
    return os.path.realpath(path)


def _find_firmware(name: str) -> str:
    for directory in _FIRMWARE_DIRECTORIES:
        if os.path.isfile(os.path.join(directory, name)):
            return os.path.join(directory, name)
    raise parts.PartMissing(f"{name} is in none of {', '.join(_FIRMWARE_DIRECTORIES)}")


def _stamp(paths: Iterable[str | pathlib.Path], words: Iterable[str]) -> str:
    """Changes whenever an input does. Packaged files are known by size and time, which a new package changes."""
    digest = hashlib.sha256()
    for path in paths:
        status = os.stat(path)
        digest.update(f"{path} {status.st_size} {status.st_mtime_ns}\n".encode())
    for word in words:
        digest.update(f"{word}\n".encode())
    return digest.hexdigest()[:16]


def cached(name: str, stamp: str, build: Callable[[], bytes]) -> pathlib.Path:
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
