"""One thing that a host does with its devices, from its start to its end, and what hostdev says.

While it goes on, `bind` is refused for it, with the whole chain from the function to the use, and
nothing changes; its twin, which nothing is done with, is let through by the same command. When it
has ended, `bind` and `release` go through.
"""

import dataclasses
from collections.abc import Callable, Iterable, Sequence

import guest as guests
import picture
from answers import Use
from guest import Guest
from program import Program
from session import Session


@dataclasses.dataclass(frozen=True)
class Chain:
    """One line of evidence: what leads from the function to a use, and which use that is."""

    parts: tuple[str, ...]
    kind: str
    detail: str  # or the beginning of it

    def __str__(self) -> str:
        return f"{' → '.join(self.parts)}: {self.kind} {self.detail}"


@dataclasses.dataclass(frozen=True)
class Case:
    name: str
    functions: tuple[str, ...]  # they carry the use together
    twin: str  # a function of the same kind without the use
    code: str  # what it is refused for
    chains: tuple[Chain, ...]  # every one of them has to be in the evidence
    forceable: bool = True
    message: str = ""  # what the finding has to say in so many words
    also: tuple[str, ...] = ()  # codes that the same use is refused for as well


# How hostdev is run: the words behind its name.
Run = Callable[[str], guests.Answer]


@dataclasses.dataclass
class Tally:
    situations: int = 0
    refused: int = 0
    controls: int = 0

    def __str__(self) -> str:
        return (f"uses: {self.situations} situations, {self.refused} refused, "
                f"{self.controls} controls let through")


class Cases:
    """Plays cases in one guest and counts them."""

    def __init__(self, session: Session, tally: Tally, guest: Guest) -> None:
        self._session = session
        self._tally = tally
        self._guest = guest
        self.hostdev = Program(guest)
        # The picture that was taken last: a use leaves PCI's own part of sysfs as it is.
        self._last: picture.Picture | None = None

    def refused(self, case: Case, run: Run | None = None, command: str = "bind") -> None:
        """The use goes on. `run`: how hostdev is run, else as by `Program.run`; `command`: what is
        refused."""
        run = run or self.hostdev.run
        self._tally.situations += 1
        before = self._picture()
        names = " ".join(case.functions)
        # What can be overruled is refused when it is not; what cannot be is refused all the same.
        force = "" if case.forceable else f"--force={case.code}"
        answer = run(f"{command} {names} {force} --json")
        said = answer.json()
        found = [finding for finding in said.get("findings", []) if finding["code"] == case.code]
        errors = {finding["code"] for finding in said.get("findings", [])
                  if finding["severity"] == "error"}
        carriers = sorted(function for finding in found for function in finding["functions"])
        good = self._session.check(
            f"{case.name}: {command} is refused for {case.code}, and for nothing else",
            answer.status == 1 and carriers == sorted(case.functions)
            and errors == {case.code, *case.also}, found[0]["message"] if found else answer)
        evidence = [line for finding in found for line in finding["evidence"]]
        missing = [str(chain) for chain in case.chains if not _has(evidence, chain)]
        good &= self._session.check(
            f"{case.name}: the chain is in the evidence", bool(evidence) and not missing,
            _listed(missing, evidence) if missing else _first(evidence, case.chains[0]))
        if case.message:
            messages = [finding["message"] for finding in found]
            good &= self._session.check(
                f"{case.name}: the message has these words",
                any(case.message in message for message in messages), "\n".join(messages))
        # Each function has a finding of its own.
        forceable = {finding["forceable"] for finding in found}
        good &= self._session.check(
            f"{case.name}: {'may' if case.forceable else 'may not'} be overruled",
            forceable == {case.forceable})
        self._last = picture.take(self._guest)
        left = picture.differences(before, self._last)
        good &= self._session.check(f"{case.name}: nothing changed", not left, "\n".join(left))
        self._tally.refused += good
        self._shown(case, run)
        self._control(case, run, command)

    def forget(self) -> None:
        """Something was moved in between."""
        self._last = None

    def _picture(self) -> picture.Picture:
        if self._last is None:
            self._last = picture.take(self._guest)
        return self._last

    def _shown(self, case: Case, run: Run) -> None:
        """`show` has the same evidence, as data."""
        answer = run(f"show {' '.join(case.functions)} --json")
        uses = [use for device in answer.json()["devices"] for use in device["in_use"] or []]
        missing = [
            str(chain) for chain in case.chains
            if not any(use["kind"] == chain.kind and tuple(use["chain"]) == chain.parts
                       and _told(use).startswith(chain.detail) for use in uses)
        ]
        self._session.check(f"{case.name}: show has the chain in in_use", not missing,
                            _listed(missing, uses) if missing else "")

    def _control(self, case: Case, run: Run, command: str) -> None:
        answer = run(f"{command} {case.twin} --dry-run --json")
        wrong = [finding for finding in answer.json().get("findings", [])
                 if finding["severity"] == "error"]
        good = self._session.check(
            f"{case.name}: {case.twin} beside it is let through", answer.status == 0 and not wrong,
            wrong or (answer if answer.status else ""))
        self._tally.controls += good

    def goes_through(self, case: Case) -> None:
        """The use has ended: the functions go to vfio-pci, and come back as they were."""
        names = " ".join(case.functions)
        before = self._picture()
        answer = self.hostdev.run(f"bind {names} --json")
        if not self._session.check(f"{case.name}: after it, bind goes through", answer.status == 0,
                                   answer if answer.status else ""):
            return
        self._last = None
        links = " ".join(f"/sys/bus/pci/devices/{address}/driver" for address in case.functions)
        drivers = self._guest.must(f"for link in {links}; do basename $(readlink $link); done")
        self._session.check(f"{case.name}: on vfio-pci",
                            drivers.split() == ["vfio-pci"] * len(case.functions), drivers)
        self.comes_back(case.name, case.functions, before)

    def comes_back(self, name: str, functions: Sequence[str], before: picture.Picture) -> None:
        """Releases what is on vfio-pci; all has to be as in the picture `before`."""
        answer = self.hostdev.run(f"release {' '.join(functions)} --json")
        self._session.check(f"{name}: release", answer.status == 0, answer if answer.status else "")
        left = picture.settled(self._guest, before)
        if self._session.check(f"{name}: all is as before", not left, "\n".join(left)):
            self._last = before


