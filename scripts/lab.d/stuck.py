"""What a guest that does not answer is doing: its kernel names every task and where it sleeps, on the console, so in the log.

The request goes through the keyboard (SysRq), which needs no process of the guest's.
"""

import time
from typing import Protocol

# The words of the kernel's command line that this needs.
ARGUMENTS = "sysrq_always_enabled"

# The console shows every message; then the kernel prints every task.
_KEYS = ("9", "t")
_SECONDS = 10


class Machine(Protocol):
    """What has keys to press."""

    def qmp(self, command: str, **arguments: object) -> object: ...


def tell(guest: Machine) -> None:
    """Asks, and waits until it has been said. Nothing comes of it if the kernel itself hangs: the log shows that too."""
    for key in _KEYS:
        guest.qmp("send-key", keys=[{"type": "qcode", "data": name} for name in ("alt", "sysrq", key)])
        time.sleep(0.5)
    time.sleep(_SECONDS)
