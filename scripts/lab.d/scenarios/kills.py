"""hostdev is killed after each of its writes, and the set has to arrive: exactly before, or exactly at the target.

Three ways to be killed: the program alone, both processes, and the writer alone. After the first two `recover` arrives;
after the third the program itself has to put everything back, say so, and leave nothing to recover. Between kill and
recovery the machine may be started anew, or another program may have moved the function.
"""

import functools
from collections.abc import Callable
from typing import NamedTuple

import picture
from guest import Answer, Guest
from program import Program
from scenarios import scenario
from scenarios.byhand import CARD, move
from session import Session

BIND = "bind 01:00"
RELEASE = "release 01:00"
# Three writes: the one method that is wanted, the reset, and the methods as they were.
SINGLE = "0000:03:00.0"
RESET = f"reset {SINGLE} --method pm"

PROGRAM = ("HOSTDEV_KILL_AFTER",)
WRITER = ("HOSTDEV_KILL_WRITER_AFTER",)
BOTH = PROGRAM + WRITER

# Files that changed since, without what is in memory: /run, /tmp, /proc, /sys.
_CHANGED = "find / -xdev -type f -newer /run/lab/stamp"

KILLED = 137
ROLLED_BACK = 2
PARTIAL = 3


@scenario("kills-apply", "apply killed after every write, as it takes a pinned card and as it gives it back; then recover")
def apply(session: Session) -> None:
    again = "pin card 01:00 --replace >/dev/null && hostdev apply >/dev/null && hostdev unpin card"
    ways = ((PROGRAM, "program killed"), (WRITER, "writer killed"), (BOTH, "both killed"))
    with session.boot("card") as guest:
        hostdev = Program(guest)
        # The kernel's own first file system lets everybody write, and a pin is not believed then.
        guest.must("chmod 755 /")
        home = picture.take(guest)
        hostdev.json("pin card 01:00")
        hostdev.json("apply")
        away = picture.take(guest)
        hostdev.json(RELEASE)
        left = picture.settled(guest, home)
        if not session.check("a whole round", not left, "\n".join(left)):
            return
        for variables, what in ways:
            if not kills(variables, Loop(session, guest, "apply", RELEASE, home, away), f"apply, {what}"):
                return
        if not with_strangers(Loop(session, guest, "apply", RELEASE, home, away), "apply, a stranger after the kill"):
            return
        hostdev.json(again)
        picture.settled(guest, away)
        for variables, what in ways:
            if not kills(variables, Loop(session, guest, "apply --prune", again, away, home), f"apply --prune, {what}"):
                return
        hostdev.json("apply --prune")
        left = picture.settled(guest, home)
        session.check("all is as it was at first", not left, "\n".join(left))


@scenario("kills-reboot", "a bind killed after every write; then the machine is started anew: all is as after any start")
def reboot(session: Session) -> None:
    with session.boot("card") as guest:
        hostdev = Program(guest)
        home = picture.take(guest)
        total = len(hostdev.writes(BIND))
        for number in range(1, total + 1):
            title = f"killed after write {number} of {total}, started anew"
            guest.must("touch /run/lab/stamp; sleep 1")
            answer = hostdev.run(BIND, HOSTDEV_KILL_AFTER=number)
            if not session.check(f"{title}: killed", answer.status == KILLED, answer if answer.status != KILLED else ""):
                return
            # All that is kept is below /run, which a start empties: nothing else was written.
            kept = guest.must(_CHANGED)
            session.check(f"{title}: nothing was kept elsewhere", not kept, kept)
            guest.restart()
            left = picture.settled(guest, home)
            status = hostdev.json("status")
            answer = hostdev.run("recover --json")
            session.check(f"{title}: home, and nothing to recover", not left and not status["held"]
                          and not status["interrupted"] and answer.status == 0 and not answer.json()["recovered"],
                          "\n".join(left) or (status, answer))
        answers = [hostdev.run(f"{command} --json") for command in (BIND, RELEASE)]
        session.check("bind and release work as ever", [answer.status for answer in answers] == [0, 0],
                      [answer.status for answer in answers])


