"""Compares, function by function, what hostdev and lspci say of the same PCI trees.

Without DIR: every tree under Fixtures, and every archive of captures in ../shared/captures.
"""

import argparse
import glob
import os
import subprocess
import sys
import tempfile
from collections import Counter

sys.path.append(os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "common.d"))

import accepted
import judges
import lspci
import shown
from facts import Fact, Facts

PROJECT = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", ".."))
CAPTURES = os.path.join(PROJECT, "..", "shared", "captures")
ACCEPTED = os.path.join(PROJECT, "scripts", "conformance.accepted")


class Arguments(argparse.Namespace):
    directories: list[str]
    binary: str | None
    truth: bool
    judges: bool


class Comparison:
    """What was compared so far, and what came of it."""

    def __init__(self, lines: list[accepted.Line]) -> None:
        self._accepted = dict.fromkeys(lines, 0)
        self.verdicts: dict[tuple[str, str], bool] = {}
        self.keys: Counter[str] = Counter()
        self._unread: dict[tuple[str, str], list[str]] = {}

    def compare(self, tree: str, address: str, judge: str, *, ours: Facts, theirs: Facts) -> None:
        """Compares the keys that the judge has, and prints every difference that is not accepted."""
        clean = True
        for key, their_value in theirs.items():
            name = key if judge == "lspci" else f"truth:{key}"
            self.keys[name] += 1
            our_value = ours[key]
            if our_value == their_value:
                continue
            line = accepted.Line(tree, address, name, _text(our_value), _text(their_value))
            if line in self._accepted:
                self._accepted[line] += 1
                continue
            print(f"{tree} {address} {name}: ours {line.ours}, theirs {line.theirs}")
            clean = False
        self._count(tree, address, clean)

    def unread(self, tree: str, address: str, what: str) -> None:
        """Notes what the judge could not read."""
        self._unread.setdefault((tree, what), []).append(address)

    def unread_lines(self) -> list[str]:
        """What the judge could not read, counted and named, a line for each tree and reason."""
        return [f"{tree}: {len(addresses)} functions {what}: {' '.join(addresses)}"
                for (tree, what), addresses in self._unread.items()]

    def fail(self, tree: str, address: str, reason: str) -> None:
        """A function that one side has and the other lacks."""
        print(f"{tree} {address}: {reason}")
        self._count(tree, address, False)

    def _count(self, tree: str, address: str, clean: bool) -> None:
        self.verdicts[tree, address] = clean and self.verdicts.get((tree, address), True)

    def obsolete(self, trees: set[str], judges_heard: set[str]) -> list[accepted.Line]:
        """Accepted lines that no difference met, of those whose tree and judge had their say."""
        return [line for line, hits in self._accepted.items()
                if not hits and line.tree in trees
                and ("truth" if line.key.startswith("truth:") else "lspci") in judges_heard]


def _text(value: Fact) -> str:
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return f"{value:g}"
    return value or "nothing"


def examine(tree: str, arguments: Arguments, comparison: Comparison) -> None:
    """One tree: hostdev against lspci and, if requested, against the newer lspci's words."""
    name = os.path.basename(tree)
    addresses = sorted(os.listdir(os.path.join(tree, "sys/bus/pci/devices")))
    newer = judges.truth(tree) if arguments.truth or arguments.judges else {}
    ours = _shown(arguments.binary, tree) if arguments.binary and not arguments.judges else {}
    for address in addresses:
        theirs = _by_lspci(tree, address, comparison)
        if arguments.judges:
            if theirs and address in newer:
                common = {key: value for key, value in newer[address].items() if key in theirs}
                comparison.compare(name, address, "truth", ours=theirs, theirs=common)
        elif address not in ours:
            comparison.fail(name, address, "hostdev does not show it")
        else:
            if theirs:
                comparison.compare(name, address, "lspci", ours=ours[address], theirs=theirs)
            if address in newer:
                comparison.compare(name, address, "truth", ours=ours[address], theirs=newer[address])
    for address in sorted(ours.keys() - set(addresses)):
        comparison.fail(name, address, "hostdev shows it, /sys/bus/pci/devices does not")


