"""Virtual functions of an NVMe disk on a real kernel: made, handed to a guest, given back, and never taken away from one."""

import json
import re
from typing import NamedTuple, NotRequired, TypedDict

import picture
import vfio
from guest import Guest
from program import Program
from scenarios import scenario
from scenarios.held import GATE, TIMEOUT, slack_of
from scenarios.kills import (
    BOTH_KILLED,
    KILLED,
    PROGRAM,
    PROGRAM_KILLED,
    RECOVER_KILLED,
    ROLLED_BACK,
    STRANGER,
    WRITER,
    WRITER_KILLED,
    Loop,
    Way,
    killed,
)
from session import Session

PF = "0000:01:00.0"
VFS = ("0000:01:00.1", "0000:01:00.2")
ATTRIBUTES = f"/sys/bus/pci/devices/{PF}"
MAKE = "sriov 01:00.0 --vfs 2 --bind"
REMOVE = "sriov 01:00.0 --vfs 0"


@scenario("sriov", "virtual functions are made, opened through VFIO, renumbered, and never taken from a guest")
def run(session: Session) -> None:
    with session.boot("sriov") as guest:
        hostdev = Program(guest)
        before = picture.take(guest)
        _for_guests(session, guest, hostdev)
        _held(session, guest, hostdev)
        _held_late(session, guest, hostdev)
        _given_back(session, guest, hostdev)
        hostdev.json(REMOVE)
        left = picture.settled(guest, before)
        session.check("without them all of sysfs is as before", not left, "\n".join(left))
        _for_the_host(session, guest, hostdev)
        hostdev.json(REMOVE)
        left = picture.settled(guest, before)
        session.check("and after the host had them", not left, "\n".join(left))
        _refused(session, guest, hostdev, before)
        _captured(session, guest, hostdev, before)
        status = hostdev.json("status")
        session.check("status is clean", not status["held"] and not status["interrupted"], status)


def _for_guests(session: Session, guest: Guest, hostdev: Program) -> None:
    answer = hostdev.run(f"{MAKE} --json", 300)
    if not session.check("two are made for guests", answer.status == 0, answer if answer.status else ""):
        return
    made = picture.take(guest)
    session.check("where the plan said", answer.json()["virtual_functions"] == {"gone": [], "made": list(VFS)},
                  answer.json()["virtual_functions"])
    states = [(picture.driver(made, address), picture.override(made, address)) for address in VFS]
    session.check("each is on vfio-pci", states == [("vfio-pci", "vfio-pci")] * 2, states)
    session.check("new ones are offered again", made[f"devices/{PF}/sriov_drivers_autoprobe"] == "1")
    probed = guest.run(r"dmesg | grep -E 'nvme .*0000:01:00\.[12]'")
    session.check("the host's driver never saw them", probed.status == 1, probed.stdout)
    for address in VFS:
        number = picture.group(made, address)
        session.check(f"{address} is alone in its group",
                      number is not None and picture.groups(made)[number] == [address])
        good, said = vfio.viable(guest, number, [address])
        session.check(f"{address} can be opened", good, said.replace("\n", " "))


def _held(session: Session, guest: Guest, hostdev: Program) -> None:
    """A guest has one: refused at once, and nothing is touched."""
    before = picture.take(guest)
    holder = vfio.hold(guest, picture.group(before, VFS[1]), [VFS[1]], 600)
    for count in (0, 1, 3):
        answer = hostdev.run(f"sriov 01:00.0 --vfs {count} --json")
        codes = {finding["code"] for finding in answer.json()["findings"] if finding["severity"] == "error"}
        session.check(f"{count} of them is refused while a guest has one",
                      answer.status == 1 and {"has-vfs", "guest-running"} <= codes and str(holder) in answer.stdout,
                      f"{answer.seconds:.2f} s, {sorted(codes)}")
    left = picture.differences(before, picture.take(guest))
    session.check("and nothing changed", not left, "\n".join(left))
    _let_go(guest, holder)


