"""Writes or checks the trees under Fixtures/ that are declared in the modules beside this one."""

import argparse
import os
import pathlib
import sys
from collections.abc import Callable

import alveo
import gpu
import legacy
import nic
import packed
import storage
from host import Host

FIXTURES = os.path.join(os.path.dirname(__file__), "..", "..", "Fixtures")
DECLARATIONS: dict[str, Callable[[], Host]] = {
    "alveo": alveo.own_drivers,
    "alveo-grub": alveo.claimed_at_boot,
    "gpu": gpu.four_functions,
    "legacy-bridge": legacy.behind_bridge,
    "nic-vfs": nic.with_vfs,
    "no-iommu": storage.no_iommu,
    "nvme-root": storage.nvme_root,
    "vmd": storage.behind_vmd,
}


class Arguments(argparse.Namespace):
    check: bool
    pack: list[pathlib.Path] | None
    names: list[str]


def main() -> int:
    parser = argparse.ArgumentParser(prog="fixtures", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, say what differs")
    parser.add_argument("--pack", nargs=2, type=pathlib.Path, metavar=("DIR", "FILE.tar.xz"),
                        help="write a captured tree as one file, and nothing else")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(DECLARATIONS))
    arguments = parser.parse_args(namespace=Arguments())
    if arguments.pack:
        print(f"{packed.pack(*arguments.pack)} files and links in {arguments.pack[1]}")
        return 0
    unknown = set(arguments.names) - DECLARATIONS.keys()
    if unknown:
        parser.error(f"no such fixture: {', '.join(sorted(unknown))}")

    failures = 0
    for name in arguments.names or DECLARATIONS:
        tree = DECLARATIONS[name]().tree()
        directory = os.path.join(FIXTURES, name)
        if not arguments.check:
            tree.write(directory)
            continue
        for difference in tree.differences(directory):
            print(f"{name}/{difference}")
            failures += 1
    if failures:
        print(f"fixtures: {failures} paths differ; scripts/fixtures writes them anew", file=sys.stderr)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
