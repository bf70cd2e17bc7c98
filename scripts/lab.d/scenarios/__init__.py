"""The scenarios by name. Each module registers what it holds; importing it here puts it in the list."""

import dataclasses
import importlib
from collections.abc import Callable

from session import Session

Run = Callable[[Session], object]


@dataclasses.dataclass(frozen=True)
class Scenario:
    name: str
    shows: str
    run: Run
    quick: bool  # part of --quick; --full runs all
    needs: tuple[str, ...]  # programs that the run needs: "hostdev", "kernel-contract"
    full: bool = True  # false: only by its name, since another scenario does the same


ALL: dict[str, Scenario] = {}


def scenario(name: str, shows: str, *, quick: bool = False, needs: tuple[str, ...] = ("hostdev",),
             full: bool = True) -> Callable[[Run], Run]:
    """Registers a function that takes a `session.Session` as the scenario of that name."""
    def register(function: Run) -> Run:
        ALL[name] = Scenario(name, shows, function, quick, needs, full)
        return function

    return register


for _module in ("boot", "byhand", "contract", "card", "inner_disk", "kills", "held", "hang", "strace", "dryrun", "matrix",
                "blocked", "gone", "meanwhile", "probes", "crowd", "sriov", "use_all", "systemd", "pinned", "moved", "libvirt",
                "peers", "doctor"):
    importlib.import_module(f"scenarios.{_module}")
