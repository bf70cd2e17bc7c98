"""A boot with systemd, from a disk of rootfs.py: the same commands and hot-plug as in every guest, and a reboot that keeps.

The small guests come up in seconds; systemd takes ten to forty, and minutes on a busy machine.
"""

import dataclasses
import pathlib
import shutil
import types

import guest
import parts
import rootfs
import topologies

# The root disk unless a scenario says otherwise: a virtio disk of the root bus, out of the way of the topologies.
ROOT_DEVICE = "virtio-blk-pci,bus=pcie.0,addr=0x10"


@dataclasses.dataclass(frozen=True)
class Boot:
    """How a host boots."""

    arguments: str = ""  # added to the kernel's command line
    device: str = ROOT_DEVICE  # QEMU's line for the root disk, without its drive: it can be of any kind in any place
    keep: bool = True  # else the guest writes to a copy that goes with it, and the orderly end is spared
    bare: bool = False  # nothing is started after the initramfs but the agent, for what is over by then
    memory: str = "1G"


class System(guest.Guest):
    """A context manager: the host has booted from `root` inside it, and is gone after it; what it wrote is on the disk."""

    boot_seconds = 900
    # The guest's clock goes by the instructions that it executes: by another clock, on a busy machine, systemd's and the
    # kernel's patience would be over long before anything is done, and a measured second would say nothing.
    has_own_clock = True
    accelerator = ("-accel", "tcg,thread=single", "-icount", "shift=2,sleep=on")

    def __init__(self, kernel: parts.Kernel, topology: topologies.Topology, log: guest.Log, root: rootfs.Root, how: Boot,
                 patience: float = 1) -> None:
        super().__init__(kernel, topology, log, memory=how.memory, patience=patience)
        self.root = root
        self._how = how

    def boot(self, timeout: float = 900) -> str:
        """Waits until systemd has nothing left to start; gives its word: running, degraded, ..."""
        if self._how.bare:
            return "bare"
        self.run("systemctl is-system-running --wait", timeout)
        return self.run("systemctl is-system-running").stdout.strip()

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None,
                 trace: types.TracebackType | None) -> None:
        if kind is None and self._how.keep:
            self._power_off("sync; mount -o remount,ro /; poweroff -f" if self._how.bare else "systemctl poweroff --no-block",
                            180 * self._patience, "shut down")
        super().__exit__(kind, value, trace)

    def _initrd(self, scratch: pathlib.Path) -> pathlib.Path:
        initrd = scratch / "initrd"
        shutil.copy(self.root.initrd(), initrd)
        return initrd

    def _arguments(self) -> str:
        init = " init=/lab/init" if self._how.bare else ""
        return f"root=UUID={rootfs.ROOT_UUID} ro mitigations=off audit=0 {self.topology.arguments} {self._how.arguments}{init}"

    def _machine(self) -> list[str]:
        snapshot = "off" if self._how.keep else "on"
        drive = f"if=none,id=root,format=raw,cache=unsafe,snapshot={snapshot},file={self.root.disk}"
        return [*super()._machine(), "-drive", drive]

    def _devices(self) -> list[str]:
        return [*super()._devices(), f"{self._how.device},drive=root"]
