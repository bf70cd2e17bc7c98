"""hostdev beside the other tools for the same: the same situations, in the same guest, and what each left behind.

What the others do is written down as it came. Judged is hostdev alone, and that one situation does not reach into the next.
"""

import pathlib

import image
from guest import GuestError
from parts import Kernel
from report import say
from scenarios import scenario
from scenarios.libvirt import MEGABYTES, PACKAGES
from scenarios.peer_rig import Rig
from scenarios.peer_situations import ALL, FUNCTIONS, Row, Situation
from scenarios.peer_tools import PEERS, Peer
from session import Session

BEGIN, END = "<!-- scripts/lab --peers --record -->", "<!-- end of peers -->"

PAGE = pathlib.Path(__file__).resolve().parents[2] / "dist" / "doc" / "peers.md"

# What hostdev must come to: exit, left behind, then; None: not judged.
HOSTDEV = {
    "Situation": ("0", None, "home"),
    "SiblingStays": ("1", "as before", "–"),
    "VFIORefuses": ("1", "as before", "–"),
    "HostRefuses": ("2", "as before", "with the device well again: home"),
    "Killed": ("killed", None, "home"),
    "OwnOverride": ("0", None, "home"),
    "Mounted": ("1", "as before", "–"),
    "Held": ("1", "as before", "once the guest has ended: home"),
    "Twins": ("0", None, "home"),
}


@scenario("peers", "hostdev, driverctl, dpdk-devbind and virsh in the same situations (--peers)", full=False)
def run(session: Session) -> None:
    programs = {"/usr/bin/viable": image.helper("viable")}
    with (session.root(packages=PACKAGES, programs=programs, megabytes=MEGABYTES) as root,
          session.system("peers", root, memory="2G", keep=False) as guest):
        session.say(f"{session.name}: {guest.boot()}")
        guest.run("systemctl --failed --no-legend")
        guest.must("modprobe vfio-pci ids=")
        for peer in PEERS:
            guest.must(peer.ready, 300)
        rig = Rig(guest, FUNCTIONS)
        rows = []
        for situation in ALL:
            for peer in PEERS:
                row = _play(session, rig, situation(), peer)
                if row is None:
                    continue
                rows.append(row)
                session.say(f"{row.situation}, {row.peer}: {_cell(row)}")
                if peer.name == "hostdev":
                    _judge(session, situation.__name__, row)
        left = rig.differences()
        session.check("no situation reached into another", not left, "\n".join(left))
        if len(rows) < len(ALL) * len(PEERS):
            return
        table = _table(rows, [(peer.name, guest.must(peer.version)) for peer in PEERS], session.kernel)
    say(table)
    (session.settings.log_dir / "peers.md").write_text(table)
    if session.settings.record:
        record(PAGE, table)


def _play(session: Session, rig: Rig, situation: Situation, peer: Peer) -> Row | None:
    """The row that comes of it; None if the lab itself could not do what belongs to it."""
    try:
        return situation.play(rig, peer)
    except GuestError as error:
        session.check(f"{situation.title}, {peer.name}: can be played", False, error)
        situation.undo(rig)
        if peer.recover:
            rig.guest.run(peer.recover, 180)
        rig.home()
        return None


def _judge(session: Session, name: str, row: Row) -> None:
    whats, came_to = ("exit", "left behind", "then"), (row.ran.status, row.left, row.back)
    for what, wanted, found in zip(whats, HOSTDEV[name], came_to, strict=True):
        if wanted is not None:
            session.check(f"{row.situation}, hostdev: {what}", found == wanted,
                          f"{found}, not {wanted}" if found != wanted else found)


def _cell(row: Row) -> str:
    """What one tool did, in the four parts that every cell has: how it ended, what it said, what it left, what then came."""
    status = f"exit {row.ran.status}" if row.ran.status.isdigit() else row.ran.status
    parts = (
        status if row.ran.seconds is None else f"{status}, {row.ran.seconds:.1f} s",
        f"*{row.ran.said}*" if row.ran.said else "says nothing",
        f"left: {row.left}",
        f"then: {row.back}",
    )
    return "<br>".join(part.replace("|", "\\|").replace("<", "&lt;") for part in parts)


def _table(rows: list[Row], versions: list[tuple[str, str]], kernel: Kernel) -> str:
    cells = {(row.situation, row.peer): _cell(row) for row in rows}
    lines = [
        "Measured by `scripts/lab --peers`: " + ", ".join(f"{name} {version}" for name, version in versions)
        + f"; Linux {kernel.version}, emulated, so that seconds compare with each other alone.", "",
        "| | " + " | ".join(peer.name for peer in PEERS) + " |", "|---" * (len(PEERS) + 1) + "|"]
    lines += [f"| {situation.title} | " + " | ".join(cells[situation.title, peer.name] for peer in PEERS) + " |"
              for situation in ALL]
    return "\n".join(lines) + "\n"


def record(path: pathlib.Path, table: str) -> None:
    text = path.read_text()
    head, begin, rest = text.partition(BEGIN + "\n")
    _, end, tail = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{path} has no {BEGIN} and {END}")
    path.write_text(f"{head}{begin}{table}{end}{tail}")
