"""A boot with systemd, from a disk of rootfs.py: the same commands and hot-plug as in every guest, and a reboot that keeps.

Where the small guests come up in seconds, systemd takes ten to forty, and minutes on a busy machine.
"""

import shutil
import subprocess

import guest
import rootfs

# Where the root disk is unless a scenario says otherwise: a virtio disk of the root bus, out of the way of the topologies.
ROOT_DEVICE = "virtio-blk-pci,bus=pcie.0,addr=0x10"


class System(guest.Guest):
    """A context manager: the host has booted from `root` inside it, and is gone after it; what it wrote is on the disk.

    arguments: added to the kernel's command line; device: QEMU's line for the root disk, without its drive, so that it can
    be of any kind in any place; initrd: the path of another initramfs than that on the disk; keep: False lets the guest
    write to a copy that goes with it, and spares the orderly end; bare: nothing is started after the initramfs but the
    agent, for what is over by then.
    """

    boot_seconds = 900
    # The guest's clock goes by the instructions that it executes: on a busy machine systemd's and the kernel's patience would
    # else be over long before anything is done, and a measured second would say nothing.
    has_own_clock = True
    accelerator = ("-accel", "tcg,thread=single", "-icount", "shift=2,sleep=on")

    def __init__(self, kernel, topology, log, root, arguments="", device=ROOT_DEVICE, initrd=None, keep=True,
                 bare=False, processors=1, memory="1G"):
        super().__init__(kernel, topology, log, processors=processors)
        self.root = root
        self._memory = memory
        self._added = arguments
        self._device = device
        self._initrd_path = initrd
        self._keep = keep
        self._bare = bare

    def boot(self, timeout=900):
        """Waits until systemd has nothing left to start; gives its word: running, degraded, ..."""
        if self._bare:
            return "bare"
        self.run("systemctl is-system-running --wait", timeout)
        return self.run("systemctl is-system-running").stdout.strip()

    def __exit__(self, kind, value, trace):
        if kind is None and self._keep and self._process.poll() is None:
            self._send("sync; mount -o remount,ro /; poweroff -f" if self._bare else "systemctl poweroff --no-block")
            try:
                self._process.wait(180 * guest.patience)
            except subprocess.TimeoutExpired:
                self._log.write("lab: the guest did not shut down\n")
        super().__exit__(kind, value, trace)

    def _initrd(self, scratch):
        return shutil.copy(self._initrd_path or self.root.initrd(), scratch / "initrd")

    def _arguments(self):
        return f"root=UUID={rootfs.ROOT_UUID} ro mitigations=off audit=0 {self.topology.arguments} {self._added}{' init=/lab/init' if self._bare else ''}"

    def _machine(self):
        snapshot = "off" if self._keep else "on"
        drive = f"if=none,id=root,format=raw,cache=unsafe,snapshot={snapshot},file={self.root.disk}"
        return [*super()._machine(), "-drive", drive]

    def _devices(self):
        return [*super()._devices(), f"{self._device},drive=root"]
