"""Measures and prints the table: main.py DIR COUNT. DIR has `hostdev`, `list` and the tree `host`."""

import json
import pathlib
import subprocess
import sys
from collections.abc import Sequence
from typing import NamedTuple, TypedDict

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "common.d"))

import pins
from answers import Document

# What the project promises: times the C program's CPU, lspci's CPU over ours, milliseconds, megabytes.
MOST_OF_C = 1.25
LEAST_OF_LSPCI = 3
START_MS = 3
MEMORY_MB = 40

Words = Sequence[str | pathlib.Path]


class Measure(NamedTuple):
    """Seconds: the mean of user and system time together, and of the wall the best run."""

    cpu: float
    best: float


class Row(NamedTuple):
    """One line of the table; `good` is None for what is not judged."""

    what: str
    value: str
    aim: str
    good: bool | None


class _Result(TypedDict):
    user: float
    system: float
    min: float


class _Export(TypedDict):
    """The JSON of hyperfine."""

    results: list[_Result]


def measured(folder: pathlib.Path, name: str, command: Words, runs: int = 20, before: Sequence[str] = ()) -> Measure:
    """What hyperfine measures of a command."""
    result = folder / f"{name}.json"
    subprocess.run(["hyperfine", "-N", "--warmup", "3", "--runs", str(runs), "--style", "none", "--export-json", result,
                    *before, " ".join(map(str, command))], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    export: _Export = json.loads(result.read_text())
    found = export["results"][0]
    return Measure(found["user"] + found["system"], found["min"])


def canonical(command: Words) -> bytes:
    """The JSON that a command prints, in jq's one spelling."""
    printed = subprocess.run(command, check=True, capture_output=True).stdout
    return subprocess.run(["jq", "-S", "."], input=printed, check=True, capture_output=True).stdout


def peak_mb(command: Words) -> float:
    words = subprocess.run(["/usr/bin/time", "-f", "%M", *command], check=True, stdout=subprocess.DEVNULL,
                           stderr=subprocess.PIPE, text=True).stderr.split()
    return int(words[-1]) / 1024


def pinned(folder: pathlib.Path, program: pathlib.Path, tree: pathlib.Path) -> list[Row]:
    """Rows of `apply` with everything in place: the first run of a boot, and any other."""
    pins.declare(tree)
    apply: Words = [program, "apply", "--json", "--root", tree]
    record = tree / "run/hostdev/verified"
    first_cpu, _ = measured(folder, "first", apply, before=["--prepare", f"rm -f {record}"])
    record.unlink(missing_ok=True)
    first = pins.reads(folder / "trace", apply)
    told: Document = json.loads(subprocess.run(["sh", "-c", f"rm -f {record}; exec \"$@\"", "sh", *apply], check=True,
                                     capture_output=True).stdout)
    again = pins.reads(folder / "trace", apply)
    cpu, _ = measured(folder, "apply", apply)
    looked = set().union(*again.values())
    places = {pin["result"] for pin in told["pins"]}
    return [
        Row(f"apply, {pins.COUNT} pins: what it says of them", ", ".join(sorted(places)), "in-place", places == {"in-place"}),
        Row("apply: CPU", f"{cpu * 1e3:.1f} ms", f"{pins.CPU_MS} ms or less", cpu * 1e3 <= pins.CPU_MS),
        Row("  functions looked at", f"{len(looked)}", f"{pins.COUNT}", len(looked) == pins.COUNT),
        Row("  config read", f"{len(again['config'])}", "0", not again["config"]),
        Row("first apply of a boot: CPU", f"{first_cpu * 1e3:.1f} ms", f"{pins.CPU_MS} ms or less",
         first_cpu * 1e3 <= pins.CPU_MS),
        Row("  config read", f"{len(first['config'])}", f"{pins.COUNT}", len(first["config"]) == pins.COUNT),
        Row("  what it says of that", f"{told['verified']['functions']} in {told['verified']['ms']} ms", "", None),
    ]


def main() -> int:
    folder, count = pathlib.Path(sys.argv[1]), int(sys.argv[2])
    tree, program = folder / "host", folder / "hostdev"
    ours: Words = [program, "list", "--json", "--root", tree]
    c: Words = [folder / "list", tree]
    lspci: Words = ["lspci", "-nnk", "-A", "linux-sysfs", "-O", f"sysfs.path={tree}/sys/bus/pci"]

    same = canonical(ours) == canonical(c)
    ours_cpu, _ = measured(folder, "ours", ours)
    c_cpu, _ = measured(folder, "c", c)
    lspci_cpu, _ = measured(folder, "lspci", lspci)
    start_cpu, start = measured(folder, "start", [program, "--version"], runs=100)
    memory = peak_mb(ours)

    rows = [
        Row("list --json prints what the C program prints", "the same" if same else "SOMETHING ELSE", "the same", same),
        Row("CPU a function", f"{ours_cpu / count * 1e6:.1f} µs", "", None),
        Row("  of the C program", f"{c_cpu / count * 1e6:.1f} µs", "", None),
        Row("  of lspci -nnk", f"{lspci_cpu / count * 1e6:.1f} µs", "", None),
        Row("CPU: times the C program's", f"{ours_cpu / c_cpu:.2f}", f"{MOST_OF_C} or less", ours_cpu / c_cpu <= MOST_OF_C),
        Row("CPU: lspci's over ours", f"{lspci_cpu / ours_cpu:.1f}", f"{LEAST_OF_LSPCI} or more",
         lspci_cpu / ours_cpu >= LEAST_OF_LSPCI),
        Row("start of --version, best of 100", f"{start * 1e3:.1f} ms", f"{START_MS} ms or less", start * 1e3 <= START_MS),
        Row("  CPU of that, mean", f"{start_cpu * 1e3:.1f} ms", "", None),
        Row("peak memory", f"{memory:.0f} MB", f"{MEMORY_MB} MB or less", memory <= MEMORY_MB),
    ]
    rows += pinned(folder, program, tree)
    rows.append(Row("check's evidence: its limits, as above", sys.argv[3], "met", sys.argv[3] == "met"))
    print(f"{count} functions")
    for what, value, aim, good in rows:
        mark = "" if good is None else "ok" if good else "MISSED"
        print(f"{what:45} {value:>15}  {aim:15} {mark}".rstrip())
    judged = [good for *_, good in rows if good is not None]
    print(f"bench: {sum(judged)} passed, {len(judged) - sum(judged)} failed")
    return 0 if all(judged) else 1


if __name__ == "__main__":
    sys.exit(main())
