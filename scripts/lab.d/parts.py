"""The parts that a boot needs: QEMU from this machine, kernels from Debian's archive.

Kernels are downloaded and unpacked, never installed. What was unpacked is kept outside the checkout, with the sha256
of every file that a boot reads, so that the next run needs no network and a damaged cache is noticed.
"""

import contextlib
import fcntl
import hashlib
import json
import lzma
import os
import pathlib
import re
import shutil
import struct
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypedDict

QEMU = "qemu-system-x86_64"

SERIES = ("6.12", "6.1")

# Package names of one series; never the -cloud- kernels, which lack the drivers, nor -rt- and -dbg.
_PACKAGES = {
    "6.12": re.compile(r"^linux-image-(6\.12\.\d+\+deb12)-amd64(?:-unsigned)?$"),
    "6.1": re.compile(r"^linux-image-(6\.1\.0-\d+)-amd64(?:-unsigned)?$"),
}

# What Debian's kernels have as modules and the topologies need; modules.dep adds their dependencies.
MODULES = (
    "e1000e e1000 8139cp 8139too igb igbvf nvme ahci sd_mod xhci_pci snd_hda_intel snd_hda_codec_generic "
    "sdhci_pci bochs lpc_ich i2c_i801 virtio_pci virtio_blk virtio_net "
    "vfio vfio_pci vfio_iommu_type1 mlx5_vfio_pci hisi_acc_vfio_pci pci_stub uio_pci_generic ext4"
).split()

# What the scenarios of uses stack on those devices: layers of disks and of networks, and what hangs off a USB port.
MODULES += (
    "md_mod raid1 dm_mod dm_crypt xts ecb algif_skcipher algif_hash aes_generic sha256_generic crc32c_generic crc32c_intel "
    "bonding 8021q bridge af_packet usb_storage uas usbhid hid_generic evdev"
).split()


# What a host with systemd wants of its kernel besides.
MODULES += "autofs4 fuse configfs overlay loop tun virtio_scsi sr_mod".split()


class PartMissing(Exception):
    """Something that the lab cannot do without is not to be had: a failure, never a skip."""


def cache_directory() -> pathlib.Path:
    """Where downloads are kept: outside the checkout, so that a fresh clone finds them."""
    chosen = os.environ.get("HOSTDEV_LAB_CACHE")
    if chosen:
        return pathlib.Path(chosen)
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return pathlib.Path(base) / "hostdev-lab"


