"""The machine that most fixtures are built on: an Intel desktop used as a hypervisor.

The ids are those of real parts; what the registers say is what the fixture needs, which need
not be what that part says.
"""

import functools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from configspace import (
    Bar,
    Capability,
    Link,
    access_control,
    advanced_error_reporting,
    bridge_subsystem,
    msi,
    msix,
    pcie,
    power_management,
    serial_number,
)
from host import Function, Host

BOARD = (0x1043, 0x8694)
DISK_MODEL = "Samsung SSD 970 EVO 500GB"
MODULE_ALIASES = {
    "ahci": "v*d*sv*sd*bc01sc06i01*", "i2c_i801": "v00008086d0000A323sv*sd*bc*sc*i*",
    "i915": "v00008086d00003E92sv*sd*bc03sc*i*", "igb": "v00008086d00001533sv*sd*bc*sc*i*",
    "intel_lpss_pci": "v00008086d0000A328sv*sd*bc*sc*i*", "intel_uncore": "v00008086d00003EC2sv*sd*bc*sc*i*",
    "mei_me": "v00008086d0000A360sv*sd*bc*sc*i*", "nvme": "v*d*sv*sd*bc01sc08i02*",
    "processor_thermal_device_pci_legacy": "v00008086d00001903sv*sd*bc*sc*i*",
    "snd_hda_intel": "v00008086d0000A348sv*sd*bc*sc*i*", "xhci_pci": "v*d*sv*sd*bc0Csc03i30*",
}
ISOLATING = "SV RR CR UF"

PCI_IDS = """\
#
#	List of PCI ID's, only what this fixture has
#
10de  NVIDIA Corporation
104c  Texas Instruments
10b5  PLX Technology, Inc.
10ee  Xilinx Corporation
1274  Ensoniq
144d  Samsung Electronics Co Ltd
	a808  NVMe SSD Controller SM981/PM981/PM983
8086  Intel Corporation
	1520  I350 Ethernet Controller Virtual Function
	1521  I350 Gigabit Network Connection
	1533  I210 Gigabit Network Connection
	1901  6th-10th Gen Core Processor PCIe Controller (x16)
	1903  Xeon E3-1200 v5/E3-1500 v5/6th Gen Core Processor Thermal Subsystem
	1911  Xeon E3-1200 v5/v6 / E3-1500 v5 / 6th/7th/8th Gen Core Processor Gaussian Mixture Model
	3e92  CoffeeLake-S GT2 [UHD Graphics 630]
	3ec2  8th Gen Core Processor Host Bridge/DRAM Registers
	464d  12th Gen Core Processor PCI Express x4 Controller #0
	467f  Volume Management Device NVMe RAID Controller
	a305  Z390 Chipset LPC/eSPI Controller
	a323  Cannon Lake PCH SMBus Controller
	a328  Cannon Lake PCH Serial IO UART Host Controller
	a330  Cannon Lake PCH PCI Express Root Port #9
	a338  Cannon Lake PCH PCI Express Root Port #1
	a348  Cannon Lake PCH cAVS
	a352  Cannon Lake PCH SATA AHCI Controller
	a360  Cannon Lake PCH HECI Controller
	a36d  Cannon Lake PCH USB 3.1 xHCI Host Controller
	a36f  Cannon Lake PCH Shared SRAM

C 01  Mass storage controller
	04  RAID bus controller
	06  SATA controller
		01  AHCI 1.0
	08  Non-Volatile memory controller
		02  NVM Express
C 02  Network controller
	00  Ethernet controller
C 03  Display controller
	00  VGA compatible controller
		00  VGA controller
C 04  Multimedia controller
	01  Multimedia audio controller
	03  Audio device
C 05  Memory controller
	00  RAM memory
C 06  Bridge
	00  Host bridge
	01  ISA bridge
	04  PCI bridge
		00  Normal decode
C 07  Communication controller
	00  Serial controller
	80  Communication controller
C 08  Generic system peripheral
	80  System peripheral
C 0c  Serial bus controller
	00  FireWire (IEEE 1394)
		10  OHCI
	03  USB controller
		30  XHCI
	05  SMBus
	80  Serial bus controller
C 11  Signal processing controller
	80  Signal processing controller
C 12  Processing accelerators
	00  Processing accelerators
"""


