"""hostdev beside the other tools for the same: the same situations, in the same guest, and what each left behind.

What the others do is written down as it came. Judged is hostdev alone, and that one situation does not reach into the next.
"""

import pathlib

import image
from report import say
from scenarios import scenario
from scenarios.libvirt import MEGABYTES, PACKAGES
from scenarios.peer_rig import Rig
from scenarios.peer_situations import ALL, FUNCTIONS
from scenarios.peer_tools import PEERS

BEGIN, END = "<!-- scripts/lab --peers --record -->", "<!-- end of peers -->"

README = pathlib.Path(__file__).resolve().parents[3] / "README.md"

COLUMNS = ("situation", "tool", "exit", "seconds", "what it said", "left behind", "then, its own way back")

# What hostdev is to come to: exit, left behind, then; None: not judged.
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
def run(session):
    with session.root(packages=PACKAGES, programs={"/usr/bin/viable": image.helper("viable")}, megabytes=MEGABYTES) as root:
        with session.system("peers", root, memory="2G", keep=False) as guest:
            session.say(f"{session.name}: {guest.boot()}")
            guest.run("systemctl --failed --no-legend")
            guest.must("modprobe vfio-pci ids=")
            for peer in PEERS:
                guest.must(peer.ready, 300)
            rig = Rig(guest, FUNCTIONS)
            rows = []
            for situation in ALL:
                for peer in PEERS:
                    row = situation().play(rig, peer)
                    rows.append(row)
                    session.say(_line(row))
                    if peer.name == "hostdev":
                        _judge(session, situation.__name__, row)
            left = rig.differences()
            session.check("no situation reached into another", not left, "\n".join(left))
            table = _table(rows, [(peer.name, guest.must(peer.version)) for peer in PEERS], session.kernel)
    say(table)
    (session.settings.log_dir / "peers.md").write_text(table)
    if session.settings.record:
        record(README, table)


def _judge(session, name, row):
    for what, wanted, found in zip(("exit", "left behind", "then"), HOSTDEV[name], (row.ran.status, row.left, row.back)):
        if wanted is not None:
            session.check(f"{row.situation}, hostdev: {what}", found == wanted, f"{found}, not {wanted}" if found != wanted else found)


def _cells(row):
    seconds = "–" if row.ran.seconds is None else f"{row.ran.seconds:.1f}"
    return row.situation, row.peer, row.ran.status, seconds, row.ran.said or "nothing", row.left, row.back


def _line(row):
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in _cells(row)) + " |"


def _table(rows, versions, kernel):
    lines = [
        "Measured by `scripts/lab --peers`: " + ", ".join(f"{name} {version}" for name, version in versions)
        + f"; Linux {kernel.version}, emulated, so that seconds compare with each other alone.", "",
        "| " + " | ".join(COLUMNS) + " |", "|" + "---|" * len(COLUMNS), *map(_line, rows)]
    return "\n".join(lines) + "\n"


def record(path, table):
    text = path.read_text()
    head, begin, rest = text.partition(BEGIN + "\n")
    _, end, tail = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{path} has no {BEGIN} and {END}")
    path.write_text(f"{head}{begin}{table}{end}{tail}")
