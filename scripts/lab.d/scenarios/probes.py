"""Drivers that do not do as they are told: a probe that fails, is deferred, or takes its time; a slow removal; a device
link. The lab's own driver does that (`guest/hostdev_lab.c`); it is the home driver here, by an administrator's override."""

import picture
from guest import Guest
from program import Program, forcing
from scenarios import arrived, scenario
from scenarios.held import slack_of
from session import Session

CARD = "0000:01:00.0"
OTHER = "0000:03:00.0"
BUS = "/sys/bus/pci"
LAB = "/sys/module/hostdev_lab/parameters"
DEFERRED = 517  # EPROBE_DEFER
# A network card on a driver that makes no interface: what the host does with it cannot be found out.
BIND = f"bind {CARD} {forcing('unknown-network')}"
RELEASE = f"release {CARD}"


@scenario("probes", "the home driver's probe fails, is deferred, or is slow; so is its removal; a consumer by device link")
def run(session: Session) -> None:
    with session.boot("isolated", faults=True) as guest:
        hostdev = Program(guest)
        _consumer(session, guest, hostdev)
        guest.must("modprobe vfio-pci ids=")
        guest.must(f"echo hostdev-lab >{BUS}/devices/{CARD}/driver_override; echo {CARD} >{BUS}/devices/{CARD}/driver/unbind; "
                   f"echo {CARD} >{BUS}/drivers/hostdev-lab/bind")
        home = picture.take(guest)
        hostdev.json(BIND)
        away = picture.take(guest)

        _set(guest, probe_errno=5)
        answer = hostdev.run(f"{RELEASE} --json")
        good = answer.status == 2 and answer.json()["error"]["errno"] == "EIO"
        session.check("a probe that fails: exit 2 and the driver's errno", good, answer if not good else "EIO")
        arrived.at(session, hostdev, "it is on vfio-pci again", away)

        _set(guest, probe_errno=DEFERRED)
        answer = hostdev.run(f"{RELEASE} --timeout 3 --json")
        good = answer.status == 2 and answer.json()["error"]["errno"] == "EAGAIN"
        session.check("a probe that stays deferred: exit 2 at the deadline", good,
                      answer if not good else f"{answer.seconds:.1f} s")
        arrived.at(session, hostdev, "it is on vfio-pci again after the deadline", away)
        guest.spawn(f"sleep 3; echo 0 >{LAB}/probe_errno", "/run/lab/later")
        answer = hostdev.run(f"{RELEASE} --timeout 30 --json")
        session.check("a probe that is deferred for a while: done", answer.status == 0, answer if answer.status else "")
        arrived.at(session, hostdev, "it is at home after a deferred probe", home)

        hostdev.json(BIND)
        _set(guest, probe_ms=3000)
        answer = hostdev.run(f"{RELEASE} --json")
        session.check("a slow probe within the timeout: done", answer.status == 0 and answer.seconds > 3,
                      f"{answer.seconds:.1f} s")
        arrived.at(session, hostdev, "it is at home after a slow probe", home)

        hostdev.json(BIND)
        _late(session, guest, hostdev, RELEASE, "probe_ms", "finished", home)
        _late(session, guest, hostdev, BIND, "remove_ms", "undone", home)
        _under_way(session, guest, hostdev, home)


def _consumer(session: Session, guest: Guest, hostdev: Program) -> None:
    """The kernel unbinds a function that depends on the one that goes, so it belongs to the set too."""
    before = picture.take(guest)
    guest.must("insmod /lab/hostdev_lab.ko")
    loaded = picture.take(guest)
    guest.must(f"echo {OTHER} {CARD} >{LAB}/link")
    checked = hostdev.run(f"check {CARD} --json").json()
    findings = [finding for finding in checked["findings"] if finding["code"] == "split-companion"]
    session.check("a consumer by device link is named", findings and checked["missing"] == [OTHER],
                  findings or checked["findings"])
    answer = hostdev.run(f"bind {CARD} --whole --json")
    session.check("with its consumer it goes", answer.status == 0, answer if answer.status else "")
    shot = picture.take(guest)
    drivers = [picture.driver(shot, address) for address in (CARD, OTHER)]
    session.check("both are on vfio-pci", drivers == ["vfio-pci"] * 2, drivers)
    answer = hostdev.run(f"release {CARD} {OTHER} --json")
    session.check("both are back on their host drivers", answer.status == 0, answer if answer.status else "")
    left = [line for line in picture.settled(guest, loaded) if not line.startswith("drivers/vfio-pci")]
    session.check("all is as before but for the module", not left and before, "\n".join(left))


def _late(session: Session, guest: Guest, hostdev: Program, command: str, parameter: str, result: str,
          home: picture.Picture) -> None:
    """What takes longer than its timeout is exit 4 in time; when it has ended, `recover` completes."""
    what = f"a slow {'probe' if parameter == 'probe_ms' else 'removal'}"
    _set(guest, **{parameter: 15000})
    # What comes before the first write does not count.
    ahead, slack = hostdev.run(f"{command} --dry-run").seconds, slack_of(hostdev)
    answer = hostdev.run(f"{command} --timeout 2 --json")
    good = answer.status == 4 and answer.seconds <= ahead + 2 + slack
    session.check(f"{what} beyond the timeout: exit 4 in time", good,
                  f"{answer.seconds:.2f} s, {ahead:.2f} s ahead, slack {slack:.2f} s" if answer.status == 4 else answer)
    for other in (f"bind {OTHER}", f"release {OTHER}"):
        answer = hostdev.run(f"{other} --json")
        session.check(f"{what}: {other.split()[0]} of another function works meanwhile", answer.status == 0,
                      answer if answer.status else "")
    _set(guest)
    done = guest.wait_for(f"[ $(hostdev recover --json | grep -c '\"result\":\"{result}\"') = 1 ]", 40)
    session.check(f"{what}: {result} by recover once it has ended", done, hostdev.run("status") if not done else "")
    arrived.at(session, hostdev, f"{what}: all is as it was at home", home)


def _under_way(session: Session, guest: Guest, hostdev: Program, home: picture.Picture) -> None:
    """Another program's probe is under way: the link is there, the lock is taken."""
    guest.must(f"echo {CARD} >{BUS}/devices/{CARD}/driver/unbind")
    _set(guest, probe_ms=4000)
    guest.must(f"sh -c 'echo {CARD} >{BUS}/drivers/hostdev-lab/bind' >/dev/null 2>&1 &")
    guest.wait_for(f"[ -e {BUS}/devices/{CARD}/driver ]")
    answer = hostdev.run(f"{BIND} --json")
    if session.kernel.series == "6.1":
        # driver_override is read under the device lock there, which the probe holds.
        codes = [finding["code"] for finding in answer.json()["findings"]]
        session.check("bind is refused while another program's probe holds the lock",
                      answer.status == 1 and "unknown-driver" in codes, answer)
        bound = guest.wait_for(f"hostdev {BIND} --json >/dev/null", 20)
        session.check("and binds once the probe has ended", bound, hostdev.run("status") if not bound else "")
    else:
        session.check("bind waits for another program's probe", answer.status == 0,
                      answer if answer.status else f"{answer.seconds:.1f} s")
    _set(guest)
    hostdev.json(RELEASE)
    arrived.at(session, hostdev, "all is as before in the end", home)


def _set(guest: Guest, **parameters: int) -> None:
    values = {"probe_errno": 0, "probe_ms": 0, "remove_ms": 0} | parameters
    guest.must("; ".join(f"echo {value} >{LAB}/{name}" for name, value in values.items()))
