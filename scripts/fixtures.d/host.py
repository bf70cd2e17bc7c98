"""A Linux host as sysfs, procfs, /etc and /dev show it, declared function by function."""

import struct
from dataclasses import dataclass, field

import configspace
import modules
from configspace import Bar, Capability, ExtendedCapability, Window, Windows
from disks import Disks, Mount, uuid
from seat import Seat
from tree import Tree

RELEASE = "6.12.117+deb13-amd64"


@dataclass
class Function:
    """One PCI function. `below` is the address of the port above it, None on a root bus."""
    address: str
    vendor: int
    device: int
    class_code: int
    driver: str | None = None
    group: int | None = None
    below: str | None = None
    buses: tuple[int, int] | None = None
    subsystem: tuple[int, int] = (0, 0)
    revision: int = 0
    capabilities: list[Capability] = field(default_factory=list)
    extended: list[ExtendedCapability] = field(default_factory=list)
    bars: list[Bar] = field(default_factory=list)
    reset_methods: str | None = None
    multifunction: bool = False
    irq: int = 0
    numa_node: int = -1
    boot_vga: bool | None = None
    override: str | None = None
    physical_function: str | None = None
    asleep: bool = False
    attributes: dict[str, str] = field(default_factory=dict)

    @property
    def domain(self) -> str:
        return self.address.rsplit(":", 2)[0]

    @property
    def bus(self) -> int:
        return int(self.address.split(":")[1], 16)

    @property
    def is_bridge(self) -> bool:
        return self.buses is not None

    def config(self, windows: Windows = (None, None)) -> bytes:
        """The bytes of `config`; `windows` are what a bridge forwards, without and with prefetching."""
        is_vf = self.physical_function is not None
        # Memory Space and INTx pin are hard-wired to zero in a VF (SR-IOV 3.4.1.3, 3.4.1.18).
        command = (0x0004 if is_vf else 0x0006) if self.driver else 0x0000
        return configspace.build(
            vendor=self.vendor, device=self.device, class_code=self.class_code, revision=self.revision,
            header_type=1 if self.is_bridge else 0, multifunction=self.multifunction,
            command=command, subsystem=self.subsystem, bars=self.bars, irq=self.irq,
            interrupt_pin=0 if is_vf or not self.irq else 1 + int(self.address[-1]) % 4,
            buses=(self.bus, *self.buses) if self.buses else (0, 0, 0), windows=windows,
            capabilities=self.capabilities, extended=self.extended, is_vf=is_vf)

    def modalias(self) -> str:
        """The module alias, in the format of the kernel's pci_uevent()."""
        code = self.class_code
        return (f"pci:v{self.vendor:08X}d{self.device:08X}sv{self.subsystem[0]:08X}sd{self.subsystem[1]:08X}"
                f"bc{code >> 16:02X}sc{code >> 8 & 0xFF:02X}i{code & 0xFF:02X}")

    def uevent(self) -> str:
        """The `uevent` attribute, in the order and format of the kernel's pci_uevent()."""
        lines = [f"DRIVER={self.driver}"] if self.driver else []
        lines += [f"PCI_CLASS={self.class_code:04X}", f"PCI_ID={self.vendor:04X}:{self.device:04X}",
                  f"PCI_SUBSYS_ID={self.subsystem[0]:04X}:{self.subsystem[1]:04X}",
                  f"PCI_SLOT_NAME={self.address}", f"MODALIAS={self.modalias()}"]
        return "\n".join(lines)


