"""The lines of a dry run, run by `sh`, lead where the run itself leads."""

import picture
from guest import Guest
from program import Program
from scenarios import scenario
from scenarios.sriov import ATTRIBUTES, MAKE, REMOVE, settings_of
from session import Session

BIND = "bind 01:00"
RELEASE = "release 01:00"
# Every setting is given, since the card itself makes up what is not.
WITH_SETTINGS = f"{MAKE} --mac 0=52:54:00:00:02:00,1=52:54:00:00:02:01 --vlan 1=100 --spoof-check 0=off --trust 0=on"


@scenario("dryrun", "the dry run's lines, run by sh, give the same end state as the run")
def run(session: Session) -> None:
    with session.boot("card") as guest:
        hostdev = Program(guest)
        guest.must("modprobe vfio-pci ids=")  # a module that is loaded stays, so it is not compared
        home = picture.take(guest)
        hostdev.json(BIND)
        away = picture.take(guest)
        hostdev.json(RELEASE)
        picture.settled(guest, home)

        _by_sh(session, guest, BIND, home, away)
        _back(session, guest, home)
        _load(session, guest, away)
        _back(session, guest, home)
        _pinned(session, guest, hostdev, home, away)
        # From here hostdev has to know where the card came from.
        hostdev.json(BIND)
        picture.settled(guest, away)
        _by_sh(session, guest, RELEASE, away, home)
        answer = hostdev.json(RELEASE)
        session.check("release then finds nothing to do", not answer["plan"], answer["plan"])
        status = hostdev.json("status")
        session.check("status is clean", not status["held"] and not status["interrupted"], status)
        hostdev.json("bind 03:00.0")
        bound = picture.take(guest)
        _by_sh(session, guest, "reset 03:00.0 --method pm", bound, bound)
        hostdev.json("release 03:00.0")


@scenario("dryrun-sriov", "virtual functions made and taken away by the dry run's lines, run by sh")
def virtual(session: Session) -> None:
    with session.boot("sriov") as guest:
        hostdev = Program(guest)
        guest.must("modprobe vfio-pci ids=")
        none = picture.take(guest)
        hostdev.json(MAKE)
        made = picture.take(guest)
        hostdev.json(REMOVE)
        picture.settled(guest, none)
        _by_sh(session, guest, MAKE, none, made)
        _by_sh(session, guest, REMOVE, made, none)


@scenario("dryrun-network", "a network card's virtual functions get their settings by the dry run's lines, run by sh")
def network(session: Session) -> None:
    with session.boot("igb", own=("ip",)) as guest:
        hostdev = Program(guest)
        # Busybox's own knows nothing of virtual functions.
        guest.must("ln -sf /usr/bin/ip /sbin/ip; modprobe vfio-pci ids=")
        interface = guest.must(f"ls {ATTRIBUTES}/net")
        none = picture.take(guest)
        hostdev.json(WITH_SETTINGS)
        made, settings = picture.take(guest), settings_of(guest, interface)
        hostdev.json(REMOVE)
        picture.settled(guest, none)
        _by_sh(session, guest, WITH_SETTINGS, none, made)
        found = settings_of(guest, interface)
        session.check("the card keeps the same settings", len(settings) == 2 and found == settings, f"{settings}\n{found}")
        _by_sh(session, guest, REMOVE, made, none)


def _back(session: Session, guest: Guest, home: picture.Picture) -> None:
    """Home by hand, without vfio-pci's module and hostdev's records."""
    guest.must("rmmod vfio_pci && rm -f /run/hostdev/held/*")
    for address in ("0000:01:00.0", "0000:01:00.1"):
        guest.must(f"echo >/sys/bus/pci/devices/{address}/driver_override")
        guest.must(f"echo {address} >/sys/bus/pci/drivers_probe")
    left = picture.settled(guest, {**home}, 4)
    session.check("back by hand", all("vfio-pci" in line for line in left), "\n".join(left))


def _load(session: Session, guest: Guest, away: picture.Picture) -> None:
    """A plan from a host without the module: its first line loads it."""
    lines = guest.must(f"hostdev {BIND} --dry-run").splitlines()
    first = next(line for line in lines if not line.startswith("#") and line != "set -e")
    session.check("the first line loads the module", first.startswith("modprobe"), first)
    _by_sh(session, guest, BIND, None, away)


def _pinned(session: Session, guest: Guest, hostdev: Program, home: picture.Picture, away: picture.Picture) -> None:
    # The kernel's own first file system lets everybody write, and a pin is not believed then.
    guest.must("chmod 755 /; modprobe vfio-pci ids=")
    hostdev.json("pin card 01:00")
    _by_sh(session, guest, "apply", home, away)
    hostdev.json("unpin card")
    _back(session, guest, home)


def _by_sh(session: Session, guest: Guest, command: str, before: picture.Picture | None, target: picture.Picture) -> None:
    name = command.split(maxsplit=1)[0]
    lines = guest.must(f"hostdev {command} --dry-run >/tmp/{name}.sh; cat /tmp/{name}.sh").splitlines()
    if before:
        left = picture.differences(before, picture.take(guest))
        session.check(f"{name}: the dry run writes nothing", not left, "\n".join(left))
    answer = guest.run(f"sh -e /tmp/{name}.sh")
    session.check(f"{name}: sh runs its lines", answer.status == 0, answer if answer.status else f"{len(lines)} lines")
    left = picture.settled(guest, target)
    session.check(f"{name}: the same end state", not left, "\n".join(left))