def _held_late(session: Session, guest: Guest, hostdev: Program) -> None:
    """A guest opens one after the check: its unbind waits, 0 is not written, and the host's hot-plug goes on."""
    before = picture.take(guest)
    guest.must(f"rm -f {GATE}")
    line = hostdev.line(f"{REMOVE} --timeout {TIMEOUT}", HOSTDEV_PAUSE_BEFORE_WRITE=f"2:{GATE}")
    guest.spawn(f"{line}; echo ended $? $(cut -d' ' -f1 /proc/uptime)", "/run/lab/late")
    # Only after its last look, which comes right before the first write and would refuse.
    guest.wait_for("grep -q ^paused /run/lab/late", 300)
    slack = slack_of(hostdev)
    holder = vfio.hold(guest, picture.group(before, VFS[1]), [VFS[1]], 600)
    opened = float(guest.must(f"touch {GATE}; cut -d' ' -f1 /proc/uptime"))
    guest.wait_for("grep -q ^ended /run/lab/late", 300)
    said = guest.must("cat /run/lab/late")
    ended = re.search(r"^ended 4 ([\d.]+)$", said, re.MULTILINE)
    session.check("one that is opened late is not taken away: exit 4", ended and "pending" in said, said)
    seconds = float(ended[1]) - opened if ended else float("inf")
    session.check("within the timeout and a second", seconds <= TIMEOUT + slack, f"{seconds:.2f} s, slack {slack:.2f} s")
    session.check("the number is as it was", guest.must(f"cat {ATTRIBUTES}/sriov_numvfs") == "2")
    rescan = guest.run("echo 1 >/sys/bus/pci/rescan", 60)
    session.check("the bus can be rescanned meanwhile", rescan.status == 0, f"{rescan.seconds:.2f} s")
    _let_go(guest, holder)
    answer = hostdev.run("recover --json", 300)
    left = picture.settled(guest, before)
    session.check("once it is closed recover completes", answer.status == 0 and not left, "\n".join([str(answer), *left]))


def _given_back(session: Session, guest: Guest, hostdev: Program) -> None:
    answer = hostdev.run(f"release {VFS[0]} --json", 300)
    shot = picture.take(guest)
    session.check("one is given back to whom the host chooses",
                  answer.status == 0 and picture.driver(shot, VFS[0]) in (None, "nvme")
                  and picture.override(shot, VFS[0]) is None,
                  f"{answer.seconds:.1f} s, driver {picture.driver(shot, VFS[0])}" if answer.status == 0 else answer)
    _given_up(session, guest)
    answer = hostdev.run("sriov 01:00.0 --vfs 1 --bind --json", 300)
    shot = picture.take(guest)
    session.check("another number goes through 0, and hostdev reports all of them",
                  answer.status == 0 and answer.json()["virtual_functions"] == {"gone": list(VFS), "made": [VFS[0]]}
                  and picture.driver(shot, VFS[0]) == "vfio-pci" and f"devices/{VFS[1]}/vendor" not in shot, answer)
    held = [hold["address"] for hold in hostdev.json("status")["held"]]
    session.check("the record of what is gone is gone", held == [VFS[0]], held)


def _for_the_host(session: Session, guest: Guest, hostdev: Program) -> None:
    """Whether the host's driver can work with them is its affair: QEMU's need to be brought online first."""
    answer = hostdev.run("sriov 01:00.0 --vfs 2 --json", 300)
    shot = picture.take(guest)
    drivers = [picture.driver(shot, address) for address in VFS]
    session.check("left to the host they are there", answer.status == 0 and f"devices/{VFS[1]}/vendor" in shot,
                  f"{answer.seconds:.1f} s, drivers {drivers}" if answer.status == 0 else answer)
    _given_up(session, guest)
    again = hostdev.json("sriov 01:00.0 --vfs 2")
    session.check("the same number is nothing to do", not again["plan"], again["plan"])


def _given_up(session: Session, guest: Guest) -> None:
    """The host's driver cannot work with these, which 6.1 finds out only after its probe has returned: until then it has no
    controller, and what the host does with its disks is unknown."""
    gone = guest.wait_for(" && ".join(f"[ ! -e /sys/bus/pci/drivers/nvme/{address} ]" for address in VFS), 60)
    session.check("the host's driver has given them up", gone, guest.run("dmesg | grep nvme | tail") if not gone else "")


def _refused(session: Session, guest: Guest, hostdev: Program, before: picture.Picture) -> None:
    for command, code in (("sriov 01:00.0 --vfs 5", "too-many-vfs"), ("sriov 00:01.0 --vfs 1", "no-sriov")):
        answer = hostdev.run(f"{command} --json")
        codes = [finding["code"] for finding in answer.json()["findings"]]
        session.check(f"{command} is refused", answer.status == 1 and code in codes, codes)
    hostdev.json("bind 01:00.0")
    answer = hostdev.run("sriov 01:00.0 --vfs 1 --json")
    codes = [finding["code"] for finding in answer.json()["findings"]]
    session.check("a PF on vfio-pci makes none", answer.status == 1 and "no-sriov-driver" in codes, codes)
    hostdev.json("release 01:00.0")
    left = picture.settled(guest, before)
    session.check("refusals change nothing", not left, "\n".join(left))