def _shown(binary: str, tree: str) -> dict[str, Facts]:
    """What hostdev says of it; nothing if it fails, so that each function then fails."""
    try:
        return shown.facts(binary, tree)
    except shown.Failed as failure:
        print(f"{os.path.basename(tree)}: hostdev show: {failure}")
        return {}


def _by_lspci(tree: str, address: str, comparison: Comparison) -> Facts:
    """What lspci says of one function; what it cannot read is noted, and nothing."""
    name = os.path.basename(tree)
    try:
        facts = judges.by_lspci(tree, address)
    except lspci.Unreadable as reason:
        comparison.unread(name, address, f"not readable by lspci ({reason})")
        return {}
    if "header_type" not in facts:
        comparison.unread(name, address, "without config for lspci, ids, driver and group compared")
    return facts


def default_trees(scratch: str) -> list[str]:
    """The fixtures, and the captures unpacked into `scratch`."""
    archives = sorted(glob.glob(os.path.join(CAPTURES, "*.tar*")))
    if not archives:
        print("captures: absent")
    for archive in archives:
        subprocess.run(["tar", "-xf", archive, "-C", scratch], check=True)
    return find_trees([os.path.join(PROJECT, "Fixtures"), scratch])


def find_trees(directories: list[str]) -> list[str]:
    """Each directory that is a tree, or else the trees right below it."""
    trees = []
    for directory in map(os.path.abspath, directories):
        below = sorted(glob.glob(os.path.join(glob.escape(directory), "*")))
        trees += [path for path in (directory, *below) if os.path.isdir(f"{path}/sys/bus/pci/devices")]
    return trees


def newest_binary() -> str | None:
    """The build that was made last, or None."""
    builds = [os.path.join(PROJECT, ".build", kind, "hostdev") for kind in ("debug", "release")]
    return max((path for path in builds if os.path.exists(path)), key=os.path.getmtime, default=None)


def parse_arguments() -> Arguments:
    parser = argparse.ArgumentParser(prog="conformance", description=__doc__)
    parser.add_argument("directories", nargs="*", metavar="DIR", help="a tree, or a directory of trees")
    parser.add_argument("--binary", default=newest_binary(),
                        help="the hostdev to ask; without it the newer of .build/debug and .build/release")
    parser.add_argument("--truth", action="store_true", help="compare with truth/facts.json too, if a tree has it")
    parser.add_argument("--judges", action="store_true",
                        help="compare lspci with truth/facts.json, without hostdev: is lspci read rightly here?")
    arguments = parser.parse_args(namespace=Arguments())
    if not arguments.judges and not arguments.binary:
        parser.error("no hostdev: build it, or name it with --binary")
    return arguments


def report(comparison: Comparison, trees: list[str], complaints: list[str]) -> int:
    """The summary; gives the exit status."""
    for line in comparison.unread_lines():
        print(line)
    for complaint in complaints:
        print(complaint)
    failed = sum(not clean for clean in comparison.verdicts.values())
    passed = len(comparison.verdicts) - failed
    print(f"{len(trees)} trees, {comparison.keys.total()} values compared:")
    for key, count in comparison.keys.items():
        print(f"  {key} {count}")
    print(f"conformance: {passed} passed, {failed} failed")
    return 1 if failed or complaints or not comparison.verdicts else 0


def main() -> int:
    arguments = parse_arguments()
    lines, complaints = accepted.read(ACCEPTED)
    comparison = Comparison(lines)
    with tempfile.TemporaryDirectory(prefix="conformance-") as scratch:
        trees = find_trees(arguments.directories) if arguments.directories else default_trees(scratch)
        for tree in trees:
            examine(tree, arguments, comparison)
    heard = {"truth"} if arguments.judges else {"lspci", "truth"} if arguments.truth else {"lspci"}
    for line in comparison.obsolete({os.path.basename(tree) for tree in trees}, heard):
        complaints.append(f"accepted, but no longer occurs: {line.tree}, {line.address}, {line.key}")
    return report(comparison, trees, complaints)


if __name__ == "__main__":
    sys.exit(main())
