"""What a run says: one line a check, the seconds of each part, and the closing count."""

import contextlib
import sys
import threading
import time
from collections.abc import Iterator
from typing import Protocol


class Verdict(Protocol):
    """How often a scenario's checks held, and in how many seconds."""

    checks: int
    seconds: float


class Report:
    """Counts checks and prints each as it comes. Scenarios may run side by side and share it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.passed = 0
        self.failed = 0
        self.seconds: list[tuple[str, float]] = []
        self._started = time.monotonic()

    def resumed(self, name: str, verdict: Verdict) -> None:
        """Counts what an earlier run of the same inputs found, and says so."""
        with self._lock:
            self.passed += verdict.checks
            self.seconds.append((f"{name}, by an earlier run", verdict.seconds))
            say(f"ok {name}: passed in an earlier run of the same programs and kernels, {verdict.checks} checks")

    def check(self, name: str, good: object, detail: object = "") -> bool:
        """Prints `ok NAME` or `FAIL NAME` with the detail, which may have several lines. Gives whether it is good."""
        first, *more = str(detail).splitlines() or [""]
        lines = [f"{'ok' if good else 'FAIL'} {name} {first}".rstrip()]
        if not good:
            lines += [f"    {line}" for line in more]
        with self._lock:
            if good:
                self.passed += 1
            else:
                self.failed += 1
            say("\n".join(lines))
        return bool(good)

    @contextlib.contextmanager
    def timed(self, part: str) -> Iterator[None]:
        """Measures a part of the run for the table at the end."""
        started = time.monotonic()
        try:
            yield
        finally:
            with self._lock:
                self.seconds.append((part, time.monotonic() - started))

    def close(self) -> int:
        """Prints the table and the closing line; gives the exit status."""
        for part, seconds in self.seconds:
            say(f"lab: {seconds:6.1f} s  {part}")
        if self.seconds:
            total = sum(seconds for _, seconds in self.seconds)
            say(f"lab: {total:6.1f} s  all parts, in {time.monotonic() - self._started:.1f} s of this run")
        say(f"lab: {self.passed} passed, {self.failed} failed")
        return 1 if self.failed or not self.passed else 0


def say(line: str) -> None:
    print(line, flush=True)


def complain(line: str) -> None:
    print(f"lab: {line}", file=sys.stderr, flush=True)