@contextlib.contextmanager
def locked(name: str) -> Iterator[None]:
    """Holds one named lock of the cache, so that two runs side by side make a thing once."""
    directory = cache_directory() / "locks"
    directory.mkdir(parents=True, exist_ok=True)
    with open(directory / name, "w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def sha256(path: str | os.PathLike[str]) -> str:
    with open(path, "rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def qemu_version() -> str:
    """QEMU's own version line."""
    if not shutil.which(QEMU):
        raise PartMissing(f"{QEMU} is not installed (package qemu-system-x86)")
    return run([QEMU, "--version"]).splitlines()[0]


def run(command: Sequence[str | os.PathLike[str]], *, given: str | None = None, cwd: pathlib.Path | None = None,
        env: Mapping[str, str] | None = None) -> str:
    """Runs a program of this machine and gives its output; says which one failed, and how. `given`: its input, else none."""
    stdin = subprocess.DEVNULL if given is None else None
    done = subprocess.run(command, stdin=stdin, input=given, capture_output=True, text=True, errors="replace", cwd=cwd,
                          env=env, check=False)
    if done.returncode != 0:
        raise PartMissing(f"{' '.join(map(str, command))}: status {done.returncode}: {done.stderr.strip()[-800:]}")
    return done.stdout


def libraries(program: str | os.PathLike[str], environment: Mapping[str, str] | None = None) -> list[str]:
    """The libraries that ldd(1) names for a program, by the loader's paths; none for a static one and for a script."""
    listed = subprocess.run(["ldd", program], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment,
                            check=False)
    if "not found" in listed.stdout:
        raise PartMissing(f"libraries of {program} are missing here:\n{listed.stdout}")
    return re.findall(r"(/\S+) \(0x", listed.stdout) if listed.returncode == 0 else []


class _Record(TypedDict):
    """What was unpacked, and from what."""

    package: str
    package_version: str
    package_sha256: str
    version: str
    sha256: dict[str, str]


class Kernel:
    """An unpacked kernel: `vmlinux`, and `lib/modules/VERSION` with uncompressed modules and fresh indexes."""

    def __init__(self, series: str, directory: pathlib.Path) -> None:
        self.series = series
        self.directory = directory
        record: _Record = json.loads((directory / "record.json").read_text())
        self.package = record["package"]
        self.package_version = record["package_version"]
        self.version = record["version"]
        self.digests = record["sha256"]
        self.vmlinux = directory / "vmlinux"
        self.config = directory / "config"  # as Debian has it in /boot: makers of an initramfs ask it

    @property
    def modules(self) -> pathlib.Path:
        return self.directory / "lib" / "modules" / self.version

    def verify(self) -> bool:
        """Compares every file with the digest recorded when it was unpacked."""
        for name, digest in self.digests.items():
            path = self.directory / name
            if not path.is_file() or sha256(path) != digest:
                return False
        return True

    def module_files(self, name: str) -> list[pathlib.Path]:
        """The files of a module and of all that it depends on, in the order in which insmod takes them."""
        for line in (self.modules / "modules.dep").read_text().splitlines():
            path, _, needed = line.partition(":")
            if _module_name(path) == name:
                return [self.modules / each for each in (*reversed(needed.split()), path)]
        raise PartMissing(f"{self} has no module {name}")

    def __str__(self) -> str:
        return f"{self.version} ({self.package} {self.package_version})"


def kernel(series: str) -> Kernel:
    """The newest kernel of a series that the archive has; without a list of packages, the newest that is cached."""
    # A directory for each list of modules: otherwise a checkout with another list finds too few.
    wanted = hashlib.sha256(" ".join(sorted(MODULES)).encode()).hexdigest()[:12]
    kernels = cache_directory() / "kernels" / series / f"modules-{wanted}"
    with locked(f"kernel-{series}"):
        package = _newest_known(series, kernels)
        if package is None:
            _update_lists()
            package = _newest_known(series, kernels)
        if package is None:
            raise PartMissing(f"the package lists know no kernel of the series {series}")
        directory = kernels / package
        if (directory / "record.json").is_file():
            found = Kernel(series, directory)
            if found.verify():
                return found
            shutil.rmtree(directory)
        _unpack(package, directory)
        return Kernel(series, directory)


def newest_first(series: str, names: Iterable[str]) -> list[str]:
    """Those of `names` that are kernels of the series, the newest first, the signed one of a version before the other."""
    found = ((match, name) for name in names if (match := _PACKAGES[series].match(name)))
    ordered = sorted((([int(part) for part in re.findall(r"\d+", match[1])], not name.endswith("-unsigned"), name)
                      for match, name in found), reverse=True)
    return [name for _, _, name in ordered]


def _newest_known(series: str, kernels: pathlib.Path) -> str | None:
    listing = subprocess.run(
        ["apt-cache", "pkgnames", f"linux-image-{series}."], stdout=subprocess.PIPE, text=True, check=False
    )
    cached = {path.parent.name for path in kernels.glob("linux-image-*/record.json")}
    for name in newest_first(series, cached | set(listing.stdout.split())):
        # pkgnames also gives names that only a dependency mentions; those have no version to download.
        if name in cached or _candidate(name):
            return name
    return None


def _candidate(name: str) -> dict[str, str]:
    shown = subprocess.run(
        ["apt-cache", "show", "--no-all-versions", name],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False,
    )
    return dict(line.split(": ", 1) for line in shown.stdout.splitlines() if re.match(r"(Version|SHA256): ", line))


def _update_lists() -> None:
    as_root = [] if os.geteuid() == 0 else ["sudo"]
    run([*as_root, "apt-get", "update", "-o", "DPkg::Lock::Timeout=120"])


def _unpack(package: str, directory: pathlib.Path) -> None:
    directory.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=directory.parent, prefix=".unpack-") as scratch:
        work = pathlib.Path(scratch)
        deb = download(package, work / "archives")
        run(["dpkg", "-x", str(deb), str(work / "tree")])
        image, = (work / "tree" / "boot").glob("vmlinuz-*")
        version = image.name.removeprefix("vmlinuz-")
        result = work / "result"
        result.mkdir()
        (result / "vmlinux").write_bytes(extract_vmlinux(image.read_bytes()))
        shutil.copy(work / "tree" / "boot" / f"config-{version}", result / "config")
        _copy_modules(work / "tree" / "lib" / "modules" / version, result / "lib" / "modules" / version)
        run(["depmod", "-b", str(result), version])
        candidate = _candidate(package)
        record: _Record = {
            "package": package,
            "package_version": candidate.get("Version", "unknown"),
            "package_sha256": sha256(deb),
            "version": version,
            "sha256": {
                str(path.relative_to(result)): sha256(path) for path in sorted(result.rglob("*")) if path.is_file()
            },
        }
        (result / "record.json").write_text(json.dumps(record, indent=1))
        os.rename(result, directory)


def download(package: str, archives: pathlib.Path) -> pathlib.Path:
    """Downloads by apt, which checks the digest against the signed list. An archive directory of our own, because two
    runs of apt with one directory delete each other's files."""
    (archives / "partial").mkdir(parents=True)
    command = ["apt-get", "download", "-o", f"Dir::Cache::archives={archives}", "-o", "DPkg::Lock::Timeout=120"]
    if os.geteuid() == 0:
        command += ["-o", "APT::Sandbox::User=root"]  # the user _apt cannot write below a private directory
    try:
        run([*command, package], cwd=archives)
    except PartMissing:
        _update_lists()  # an old list names files that the archive no longer has
        run([*command, package], cwd=archives)
    deb, = archives.glob("*.deb")
    expected = _candidate(package).get("SHA256")
    if expected and sha256(deb) != expected:
        raise PartMissing(f"{deb.name} does not have the digest that the package list gives")
    return deb


def extract_vmlinux(image: bytes) -> bytes:
    """The ELF kernel out of a bzImage: it boots over PVH in half the time, since nothing is unpacked under emulation.

    The offsets are those of Documentation/arch/x86/boot.rst.
    """
    setup_sectors = image[0x1F1] or 4
    offset, length = struct.unpack_from("<II", image, 0x248)
    start = (setup_sectors + 1) * 512 + offset
    payload = image[start:start + length]
    if payload.startswith(b"\xfd7zXZ\x00"):
        unpacked = lzma.LZMADecompressor().decompress(payload)
    elif payload.startswith(b"\x28\xb5\x2f\xfd"):
        # The build appends the unpacked size, four bytes after the zstd frame.
        done = subprocess.run(["zstd", "-dcq"], input=payload[:-4], stdout=subprocess.PIPE, check=True)
        unpacked = done.stdout
    else:
        raise PartMissing(f"the kernel is packed in an unknown way: {payload[:6].hex()}")
    if not unpacked.startswith(b"\x7fELF"):
        raise PartMissing("what the kernel image holds is not an ELF file")
    return unpacked


def _copy_modules(source: pathlib.Path, target: pathlib.Path) -> None:
    """Copies MODULES and what they depend on, uncompressed, with the lists that depmod wants."""
    target.mkdir(parents=True)
    for name in ("modules.builtin", "modules.builtin.modinfo", "modules.order"):
        if (source / name).is_file():
            shutil.copy(source / name, target / name)
    version = source.name
    run(["depmod", "-b", str(source.parents[2]), version])
    depends = {}
    for line in (source / "modules.dep").read_text().splitlines():
        path, _, needed = line.partition(":")
        depends[path] = needed.split()
    by_name = {_module_name(path): path for path in depends}
    wanted: set[str] = set()
    for name in MODULES:
        # Not every series has every module: variant drivers come and go.
        if name in by_name:
            wanted |= {by_name[name], *depends[by_name[name]]}
    for path in wanted:
        data = (source / path).read_bytes()
        if path.endswith(".xz"):
            data = lzma.decompress(data)
        destination = target / path.removesuffix(".xz")
        destination.parent.mkdir(parents=True, exist_ok=True)
        destination.write_bytes(data)


def _module_name(path: str) -> str:
    return pathlib.PurePath(path).name.split(".ko")[0].replace("-", "_")
