"""Another program does something between the check and each write of a move, by plain writes to sysfs.

The exit status is always true: 0, the function is in the requested state; 2, it is as it was; 3, another program changed it,
hostdev reports both states, and leaves what the other program did.
"""

import picture
from guest import Guest
from paused import Paused
from program import Program, forcing
from scenarios import arrived, scenario
from scenarios.byhand import CARD
from session import Session

BUS = "/sys/bus/pci"
FIRST, SECOND = CARD
BIND = "bind 01:00"
RELEASE = "release 01:00"
# Whether it is loaded is of no concern.
MODULE = ("drivers/vfio-pci",)


@scenario("sibling", "another program binds a sibling to a host driver before each write of a bind")
def sibling(session: Session) -> None:
    with session.boot("card") as guest:
        hostdev = Program(guest)
        home = picture.take(guest)
        guest.must("modprobe vfio-pci ids=")
        guest.must(f"echo {SECOND} >{BUS}/devices/{SECOND}/driver/unbind")
        before = picture.take(guest)
        # One that is not of the set: the group cannot be opened with it, so nothing is gained by going on.
        command = f"bind {FIRST} {forcing('slot-incomplete')}"
        for number in _numbers(session, hostdev, command):
            title = f"beside the set, before write {number}"
            move = Paused(hostdev, command, number)
            _bind_home(guest, SECOND)
            status, _, said = move.go()
            # Right before the first write the last look sees it, and refuses.
            good = status == (1 if number == 1 else 2) and SECOND in said and "e1000e" in said
            session.check(f"{title}: it is put back, and hostdev names the sibling", good, said if not good else "")
            guest.must(f"echo {SECOND} >{BUS}/devices/{SECOND}/driver/unbind")
            arrived.at(session, hostdev, f"{title}: all else is as before", before, MODULE)
        # One of the set: what the other program did with it stays, the other function is put back.
        for number in _numbers(session, hostdev, BIND):
            title = f"of the set, before write {number}"
            move = Paused(hostdev, BIND, number)
            driver = guest.run(f"readlink {BUS}/devices/{SECOND}/driver").stdout
            if "vfio-pci" not in driver and not _taken(guest):
                status, _, said = move.go()
                session.check(f"{title}: the bind arrives all the same", status == 0, said if status else "")
                hostdev.json(RELEASE)
                arrived.at(session, hostdev, f"{title}: the override kept the other driver away", before, MODULE)
                continue
            status, _, said = move.go()
            shot = picture.take(guest)
            states = picture.driver(shot, FIRST), picture.override(shot, FIRST), picture.driver(shot, SECOND)
            good = status == 3 and states == ("e1000e", None, "e1000e") and "another program" in said
            session.check(f"{title}: exit 3, hostdev reports both, what was done stays", good, states if good else said)
            shot = picture.take(guest)
            answer = hostdev.run("recover --json")
            left = picture.differences(shot, picture.take(guest))
            session.check(f"{title}: recover leaves it too", answer.status == 3 and not left, "\n".join(left) or answer.status)
            guest.must(f"echo {SECOND} >{BUS}/devices/{SECOND}/driver/unbind")
            answer = hostdev.run("recover --json")
            session.check(f"{title}: once that is undone, recover completes", answer.status == 0,
                          answer if answer.status else "")
            arrived.at(session, hostdev, f"{title}: all is as before", before, MODULE)
        _bind_home(guest, SECOND)
        left = [line for line in picture.settled(guest, home) if "vfio-pci" not in line]
        session.check("all is as it was at first", not left, "\n".join(left))


@scenario("rescan", "another program removes the function, and rescans or not, before each write of a move")
def rescan(session: Session) -> None:
    with session.boot("card") as guest:
        hostdev = Program(guest)
        guest.must("modprobe vfio-pci ids=")
        # Found beside others on its bus a function has no stale `bus` among its methods, and its driver sets wake-up anew.
        guest.must(f"echo 1 >{BUS}/devices/{FIRST}/remove; echo 1 >{BUS}/rescan; sleep 2")
        home = picture.take(guest)
        hostdev.json(BIND)
        away = picture.take(guest)
        hostdev.json(RELEASE)
        for command in (BIND, RELEASE):
            for number in _numbers(session, hostdev, command, BIND if command == RELEASE else None):
                for back in (False, True):
                    what = "removed and found again" if back else "removed"
                    title = f"{command.split(maxsplit=1)[0]}, {what} before write {number}"
                    if command == RELEASE:
                        hostdev.json(BIND)
                    move = Paused(hostdev, f"{command} --timeout 20", number)
                    guest.must(f"echo 1 >{BUS}/devices/{FIRST}/remove")
                    if back:
                        guest.must(f"echo 1 >{BUS}/rescan; sleep 1")
                    status, _, said = move.go()
                    _truth(session, guest, title, status, said, {BIND: (home, away), RELEASE: (away, home)}[command], back)
                    if not back:
                        guest.must(f"echo 1 >{BUS}/rescan; sleep 1")
                    _recover(session, guest, hostdev, title)
                    hostdev.json(RELEASE)
                    arrived.at(session, hostdev, f"{title}: all is as before", home, MODULE)