class Host(Disks, Seat):
    """Functions, and what the host does with them. `tree()` gives the whole of it."""

    def __init__(self, cmdline: str = "intel_iommu=on iommu=pt", iommu: bool = True) -> None:
        super().__init__()
        self._functions: dict[str, Function] = {}
        self._iommu = iommu
        self._groups = 0
        self._reserved: dict[int | None, list[str]] = {}
        self._aliases: list[str] = []
        self._loaded: dict[str, bool] = {}
        self._cmdline = f"BOOT_IMAGE=/vmlinuz-{RELEASE} root=UUID={uuid(2)} ro quiet {cmdline}".strip()
        self._iomem: list[tuple[int, int, str]] = []

    def add(self, function: Function) -> Function:
        """Declares a function, and gives it back."""
        self._functions[function.address] = function
        return function

    def new_group(self) -> int | None:
        """The next free IOMMU group, or None on a host without. In address order, they count as the kernel's do."""
        if not self._iommu:
            return None
        self._groups += 1
        return self._groups - 1

    def group(self, address: str) -> int | None:
        """The IOMMU group that a function was declared in."""
        return self._functions[address].group

    def path(self, address: str) -> str:
        """Where a function lies below the tree's root."""
        function = self._functions[address]
        parent = self.path(function.below) if function.below else self._root(function)
        return f"{parent}/{address}"

    def _root(self, function: Function) -> str:
        return function.attributes.get("root") or f"sys/devices/pci{function.domain}:{function.bus:02x}"

    def reserve(self, address: str, *lines: str) -> None:
        """Adds reserved regions, as `base end type`, to the group of a function."""
        group = self.group(address)
        self._reserved.setdefault(group, []).extend(lines)

    def module(self, name: str, *aliases: str) -> None:
        """A module that this kernel can load, and the aliases that load it."""
        self._aliases += [f"alias {alias} {name}" for alias in aliases]
        self._loaded.setdefault(name, False)

    def loaded(self, *names: str) -> None:
        """Modules that are loaded without a driver of the PCI bus."""
        for name in names:
            self._loaded[name] = True

    def file(self, path: str, content: str | bytes = "") -> None:
        """Any other file of the host."""
        self._tree.file(path, content)

    def link(self, path: str, target: str) -> None:
        """Any other link of the host."""
        self._tree.link(path, target)

    def device_link(self, supplier: str, consumer: str) -> None:
        """A stateless device link, as the kernel's GPU quirks make them for runtime power management."""
        path = f"sys/devices/virtual/devlink/pci:{supplier}--pci:{consumer}"
        self._tree.files(path, status="not tracked", auto_remove_on="never", runtime_pm="1", sync_state_only="0")
        self._tree.link(f"{path}/supplier", self.path(supplier))
        self._tree.link(f"{path}/consumer", self.path(consumer))
        self._tree.link(f"{self.path(supplier)}/consumer:pci:{consumer}", path)
        self._tree.link(f"{self.path(consumer)}/supplier:pci:{supplier}", path)

    def tree(self) -> Tree:
        """Everything declared, as a tree; called once."""
        for function in self._functions.values():
            self._write_function(function)
        self._write_drivers()
        self._write_iommu()
        self._write_proc()
        self._write_modules()
        dangling = list(self._tree.dangling_links())
        if dangling:
            raise ValueError(f"links lead nowhere: {dangling}")
        return self._tree

    def _write_function(self, function: Function) -> None:
        tree, path = self._tree, self.path(function.address)
        tree.files(
            path, vendor=f"0x{function.vendor:04x}", device=f"0x{function.device:04x}",
            subsystem_vendor=f"0x{function.subsystem[0]:04x}", subsystem_device=f"0x{function.subsystem[1]:04x}",
            revision=f"0x{function.revision:02x}", config=function.config(self._windows(function)),
            uevent=function.uevent(), driver_override=function.override or "(null)",
            numa_node=str(function.numa_node), irq=str(function.irq),
            power_state="D3hot" if function.asleep else "D0",
            resource=self._resources(function))
        tree.file(f"{path}/class", f"0x{function.class_code:06x}")
        if function.asleep:
            tree.files(f"{path}/power", control="auto", runtime_status="suspended")
        tree.link(f"sys/bus/pci/devices/{function.address}", path)
        if "root" in function.attributes:
            # What stands below another function is told from that one's own devices by this.
            tree.link(f"{path}/subsystem", "sys/bus/pci")
        if function.buses:
            tree.files(path, secondary_bus_number=str(function.buses[0]),
                       subordinate_bus_number=str(function.buses[1]))
        if function.reset_methods:
            tree.files(path, reset_method=function.reset_methods, reset="")
        if function.boot_vga is not None:
            tree.file(f"{path}/boot_vga", "1" if function.boot_vga else "0")
        if function.driver:
            tree.link(f"{path}/driver", f"sys/bus/pci/drivers/{function.driver}")
            tree.link(f"sys/bus/pci/drivers/{function.driver}/{function.address}", path)
        if function.group is not None:
            tree.link(f"{path}/iommu_group", f"sys/kernel/iommu_groups/{function.group}")
        if function.physical_function:
            tree.link(f"{path}/physfn", self.path(function.physical_function))
        virtual = [f.address for f in self._functions.values() if f.physical_function == function.address]
        for index, address in enumerate(virtual):
            tree.link(f"{path}/virtfn{index}", self.path(address))
        for name, content in function.attributes.items():
            if name != "root":
                tree.file(f"{path}/{name}", content)

    def _windows(self, bridge: Function) -> Windows:
        """The spans of the BARs below a bridge: without prefetching, and with."""
        below = [f for f in self._functions.values() if not f.physical_function and self._is_below(f, bridge.address)]

        def span(*kinds: str) -> Window | None:
            bars = [bar for f in below for bar in f.bars if bar.kind in kinds]
            return (min(bar.base for bar in bars), max(bar.base + bar.size for bar in bars) - 1) if bars else None

        return span("32", "64"), span("64p")

    def _is_below(self, function: Function, bridge: str) -> bool:
        while function.below:
            if function.below == bridge:
                return True
            function = self._functions[function.below]
        return False

    def _resources(self, function: Function) -> str:
        lines = ["0x" + "0" * 16 + " 0x" + "0" * 16 + " 0x" + "0" * 16] * (17 if function.is_bridge else 13)
        for bar in function.bars:
            lines[bar.index] = bar.resource_line()
        if function.is_bridge:
            # Lines 13 to 15 are the windows, I/O first, rounded to what the registers can say.
            for index, window, flags in zip((14, 15), self._windows(function), (0x200, 0x102201), strict=True):
                if window:
                    base, limit = window[0] & ~0xFFFFF, window[1] | 0xFFFFF
                    lines[index] = f"0x{base:016x} 0x{limit:016x} 0x{flags:016x}"
        return "\n".join(lines)

    def _write_drivers(self) -> None:
        tree = self._tree
        tree.file("sys/bus/pci/drivers_autoprobe", "1")
        tree.file("sys/bus/pci/drivers_probe")
        for driver in sorted({f.driver for f in self._functions.values() if f.driver}):
            path = f"sys/bus/pci/drivers/{driver}"
            module = modules.BUILT_IN.get(driver) or modules.OF_DRIVER.get(driver, driver)
            tree.link(f"sys/module/{module}/drivers/pci:{driver}", path)
            tree.link(f"{path}/module", f"sys/module/{module}")
            if driver not in modules.BUILT_IN:
                self._loaded[module] = True
            if driver == "vfio-pci":
                self.loaded(*modules.VFIO_MODULES)
                self._write_vfio()

    def _write_vfio(self) -> None:
        """Group nodes and vfio-dev, as vfio-pci makes them when it probes."""
        self._tree.files("sys/module/vfio_iommu_type1/parameters", allow_unsafe_interrupts="N")
        self._tree.files("sys/module/vfio_pci/parameters", disable_denylist="N", disable_idle_d3="N", enable_sriov="N")
        held = [f for f in self._functions.values() if f.driver == "vfio-pci"]
        for index, function in enumerate(held):
            path = f"{self.path(function.address)}/vfio-dev/vfio{index}"
            self._tree.file(f"{path}/uevent")
            self._tree.link(f"{path}/device", self.path(function.address))
            self._tree.link(f"{path}/subsystem", "sys/class/vfio-dev")
            self._tree.link(f"sys/class/vfio-dev/vfio{index}", path)
            group = f"sys/devices/virtual/vfio/{function.group}"
            self._tree.files(group, dev=f"511:{index}",
                             uevent=f"MAJOR=511\nMINOR={index}\nDEVNAME=vfio/{function.group}")
            self._tree.link(f"sys/class/vfio/{function.group}", group)
            self._tree.file(f"dev/vfio/{function.group}")

    def _write_iommu(self) -> None:
        tree = self._tree
        tree.file("dev/vfio/vfio")
        if not self._iommu:
            tree.file("sys/kernel/iommu_groups/.keep")
            return
        unit = "sys/devices/virtual/iommu/dmar0"
        # ECAP bits 1 (queued invalidation) and 3 (interrupt remapping).
        tree.file(f"{unit}/intel-iommu/ecap", "f050da")
        tree.link("sys/class/iommu/dmar0", unit)
        tree.file("sys/firmware/acpi/tables/DMAR", _dmar_table())
        for function in self._functions.values():
            if function.group is None:
                continue
            path, group = self.path(function.address), f"sys/kernel/iommu_groups/{function.group}"
            tree.link(f"{group}/devices/{function.address}", path)
            regions = sorted([*self._reserved.get(function.group, []), "0x00000000fee00000 0x00000000feefffff msi"])
            tree.file(f"{group}/reserved_regions", "\n".join(regions))

    def _write_proc(self) -> None:
        tree = self._tree
        tree.file("proc/cmdline", self._cmdline)
        tree.file("proc/sys/kernel/osrelease", RELEASE)
        tree.file("proc/mdstat", "Personalities : \nunused devices: <none>")
        virtual = [Mount("0:21", "/sys", "sysfs", "sysfs"), Mount("0:22", "/proc", "proc", "proc"),
                   Mount("0:5", "/dev", "devtmpfs", "udev"), Mount("0:24", "/run", "tmpfs", "tmpfs")]
        mounts = sorted(self._mounts, key=lambda mount: mount.point.count("/") if mount.point != "/" else 0) + virtual
        mountinfo = "\n".join(
            f"{22 + index} {1 if point == '/' else 22} {number} / {point} rw,relatime shared:{index + 1}"
            f" - {kind} {source} rw"
            for index, (number, point, kind, source) in enumerate(mounts))
        for process in ("self", "1"):
            tree.file(f"proc/{process}/mountinfo", mountinfo)
        # One process, so that a search for who holds a device finds an answer and not nothing to search.
        tree.files("proc/1", comm="systemd", cmdline=b"/sbin/init\0",
                   stat="1 (systemd) S 0 1 1 0 -1 4194560 0 0 0 0 0 0 0 0 20 0 1 0 7 0 0")
        tree.absolute_link("proc/1/fd/0", "/dev/null")
        tree.file("proc/swaps", "\n".join(["Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority", *self._swaps]))
        fstab_columns = "# <file system> <mount point> <type> <options> <dump> <pass>"
        tree.file("etc/fstab", "\n".join([fstab_columns, *self._fstab]))
        bars = sorted((bar.base, bar.size, f.address) for f in self._functions.values() for bar in f.bars)
        memory = ["00001000-0009ffff : System RAM", "00100000-7fffffff : System RAM"]
        for base, size, address in bars:
            memory.append(f"{base:08x}-{base + size - 1:08x} : {address}")
            memory += [f"  {base:08x}-{base + length - 1:08x} : {name}"
                      for at, length, name in self._iomem if at == base]
        tree.file("proc/iomem", "\n".join(memory))

    def framebuffer_memory(self, base: int, length: int, name: str) -> None:
        """A boot framebuffer inside a BAR, as /proc/iomem shows it."""
        self._iomem.append((base, length, name))

    def _write_modules(self) -> None:
        tree, directory = self._tree, f"lib/modules/{RELEASE}"
        # What vfio-pci's own table says: it takes everything, but only if an override names it.
        aliases = [*self._aliases, "alias vfio_pci:v*d*sv*sd*bc*sc*i* vfio_pci"]
        tree.file(f"{directory}/modules.alias",
                  "\n".join(["# Aliases extracted from modules themselves.", *sorted(aliases)]))
        tree.file(f"{directory}/modules.builtin", "kernel/drivers/virtio/virtio_pci.ko")
        known = sorted({*self._loaded, "vfio_pci", *modules.VFIO_MODULES})
        tree.file(f"{directory}/modules.dep", "\n".join(
            " ".join([f"{modules.file_of(name)}:", *map(modules.file_of, modules.NEEDS.get(name, ()))])
            for name in known))
        live = [name for name in known if self._loaded.get(name)]
        tree.file("proc/modules", "\n".join(f"{name} 65536 0 - Live 0x0000000000000000" for name in live))
        with_driver = {modules.OF_DRIVER.get(f.driver, f.driver) for f in self._functions.values() if f.driver}
        for name in live:
            if name not in with_driver:
                tree.file(f"sys/module/{name}/refcnt", "0")


def _dmar_table() -> bytes:
    """An ACPI DMAR table without units: its header, a 39-bit address width, INTR_REMAP set."""
    table = bytearray(struct.pack("<4sIBB6s8sI4sIBB10x", b"DMAR", 48, 1, 0, b"FIXTUR", b"HOSTDEV ", 1,
                                  b"HAND", 1, 38, 1))
    table[9] = -sum(table) & 0xFF
    return bytes(table)
