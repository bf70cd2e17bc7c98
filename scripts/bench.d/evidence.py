"""What the evidence of one set costs on a big host: 10,000 functions, 500 disks, 2,000 processes × 200 open files.

    python3 scripts/bench.d/evidence.py [--program PATH] [--live]

Prints CPU milliseconds (user and system, the least of five runs): the C program that looks at the same descriptors,
`check` with and without the processes, and `list` of the same function, which scans and gathers no evidence. --live
besides: as many real processes, on this host's own procfs. Exit 1 if a limit is missed.
"""
import argparse
import math
import os
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence

import evidence_tree as tree

HERE = os.path.dirname(os.path.abspath(__file__))
RATIO, BESIDE = 1.3, 50.0


class Arguments(argparse.Namespace):
    program: str
    live: bool


def cpu(command: Sequence[str]) -> tuple[float, bytes]:
    """CPU milliseconds of a command, the least of five, and its output."""
    best, text = math.inf, b""
    for _ in range(5):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        text = subprocess.run(command, capture_output=True, check=False).stdout
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent = 1000 * (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
        best = min(best, spent)
    return best, text


def built(folder: str, name: str) -> str:
    target = os.path.join(folder, name)
    subprocess.run(["cc", "-O2", "-Wall", "-o", target, f"{HERE}/{name}.c"], check=True)
    return target


def measure(program: str, folder: str) -> bool:
    root = os.path.join(folder, "host")
    os.makedirs(root)
    tree.make(root, 10_000, 500, 2_000, 200)
    seen = built(folder, "evidence-seen")
    check = [program, "check", "--root", root, "--json", tree.DISK]
    of_c, counted = cpu([seen, root])
    full, _ = cpu(check)
    listing, _ = cpu([program, "list", "--root", root, "--json", tree.DISK])
    os.rename(f"{root}/proc", f"{root}/proc.full")
    os.rename(f"{root}/proc.none", f"{root}/proc")
    without, _ = cpu(check)
    print(f"capture: {counted.decode().split()[0]} descriptors")
    return judge(of_c, full, without, listing)


def judge(of_c: float, full: float, without: float, listing: float) -> bool:
    ratio, beside = (full - without) / of_c, without - listing
    print(f"  C program                  {of_c:8.1f} ms")
    print(f"  check                      {full:8.1f} ms")
    print(f"  check without processes    {without:8.1f} ms")
    print(f"  list of the same function  {listing:8.1f} ms")
    print(f"  descriptors: {ratio:.2f} × the C program (at most {RATIO})")
    print(f"  evidence beside that: {beside:.1f} ms (less than {BESIDE:.0f})")
    return ratio <= RATIO and beside < BESIDE


def live(program: str, folder: str) -> bool:
    """On this host's procfs; the rest of the check is what it costs before the processes are there."""
    addresses = sorted(os.listdir("/sys/bus/pci/devices"))
    if not addresses:
        print("live: this host has no PCI functions")
        return True
    check = [program, "check", "--json", addresses[-1]]
    seen, hold = built(folder, "evidence-seen"), built(folder, "evidence-hold")
    without, few = cpu(check)[0], cpu([seen])[0]
    holder = subprocess.Popen([hold, "2000", "200"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert holder.stdin and holder.stdout  # pipes, as requested
    try:
        holder.stdout.readline()
        full = cpu(check)[0]
        of_c, counted = cpu([seen])
    finally:
        holder.stdin.close()
        holder.kill()
        holder.wait()
    ratio = (full - without) / (of_c - few)
    print(f"live: {counted.decode().split()[0]} descriptors; C {of_c:.1f} ms, check {full:.1f} ms "
          f"({without:.1f} ms before): {ratio:.2f} × the C program (at most {RATIO})")
    return ratio <= RATIO


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--program", default=f"{HERE}/../../.build/release/hostdev")
    words.add_argument("--live", action="store_true")
    asked = words.parse_args(namespace=Arguments())
    program = os.path.abspath(asked.program)
    if not os.access(program, os.X_OK):
        sys.exit(f"{program}: not there; build it: swift build -c release --product hostdev")
    folder = tempfile.mkdtemp(prefix="hostdev-evidence-", dir="/dev/shm" if os.path.isdir("/dev/shm") else None)
    try:
        fine = measure(program, folder)
        if asked.live:
            fine = live(program, folder) and fine
    finally:
        shutil.rmtree(folder)
    sys.exit(0 if fine else 1)


if __name__ == "__main__":
    main()
