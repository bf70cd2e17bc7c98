"""hostdev is killed after each of its writes, and `recover` has to arrive: exactly before, or exactly at the target."""

import picture
from program import Program
from scenarios import scenario


@scenario("kills", "bind and release killed after every write, program or writer; then recover", quick=True)
def run(session):
    with session.boot("card") as guest:
        hostdev = Program(guest)
        home = picture.take(guest)
        hostdev.json("bind 01:00")
        away = picture.take(guest)
        hostdev.json("release 01:00")
        left = picture.settled(guest, home)
        if not session.check("a whole round", not left, "\n".join(left)):
            return
        for variable in ("HOSTDEV_KILL_AFTER", "HOSTDEV_KILL_WRITER_AFTER"):
            _loop(session, guest, hostdev, "bind 01:00", variable, home, away)
            _bring(hostdev, guest, "bind 01:00", away)
            _loop(session, guest, hostdev, "release 01:00", variable, away, home)
            _bring(hostdev, guest, "release 01:00", home)


def _loop(session, guest, hostdev, command, variable, before, target):
    """Kills `command` after each write in turn. The machine is in `before` each time."""
    back = "release 01:00" if command.startswith("bind") else "bind 01:00"
    total = len(hostdev.writes(command))
    ends = []
    for number in range(1, total + 1):
        name = f"{command}, {variable.lower().removeprefix('hostdev_')} {number} of {total}"
        killed = hostdev.run(f"{command} --json", **{variable: number})
        if variable == "HOSTDEV_KILL_AFTER" and killed.status != 137:
            session.check(name, False, f"it was not killed: {killed}")
            return
        recovered = hostdev.run("recover --json")
        arrived = _arrived(guest, before, target)
        leftovers = hostdev.leftovers()
        ends.append(arrived)
        good = recovered.status == 0 and arrived is not None and not leftovers
        if not good:
            left = picture.differences(before, picture.take(guest))
            session.check(name, False, "\n".join([str(killed), str(recovered), f"status: {leftovers}", *left]))
            return
        if arrived == "target":
            _bring(hostdev, guest, back, before)
    session.check(f"{command}, {variable.lower().removeprefix('hostdev_')}", total > 0,
                  f"{total} kills: {ends.count('before')} ended before, {ends.count('target')} at the target")


def _arrived(guest, before, target):
    """Which of the two pictures the machine is in, or None."""
    if not picture.settled(guest, before, 0):
        return "before"
    if not picture.settled(guest, target, 2):
        return "target"
    return None if picture.settled(guest, before) else "before"


def _bring(hostdev, guest, command, wanted):
    hostdev.json(command)
    picture.settled(guest, wanted)