@dataclass(frozen=True)
class Port:
    """A root port on pcieport."""

    address: str
    device: int
    buses: tuple[int, int]  # below it
    link: Link
    running: Link | None = None
    number: int = 0
    acs: str | None = ISOLATING  # the bits that it has and that are switched on; None: without ACS
    multifunction: bool = False
    ari_enabled: bool = False

    def function(self, group: int | None) -> Function:
        extended = [advanced_error_reporting()]
        if self.acs is not None:
            extended.append(access_control(self.acs, self.acs))
        return Function(
            self.address, 0x8086, self.device, 0x060400, driver="pcieport", group=group, buses=self.buses, subsystem=BOARD,
            revision=0x07, irq=120 + self.buses[0], multifunction=self.multifunction,
            capabilities=[pcie("root port", link=self.link, running=self.running, port=self.number, slot=True,
                               ari_supported=True, ari_enabled=self.ari_enabled),
                          msi(enabled=True), bridge_subsystem(*BOARD), power_management(no_soft_reset=True)],
            extended=extended)


def nvme(address: str, below: str, group: int | None, base: int) -> Function:
    """An NVMe controller, with the resets that they have: FLR, and a bus of its own."""
    return Function(
        address, 0x144D, 0xA808, 0x010802, driver="nvme", group=group, below=below,
        subsystem=(0x144D, 0xA801), irq=16, bars=[Bar(0, base, 0x4000, "64")],
        reset_methods="flr bus",
        capabilities=[power_management(no_soft_reset=True), msi(),
                      pcie("endpoint", flr=True, link=(8, 4)), msix(33, enabled=True)],
        extended=[advanced_error_reporting(), serial_number("00-25-38-ff-ff-00-00-01")])


def chipset(address: str, device: int, class_code: int, driver: str | None = None, group: int | None = None, *,
            capabilities: list[Capability] | None = None, bars: Sequence[Bar] = (), irq: int = 0,
            multifunction: bool = False, boot_vga: bool | None = None) -> Function:
    """A function of the chipset or the processor on the root bus: conventional, no reset."""
    if capabilities is None:
        has_none = class_code >> 8 in (0x0600, 0x0601, 0x0C05)
        capabilities = [] if has_none else [power_management(no_soft_reset=True), msi(enabled=driver is not None)]
    return Function(address, 0x8086, device, class_code, driver=driver, group=group, subsystem=BOARD, revision=0x10,
                    capabilities=capabilities, bars=list(bars), irq=irq, multifunction=multifunction, boot_vga=boot_vga)


# The root ports of the plain machine.
CARD_PORT = Port("0000:00:01.0", 0x1901, (1, 1), link=(8, 16), running=(8, 8))
DISK_PORT = Port("0000:00:1c.0", 0xA338, (2, 2), link=(8, 4), number=1)
NETWORK_PORT = Port("0000:00:1d.0", 0xA330, (3, 3), link=(8, 1), running=(2.5, 1), number=9)


