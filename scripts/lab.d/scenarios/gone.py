"""The function is unplugged in the middle of a move, before each write in turn, by both kinds of hot-plug."""

import time

import picture
from guest import Guest, GuestError
from paused import Paused
from program import Program
from scenarios import scenario
from scenarios.kills import KILLED
from session import Session

CARD = "0000:02:00.0"
SLOT = "port2"
BIND = "bind 02:00.0"
RELEASE = "release 02:00.0"
NEIGHBOUR = "0000:01:00.0"

# What is left of a function that is gone cannot be verified as put back: 3. Before the first write nothing has to be: 2.
STATUSES = (2, 3)


def _register(topology: str) -> None:
    @scenario(f"gone-{topology}", f"{topology}: unplugged before each write of a move; plugged again, and recovered")
    def run(session: Session) -> None:
        with session.boot(topology) as guest:
            hostdev = Program(guest)
            empty = picture.take(guest)
            for command in (BIND, RELEASE):
                _plug(guest)
                _prepare(hostdev, command)
                total = len(hostdev.writes(command))
                session.check(f"{command.split(maxsplit=1)[0]} has writes", total > 0, total)
                for number in range(1, total + 1):
                    title = f"{command.split(maxsplit=1)[0]}, gone before write {number} of {total}"
                    if not _round(session, guest, hostdev, command, number, title, empty):
                        return
                    _prepare(hostdev, command)
                if not _killed(session, guest, hostdev, command, total, empty):
                    return
                _prepare(hostdev, command)
                hostdev.json(RELEASE)
                _unplug(guest)
            _held(session, guest, hostdev, empty)
            _added(session, guest, hostdev, empty)


def _prepare(hostdev: Program, command: str) -> None:
    """Brings the function to the place at which the command begins."""
    hostdev.json(BIND if command == RELEASE else RELEASE)


def _round(session: Session, guest: Guest, hostdev: Program, command: str, number: int, title: str,
           empty: picture.Picture) -> bool:
    move = Paused(hostdev, f"{command} --timeout 20", number)
    _unplug(guest)
    status, _, said = move.go()
    if not session.check(f"{title}: exit status", status in STATUSES, status if status in STATUSES else said):
        return False
    return _back(session, guest, hostdev, title, status, empty)


def _killed(session: Session, guest: Guest, hostdev: Program, command: str, total: int, empty: picture.Picture) -> bool:
    """After the last write too: the program ends there, and the function is gone before `recover` runs."""
    title = f"{command.split(maxsplit=1)[0]}, killed after its last write, then gone"
    answer = hostdev.run(command, HOSTDEV_KILL_AFTER=total)
    if not session.check(f"{title}: killed", answer.status == KILLED, answer if answer.status != KILLED else ""):
        return False
    _unplug(guest)
    return _back(session, guest, hostdev, title, 3, empty)


def _back(session: Session, guest: Guest, hostdev: Program, title: str, status: int, empty: picture.Picture) -> bool:
    left = picture.differences(empty, picture.take(guest))
    session.check(f"{title}: nothing else changed", not _elsewhere(left), "\n".join(_elsewhere(left)))
    # What could not be put back is left for recovery; what nothing was done to is not.
    leftovers = hostdev.leftovers()
    session.check(f"{title}: the status is true to what is left", bool(leftovers) == (status == 3), leftovers)
    if leftovers:
        answer = hostdev.run("recover --json")
        session.check(f"{title}: recover says that it is gone", answer.status == 3 and "gone" in answer.stdout,
                      answer.status if answer.status == 3 else answer)
    _plug(guest)
    answer = hostdev.run("recover --json")
    shot = picture.take(guest)
    state = picture.driver(shot, CARD), picture.override(shot, CARD)
    leftovers = hostdev.leftovers()
    good = answer.status == 0 and state == ("e1000e", None) and not leftovers
    return session.check(f"{title}: plugged again, recovered", good,
                         state if good else f"{answer}\n{state}\n{leftovers}")


def _held(session: Session, guest: Guest, hostdev: Program, empty: picture.Picture) -> None:
    """What is held goes, and another one of its kind comes to its place, which was not selected."""
    _plug(guest)
    hostdev.json(BIND)
    _unplug(guest)
    status = hostdev.json("status")
    session.check("held and gone: status says so", [hold["address"] for hold in status["held"]] == [CARD]
                  and "gone" in str(status["held"]), status)
    _plug(guest)
    shot = picture.take(guest)
    state = picture.driver(shot, CARD), picture.override(shot, CARD)
    session.check("what comes to its place is the host's", state == ("e1000e", None), state)
    answer = hostdev.run(f"{RELEASE} --json")
    status = hostdev.json("status")
    session.check("released, it is held no longer", answer.status == 0 and not status["held"], f"{answer}\n{status}")
    _unplug(guest)
    left = _elsewhere(picture.settled(guest, empty))
    session.check("held and gone: nothing else changed", not left, "\n".join(left))


def _added(session: Session, guest: Guest, hostdev: Program, empty: picture.Picture) -> None:
    """A function comes while another one is moved: groups and interfaces are numbered anew, and nothing else happens."""
    for command in (f"bind {NEIGHBOUR}", f"release {NEIGHBOUR}"):
        if command.startswith("release"):
            hostdev.json(f"bind {NEIGHBOUR}")
        wanted = "vfio-pci" if command.startswith("bind") else "e1000e"
        for number in range(1, len(hostdev.writes(command)) + 1):
            title = f"{command.split(maxsplit=1)[0]}, another function plugged before write {number}"
            move = Paused(hostdev, command, number)
            _plug(guest)
            status, _, said = move.go()
            shot = picture.take(guest)
            found = picture.driver(shot, NEIGHBOUR), picture.driver(shot, CARD), picture.override(shot, CARD)
            session.check(f"{title}: it arrives, the new one is left alone",
                          status == 0 and found == (wanted, "e1000e", None), found if status == 0 else said)
            _unplug(guest)
            hostdev.json(f"release {NEIGHBOUR}")
            if command.startswith("release"):
                hostdev.json(f"bind {NEIGHBOUR}")
        hostdev.json(f"release {NEIGHBOUR}")
    left = _elsewhere(picture.settled(guest, empty))
    session.check("all is as before without it", not left, "\n".join(left))


def _elsewhere(differences: list[str]) -> list[str]:
    """Those of no concern to the slot: groups are numbered anew, and vfio-pci may have been loaded."""
    return [line for line in differences
            if "02:00.0" not in line and "iommu_group" not in line and not line.startswith("drivers/vfio-pci")]


def _plug(guest: Guest) -> None:
    guest.plug("e1000e", SLOT, "late")
    if not guest.wait_for(f"[ -e /sys/bus/pci/devices/{CARD}/driver ]", 20):
        raise GuestError("the function did not come")
    time.sleep(0.5)  # its driver goes on after the link is there


def _unplug(guest: Guest) -> None:
    guest.unplug("late")
    if not guest.wait_for(f"[ ! -e /sys/bus/pci/devices/{CARD} ]", 20):
        raise GuestError("the function did not go")


for _topology in ("hotplug", "hotplug-native"):
    _register(_topology)