class Loop:
    """One command on its way from the picture `before` to the picture `target`, and the command that leads back."""

    def __init__(self, session: Session, guest: Guest, command: str, back: str, before: picture.Picture,
                 target: picture.Picture) -> None:
        self.session, self.guest, self.hostdev = session, guest, Program(guest)
        self.command, self.back, self.before, self.target = command, back, before, target
        self.total = len(self.hostdev.writes(command))
        self.ends: list[str | None] = []

    def arrive(self, name: str, *answers: Answer) -> bool:
        """Notes where the machine is. If that is nowhere, says what led there, by name, and gives False."""
        open_runs = self.guest.must("ls /run/hostdev/journal")
        held = self.guest.must("ls /run/hostdev/held").split()
        end = self._where()
        # A reset that ended has its two ends in one place.
        self.ends.append(end)
        there = self.target if end == "target" else self.before
        away = [address for address in picture.functions(there) if picture.driver(there, address) == "vfio-pci"]
        if end and not open_runs and held == [f"{address}.json" for address in away]:
            return True
        left = picture.differences(self.before, picture.take(self.guest))
        self.session.check(name, False, "\n".join([*map(str, answers), f"journals: {open_runs}", f"held: {held}", *left]))
        return False

    def restore(self) -> None:
        """Brings the machine to `before` again, from where it arrived last."""
        if self.ends[-1] == "target" and self.before != self.target:
            self.hostdev.json(self.back)
            picture.settled(self.guest, self.before)

    def close(self, title: str) -> None:
        """The check of a loop that went through: what `status` says, and the count."""
        leftovers = self.hostdev.leftovers()
        before, target = self.ends.count("before"), self.ends.count("target")
        self.session.check(title, self.total and not leftovers,
                           leftovers or f"{len(self.ends)} cases: {before} ended before, {target} at the target")

    def _where(self) -> str | None:
        """Which of the two pictures the machine is in, or None."""
        if not picture.settled(self.guest, self.before, 0):
            return "before"
        if not picture.settled(self.guest, self.target, 2):
            return "target"
        return None if picture.settled(self.guest, self.before) else "before"


class Way(NamedTuple):
    """Who is killed, in words, and the loop that does it."""

    what: str
    loop: Callable[[Loop, str], bool]


def _both_ways(session: Session, way: Way) -> None:
    """Runs a loop on a bind, and on a release."""
    with session.boot("card") as guest:
        hostdev = Program(guest)
        home = picture.take(guest)
        hostdev.json(BIND)
        away = picture.take(guest)
        hostdev.json(RELEASE)
        left = picture.settled(guest, home)
        if not session.check("a whole round", not left, "\n".join(left)):
            return
        if not way.loop(Loop(session, guest, BIND, RELEASE, home, away), f"bind, {way.what}"):
            return
        hostdev.json(BIND)
        picture.settled(guest, away)
        if not way.loop(Loop(session, guest, RELEASE, BIND, away, home), f"release, {way.what}"):
            return
        hostdev.json(RELEASE)
        hostdev.json(f"bind {SINGLE}")
        bound = picture.take(guest)
        way.loop(Loop(session, guest, RESET, RELEASE, bound, bound), f"reset, {way.what}")
        hostdev.json(f"release {SINGLE}")
        left = picture.settled(guest, home)
        session.check("all is as it was at first", not left, "\n".join(left))


def kills(variables: tuple[str, ...], loop: Loop, title: str) -> bool:
    for number in range(1, loop.total + 1):
        name = f"{title} after write {number} of {loop.total}"
        answers = [loop.hostdev.run(f"{loop.command} --json", **dict.fromkeys(variables, number))]
        wanted = ROLLED_BACK if variables == WRITER else KILLED
        if answers[0].status != wanted:
            return loop.session.check(name, False, f"not status {wanted}: {answers[0]}")
        if wanted == KILLED:
            answers.append(loop.hostdev.run("recover --json"))
        if answers[-1].status != (0 if wanted == KILLED else ROLLED_BACK):
            return loop.session.check(name, False, "\n".join(map(str, answers)))
        if not loop.arrive(name, *answers):
            return False
        if wanted == ROLLED_BACK and loop.ends[-1] != "before":
            return loop.session.check(name, False, f"said to be put back, and is not: {answers[0]}")
        loop.restore()
    loop.close(title)
    return True


def pairs(loop: Loop, title: str, first: tuple[str, ...] = PROGRAM, second: tuple[str, ...] = PROGRAM) -> bool:
    # A recovery without its writer cannot bring all back, says so, and keeps what the next one needs.
    wanted = PARTIAL if second == WRITER else KILLED
    for number in range(1, loop.total + 1):
        again = 0
        while True:
            again += 1
            name = f"{title} after write {number} of {loop.total}, then after write {again}"
            answers = [loop.hostdev.run(f"{loop.command} --json", **dict.fromkeys(first, number)),
                       loop.hostdev.run("recover --json", **dict.fromkeys(second, again))]
            if answers[0].status != KILLED or answers[1].status not in (0, wanted):
                return loop.session.check(name, False, "\n".join(map(str, answers)))
            if answers[1].status == wanted:
                answers.append(loop.hostdev.run("recover --json"))
                if answers[-1].status != 0:
                    return loop.session.check(name, False, "\n".join(map(str, answers)))
            if not loop.arrive(name, *answers):
                return False
            loop.restore()
            if answers[1].status == 0:  # it had fewer writes than that
                break
    loop.close(title)
    return True


