"""A process holds the device, as a running guest does: before our check, and after it."""

import re

import picture
import vfio
from guest import Guest
from program import Program
from scenarios import scenario
from scenarios.byhand import CARD
from session import Session

TIMEOUT = 3
GATE = "/run/lab/gate"
OTHER = "03:00.0"
OTHERS = ("03:00.0", "02:00.0")


@scenario("held", "a holder is named and nothing waits for it; one that comes late is exit 4, and recover completes",
          quick=True)
def run(session: Session) -> None:
    with session.boot("card") as guest:
        hostdev = Program(guest)
        before = picture.take(guest)
        group = picture.group(before, CARD[0])
        hostdev.json("bind 01:00")
        bound = picture.take(guest)
        _refused(session, guest, hostdev, group, bound)
        _late(session, guest, hostdev, group)
        left = picture.settled(guest, before)
        session.check("after recovery all is as before", not left, "\n".join(left))
        _stranger(session, guest, hostdev, before)


def _refused(session: Session, guest: Guest, hostdev: Program, group: int | None, bound: picture.Picture) -> None:
    holder = vfio.hold(guest, group, CARD[:1], 900)
    answer = hostdev.run("release 01:00 --json")
    findings = [entry for entry in answer.json().get("findings", []) if entry["code"] == "guest-running"]
    session.check("release is refused up front", answer.status == 1 and findings, "" if findings else answer)
    said = str(findings)
    named = str(holder) in said and "viable" in said
    session.check("the holder is named", named, f"viable, {holder}" if named else said)
    left = picture.differences(bound, picture.take(guest))
    session.check("a refusal changes nothing", not left, "\n".join(left))
    _end(guest, holder)


def _late(session: Session, guest: Guest, hostdev: Program, group: int | None) -> None:
    writes = hostdev.writes("release 01:00")
    unbind = next(index for index, write in enumerate(writes) if write["path"].endswith("/unbind"))
    pause = f"{unbind + 1}:{GATE}"
    line = hostdev.line(f"release 01:00 --timeout {TIMEOUT} --json", HOSTDEV_PAUSE_BEFORE_WRITE=pause)
    guest.spawn(f"{line}; echo ended $? $(cut -d' ' -f1 /proc/uptime)", "/run/lab/release")
    # It has got to the gate once every write before the gate can be seen. An override reads back as it was written.
    for write in writes[:unbind]:
        guest.wait_for(f"[ \"$(cat {write['path']})\" = '{write['value'].strip()}' ]", 10)
    guest.must("sleep 0.5")
    slack = slack_of(hostdev)
    holder = vfio.hold(guest, group, CARD[:1], 900)
    opened = float(guest.must(f"touch {GATE}; cut -d' ' -f1 /proc/uptime"))
    guest.wait_for("grep -q ^ended /run/lab/release", TIMEOUT + 20)
    said = guest.must("cat /run/lab/release")
    ended = re.search(r"^ended (\d+) ([\d.]+)$", said, re.MULTILINE)
    session.check("release comes back", ended, "" if ended else said)
    if not ended:
        return
    status, seconds = int(ended[1]), float(ended[2]) - opened
    session.check("release is exit 4", status == 4, "" if status == 4 else said)
    session.check("within the timeout and a second", seconds <= TIMEOUT + slack, f"{seconds:.2f} s, slack {slack:.2f} s")
    named = str(holder) in said and "viable" in said
    session.check("the late holder is named", named, f"viable, {holder}" if named else said)

    for command in ("list --all", f"show {OTHER}", "show 01:00", "show --all", "status", "snapshot /tmp/held"):
        answer = hostdev.run(f"{command} --json", timeout=60)
        session.check(f"{command} answers meanwhile", answer.status == 0, f"{answer.seconds:.2f} s")
    moving = hostdev.json("show 01:00.0")["devices"][0]
    session.check("of what is pending, driver and override are unknown",
                  {"driver", "driver_override"} <= set(moving["unknown"]), moving["unknown"])
    answer = hostdev.run("check 01:00 --json", timeout=60)
    session.check("check refuses meanwhile", answer.status == 1 and answer.json()["verdict"] == "refused", answer.status)
    for other in OTHERS:
        for command in (f"bind {other}", f"release {other}"):
            answer = hostdev.run(f"{command} --json", timeout=60)
            session.check(f"{command} works meanwhile", answer.status == 0, answer if answer.status else "")
    again = hostdev.run("release 01:00 --json", timeout=60)
    session.check("the pending function is refused", again.status == 1, again)
    early = hostdev.run("recover --json", timeout=60)
    session.check("recover says that it still waits", early.status == 4, early)
    _unsignalled(session, guest, hostdev)

    _end(guest, holder)
    answer = hostdev.run("recover --json", timeout=60)
    session.check("recover completes", answer.status == 0, answer if answer.status else "")
    leftovers = hostdev.leftovers()
    session.check("status is clean", not leftovers, leftovers)


def slack_of(hostdev: Program) -> float:
    """The seconds after a timeout in which the shell has to be back.

    One is more than a real machine needs for the dozen reads and the two processes that follow the timeout; an emulated one
    beside other work may need more, which shows in what a plain `status` takes; but never three.
    """
    return min(3, max(1, 4 * hostdev.run("status").seconds))


def _unsignalled(session: Session, guest: Guest, hostdev: Program) -> None:
    """The writer is there, no signal waits for it, and it sleeps as it did before any could have woken it: its sleep is
    interruptible (S) until its first signal, and D from then on."""
    pid = hostdev.leftovers()[0]["pending"]["pid"]
    status = dict(line.split(":", 1) for line in guest.must(f"cat /proc/{pid}/status").splitlines() if ":" in line)
    seen = {name: status[name].strip() for name in ("State", "SigPnd", "ShdPnd")}
    session.check("no signal was sent to the writer", seen["State"].startswith("S")
                  and not int(seen["SigPnd"], 16) and not int(seen["ShdPnd"], 16), seen)


def _stranger(session: Session, guest: Guest, hostdev: Program, before: picture.Picture) -> None:
    """Another program unbinds a held function: no journal of hostdev's has that pending unbind."""
    hostdev.json("bind 01:00")
    group = picture.group(before, CARD[0])
    holder = vfio.hold(guest, group, CARD[:1], 900)
    guest.must(f"sh -c 'echo {CARD[0]} >/sys/bus/pci/drivers/vfio-pci/unbind' >/dev/null 2>&1 &")
    guest.wait_for(f"[ ! -e /sys/bus/pci/devices/{CARD[0]}/driver ]")
    for command, wanted in (("list --all", 0), ("show --all", 0), ("status", 0), ("check 01:00", 1), ("release 01:00", 1),
                            ("bind 01:00", 1), (f"bind {OTHER}", 0), (f"release {OTHER}", 0)):
        answer = hostdev.run(f"{command} --json", timeout=60)
        session.check(f"{command} while another program's unbind is pending", answer.status == wanted,
                      f"{answer.seconds:.2f} s" if answer.status == wanted else answer)
    _end(guest, holder)
    answer = hostdev.run("release 01:00 --json")
    session.check("release after another program's unbind", answer.status == 0, answer if answer.status else "")
    left = picture.settled(guest, before)
    session.check("all is as before in the end", not left, "\n".join(left))


def _end(guest: Guest, holder: int) -> None:
    guest.must(f"kill {holder}")
    guest.wait_for("! pidof viable")
