"""A command of hostdev that waits before one of its writes while the lab does something."""

import json

from answers import Document
from guest import GuestError
from program import Program

GATE = "/run/lab/gate"
_SAID = "/run/lab/paused"


class Paused:
    """Waits at its gate from the start on, until `go`."""

    def __init__(self, hostdev: Program, arguments: str, number: int) -> None:
        self._guest = hostdev.guest
        self._guest.must(f"rm -f {GATE} {_SAID}")
        line = hostdev.line(f"{arguments} --json", HOSTDEV_PAUSE_BEFORE_WRITE=f"{number}:{GATE}")
        self._guest.spawn(f"{line}; echo ended $?", _SAID)
        if not self._guest.wait_for(f"grep -q -e '^paused' -e '^ended' {_SAID}", 60):
            raise GuestError(f"{arguments} did not come to its write {number}")
        said = self._guest.must(f"cat {_SAID}")
        if "paused" not in said:
            raise GuestError(f"{arguments} ended before its write {number}: {said}")

    def go(self, timeout: float = 60) -> tuple[int, Document, str]:
        """Opens the gate and waits for the end: its status, its JSON, and all that it said."""
        self._guest.must(f"touch {GATE}")
        ended = self._guest.wait_for(f"grep -q ^ended {_SAID}", timeout)
        said = self._guest.must(f"cat {_SAID}")
        if not ended:
            raise GuestError(f"it did not end within {timeout} s: {said}")
        answer: Document = json.loads(next((line for line in said.splitlines() if line.startswith("{")), "{}"))
        return int(said.rsplit("ended ", 1)[1]), answer, said
