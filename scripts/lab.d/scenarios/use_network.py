"""What runs over the network cards of a host: its bridge and default route, and the SSH connection of an
administrator."""

import pathlib
import re
import subprocess
import tempfile
import time

import guest as guests
import parts
import tools
from guest import Guest
from scenarios import scenario
from scenarios.use_case import Case, Cases, Chain, Tally, alone
from session import Session

BONDED, SSH, TWIN = ("0000:01:00.0", "0000:02:00.0"), "0000:03:00.0", "0000:04:00.0"


def play(session: Session, tally: Tally) -> None:
    with tempfile.TemporaryDirectory(prefix="hostdev-lab-") as scratch:
        key = pathlib.Path(scratch) / "key"
        public = _make_key(key)
        contents = {"root/.ssh/authorized_keys": public.encode()}
        with session.boot("use-network", contents=contents, tools=True) as guest:
            cases = Cases(session, tally, guest)
            _configured(guest, cases)
            _bridge(guest, cases)
            _ssh(session, guest, cases, key)


def _configured(guest: Guest, cases: Cases) -> None:
    """Nothing is up yet, and the next boot wants it: a bridge on the card."""
    function, name = SSH, _interface(guest, SSH)
    guest.must("mkdir -p /etc/network && printf 'auto vmbr0\\niface vmbr0 inet dhcp\\n  bridge_ports %s\\n' "
               f"{name} >/etc/network/interfaces")
    case = Case("configured", (function,), TWIN, "host-network",
                (Chain((function, name, "vmbr0"), "configured-interface",
                       "port of vmbr0 (/etc/network/interfaces:3)"),),
                message=f"The host is configured to bring up {name}")
    cases.refused(case)
    guest.must("rm /etc/network/interfaces")
    cases.goes_through(case)


def _bridge(guest: Guest, cases: Cases) -> None:
    """The address is on the bridge alone, and so is the default route: neither card shows any of it
    itself."""
    names = [_interface(guest, function) for function in BONDED]
    guest.must("modprobe bonding max_bonds=0 && ip link add bond0 type bond")
    for name in names:
        guest.must(f"ip link set {name} down && ip link set {name} master bond0")
    guest.must("ip link add link bond0 name bond0.7 type vlan id 7 && "
               "ip link add br0 type bridge && ip link set bond0.7 master br0 && "
               "ip link set bond0 up && ip link set bond0.7 up && ip link set br0 up")
    guest.must("ip addr add 192.0.2.10/24 dev br0 && ip route add default via 192.0.2.1 dev br0")
    chains = []
    for function, name in zip(BONDED, names, strict=True):
        up = (function, name, "bond0", "bond0.7", "br0")
        chains += [Chain(up, "address", "192.0.2.10"),
                   Chain(up, "default-route", "default via 192.0.2.1"),
                   Chain(up[:-1], "master", "br0"), Chain(up[:-2], "upper", "bond0.7"),
                   Chain(up[:-3], "master", "bond0")]
    case = Case("bond, vlan, bridge", BONDED, TWIN, "host-network", tuple(chains),
                message="The host's default route runs over 0000:0")
    cases.refused(case)
    guest.must("ip link del br0 && ip link del bond0.7 && ip link del bond0")
    cases.goes_through(case)


def _ssh(session: Session, guest: Guest, cases: Cases, key: pathlib.Path) -> None:
    """An administrator is logged in through the card, and types the command there."""
    name = _interface(guest, SSH)
    guest.must(f"ip addr add 10.0.2.15/24 dev {name} && ip link set {name} up")
    guest.must("mkdir -p /etc/dropbear /dev/pts && dropbearkey -t ed25519 -f /etc/dropbear/key && "
               "dropbear -r /etc/dropbear/key -s -p 22")
    port = _open_way(guest)

    def typed(arguments: str, prefix: str = "") -> guests.Answer:
        return _over_ssh(session, key, port, f"{prefix}hostdev {arguments}")

    origin = "the SSH connection that this command was typed through, from 10.0.2.2"
    case = Case(
        "ssh", (SSH,), TWIN, "host-network",
        (Chain((SSH, name), "ssh", origin), Chain((SSH, name), "address", "10.0.2.15")),
        message="Your SSH connection runs over 0000:03:00.0")
    cases.refused(case, typed)

    # sudo and su pass no SSH_CONNECTION on: then a process above has it.
    answer = typed(f"check {SSH} --json", "env -i PATH=$PATH ")
    said = [line for finding in answer.json()["findings"] for line in finding["evidence"]]
    session.check("ssh: known without the variable too", any(origin in line for line in said),
                  "; ".join(said))
    # The same card, checked at the console: its address is all that there is to say.
    checked = cases.hostdev.json(f"check {SSH}", status=1)
    said = [line for finding in checked["findings"]
            for line in (finding["message"], *finding["evidence"])]
    session.check("ssh: not said of a command typed elsewhere",
                  said and not any("SSH" in line for line in said), "; ".join(said))
    guest.must(f"ip addr flush dev {name}")
    cases.goes_through(case)


def _interface(guest: Guest, function: str) -> str:
    return guest.must(f"ls /sys/bus/pci/devices/{function}/net")


def _make_key(path: pathlib.Path) -> str:
    """A key for this run alone; gives its public half."""
    words, environment = tools.command("dropbearkey", "-t", "ed25519", "-f", str(path))
    parts.run(words, env=environment)
    words, environment = tools.command("dropbearkey", "-y", "-f", str(path))
    shown = parts.run(words, env=environment)
    return next(line for line in shown.splitlines() if line.startswith("ssh-ed25519 ")) + "\n"


def _open_way(guest: Guest) -> int:
    """Lets connections from this machine through to the guest's sshd. Gives the port, which the
    system chose."""
    def monitor(line: str) -> str:
        return str(guest.qmp("human-monitor-command", **{"command-line": line}))

    said = monitor("hostfwd_add outside tcp:127.0.0.1:0-:22")
    if said.strip():
        raise guests.GuestError(f"hostfwd_add: {said}")
    shown = monitor("info usernet")
    found = re.search(r"HOST_FORWARD\S*\s+\d+\s+127\.0\.0\.1\s+(\d+)", shown)
    if not found:
        raise guests.GuestError(f"no forwarded port:\n{shown}")
    return int(found[1])


def _over_ssh(session: Session, key: pathlib.Path, port: int, line: str) -> guests.Answer:
    """Runs a line of shell in the guest by SSH, from this machine."""
    # The guest made its own key just now, so no known key can be compared with it.
    words, environment = tools.command(
        "dbclient", "-i", str(key), "-y", "-y", "-p", str(port), "root@127.0.0.1", line)
    started = time.monotonic()
    session.log.write(f"lab> (by ssh) {line}\n")
    try:
        # HOME is the place of known_hosts.
        done = subprocess.run(
            words, env={**environment, "HOME": str(key.parent)}, stdin=subprocess.DEVNULL,
            capture_output=True, timeout=60, check=False)
    except subprocess.TimeoutExpired:
        raise guests.GuestError(f"no answer by ssh to `{line}`") from None
    answer = guests.Answer(
        line, done.returncode, done.stdout.decode(errors="replace"),
        done.stderr.decode(errors="replace"), done.stdout, time.monotonic() - started)
    session.log.write(f"{answer.stdout}{answer.stderr}lab= {answer.status}\n")
    return answer


scenario("use-network", "a bond with a VLAN in a bridge, and an SSH session through the card", full=False)(alone(play))