@scenario("unloaded", "vfio-pci is unloaded under idle functions, and before each write of a move")
def unloaded(session: Session) -> None:
    with session.boot("card") as guest:
        hostdev = Program(guest)
        home = picture.take(guest)
        hostdev.json(BIND)
        guest.must("rmmod vfio_pci")
        held = {hold["address"]: hold["driver"] for hold in hostdev.json("status")["held"]}
        session.check("status says that no driver has them", held == {FIRST: None, SECOND: None}, held)
        answer = hostdev.run(f"{RELEASE} --json")
        session.check("release binds them to their host driver again", answer.status == 0, answer if answer.status else "")
        arrived.at(session, hostdev, "all is as before", home, MODULE)
        for command in (BIND, RELEASE):
            for number in _numbers(session, hostdev, command, BIND if command == RELEASE else None):
                title = f"{command.split(maxsplit=1)[0]}, unloaded before write {number}"
                if command == RELEASE:
                    hostdev.json(BIND)
                move = Paused(hostdev, command, number)
                guest.must("rmmod vfio_pci")
                status, _, said = move.go()
                # A bind has nowhere to go and is put back; a release has what it wanted already.
                wanted = 2 if command == BIND else 0
                session.check(f"{title}: exit {wanted}", status == wanted, said if status != wanted else "")
                arrived.at(session, hostdev, f"{title}: all is as before", home, MODULE)
        hostdev.json(BIND)
        guest.must("rmmod e1000e")
        gone = guest.run("[ -e /sys/module/e1000e ]").status != 0
        session.check("the home driver's module is unloaded", gone, guest.run("lsmod").stdout if not gone else "")
        answer = hostdev.run(f"{RELEASE} --json")
        session.check("release loads the home driver's module again", answer.status == 0, answer if answer.status else "")
        shot = picture.take(guest)
        drivers = [picture.driver(shot, address) for address in (FIRST, SECOND)]
        session.check("and both are on it", drivers == ["e1000e", "e1000e"], drivers)


def _numbers(session: Session, hostdev: Program, command: str, first: str | None = None) -> range:
    """From 1 to the number of writes that the command has, after `first`."""
    if first:
        hostdev.json(first)
    total = len(hostdev.writes(command))
    session.check(f"{command.split(maxsplit=1)[0]} has writes", total > 0, total)
    if first:
        hostdev.json(RELEASE)
    return range(1, total + 1)


def _bind_home(guest: Guest, address: str) -> None:
    guest.must(f"echo {address} >{BUS}/drivers/e1000e/bind")


def _taken(guest: Guest) -> bool:
    """Another program binds the second function to its own driver, unless our override prevents that."""
    return guest.run(f"echo {SECOND} >{BUS}/drivers/e1000e/bind").status == 0


def _truth(session: Session, guest: Guest, title: str, status: int, said: str,
           ends: tuple[picture.Picture, picture.Picture], back: bool) -> None:
    """The status tells where the set is: at one of its two ends, or 3."""
    before, target = ends
    wanted = {0: target, 2: before}.get(status)
    left = picture.settled(guest, wanted) if wanted and back else []
    session.check(f"{title}: the exit status is true", status in ((0, 2, 3) if back else (2, 3)) and not left,
                  "\n".join([f"status {status}", *left, said]) if left else f"status {status}")


def _recover(session: Session, guest: Guest, hostdev: Program, title: str) -> None:
    """It completes. Our own writes and the lost override may make a state that the run does not know: then it leaves that
    and reports both, and completes once an administrator has bound the function to its host driver."""
    shot = picture.take(guest)
    answer = hostdev.run("recover --json")
    if answer.status == 3:
        left = picture.differences(shot, picture.take(guest))
        session.check(f"{title}: recover leaves what it does not know, and reports both",
                      not left and "which is not a state of that run" in answer.stdout
                      and "the run was moving it" in answer.stdout,
                      "\n".join([*left, str(answer)]))
        guest.must(f"echo >{BUS}/devices/{FIRST}/driver_override")
        if guest.run(f"[ -e {BUS}/devices/{FIRST}/driver ]").status != 0:
            _bind_home(guest, FIRST)
        answer = hostdev.run("recover --json")
    session.check(f"{title}: recover completes", answer.status == 0, answer if answer.status else "")
