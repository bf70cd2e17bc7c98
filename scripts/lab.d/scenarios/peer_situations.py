"""The situations that the tools are given: what is prepared, which line is run, and what is looked at afterwards."""

import dataclasses

import vfio
from scenarios.inner_disk import disk, has_disk
from scenarios.peer_rig import LIMIT, Ran, Rig
from scenarios.peer_tools import Peer

CARD, SIBLING = "0000:01:00.0", "0000:01:00.1"
PORT_WITH_VFS = "0000:02:00.0"
DISK = "0000:03:00.0"
SINGLE, TWIN = "0000:04:00.0", "0000:05:00.0"
BRIDGE = "0000:00:04.0"  # the port above SINGLE
FUNCTIONS = (CARD, SIBLING, PORT_WITH_VFS, DISK, SINGLE, TWIN)


@dataclasses.dataclass(frozen=True)
class Row:
    """One situation given to one tool."""

    situation: str
    peer: str
    ran: Ran
    left: str
    back: str  # what its own way back then came to


class Situation:
    """The plain one, and the shape of the others."""

    title = "one function, nothing in its way"
    function = SINGLE
    shown: tuple[str, ...] = (SINGLE,)
    # The tool has it at the beginning, and must give it back.
    is_away = False

    def play(self, rig: Rig, peer: Peer) -> Row:
        self.prepare(rig, peer)
        ran = self.act(rig, peer)
        left = self.look(rig)
        back = self.go_back(rig, peer) if self.is_away or left != "as before" else "–"
        self.undo(rig)
        rig.home()
        return Row(self.title, peer.name, ran, left, back)

    def prepare(self, rig: Rig, peer: Peer) -> None:
        pass

    def act(self, rig: Rig, peer: Peer) -> Ran:
        return rig.run(peer, peer.bind, self.function)

    def look(self, rig: Rig, is_back: bool = False) -> str:
        return rig.left(self.shown, is_back)

    def go_back(self, rig: Rig, peer: Peer, line: str | None = None) -> str:
        ran = rig.run(peer, line or peer.back, self.function)
        return _then(ran, self.look(rig, is_back=True))

    def undo(self, rig: Rig) -> None:
        pass


class SiblingStays(Situation):
    title = "half of a two-function card, the other half on the host's driver"
    function = CARD
    shown = (CARD, SIBLING)


class Twins(Situation):
    title = "one of two identical cards"
    function = TWIN
    shown = (TWIN, SINGLE)


class VFIORefuses(Situation):
    """vfio-pci's probe of a PF with VFs is EBUSY."""

    title = "vfio-pci's probe fails (the function has VFs)"
    function = PORT_WITH_VFS
    shown = (PORT_WITH_VFS,)

    def prepare(self, rig: Rig, peer: Peer) -> None:
        # Without the host's driver on them, so that nothing else is in the way.
        device = f"/sys/bus/pci/devices/{self.function}"
        rig.guest.must(f"echo 0 >{device}/sriov_drivers_autoprobe; echo 1 >{device}/sriov_numvfs")

    def undo(self, rig: Rig) -> None:
        rig.home()
        device = f"/sys/bus/pci/devices/{self.function}"
        rig.guest.must(f"echo 0 >{device}/sriov_numvfs; echo 1 >{device}/sriov_drivers_autoprobe")


class HostRefuses(Situation):
    """The port above lets nothing through, so that the registers which the host's driver reads are all ones."""

    title = "on the way back, the host driver's probe fails"
    is_away = True

    def prepare(self, rig: Rig, peer: Peer) -> None:
        rig.bound(peer, self.function)
        self._window = rig.guest.must(f"setpci -s {BRIDGE} MEMORY_BASE.L")
        rig.guest.must(f"setpci -s {BRIDGE} MEMORY_BASE.L=0000fff0")

    def act(self, rig: Rig, peer: Peer) -> Ran:
        return rig.run(peer, peer.back, self.function)

    def go_back(self, rig: Rig, peer: Peer, line: str | None = None) -> str:
        """Again, once the port is as it should be."""
        self._open(rig)
        return "with the device well again: " + super().go_back(rig, peer, line)

    def undo(self, rig: Rig) -> None:
        self._open(rig)

    def _open(self, rig: Rig) -> None:
        rig.guest.must(f"setpci -s {BRIDGE} MEMORY_BASE.L={self._window}")


