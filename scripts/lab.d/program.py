"""Runs hostdev in a guest. What the scenarios rely on beyond its public contract is written here, and only here.

For tests the program knows these environment variables:

HOSTDEV_KILL_AFTER=N            it sends itself SIGKILL right after its N-th write below /sys returned
HOSTDEV_KILL_WRITER_AFTER=N     only the process that writes does so
HOSTDEV_PAUSE_BEFORE_WRITE=K:FILE   it waits before its K-th write until FILE exists

Writes count from 1, in the order of the plan's entries with `"op": "write"`.
"""

import shlex

import guest as guests
from answers import Document, Interrupted, Step

# Nothing is overruled: the guest's interfaces are down and its disks are empty, so no check refuses them.
FORCE = ""


def forcing(*codes: str) -> str:
    """The option that overrules these findings, if there are any."""
    return f"--force={','.join(codes)}" if codes else ""


def obstacles(answer: Document) -> list[str]:
    """The codes of the errors in an answer of `check`."""
    return sorted({finding["code"] for finding in answer["findings"] if finding["severity"] == "error"})


class Program:
    """hostdev in one guest."""

    def __init__(self, guest: guests.Guest) -> None:
        self.guest = guest

    def run(self, arguments: str, timeout: float = 60, **environment: str | int) -> guests.Answer:
        """Runs `hostdev ARGUMENTS` with these environment variables."""
        return self.guest.run(self.line(arguments, **environment), timeout)

    def json(self, arguments: str, status: int = 0, timeout: float = 60, **environment: str | int) -> Document:
        """Runs `hostdev ARGUMENTS --json`, which has to end with this status, and gives the object that it printed."""
        answer = self.run(f"{arguments} --json", timeout, **environment)
        if answer.status != status:
            raise guests.GuestError(f"expected status {status}, got {answer}")
        return answer.json()

    def line(self, arguments: str, **environment: str | int) -> str:
        """The line of shell that `run` runs."""
        words = [f"{name}={shlex.quote(str(value))}" for name, value in environment.items()]
        return " ".join([*words, "hostdev", arguments])

    def writes(self, arguments: str) -> list[Step]:
        """The writes that a changing command makes now, as its dry run gives them."""
        answer = self.json(f"{arguments} --dry-run")
        plans = [pin["plan"] for pin in (*answer["pins"], *answer["pruned"])] if "pins" in answer else [answer["plan"]]
        return [step for plan in plans for step in plan if step["op"] == "write"]

    def leftovers(self) -> list[Interrupted]:
        """The interrupted runs that `status` knows of, what is pending of them included: none, when all is well."""
        return self.json("status")["interrupted"]