def _captured(session: Session, guest: Guest, hostdev: Program, before: picture.Picture) -> None:
    """A PF on vfio-pci that may have VFs captures them, and who opens one must know a token."""
    hostdev.json("bind 01:00.0")
    guest.must("echo 1 >/sys/module/vfio_pci/parameters/enable_sriov")
    guest.must(f"echo 1 >{ATTRIBUTES}/sriov_numvfs", 60)
    shot = picture.take(guest)
    session.check("a PF on vfio-pci captures its VF", picture.driver(shot, VFS[0]) == "vfio-pci"
                  and picture.override(shot, VFS[0]) == "vfio-pci", picture.driver(shot, VFS[0]))
    good, said = vfio.viable(guest, picture.group(shot, VFS[0]), [VFS[0]])
    session.check("the kernel lets no process open it without the token", not good and "errno=13" in said, said)
    answer = hostdev.run(f"check {VFS[0]} --json")
    codes = [finding["code"] for finding in answer.json()["findings"]]
    session.check("which check says before", answer.status == 1 and "vf-token" in codes, codes)
    guest.must(f"echo 0 >{ATTRIBUTES}/sriov_numvfs; echo 0 >/sys/module/vfio_pci/parameters/enable_sriov", 60)
    hostdev.json("release 01:00.0")
    left = picture.settled(guest, before)
    session.check("without it all is as before", not left, "\n".join(left))


def _let_go(guest: Guest, holder: int) -> None:
    guest.must(f"kill {holder}; while [ -d /proc/{holder} ]; do sleep 0.1; done")


# A network card

@scenario("sriov-network", "a network card's virtual functions get MAC, VLAN, spoof check and trust, and they are put back")
def network(session: Session) -> None:
    with session.boot("igb", own=("ip",)) as guest:
        # Busybox's own knows nothing of virtual functions.
        guest.must("ln -sf /usr/bin/ip /sbin/ip")
        hostdev = Program(guest)
        interface = guest.must(f"ls {ATTRIBUTES}/net")
        before = picture.take(guest)
        answer = hostdev.run(
            "sriov 01:00.0 --vfs 2 --bind --mac 0=52:54:00:00:02:00,1=52:54:00:00:02:01 --vlan 1=100 "
            "--spoof-check 0=off --trust 0=on --json", 300)
        if not session.check("two are made with their settings", answer.status == 0, answer if answer.status else ""):
            return
        made = answer.json()["virtual_functions"]["made"]
        shot = picture.take(guest)
        session.check("each is on vfio-pci", {picture.driver(shot, address) for address in made} == {"vfio-pci"}, made)
        for address in made:
            good, said = vfio.viable(guest, picture.group(shot, address), [address])
            session.check(f"{address} can be opened", good, said.replace("\n", " "))
        kept = settings_of(guest, interface)
        session.check("the card keeps them", kept == {
            0: Kept("52:54:00:00:02:00", 0, False, True), 1: Kept("52:54:00:00:02:01", 100, True, False)}, kept)
        answer = hostdev.run("sriov 01:00.0 --vfs 2 --bind --vlan 0=7 --json", 300)
        changed = settings_of(guest, interface)
        session.check("one is changed without touching the others",
                      answer.status == 0 and changed == {**kept, 0: Kept("52:54:00:00:02:00", 7, False, True)},
                      answer if answer.status else changed)
        _network_kills(session, guest, hostdev, interface, made)
        # As udev does when they appear.
        guest.must("modprobe igbvf")
        for address in made:
            hostdev.json(f"release {address}", timeout=300)
        shot = picture.take(guest)
        session.check("given back the host's driver has them",
                      {picture.driver(shot, address) for address in made} == {"igbvf"},
                      [picture.driver(shot, address) for address in made])
        hostdev.json("sriov 01:00.0 --vfs 0")
        left = picture.settled(guest, before)
        session.check("without them all of sysfs is as before", not left, "\n".join(left))
        guest.must("rm -f /sbin/ip /usr/sbin/ip /bin/ip /usr/bin/ip")
        answer = hostdev.run("sriov 01:00.0 --vfs 1 --trust on --json")
        session.check("a host without ip is told so", answer.status == 69 and "iproute2" in answer.stdout, answer)


