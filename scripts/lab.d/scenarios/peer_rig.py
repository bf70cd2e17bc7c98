"""One guest in which the tools are given the same situations: runs their lines, and reads from sysfs what they left."""

import dataclasses
import re
from collections.abc import Sequence
from typing import NamedTuple

import picture
from guest import Guest, GuestError
from scenarios.peer_tools import Peer

# Seconds after which a tool that has not come back counts as one that waits.
LIMIT = 15

_TROUBLE = re.compile(r"(?i:error|fail|refus|cannot|unknown|not )|\bE[A-Z]{2,}\b")


@dataclasses.dataclass(frozen=True)
class Ran:
    """One line that was run: its exit status in words, its seconds in the guest, and the line that tells most of what it
    said."""

    status: str
    seconds: float | None
    said: str


def telling(text: str, is_good: bool) -> str:
    """Of what a tool said, the last line if it ended well, else the first one that sounds like trouble: the same rule
    for all. Of a traceback it is the last line that says something."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    last = lines[-1] if lines else ""
    found = last
    if not is_good and "Traceback (most recent call last):" not in lines:
        found = next((line for line in lines if _TROUBLE.search(line)), last)
    return found if len(found) <= 150 else found[:149].rsplit(" ", 1)[0] + " …"


class State(NamedTuple):
    """Where a function is. Of one that is held the override is not read, and not told."""

    driver: str | None
    override: str | None


class Rig:
    def __init__(self, guest: Guest, functions: Sequence[str]) -> None:
        self.guest = guest
        self.functions = functions
        self.before = picture.take(guest)
        self.homes = {name: picture.driver(self.before, name) for name in functions}
        self._first = {name: State(self.homes[name], picture.override(self.before, name)) for name in functions}
        self._start_anew()

    def _start_anew(self) -> None:
        # What "as before" means: as it was when the situation began; and "home": where it was before any tool had it.
        self._begun = dict(self._first)
        self._home = dict(self._first)

    # Running

    def run(self, peer: Peer, text: str, function: str) -> Ran:
        """Runs a line of a tool that comes back by itself."""
        answer = self.guest.run(self._timed(peer, text, function), 180)
        return self._ran(answer.stdout, answer.stderr)

    def start(self, peer: Peer, text: str, function: str) -> None:
        """Starts a line of a tool that may wait. `ended` tells how it ended, once it has."""
        self.guest.spawn(self._timed(peer, text, function), "/run/lab/peer")

    def _timed(self, peer: Peer, text: str, function: str) -> str:
        """The line, and after it a last line of output with its exit status and its milliseconds."""
        line = peer.line(text, function, self.homes[function])
        return f"start=$(date +%s%N); {line}; s=$?; echo; echo ran $s $((($(date +%s%N) - start) / 1000000))"

    def ended(self, seconds: float) -> Ran | None:
        """What came of it, or within this time did not: then None."""
        if not self.guest.wait_for("grep -q '^ran ' /run/lab/peer", seconds):
            return None
        return self._ran(self.guest.must("cat /run/lab/peer") + "\n", "")

    def so_far(self) -> str:
        return telling(self.guest.must("cat /run/lab/peer"), True)

    def kill_after_unbind(self, peer: Peer, text: str, function: str) -> Ran:
        """Starts a line, and kills the process that writes for it as soon as the host's driver is unbound."""
        line = peer.line(text, function, self.homes[function])
        daemon = f"$(pidof {peer.daemon})" if peer.daemon else ""
        link = f"/sys/bus/pci/drivers/{self.homes[function]}/{function}"
        # Nothing but the shell's own words between the sight and the kill, and a session of its own, so that all go.
        answer = self.guest.run(
            f"daemon={daemon}\nsetsid {line} >/run/lab/peer 2>&1 &\npid=$!\n"
            f"n=0\nwhile [ -e {link} ] && [ $n -lt 9000000 ]; do n=$((n+1)); done\n"
            f"kill -9 -$pid $daemon\nwait $pid\necho $?", 180)
        if answer.status != 0 or answer.stdout.split() != ["137"]:
            raise GuestError(f"{peer.name} was not killed in time: {answer}\n{self.guest.must('cat /run/lab/peer')}")
        return Ran("killed", None, self.so_far())

    @staticmethod
    def _ran(stdout: str, stderr: str) -> Ran:
        said, _, words = stdout.rpartition("\nran ")
        status, milliseconds = words.split()
        return Ran(status, int(milliseconds) / 1000, telling(f"{stderr}\n{said}", status == "0"))

    # Looking

    def left(self, functions: Sequence[str], is_back: bool = False, is_held: bool = False) -> str:
        """What sysfs says of functions, in words: "as before", or if they had to go back, "home". Of what is on
        vfio-pci also whether a guest could open its group. Of a function that is held only the driver is read, since a read
        of its override may wait for the holder."""
        states = self._states(functions, is_held)
        wanted = self._home if is_back else self._begun
        if all(state.driver == wanted[function].driver and (is_held or state.override == wanted[function].override)
               for function, state in states.items()):
            return "home" if is_back else "as before"
        words, groups = [], set()
        for function, state in states.items():
            override = f", override {state.override}" if state.override else ""
            words.append(f"{function[5:]}: {state.driver or 'no driver'}{override}")
            if state.driver == "vfio-pci" and not is_held:
                groups.add(self.group(function))
        for group in sorted(groups, key=str):
            answer = self.guest.run(f"viable {group}")
            words.append("a guest can open it" if "viable=1" in answer.stdout else "no guest can open the group")
        return "; ".join(words)

    def _states(self, functions: Sequence[str], is_held: bool = False) -> dict[str, State]:
        """Where each is, or its driver alone: by the shell's own words, since each process costs time."""
        overrides = ":" if is_held else "read -r override <driver_override || :"
        answer = self.guest.must(
            f"for function in {' '.join(functions)}; do cd /sys/bus/pci/devices/$function; driver=; override=\n"
            f"[ ! -e driver ] || driver=$(readlink driver)\n{overrides}\necho \"$function|${{driver##*/}}|$override\"; done")
        states = {}
        for line in answer.splitlines():
            function, driver, override = line.split("|")
            states[function] = State(driver or None, None if override in ("(null)", "") else override)
        return states

    def group(self, function: str) -> int | None:
        return picture.group(self.before, function)

    # What situations prepare

    def bound(self, peer: Peer, function: str) -> None:
        """Has a tool take a function, which has to work."""
        ran = self.run(peer, peer.bind, function)
        self._begun[function] = self._states([function])[function]
        if self._begun[function].driver != "vfio-pci":
            raise GuestError(f"{peer.name} did not bind {function}: {ran}")

    def look_from_here(self, function: str) -> None:
        """What is there now is what has to be there afterwards."""
        self._begun[function] = self._home[function] = self._states([function])[function]

    # The lab's own hand

    def home(self) -> None:
        """Brings every function home, by plain writes, and takes away what a tool keeps beside sysfs."""
        self._start_anew()
        lines = ["rm -f /etc/driverctl.d/*"]
        for function, driver in self.homes.items():
            lines.append(
                f"cd /sys/bus/pci/devices/{function}; printf '\\n' >driver_override; "
                f"[ -e /sys/bus/pci/drivers/{driver}/{function} ] || {{ "
                f"[ ! -e driver ] || echo {function} >driver/unbind; echo {function} >/sys/bus/pci/drivers/{driver}/bind; }}")
        self.guest.must("\n".join(lines), 120)
        states = self._states(self.functions)
        if states != self._first:
            raise GuestError(f"the lab could not bring all home: {states}, not {self._first}")

    def differences(self) -> list[str]:
        """What is other than at the beginning, in all of sysfs: nothing, or one situation reached into another."""
        return picture.settled(self.guest, self.before, 20)
