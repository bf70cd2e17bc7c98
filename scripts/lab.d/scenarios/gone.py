"""The function is unplugged in the middle of a move, before each write in turn, by both kinds of hot-plug."""

import time

import picture
from guest import GuestError
from program import Program
from scenarios import scenario

CARD = "0000:02:00.0"
SLOT = "port2"
BIND = "bind 02:00.0"
RELEASE = "release 02:00.0"
GATE = "/run/lab/gate"

# What is left of a function that is gone cannot be verified as put back: 3. Before the first write nothing has to be: 2.
STATUSES = (2, 3)


def _register(topology):
    @scenario(f"gone-{topology}", f"{topology}: unplugged before each write of a move; plugged again, and recovered")
    def run(session):
        with session.boot(topology) as guest:
            hostdev = Program(guest)
            empty = picture.take(guest)
            for command in (BIND, RELEASE):
                _plug(guest)
                _prepare(hostdev, command)
                total = len(hostdev.writes(command))
                session.check(f"{command.split()[0]} has writes", total > 0, total)
                for number in range(1, total + 1):
                    title = f"{command.split()[0]}, gone before write {number} of {total}"
                    if not _round(session, guest, hostdev, command, number, title, empty):
                        return
                    _prepare(hostdev, command)
                hostdev.run(RELEASE)
                _unplug(guest)


def _prepare(hostdev, command):
    """Brings the function where the command begins."""
    hostdev.json(BIND if command == RELEASE else RELEASE)


def _round(session, guest, hostdev, command, number, title, empty):
    guest.must(f"rm -f {GATE}")
    line = hostdev.line(f"{command} --timeout 20 --json", HOSTDEV_PAUSE_BEFORE_WRITE=f"{number}:{GATE}")
    guest.spawn(f"{line}; echo ended $?", "/run/lab/move")
    guest.wait_for("[ -n \"$(ls /run/hostdev/journal)\" ]", 10)
    guest.must("sleep 1")  # the journal is there before the first write; the others need less than that
    _unplug(guest)
    guest.must(f"touch {GATE}")
    ended = guest.wait_for("grep -q ^ended /run/lab/move", 40)
    said = guest.must("cat /run/lab/move")
    status = int(said.rsplit("ended ", 1)[1]) if ended else None
    if not session.check(f"{title}: exit status", status in STATUSES, status if status in STATUSES else said):
        return False
    left = picture.differences(empty, picture.take(guest))
    session.check(f"{title}: nothing else changed", not _elsewhere(left), "\n".join(_elsewhere(left)))
    if hostdev.leftovers():
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


def _elsewhere(differences):
    """Those of no concern to the slot: groups are numbered anew, and vfio-pci may have been loaded."""
    return [line for line in differences
            if "02:00.0" not in line and not line.startswith(("iommu_groups/", "drivers/vfio-pci"))]


def _plug(guest):
    guest.plug("e1000e", SLOT, "late")
    if not guest.wait_for(f"[ -e /sys/bus/pci/devices/{CARD}/driver ]", 20):
        raise GuestError("the function did not come")
    time.sleep(0.5)  # its driver goes on after the link is there


def _unplug(guest):
    guest.unplug("late")
    if not guest.wait_for(f"[ ! -e /sys/bus/pci/devices/{CARD} ]", 20):
        raise GuestError("the function did not go")


for _topology in ("hotplug", "hotplug-native"):
    _register(_topology)