def alone(play: Callable[[Session, Tally], None]) -> Callable[[Session], None]:
    """A scenario of some of the uses, which says what they came to."""
    def run(session: Session) -> None:
        tally = Tally()
        play(session, tally)
        session.say(tally)

    return run


def start_udev(guest: Guest, *subsystems: str) -> None:
    """udev's database says what is on each disk, LVM waits for it, and it loads modules for what is
    plugged in. Neither a volume nor an array is started by it: see `tools`."""
    matches = " ".join(f"--subsystem-match={name}" for name in subsystems)
    guest.must("mkdir -p /run/udev && /lib/systemd/systemd-udevd --daemon && "
               f"udevadm trigger --action=add {matches}")
    # Not `udevadm settle`: it fails with EPIPE if the daemon has only just begun.
    # The hidden paths of a shared disk have no number, and no record.
    record = "[ ! -e $disk/dev ] || [ -e /run/udev/data/b$(cat $disk/dev) ]"
    if not guest.wait_for(f"(for disk in /sys/class/block/*; do {record} || exit 1; done)", 30):
        raise guests.GuestError("udev has no record of some disk")


def _has(evidence: list[str], chain: Chain) -> bool:
    return any(line.startswith(str(chain)) for line in evidence)


def _first(evidence: list[str], chain: Chain) -> str:
    return next(line for line in evidence if line.startswith(str(chain)))


def _told(use: Use) -> str:
    """The detail of a use as its line of evidence has it."""
    return use["detail"] + (f" ({use['place']})" if "place" in use else "")


def _listed(missing: list[str], said: Iterable[object]) -> str:
    lines = [f"missing: {line}" for line in missing] + [f"said: {line}" for line in said]
    return "\n".join(["", *lines])
