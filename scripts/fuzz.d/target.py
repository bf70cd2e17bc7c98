"""Runs one target: libFuzzer on its seeds and on the corpus of earlier runs, with an end to everything."""

import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import seeds

CRASHERS = seeds.FIXTURES / "crashers"
# Inputs that reached something new, for the next run.
CORPUS = seeds.PROJECT / ".build-fuzz" / "corpus"
# Seconds after which an input counts as one that hangs.
HANG = 1
# What a target may take beyond its share before it is killed: start-up, and the seeds.
GRACE = 120

# The crash reporter can hang for minutes. A record of each allocation would cost a third of the time; a report names the
# place of the misuse without it.
_ENVIRONMENT = {"SWIFT_BACKTRACE": "enable=no", "ASAN_OPTIONS": "detect_leaks=0:malloc_context_size=1:quarantine_size_mb=8"}
_OPTIONS = (f"-timeout={HANG}", "-max_len=8192", "-detect_leaks=0", "-print_final_stats=1")


class Run(NamedTuple):
    """What one target came to; without a complaint, all was well."""

    executions: int
    edges: int
    complaint: str | None


def run(program: str, target: str, seconds: int) -> Run:
    """Fuzzes a target for that long."""
    corpus = CORPUS / target
    corpus.mkdir(parents=True, exist_ok=True)
    # In memory if there is such a place: one target makes a tree of files for every execution.
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="hostdev-fuzz-", dir=memory) as name:
        scratch = pathlib.Path(name)
        (scratch / "seeds").mkdir()
        for number, seed in enumerate(seeds.seeds(target)):
            (scratch / "seeds" / str(number)).write_bytes(seed)
        environment = os.environ | _ENVIRONMENT | {"HOSTDEV_FUZZ_TARGET": target, "TMPDIR": name}
        command: list[str | pathlib.Path] = [
            program, f"-max_total_time={seconds}", *_OPTIONS, *seeds.dictionary(target, scratch / "words"),
            f"-artifact_prefix={scratch}/", corpus, scratch / "seeds"]
        text, complaint = _play(command, environment, scratch, seconds + GRACE)
        found = [file for file in scratch.iterdir() if re.match(r"(crash|timeout|oom|leak)-", file.name)]
        if found and all(file.name.startswith("timeout-") and _is_quick(program, file, environment) for file in found):
            print(f"    {target}: an input took over {HANG} s, and alone does not: the machine is busy")
            found, complaint = [], None
        for file in found:
            CRASHERS.mkdir(exist_ok=True)
            shutil.copy(file, CRASHERS / f"{target}-{file.name}")
            complaint = f"Fixtures/crashers/{target}-{file.name}"
    if complaint:
        print("\n".join(f"    {line}" for line in text.splitlines()[-30:]))
    executions = re.search(r"stat::number_of_executed_units:\s*(\d+)", text)
    edges = re.findall(r"\bcov: (\d+)", text)
    return Run(int(executions[1]) if executions else 0, int(edges[-1]) if edges else 0, complaint)


def _play(command: Sequence[str | pathlib.Path], environment: Mapping[str, str], scratch: pathlib.Path,
          limit: int) -> tuple[str, str | None]:
    """Runs it to its end, or to its limit. Gives what it said, and the complaint."""
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                             text=True, errors="replace", env=environment, cwd=scratch, start_new_session=True)
    try:
        text, _ = child.communicate(timeout=limit)
        return text, None if child.returncode == 0 else f"exit status {child.returncode}"
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL)
        return child.communicate()[0], "did not end"


def _is_quick(program: str, file: pathlib.Path, environment: Mapping[str, str]) -> bool:
    """Whether an input that took too long takes less when it is run by itself: one of three times does."""
    command: list[str | pathlib.Path] = [program, *_OPTIONS, f"-artifact_prefix={file.parent}/again-", file]
    return any(_play(command, environment, file.parent, GRACE)[1] is None for _ in range(3))
