"""Runs every fuzz target for its share of the time."""

import argparse
import sys

import target as targets

TARGETS = ("registers", "attributes", "capture", "settings", "netplan", "journal", "pins", "image", "xml", "selectors",
           "faults", "tree")


class Arguments(argparse.Namespace):
    program: str
    minutes: float
    targets: list[str]


def main() -> int:
    parser = argparse.ArgumentParser(prog="scripts/fuzz", description=__doc__)
    parser.add_argument("program", help=argparse.SUPPRESS)
    parser.add_argument("--minutes", type=float, default=1, metavar="N", help="in all; default: %(default)s")
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=f"of: {' '.join(TARGETS)}")
    arguments = parser.parse_intermixed_args(namespace=Arguments())
    chosen = arguments.targets or TARGETS
    for target in chosen:
        if target not in TARGETS:
            parser.error(f"no target {target}; there are {' '.join(TARGETS)}")
    seconds = max(int(arguments.minutes * 60 / len(chosen)), 1)
    failed = total = 0
    for target in chosen:
        executions, edges, complaint = targets.run(arguments.program, target, seconds)
        # Without executions nothing was shown, whatever the exit status.
        if not complaint and not (executions and edges):
            complaint = "nothing was executed"
        print(f"{target:12} {executions:10} executions {edges:7} edges  {complaint or 'ok'}", flush=True)
        failed += bool(complaint)
        total += executions
    print(f"{'all':12} {total:10} executions")
    print(f"fuzz: {len(chosen) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
