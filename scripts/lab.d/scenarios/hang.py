"""Nothing of ours hangs, whatever hangs in the kernel: an unbind, a removal of VFs, a removal, a probe that do not come
back, of a plain function, a PF and a VF. Every command answers within two seconds more than it takes without the hang.

What blocks is measured each time: every attribute that a command opens, as strace shows it, is read by a process of its own.
"""

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

import picture
import vfio
from guest import Guest, GuestError
from program import Program
from scenarios import scenario
from session import Session

BUS = "/sys/bus/pci"
LAB = "/sys/module/hostdev_lab/parameters"
PF = "0000:01:00.0"
VF = "0000:01:00.1"
PLAIN = "0000:02:00.0"
OTHER = "0000:03:00.0"

# What the kernel may answer late, and the program therefore asks by a process that it can leave behind.
GUARDED = {"uevent", "driver_override", "sriov_numvfs", "config"}
# A command may take that much longer than it does on the same guest without the hang.
MORE_SECONDS = 2
# Of a write; exit 4 comes after it.
TIMEOUT = 5

READS = ("list --all", "show --all", "show {one}", "check {one}", "status", "doctor", "pins", "snapshot /tmp/snapshot{number}",
         f"check {OTHER}", f"bind {OTHER} --dry-run")
CHANGES = (*(f"{verb} {{one}} --timeout {TIMEOUT}" for verb in ("release", "bind", "reset")), "apply")
QUICK = ("list --all", "show --all", "show {one}", "check {one}", "status", "doctor", "snapshot /tmp/snapshot{number}",
         CHANGES[0])

# Makes something hang; gives the pid of the process that holds the function.
Begin = Callable[[Guest], int]


class Situation(NamedTuple):
    """One thing that does not come back."""

    name: str
    one: str  # the function that it is about
    begin: Begin
    end: Callable[[Guest, int], None]


@scenario("hang", "an unbind, a removal or a probe that does not come back: every command answers, for plain, PF and VF")
def run(session: Session) -> None:
    with session.boot("hang", faults=True) as guest:
        _matrix(session, guest, _ALL, READS + CHANGES, measured=True)


@scenario("hang-quick", "an unbind of a PF and a removal of VFs that a guest holds: every command answers", quick=True,
          full=False)
def quick(session: Session) -> None:
    with session.boot("hang", faults=True) as guest:
        _matrix(session, guest, _QUICK, QUICK, measured=False)


def _matrix(session: Session, guest: Guest, situations: Sequence[Situation], commands: Sequence[str], *,
            measured: bool) -> None:
    hostdev = Program(guest)
    # hostdev ignores pins below a folder that every user may write to.
    guest.must("chmod 755 /; modprobe vfio-pci ids=; insmod /lab/hostdev_lab.ko")
    home = picture.take(guest)
    idle = {command: _seconds(hostdev, command) for command in commands}
    session.say(f"without a hang: {', '.join(f'{command} {seconds:.2f} s' for command, seconds in idle.items())}")
    opened = sorted(GUARDED | _opened(guest)) if measured else []
    blocked: dict[str, set[str]] = {}
    for number, (name, one, begin, end) in enumerate(situations, 1):
        try:
            held = begin(guest)
        except GuestError as error:
            session.check(f"{name}: brought about", False, error)
            continue
        guest.must("sleep 1")
        blocked[name] = _blocked(guest, opened)
        unguarded = {path for path in blocked[name] if path.rsplit("/", 1)[-1] not in GUARDED}
        session.check(f"{name}: what blocks is read by a reader that can be left behind", not unguarded, sorted(unguarded))
        for command in commands:
            line = command.format(one=one, number=number)
            seconds, status = _quickest(hostdev, line, idle[command])
            session.check(f"{name}: {command} answers", seconds < idle[command] + MORE_SECONDS,
                          f"{seconds:.2f} s, {idle[command]:.2f} s without, status {status}")
            free = guest.run("[ ! -e /run/hostdev/lock ] || ! grep -q \":$(stat -c %i /run/hostdev/lock) \" /proc/locks")
            session.check(f"{name}: after {command} no process holds the lock", free.status == 0, free)
        _named(session, hostdev, name, one, blocked[name])
        end(guest, held)
        gone = guest.wait_for("! grep -lx hostdev-reader /proc/[0-9]*/comm 2>/dev/null | grep -q .", 30)
        session.check(f"{name}: no reader is left once it is over", gone)
        hostdev.run("recover", timeout=120)
        _home(guest)
        # A function that was found anew may not wake the host any more.
        left = [line for line in picture.settled(guest, home) if "/power/wakeup:" not in line and "/wakeup:" not in line]
        session.check(f"{name}: all is as before", not left, "\n".join(left[:20]))
    for name, paths in blocked.items():
        session.say(f"blocked, {name}: {' '.join(sorted(paths)) or 'nothing'}")


