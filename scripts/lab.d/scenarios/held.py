"""A process holds the device, as a running guest does: before our check, and after it."""

import picture
import vfio
from program import Program
from scenarios import scenario
from scenarios.byhand import CARD

TIMEOUT = 3
GATE = "/run/lab/gate"
OTHER = "03:00.0"


@scenario("held", "a holder is named and nothing waits for it; one that comes late is exit 4, and recover completes", quick=True)
def run(session):
    with session.boot("card") as guest:
        hostdev = Program(guest)
        before = picture.take(guest)
        group = picture.group(before, CARD[0])
        hostdev.json("bind 01:00")
        bound = picture.take(guest)
        _refused(session, guest, hostdev, group, bound)
        _late(session, guest, hostdev, group)
        left = picture.settled(guest, before, 2)
        session.check("after recovery all is as before, or as bound",
                      not left or not picture.settled(guest, bound, 2), "\n".join(left))


def _refused(session, guest, hostdev, group, bound):
    holder = vfio.hold(guest, group, CARD[:1], 120)
    answer = hostdev.run("release 01:00 --json")
    findings = [entry for entry in answer.json().get("findings", []) if entry["code"] == "guest-running"]
    session.check("release is refused up front", answer.status == 1 and findings, answer)
    said = str(findings)
    session.check("the holder is named", str(holder) in said and "viable" in said, said)
    left = picture.differences(bound, picture.take(guest))
    session.check("a refusal changes nothing", not left, "\n".join(left))
    _end(guest, holder)


def _late(session, guest, hostdev, group):
    writes = hostdev.writes("release 01:00")
    unbind = next(index for index, write in enumerate(writes) if write["path"].endswith("/unbind"))
    pause = f"{unbind + 1}:{GATE}"
    line = hostdev.line(f"release 01:00 --timeout {TIMEOUT} --json", HOSTDEV_PAUSE_BEFORE_WRITE=pause)
    guest.spawn(f"{line}; echo exit=$? at=$(cut -d' ' -f1 /proc/uptime)", "/run/lab/release")
    # It has got to the gate once every write before the gate is to be seen. An override reads back as it was written.
    for write in writes[:unbind]:
        guest.wait_for(f"[ \"$(cat {write['path']})\" = '{write['value'].strip()}' ]", 10)
    guest.must("sleep 0.5")
    holder = vfio.hold(guest, group, CARD[:1], 120)
    opened = float(guest.must(f"touch {GATE}; cut -d' ' -f1 /proc/uptime"))
    ended = guest.wait_for("grep -q ' at=' /run/lab/release", TIMEOUT + 20)
    said = guest.must("cat /run/lab/release")
    if not session.check("release comes back", ended, said):
        return
    words = dict(word.split("=") for word in said.split() if word.startswith(("exit=", "at=")) and word.count("=") == 1)
    seconds = float(words["at"]) - opened
    session.check("release is exit 4", words["exit"] == "4", said)
    session.check("within the timeout and a second", seconds <= TIMEOUT + 1, f"{seconds:.2f} s")
    session.check("the late holder is named", str(holder) in said and "viable" in said, said)

    for command in ("list --all", f"show {OTHER}", "show 01:00", "status"):
        answer = hostdev.run(f"{command} --json", timeout=20)
        session.check(f"{command} answers meanwhile", answer.status == 0, f"{answer.seconds:.2f} s")
    for command in (f"bind {OTHER}", f"release {OTHER}"):
        answer = hostdev.run(f"{command} --json", timeout=20)
        session.check(f"{command} works meanwhile", answer.status == 0, answer if answer.status else "")
    again = hostdev.run("release 01:00 --json", timeout=20)
    session.check("the pending function is refused", again.status in (1, 3, 4, 75), again.status)

    _end(guest, holder)
    answer = hostdev.run("recover --json", timeout=60)
    session.check("recover completes", answer.status == 0, answer if answer.status else "")
    leftovers = hostdev.leftovers()
    session.check("status is clean", not leftovers, leftovers)


def _end(guest, holder):
    guest.must(f"kill {holder}")
    guest.wait_for("! pidof viable")