class Killed(Situation):
    title = "killed right after the unbind from the host's driver"

    def act(self, rig: Rig, peer: Peer) -> Ran:
        return rig.kill_after_unbind(peer, peer.bind, self.function)

    def go_back(self, rig: Rig, peer: Peer, line: str | None = None) -> str:
        rig.guest.must(peer.ready, 180)
        return super().go_back(rig, peer, peer.recover or peer.back)


class OwnOverride(Situation):
    title = "an administrator's own override (e1000e) is there before"

    def prepare(self, rig: Rig, peer: Peer) -> None:
        rig.guest.must(f"echo e1000e >/sys/bus/pci/devices/{self.function}/driver_override")
        rig.look_from_here(self.function)


class Mounted(Situation):
    title = "a disk with a mounted file system"
    function = DISK
    shown = (DISK,)

    def prepare(self, rig: Rig, peer: Peer) -> None:
        node = disk(rig.guest, self.function)
        rig.guest.must(f"mke2fs -q -F -t ext4 {node} && mkdir -p /mnt && mount {node} /mnt", 120)

    def look(self, rig: Rig, is_back: bool = False) -> str:
        """Also whether the file system can be written, and after the way back whether the host's driver has the disk again:
        of one that is still mounted the kernel takes the new disk for a second one with the same name, and refuses it."""
        words = [rig.left(self.shown, is_back)]
        answer = rig.guest.run("cd /mnt && dd if=/dev/zero of=file bs=4096 count=1 conv=fsync")
        if answer.status != 0:
            words.append("a write to the file system: " + answer.stderr.strip().splitlines()[0].rsplit(": ", 1)[-1])
        if is_back and not has_disk(rig.guest, self.function, 5):
            words.append("the host's driver finds no disk")
        return "; ".join(words)

    def undo(self, rig: Rig) -> None:
        rig.guest.run("umount -l /mnt")
        rig.home()
        # With nothing mounted any more a driver that begins anew finds the disk.
        driver = f"/sys/bus/pci/drivers/{rig.homes[self.function]}"
        rig.guest.must(f"echo {self.function} >{driver}/unbind && sleep 1 && echo {self.function} >{driver}/bind")
        disk(rig.guest, self.function)


class Held(Situation):
    title = "taken back while a guest has it open"
    is_away = True

    def prepare(self, rig: Rig, peer: Peer) -> None:
        rig.bound(peer, self.function)
        self._holder = vfio.hold(rig.guest, rig.group(self.function), (self.function,), 600)

    def act(self, rig: Rig, peer: Peer) -> Ran:
        rig.start(peer, peer.back, self.function)
        ran = rig.ended(LIMIT)
        self._waits = ran is None
        return ran or Ran(f"still waiting after {LIMIT} s", None, rig.so_far())

    def look(self, rig: Rig, is_back: bool = False) -> str:
        return rig.left(self.shown, is_back, is_held=not is_back)

    def go_back(self, rig: Rig, peer: Peer, line: str | None = None) -> str:
        self._end(rig)
        if not self._waits:
            return "once the guest has ended: " + super().go_back(rig, peer, line)
        ran = rig.ended(60)
        return "once the guest has ended: " + (_then(ran, self.look(rig, is_back=True)) if ran else "it still waits")

    def undo(self, rig: Rig) -> None:
        self._end(rig)

    @staticmethod
    def _end(rig: Rig) -> None:
        rig.guest.must("pkill -x viable || :")
        rig.guest.wait_for("! pidof viable >/dev/null", 20)


def _then(ran: Ran, left: str) -> str:
    return left if ran.status == "0" else f"exit {ran.status}; {left}"


ALL = (Situation, SiblingStays, VFIORefuses, HostRefuses, Killed, OwnOverride, Held, Twins, Mounted)