def _quickest(hostdev: Program, line: str, idle: float) -> tuple[float, int]:
    """The seconds and the status of the quickest of three runs, or of the first that is quick enough: what else runs on this
    machine makes some late, and what hangs is late each time. Exit 4 comes after the requested timeout."""
    runs: list[tuple[float, int]] = []
    while len(runs) < 3 and (not runs or min(runs)[0] >= idle + MORE_SECONDS):
        answer = hostdev.run(f"{line.replace('/tmp/snapshot', f'/tmp/snapshot-{len(runs)}-')} --json", timeout=120)
        runs.append((answer.seconds - (TIMEOUT if answer.status == 4 else 0), answer.status))
    return min(runs)


def _seconds(hostdev: Program, command: str) -> float:
    """The longer of two runs: a cold cache is not a hang. Nothing is changed."""
    dry = " --dry-run" if command in CHANGES else ""
    return max(hostdev.run(f"{command.format(one=PLAIN, number=f'-idle-{turn}')}{dry} --json", timeout=120).seconds
               for turn in range(2))


def _opened(guest: Guest) -> set[str]:
    """Every attribute of a PCI function that some command opens to read, as strace shows it."""
    found: set[str] = set()
    for command in ("list --all", "show --all", f"check {PF} {PLAIN}", "doctor", "status", "snapshot /tmp/traced"):
        guest.run(f"strace -f -y -s 4096 -o /run/lab/trace -e trace=openat,openat2 hostdev {command} --json", 300)
        text = guest.must("cat /run/lab/trace")
        for folder, name, flags in re.findall(r'open(?:at|at2)\(\d+<([^>]*)>, "([^"]*)", ([^)]*)', text):
            path = f"{folder}/{name}" if not name.startswith("/") else name
            match = re.search(r"/[0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]/([^/]+(?:/[^/]+)?)$", path)
            if path.startswith("/sys/") and match and "O_PATH" not in flags and "O_DIRECTORY" not in flags:
                found.add(match[1])
    return found


def _blocked(guest: Guest, names: Sequence[str]) -> set[str]:
    """Those that do not answer within two seconds: {path}."""
    if not names:
        return set()
    paths = " ".join(f"{BUS}/devices/{one}/{name}" for one in (PF, VF, PLAIN) for name in names)
    guest.must(f"for path in {paths}; do [ -f $path ] && {{ cat $path >/dev/null 2>&1; echo $path >>/run/lab/answered; }} & "
               "done; sleep 2")
    answered = set(guest.must("cat /run/lab/answered; rm /run/lab/answered").split())
    there = set(guest.must(f"for path in {paths}; do [ -f $path ] && echo $path; done; true").split())
    return {path.removeprefix(f"{BUS}/devices/") for path in there - answered}


def _named(session: Session, hostdev: Program, name: str, one: str, blocked: set[str]) -> None:
    """What could not be read is unknown, with the reason."""
    answer = hostdev.run(f"show {one} --json", timeout=60)
    if answer.status != 0:
        return
    shown = answer.json()["devices"][0]
    silent = {path.rsplit("/", 1)[-1] for path in blocked if path.startswith(one)} - {"sriov_numvfs"}
    said = {entry["path"].rsplit("/", 1)[-1] for entry in shown.get("unanswered", [])}
    session.check(f"{name}: what does not answer is named, with the reason", silent <= said
                  and all(entry["reason"] for entry in shown.get("unanswered", [])), shown.get("unanswered"))
    if "driver_override" in said:
        session.check(f"{name}: and is unknown", "driver_override" in shown["unknown"], shown["unknown"])


def _write(guest: Guest, value: object, path: str) -> None:
    """A write that does not come back."""
    guest.must(f"sh -c 'echo {value} >{path}' >/dev/null 2>&1 &")