def _network_kills(session: Session, guest: Guest, hostdev: Program, interface: str, made: list[str]) -> None:
    """Another number is begun, and the program or the writer killed after each write: the settings of those that went
    are back, or the target is."""
    command = "sriov 01:00.0 --vfs 1 --bind --mac 0=52:54:00:00:03:00"
    settings, target = settings_of(guest, interface), {0: Kept("52:54:00:00:03:00", 0, True, False)}
    plan = hostdev.json(f"{command} --dry-run")["plan"]
    total = sum(1 for step in plan if step["op"] in ("write", "run"))
    for (victim,), what in ((PROGRAM, "killed"), (WRITER, "its writer killed")):
        ends = []
        for number in range(1, total + 1):
            title = f"{what} after write {number} of {total}"
            ended = hostdev.run(f"{command} --json", 300, **{victim: number})
            # Without its writer the program puts all back by itself, and leaves nothing to recover.
            wanted = KILLED if (victim,) == PROGRAM else ROLLED_BACK
            left = hostdev.leftovers()
            recovered = hostdev.run("recover --json", 300)
            shot = picture.take(guest)
            drivers = [picture.driver(shot, address) for address in made]
            kept = settings_of(guest, interface)
            if (ended.status, recovered.status, bool(left)) != (wanted, 0, wanted == KILLED):
                session.check(title, False, f"{ended}\n{left}\n{recovered}")
                return
            if (kept, drivers) == (settings, ["vfio-pci", "vfio-pci"]):
                ends.append("before")
            elif (kept, drivers) == (target, ["vfio-pci", None]) and wanted == KILLED:
                ends.append("target")
                hostdev.json("sriov 01:00.0 --vfs 0")
                hostdev.json("sriov 01:00.0 --vfs 2 --bind --mac 0=52:54:00:00:02:00,1=52:54:00:00:02:01 "
                             "--vlan 0=7,1=100 --spoof-check 0=off --trust 0=on")
            else:
                session.check(title, False, f"{ended}\n{recovered}\n{kept} {drivers}")
                return
        session.check(f"{what} after every write the settings are put back", total and not hostdev.leftovers(),
                      f"{len(ends)} cases: {ends.count('before')} ended before, {ends.count('target')} at the target")


class Kept(NamedTuple):
    """What a network card keeps of one virtual function."""

    mac: str
    vlan: int
    spoof_check: bool
    trust: bool


class _Vlan(TypedDict, total=False):
    vlan: int


class _Function(TypedDict):
    vf: int
    address: str
    spoofchk: bool
    trust: bool
    vlan_list: NotRequired[list[_Vlan]]


class _Link(TypedDict, total=False):
    """The JSON of `ip link show`."""

    vfinfo_list: list[_Function]


def settings_of(guest: Guest, interface: str) -> dict[int, Kept]:
    """What `ip` tells of each, by index."""
    links: list[_Link] = json.loads(guest.must(f"ip -j link show dev {interface}"))
    link, = links
    return {
        function["vf"]: Kept(function["address"],
                             next((entry.get("vlan", 0) for entry in function.get("vlan_list", [])), 0),
                             function["spoofchk"], function["trust"])
        for function in link.get("vfinfo_list", [])
    }


# Killed

def _both_ways(session: Session, way: Way) -> None:
    with session.boot("sriov") as guest:
        hostdev = Program(guest)
        none = picture.take(guest)
        hostdev.json(MAKE)
        made = picture.take(guest)
        hostdev.json(REMOVE)
        left = picture.settled(guest, none)
        if not session.check("a whole round", not left, "\n".join(left)):
            return
        if not way.loop(Loop(session, guest, MAKE, REMOVE, none, made), f"made, {way.what}"):
            return
        hostdev.json(MAKE)
        picture.settled(guest, made)
        way.loop(Loop(session, guest, REMOVE, MAKE, made, none), f"taken away, {way.what}")


killed("kills-sriov", "virtual functions made and taken away, killed after every write; then recover", _both_ways,
       PROGRAM_KILLED)
killed("kills-sriov-writer", "the writer killed after every write of virtual functions; all is put back", _both_ways,
       WRITER_KILLED)
killed("kills-sriov-both", "program and writer killed after every write of virtual functions; then recover", _both_ways,
       BOTH_KILLED)
killed("kills-sriov-recover", "virtual functions: killed after every write, recover after every write, then recover",
       _both_ways, RECOVER_KILLED)
killed("kills-sriov-stranger", "virtual functions: killed after every write; another program moves one; recover leaves it",
       _both_ways, STRANGER)
