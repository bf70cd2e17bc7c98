"""Builds `guest/hostdev_lab.c`, a driver whose probe fails, is deferred or takes its time, for one of the lab's kernels.

The kernel's own headers and build tools are Debian's, downloaded and unpacked beside the kernels, never installed.
"""

import hashlib
import os
import pathlib
import re
import shutil
import subprocess
import tempfile

import parts

SOURCE = pathlib.Path(__file__).parent / "guest" / "hostdev_lab.c"
NAME = SOURCE.stem
PLACE = f"lab/{NAME}.ko"  # in the guest


def module(kernel: parts.Kernel) -> bytes:
    """The bytes of the module for this kernel, built once for a source and a kernel."""
    stamp = hashlib.sha256(f"{kernel.version} {kernel.package_version} {parts.sha256(SOURCE)}".encode()).hexdigest()[:16]
    path = parts.cache_directory() / "images" / f"{NAME}-{kernel.version}-{stamp}.ko"
    seal = path.with_suffix(".sha256")
    with parts.locked(f"driver-{kernel.series}"):
        if not (path.is_file() and seal.is_file() and parts.sha256(path) == seal.read_text().strip()):
            path.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=path.parent, prefix=".build-") as scratch:
                built = _build(_headers(kernel), pathlib.Path(scratch))
                seal.write_text(parts.sha256(built) + "\n")
                os.replace(built, path)
    return path.read_bytes()


def _build(headers: pathlib.Path, scratch: pathlib.Path) -> pathlib.Path:
    shutil.copy(SOURCE, scratch)
    (scratch / "Kbuild").write_text(f"obj-m := {NAME}.o\n")
    done = subprocess.run(["make", "-C", headers, f"M={scratch}", "modules"], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, errors="replace", check=False)
    built = scratch / f"{NAME}.ko"
    if done.returncode != 0 or not built.is_file() or "warning:" in done.stdout:
        raise parts.PartMissing(f"{NAME} does not build: {done.stdout[-1500:]}")
    parts.run(["strip", "--strip-debug", built])
    return built


def _headers(kernel: parts.Kernel) -> pathlib.Path:
    """The directory of a kernel's headers, unpacked, to build modules with."""
    root = parts.cache_directory() / "headers" / f"{kernel.version}-{kernel.package_version}"
    if not root.is_dir():
        flavour = f"linux-headers-{kernel.version}"
        common = flavour.removesuffix("-amd64") + "-common"
        root.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=root.parent, prefix=".unpack-") as scratch:
            tree = pathlib.Path(scratch) / "tree"
            for number, package in enumerate((flavour, common, _build_tools(flavour))):
                deb = parts.download(package, pathlib.Path(scratch) / str(number))
                parts.run(["dpkg", "-x", deb, tree])
            # Type information of the running kernel, which a module can do without and building wants a tool for.
            (tree / "usr" / "src" / flavour / "vmlinux").unlink(missing_ok=True)
            # Its Makefile names the common headers by the path that a package gives them.
            makefile = tree / "usr" / "src" / flavour / "Makefile"
            makefile.write_text(makefile.read_text().replace("/usr/src/", f"{root}/usr/src/"))
            os.rename(tree, root)
    return root / "usr" / "src" / f"linux-headers-{kernel.version}"


def _build_tools(headers: str) -> str:
    """The package of build tools that the headers depend on."""
    shown = parts.run(["apt-cache", "show", "--no-all-versions", headers])
    found = re.search(r"^Depends: .*?(linux-kbuild-[\w.+-]+)", shown, re.MULTILINE)
    if not found:
        raise parts.PartMissing(f"{headers} names no build tools")
    return found[1]
