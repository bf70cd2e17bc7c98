"""What a scenario came to, kept beside its log, so that a long run that was stopped can go on where it was.

It counts only for the same inputs: our programs, the kernels, and every file of the lab itself and of what it installs.
"""

import hashlib
import json
import os
import pathlib
from collections.abc import Iterable, Mapping
from typing import TypedDict

import parts

HERE = pathlib.Path(__file__).parent


# Beside the programs and the kernels: the lab, what it installs, and what the answers are compared with.
FOLDERS = (HERE, HERE.parent / "dist", HERE.parent / "common.d", HERE.parent.parent / "Fixtures" / "kernel")


def inputs(programs: Mapping[str, pathlib.Path], kernels: Iterable[parts.Kernel], emulator: str) -> str:
    """A digest of everything that a verdict rests on. `emulator`: QEMU's own version."""
    digest = hashlib.sha256(emulator.encode())
    for name, path in sorted(programs.items()):
        digest.update(f"{name} {parts.sha256(path)}\n".encode())
    for kernel in kernels:
        digest.update(f"{kernel.series} {kernel} {json.dumps(kernel.digests, sort_keys=True)}\n".encode())
    for path in sorted(path for folder in FOLDERS for path in folder.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            digest.update(f"{path.relative_to(HERE.parent.parent)} {parts.sha256(path)}\n".encode())
    return digest.hexdigest()


class _Kept(TypedDict):
    inputs: str
    checks: int
    seconds: float


class Verdict:
    """How often a scenario's checks held, and in how many seconds; on disk only once it ended well."""

    def __init__(self, path: pathlib.Path, inputs_digest: str) -> None:
        self._path = path
        self._inputs = inputs_digest
        self.checks = 0
        self.seconds = 0.0
        self.passed = False
        try:
            known: _Kept = json.loads(path.read_text())
            self.passed = known["inputs"] == inputs_digest and known["checks"] > 0
            self.checks, self.seconds = known["checks"], known["seconds"]
        except (OSError, ValueError, KeyError, TypeError):
            pass  # it did not run, or not to its end

    def forget(self) -> None:
        """Before it runs again: until its end nothing is known."""
        self.passed, self.checks = False, 0
        self._path.unlink(missing_ok=True)

    def keep(self, seconds: float) -> None:
        """It ended, and every check held."""
        fresh = self._path.with_suffix(f".new-{os.getpid()}")
        fresh.write_text(json.dumps({"inputs": self._inputs, "checks": self.checks, "seconds": round(seconds, 1)}))
        os.replace(fresh, self._path)
