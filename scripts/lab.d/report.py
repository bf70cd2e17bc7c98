"""What a run says: one line a check, the seconds of each part, and the closing count."""

import contextlib
import sys
import time


class Report:
    """Counts checks and prints each as it comes."""

    def __init__(self):
        self.passed = 0
        self.failed = 0
        self.seconds = []

    def check(self, name, good, detail=""):
        """Prints `ok NAME` or `FAIL NAME` with the detail, which may have several lines. Gives whether it is good."""
        if good:
            self.passed += 1
        else:
            self.failed += 1
        first, *more = str(detail).splitlines() or [""]
        say(f"{'ok' if good else 'FAIL'} {name}{' ' if first else ''}{first}")
        for line in more if not good else ():
            say(f"    {line}")
        return good

    @contextlib.contextmanager
    def timed(self, part):
        """Measures a part of the run for the table at the end."""
        started = time.monotonic()
        try:
            yield
        finally:
            self.seconds.append((part, time.monotonic() - started))

    def close(self):
        """Prints the table and the closing line; gives the exit status."""
        for part, seconds in self.seconds:
            say(f"lab: {seconds:6.1f} s  {part}")
        say(f"lab: {self.passed} passed, {self.failed} failed")
        return 1 if self.failed or not self.passed else 0


def say(line):
    print(line, flush=True)


def complain(line):
    print(f"lab: {line}", file=sys.stderr, flush=True)