def with_strangers(loop: Loop, title: str) -> bool:
    """The second function, which may be a virtual one, goes to pci-stub between kill and recovery. For a reset that is the
    one that is reset."""
    guest, hostdev = loop.guest, loop.hostdev
    address = SINGLE if loop.command == RESET else CARD[1]
    guest.must("modprobe pci-stub")
    moves = 0
    for number in range(1, loop.total + 1):
        name = f"{title} after write {number} of {loop.total}"
        answer = hostdev.run(f"{loop.command} --json", HOSTDEV_KILL_AFTER=number)
        if answer.status != KILLED:
            return loop.session.check(name, False, answer)
        killed = picture.take(guest)
        if address not in picture.functions(killed):
            answer = hostdev.run("recover --json")
            if answer.status != 0 or not loop.arrive(name, answer):
                return loop.session.check(f"{name}: without it recover completes", False, answer)
            loop.restore()
            continue
        move(guest, address, "pci-stub")
        moves += 1
        moved = picture.take(guest)
        answer = hostdev.run("recover --json")
        left = picture.differences(moved, picture.take(guest))
        if answer.status != 3 or left or "pci-stub" not in answer.stdout or "the run was moving it" not in answer.stdout:
            return loop.session.check(name, False, "\n".join([str(answer), *left]))
        _undo(guest, address, picture.driver(killed, address), picture.override(killed, address))
        answer = hostdev.run("recover --json")
        if answer.status != 0:
            return loop.session.check(f"{name}: once that is undone, recover completes", False, answer)
        if not loop.arrive(name, answer):
            return False
        loop.restore()
    loop.session.check(f"{title}: there was one to move", moves, f"{moves} of {loop.total} times")
    loop.close(title)
    return True


def _undo(guest: Guest, address: str, driver: str | None, override: str | None) -> None:
    """The stranger takes its move back."""
    device = f"/sys/bus/pci/devices/{address}"
    guest.must(f"echo {address} >{device}/driver/unbind; echo {driver or ''} >{device}/driver_override")
    if driver:
        guest.must(f"echo {address} >/sys/bus/pci/drivers/{driver}/bind")
    guest.must(f"echo {override or ''} >{device}/driver_override")


PROGRAM_KILLED = Way("program killed", functools.partial(kills, PROGRAM))
WRITER_KILLED = Way("writer killed", functools.partial(kills, WRITER))
BOTH_KILLED = Way("both killed", functools.partial(kills, BOTH))
RECOVER_KILLED = Way("recover killed", pairs)
RECOVER_KILLED_WITH_WRITER = Way("recover killed with its writer", functools.partial(pairs, first=BOTH, second=BOTH))
RECOVERS_WRITER_KILLED = Way("recover's writer killed", functools.partial(pairs, first=PROGRAM, second=WRITER))
STRANGER = Way("a stranger after the kill", with_strangers)


def killed(name: str, shows: str, both_ways: Callable[[Session, Way], None], way: Way, *, quick: bool = False) -> None:
    """Registers the scenario of one way to be killed, on moves there and back."""
    scenario(name, shows, quick=quick)(lambda session: both_ways(session, way))


killed("kills", "bind, release and reset killed after every write; then recover", _both_ways, PROGRAM_KILLED, quick=True)
killed("kills-writer", "the writer of bind, release and reset killed after every write; all is put back", _both_ways,
       WRITER_KILLED)
killed("kills-both", "bind, release and reset killed after every write, with the writer; then recover", _both_ways, BOTH_KILLED)
killed("kills-recover", "bind, release and reset killed after every write, recover after every write, then recover",
       _both_ways, RECOVER_KILLED)
killed("kills-recover-both",
       "bind, release and reset and then recover killed after every write, with their writers, then recover", _both_ways,
       RECOVER_KILLED_WITH_WRITER)
killed("kills-recover-writer",
       "bind, release and reset killed after every write, recover's writer after every write, then recover", _both_ways,
       RECOVERS_WRITER_KILLED)
killed("kills-stranger", "killed after every write; another program moves a function; recover leaves it, reports both",
       _both_ways, STRANGER)