def _to_vfio(guest: Guest, one: str) -> None:
    guest.must(f"echo vfio-pci >{BUS}/devices/{one}/driver_override; "
               f"[ ! -e {BUS}/devices/{one}/driver ] || echo {one} >{BUS}/devices/{one}/driver/unbind; "
               f"echo {one} >{BUS}/drivers/vfio-pci/bind")


def _hold(guest: Guest, one: str) -> int:
    _to_vfio(guest, one)
    return vfio.hold(guest, picture.group(picture.take(guest), one), [one], 900)


def _make_vfs(guest: Guest) -> None:
    guest.must(f"echo 0 >{BUS}/devices/{PF}/sriov_drivers_autoprobe; echo 2 >{BUS}/devices/{PF}/sriov_numvfs")


def _unbind(one: str, virtual: bool = False) -> Begin:
    def begin(guest: Guest) -> int:
        if virtual:
            _make_vfs(guest)
        holder = _hold(guest, one)
        _write(guest, one, f"{BUS}/drivers/vfio-pci/unbind")
        return holder
    return begin


def _remove(one: str) -> Begin:
    """A VF has no `remove`, and that of its PF does not wait for it: the kernel leaves the VF behind (measured)."""
    def begin(guest: Guest) -> int:
        holder = _hold(guest, one)
        _write(guest, 1, f"{BUS}/devices/{one}/remove")
        return holder
    return begin


def _disable(guest: Guest) -> int:
    _make_vfs(guest)
    holder = _hold(guest, VF)
    _write(guest, 0, f"{BUS}/devices/{PF}/sriov_numvfs")
    return holder


def _probe(one: str, virtual: bool = False) -> Begin:
    def begin(guest: Guest) -> int:
        if virtual:
            _make_vfs(guest)
        guest.must(f"echo 900000 >{LAB}/probe_ms; echo hostdev-lab >{BUS}/devices/{one}/driver_override; "
                   f"[ ! -e {BUS}/devices/{one}/driver ] || echo {one} >{BUS}/devices/{one}/driver/unbind")
        _write(guest, one, f"{BUS}/drivers/hostdev-lab/bind")
        return 0  # no process holds the function
    return begin


def _let_go(guest: Guest, holder: int) -> None:
    guest.must(f"kill {holder}")
    guest.wait_for("! pidof viable")
    guest.must("sleep 1")


def _probed(guest: Guest, _: int) -> None:
    guest.must(f"echo 0 >{LAB}/probe_ms")
    guest.must("sleep 2")


def _home(guest: Guest) -> None:
    """Everything as it was before any situation."""
    guest.must("echo 1 >/sys/bus/pci/rescan")
    guest.run(f"[ ! -e {BUS}/devices/{PF}/sriov_numvfs ] || [ $(cat {BUS}/devices/{PF}/sriov_numvfs) = 0 ] || "
              f"echo 0 >{BUS}/devices/{PF}/sriov_numvfs; echo 1 >{BUS}/devices/{PF}/sriov_drivers_autoprobe")
    for one, driver in ((PF, "nvme"), (PLAIN, "e1000e"), (OTHER, "e1000e")):
        guest.run(f"cd {BUS}/devices/{one} && [ \"$(basename $(readlink driver))\" = {driver} ] || {{ "
                  f"echo {driver} >driver_override; [ ! -e driver ] || echo {one} >driver/unbind; "
                  f"echo {one} >{BUS}/drivers/{driver}/bind; }}; echo >driver_override")


_ALL = (
    Situation("unbind of a PF", PF, _unbind(PF), _let_go),
    Situation("unbind of a plain function", PLAIN, _unbind(PLAIN), _let_go),
    Situation("unbind of a VF", VF, _unbind(VF, virtual=True), _let_go),
    Situation("VFs that wait to go", PF, _disable, _let_go),
    Situation("probe of a plain function", PLAIN, _probe(PLAIN), _probed),
    Situation("probe of a PF", PF, _probe(PF), _probed),
    Situation("probe of a VF", VF, _probe(VF, virtual=True), _probed),
    Situation("remove of a plain function", PLAIN, _remove(PLAIN), _let_go),
    Situation("remove of a PF", PF, _remove(PF), _let_go),
)
_QUICK = (_ALL[0], _ALL[3])