def build(cmdline: str = "intel_iommu=on iommu=pt", iommu: bool = True,
          ports: Iterable[Port] = (CARD_PORT, DISK_PORT, NETWORK_PORT), extra: Iterable[Function] = ()) -> Host:
    """The root bus, in address order: with the plain machine's ports it takes the groups 0 to 11."""
    host = Host(cmdline, iommu)
    # The functions of a place, once their group is known.
    slots: dict[str, Callable[[int | None], list[Function]]] = {}
    for port in ports:
        slots[port.address] = functools.partial(_port, port)
    for function in extra:
        slots[function.address] = functools.partial(_in_group, function)
    slots |= {
        "0000:00:00.0": lambda group: [chipset("0000:00:00.0", 0x3EC2, 0x060000, "skl_uncore", group)],
        "0000:00:02.0": lambda group: [chipset(
            "0000:00:02.0", 0x3E92, 0x030000, "i915", group, boot_vga=True, irq=130,
            bars=[Bar(0, 0xDE000000, 0x1000000, "64"), Bar(2, 0xC0000000, 0x10000000, "64p")])],
        "0000:00:04.0": lambda group: [chipset("0000:00:04.0", 0x1903, 0x118000, "proc_thermal", group, irq=16)],
        "0000:00:08.0": lambda group: [chipset("0000:00:08.0", 0x1911, 0x088000, None, group, irq=16)],
        "0000:00:14.0": lambda group: [
            chipset("0000:00:14.0", 0xA36D, 0x0C0330, "xhci_hcd", group, multifunction=True, irq=126,
                    bars=[Bar(0, 0xDF320000, 0x10000, "64")]),
            chipset("0000:00:14.2", 0xA36F, 0x050000, None, group, multifunction=True)],
        "0000:00:16.0": lambda group: [chipset("0000:00:16.0", 0xA360, 0x078000, "mei_me", group, irq=131)],
        "0000:00:17.0": lambda group: [chipset("0000:00:17.0", 0xA352, 0x010601, "ahci", group, irq=127,
                                               bars=[Bar(5, 0xDF34B000, 0x800)])],
        "0000:00:1e.0": lambda group: [chipset("0000:00:1e.0", 0xA328, 0x070000, "intel-lpss", group, irq=20)],
        "0000:00:1f.0": lambda group: [
            chipset("0000:00:1f.0", 0xA305, 0x060100, None, group, multifunction=True),
            chipset("0000:00:1f.3", 0xA348, 0x040300, "snd_hda_intel", group, multifunction=True, irq=132,
                    bars=[Bar(0, 0xDF340000, 0x4000, "64")]),
            chipset("0000:00:1f.4", 0xA323, 0x0C0500, "i801_smbus", group, multifunction=True, irq=16)],
    }
    for address in sorted(slots):
        for function in slots[address](host.new_group()):
            host.add(function)
    host.reserve("0000:00:02.0", "0x000000008c000000 0x000000008fffffff direct-relaxable")
    host.reserve("0000:00:14.0", "0x000000008a2c1000 0x000000008a2e0fff direct-relaxable")
    return host


def _port(port: Port, group: int | None) -> list[Function]:
    return [port.function(group)]


def _in_group(function: Function, group: int | None) -> list[Function]:
    return [replace(function, group=group)]


def add_disk(host: Host, address: str = "0000:02:00.0", below: str = "0000:00:1c.0") -> None:
    """The disk that the host itself lives on."""
    host.add(nvme(address, below, host.new_group(), 0xDF200000))
    host.nvme(address, 0, DISK_MODEL, partitions=[(1048576, "/boot/efi"), (958945280, "/"), (16777216, "swap")])


def add_network(host: Host, address: str = "0000:03:00.0", below: str = "0000:00:1d.0") -> None:
    """The interface that the host itself is reached by."""
    host.add(Function(
        address, 0x8086, 0x1533, 0x020000, driver="igb", group=host.new_group(), below=below,
        subsystem=(0x1043, 0x85F0), revision=0x03, irq=17, reset_methods="flr bus",
        bars=[Bar(0, 0xDF100000, 0x20000), Bar(3, 0xDF120000, 0x4000)],
        capabilities=[power_management(no_soft_reset=True), msi(), msix(5, bar=3, enabled=True),
                      pcie("endpoint", flr=True, link=(2.5, 1))],
        extended=[advanced_error_reporting(), serial_number("52-54-00-ff-ff-00-00-01")]))
    host.interface(address, f"enp{int(address[5:7], 16)}s0", "52:54:00:00:00:01", "192.0.2.10", "192.0.2.1")


def furnish(host: Host) -> None:
    """The host's screen and keyboard, the modules of its drivers, and the names of its parts."""
    host.display("0000:00:02.0", 0, framebuffer="i915drmfb", connected=True)
    host.framebuffer_memory(0xC0000000, 0x7E9000, "BOOTFB")
    host.keyboard("0000:00:14.0")
    for module, alias in MODULE_ALIASES.items():
        host.module(module, f"pci:{alias}")
    host.file("usr/share/misc/pci.ids", PCI_IDS)
