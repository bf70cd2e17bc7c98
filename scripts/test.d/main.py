"""Runs the suites, one after the other; a failing one does not stop the later ones.

Ends with a line `N passed, N failed`, summed over all suites; `, N skipped` follows if any test was. What a suite said is
in .build/test/NAME.log, and shown if it failed.
"""

import argparse
import os
import pathlib
import signal
import subprocess
import sys
import time
import types
from typing import NoReturn

import suites

PROJECT = pathlib.Path(__file__).resolve().parents[2]
LOGS = PROJECT / ".build" / "test"
# Lines of a failed suite's log that are shown.
SHOWN = 120


class Arguments(argparse.Namespace):
    names: list[str]
    full: bool
    mutants: bool


class Runner:
    """Runs one suite at a time, in a process group of its own, so that its end takes all that it started along."""

    def __init__(self) -> None:
        self._child: subprocess.Popen[bytes] | None = None
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._interrupted)

    def _interrupted(self, number: int, _: types.FrameType | None) -> NoReturn:
        self._end()
        sys.exit(128 + number)

    def _end(self) -> None:
        """Asks first: the lab has machines and files to take down."""
        if self._child is None:
            return
        for number, patience in ((signal.SIGTERM, 10), (signal.SIGKILL, 10)):
            try:
                os.killpg(self._child.pid, number)
                self._child.wait(patience)
            except (ProcessLookupError, subprocess.TimeoutExpired):
                pass
        self._child = None

    def run(self, suite: suites.Suite) -> suites.Counts:
        """Gives the suite's counts, and prints its line, and its log if it failed."""
        log = LOGS / f"{suite.name}.log"
        begun = time.monotonic()
        # A crash of a test must be an end, not minutes of a debugger.
        environment = os.environ | {"SWIFT_BACKTRACE": "enable=no", "LC_ALL": "C.UTF-8", "NO_COLOR": "1"}
        status: int | None = None
        reason: str | None = None
        with log.open("wb") as output:
            try:
                self._child = subprocess.Popen(suite.command, cwd=PROJECT, stdin=subprocess.DEVNULL, stdout=output,
                                               stderr=subprocess.STDOUT, start_new_session=True, env=environment)
                status = self._child.wait(suite.limit)
                if status != 0:
                    reason = f"exit status {status}" if status > 0 else f"ended by {signal.Signals(-status).name}"
            except subprocess.TimeoutExpired:
                reason = f"not done after {suite.limit} s"
            except OSError as error:
                reason = str(error)
            self._end()
        text = log.read_text(errors="replace")
        counts = suite.count(text, status)
        # Whatever it counted, an end that is not a good one is a failure.
        if (reason or not counts.passed) and not counts.failed:
            counts.failed = 1
            reason = reason or "nothing was tested"
        seconds = time.monotonic() - begun
        print(f"{suite.name:12} {seconds:6.1f} s  {counts}", flush=True)
        if counts.failed:
            self._show(text, log, reason)
        return counts

    @staticmethod
    def _show(text: str, log: pathlib.Path, reason: str | None) -> None:
        lines = text.splitlines()
        if len(lines) > SHOWN:
            print(f"    … {len(lines) - SHOWN} lines before these are in {log.relative_to(PROJECT)}")
        for line in lines[-SHOWN:]:
            print(f"    {line}")
        if reason:
            print(f"    {reason}")
        sys.stdout.flush()


def parse_arguments() -> Arguments:
    names = ", ".join(f"{suite.name}{' (--full)' if suite.full else ''}" for suite in suites.ALL)
    parser = argparse.ArgumentParser(
        prog="scripts/test", description=__doc__, epilog=f"Suites: {names}.",
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help="run these suites alone")
    parser.add_argument("--full", action="store_true", help="mutants, the whole lab and the bench too")
    parser.add_argument("--mutants", action="store_true", help="mutants too")
    arguments = parser.parse_args(namespace=Arguments())
    for name in arguments.names:
        if name not in {suite.name for suite in suites.ALL}:
            parser.error(f"no suite {name}")
    return arguments


def chosen(arguments: Arguments) -> list[suites.Suite]:
    """The suites to run, in the order in which one needs the other's builds."""
    if arguments.names:
        return [suite for suite in suites.ALL if suite.name in arguments.names]
    return [suite for suite in suites.ALL
            if (not suite.replaced if arguments.full else not suite.full)
            or (arguments.mutants and suite.name == "mutants")]


def main() -> int:
    arguments = parse_arguments()
    LOGS.mkdir(parents=True, exist_ok=True)
    runner = Runner()
    total = suites.Counts()
    begun = time.monotonic()
    for suite in chosen(arguments):
        total += runner.run(suite)
    print(f"all          {time.monotonic() - begun:6.1f} s")
    print(total)
    return 1 if total.failed or not total.passed else 0


if __name__ == "__main__":
    sys.exit(main())
