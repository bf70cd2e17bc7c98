"""Writes Fixtures/seeds anew: records.py PROGRAM. What hostdev itself writes, taken from runs that were cut short.

By hand, when the form of a record changes; a test then says so, since every seed there has to be read as what it is.
"""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
from typing import TypedDict

FIXTURES = pathlib.Path(__file__).resolve().parents[2] / "Fixtures"
SEEDS = FIXTURES / "seeds"


class SlowWrite(TypedDict):
    path: str
    milliseconds: int


class Faults(TypedDict):
    """What the simulator must do wrong."""

    writes: list[SlowWrite]


class Rehearsal:
    """A copy of a captured host to run hostdev on."""

    def __init__(self, program: str, fixture: str, scratch: str) -> None:
        self.program = program
        self.root = pathlib.Path(scratch) / fixture
        shutil.copytree(FIXTURES / fixture, self.root, symlinks=True)

    def run(self, *arguments: str, kill_after: int | None = None, faults: Faults | None = None) -> None:
        simulator = self.root / "run" / "hostdev-simulator"
        if faults:
            simulator.mkdir(parents=True, exist_ok=True)
            (simulator / "faults.json").write_text(json.dumps(faults))
        environment = os.environ | ({"HOSTDEV_KILL_AFTER": str(kill_after)} if kill_after else {})
        # The root by a fixed name: it is in the records.
        done = subprocess.run([self.program, *arguments, "--root", self.root.name], cwd=self.root.parent,
                              env=environment, capture_output=True, text=True, check=False)
        wanted = (-signal.SIGKILL,) if kill_after else (4,) if faults else (0,)
        if done.returncode not in wanted:
            sys.exit(f"{arguments}: {done.returncode}\n{done.stdout}{done.stderr}")

    def keep(self, folder: str, target: str, name: str) -> None:
        """Keeps the one or first record of a folder, without white space: it is the text that is played with."""
        record = min(file for file in (self.root / folder).iterdir() if file.suffix == ".json")
        (SEEDS / target).mkdir(parents=True, exist_ok=True)
        (SEEDS / target / name).write_text(json.dumps(json.loads(record.read_text()), separators=(",", ":")))


def main(program: str) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        card = Rehearsal(program, "alveo", scratch)
        card.run("pin", "card", "01:00", "--description", "the accelerator")
        card.keep("etc/hostdev/pins.d", "pins", "card.json")
        card.run("bind", "01:00", kill_after=3)
        card.keep("run/hostdev/journal", "journal", "bind.json")
        card.run("recover")
        card.run("bind", "01:00")
        card.keep("run/hostdev/held", "journal", "held.json")
        card.run("release", "01:00", kill_after=2)
        card.keep("run/hostdev/journal", "journal", "release.json")
        card.run("recover")
        # A write that does not return stays in the journal as pending, beside the writer that was left behind.
        card.run("bind", "01:00", "--timeout", "1", faults={
            "writes": [{"path": "/sys/bus/pci/drivers/xocl/unbind", "milliseconds": 3000}]})
        card.keep("run/hostdev/journal", "journal", "pending.json")
        port = Rehearsal(program, "nic-vfs", scratch)
        port.run("pin", "port", "--match", "ids", "--driver", "auto", "--follow", "03:00.0", "--force=host-network")
        port.keep("etc/hostdev/pins.d", "pins", "ids.json")


if __name__ == "__main__":
    main(os.path.abspath(sys.argv[1]))
