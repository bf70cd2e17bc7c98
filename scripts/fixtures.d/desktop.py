"""The machine that most fixtures are built on: an Intel desktop used as a hypervisor.

The ids are those of real parts; what the registers say is what the fixture needs, which need
not be what that part says.
"""

from configspace import (Bar, access_control, advanced_error_reporting, bridge_subsystem, msi, msix, pcie,
                         power_management, serial_number)
from host import Function, Host

BOARD = (0x1043, 0x8694)
ISOLATING = "SV RR CR UF"

PCI_IDS = """\
#
#	List of PCI ID's, only what this fixture has
#
1022  Advanced Micro Devices, Inc. [AMD]
10de  NVIDIA Corporation
10ee  Xilinx Corporation
144d  Samsung Electronics Co Ltd
	a808  NVMe SSD Controller SM981/PM981/PM983
8086  Intel Corporation
	1533  I210 Gigabit Network Connection
	1901  6th-10th Gen Core Processor PCIe Controller (x16)
	1903  Xeon E3-1200 v5/E3-1500 v5/6th Gen Core Processor Thermal Subsystem
	1911  Xeon E3-1200 v5/v6 / E3-1500 v5 / 6th/7th/8th Gen Core Processor Gaussian Mixture Model
	3e92  CoffeeLake-S GT2 [UHD Graphics 630]
	3ec2  8th Gen Core Processor Host Bridge/DRAM Registers
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
	03  USB controller
		30  XHCI
	05  SMBus
C 11  Signal processing controller
	80  Signal processing controller
C 12  Processing accelerators
	00  Processing accelerators
"""


def root_port(address, device, buses, group, link, running=None, port=0, acs=ISOLATING, multifunction=False, **more):
    """A root port on pcieport. `acs` are the bits that it has and that are switched on; None is no ACS."""
    extended = [advanced_error_reporting()]
    if acs is not None:
        extended.append(access_control(acs, acs))
    return Function(
        address, 0x8086, device, 0x060400, driver="pcieport", group=group, buses=buses, subsystem=BOARD,
        revision=0x07, irq=120 + buses[0], link=link, running=running, multifunction=multifunction,
        capabilities=[pcie("root port", link=link, running=running, port=port, slot=True, ari_supported=True),
                      msi(enabled=True), bridge_subsystem(*BOARD), power_management(no_soft_reset=True)],
        extended=extended, **more)


def nvme(address, below, group, base, **more):
    """An NVMe controller, with the resets that they have: FLR, and a bus of its own."""
    return Function(
        address, 0x144D, 0xA808, 0x010802, driver=more.pop("driver", "nvme"), group=group, below=below,
        subsystem=(0x144D, 0xA801), irq=16, link=(8, 4), bars=[Bar(0, base, 0x4000, "64")],
        reset_methods=more.pop("reset_methods", "flr bus"),
        capabilities=[power_management(no_soft_reset=True), msi(),
                      pcie("endpoint", flr=True, link=(8, 4)), msix(33, enabled=True)],
        extended=[advanced_error_reporting(), serial_number("00-25-38-ff-ff-00-00-01")], **more)


def chipset(address, device, class_code, driver=None, group=None, **more):
    """A function of the chipset or the processor on the root bus: conventional, no reset."""
    no_capabilities = class_code >> 8 in (0x0600, 0x0601, 0x0C05)
    capabilities = [] if no_capabilities else [power_management(no_soft_reset=True), msi(enabled=driver is not None)]
    return Function(address, 0x8086, device, class_code, driver=driver, group=group, subsystem=BOARD,
                    revision=0x10, capabilities=more.pop("capabilities", capabilities), **more)


def build(cmdline="intel_iommu=on iommu=pt"):
    """Groups 0 to 11 on the root bus, a free root port 00:01.0 for a card on bus 1, NVMe on 2, network on 3."""
    host = Host(cmdline)
    host.add(chipset("0000:00:00.0", 0x3EC2, 0x060000, "skl_uncore", 0))
    host.add(root_port("0000:00:01.0", 0x1901, (1, 1), 1, link=(8, 16), running=(8, 8)))
    host.add(chipset("0000:00:02.0", 0x3E92, 0x030000, "i915", 2, boot_vga=True, irq=130,
                     bars=[Bar(0, 0xDE000000, 0x1000000, "64"), Bar(2, 0xC0000000, 0x10000000, "64p")]))
    host.add(chipset("0000:00:04.0", 0x1903, 0x118000, "proc_thermal", 3, irq=16))
    host.add(chipset("0000:00:08.0", 0x1911, 0x088000, None, 4, irq=16))
    host.add(chipset("0000:00:14.0", 0xA36D, 0x0C0330, "xhci_hcd", 5, multifunction=True, irq=126,
                     bars=[Bar(0, 0xDF320000, 0x10000, "64")]))
    host.add(chipset("0000:00:14.2", 0xA36F, 0x050000, None, 5, multifunction=True))
    host.add(chipset("0000:00:16.0", 0xA360, 0x078000, "mei_me", 6, irq=131))
    host.add(chipset("0000:00:17.0", 0xA352, 0x010601, "ahci", 7, irq=127, bars=[Bar(5, 0xDF34B000, 0x800)]))
    host.add(root_port("0000:00:1c.0", 0xA338, (2, 2), 8, link=(8, 4), port=1))
    host.add(root_port("0000:00:1d.0", 0xA330, (3, 3), 9, link=(8, 1), running=(2.5, 1), port=9))
    host.add(chipset("0000:00:1e.0", 0xA328, 0x070000, "intel-lpss", 10, irq=20))
    host.add(chipset("0000:00:1f.0", 0xA305, 0x060100, None, 11, multifunction=True))
    host.add(chipset("0000:00:1f.3", 0xA348, 0x040300, "snd_hda_intel", 11, multifunction=True, irq=132,
                     bars=[Bar(0, 0xDF340000, 0x4000, "64")]))
    host.add(chipset("0000:00:1f.4", 0xA323, 0x0C0500, "i801_smbus", 11, multifunction=True, irq=16))
    host.reserve(2, "0x000000008c000000 0x000000008fffffff direct-relaxable")
    host.reserve(5, "0x000000008a2c1000 0x000000008a2e0fff direct-relaxable")
    return host


def furnish(host, nvme_group, network_group):
    """The host's own disk and network, its screen and its keyboard: what the checks are there to find."""
    host.add(nvme("0000:02:00.0", "0000:00:1c.0", nvme_group, 0xDF200000))
    host.nvme("0000:02:00.0", 0, "Samsung SSD 970 EVO 500GB",
              partitions=[(1048576, "/boot/efi"), (958945280, "/"), (16777216, "swap")])
    host.add(Function(
        "0000:03:00.0", 0x8086, 0x1533, 0x020000, driver="igb", group=network_group, below="0000:00:1d.0",
        subsystem=(0x1043, 0x85F0), revision=0x03, irq=17, link=(2.5, 1), reset_methods="flr bus",
        bars=[Bar(0, 0xDF100000, 0x20000)],
        capabilities=[power_management(no_soft_reset=True), msi(), msix(5, bar=3, enabled=True),
                      pcie("endpoint", flr=True, link=(2.5, 1))],
        extended=[advanced_error_reporting(), serial_number("52-54-00-ff-ff-00-00-01")]))
    host.interface("0000:03:00.0", "enp3s0", "52:54:00:00:00:01", ipv4="192.0.2.10", gateway="192.0.2.1")
    host.display("0000:00:02.0", 0, framebuffer="i915drmfb", connected=True)
    host.framebuffer_memory(0xC0000000, 0x7E9000, "BOOTFB")
    host.keyboard("0000:00:14.0")
    host.module("i915", "pci:v00008086d00003E92sv*sd*bc03sc*i*")
    host.module("xhci_pci", "pci:v*d*sv*sd*bc0Csc03i30*")
    host.module("ahci", "pci:v*d*sv*sd*bc01sc06i01*")
    host.module("snd_hda_intel", "pci:v00008086d0000A348sv*sd*bc*sc*i*")
    host.module("i2c_i801", "pci:v00008086d0000A323sv*sd*bc*sc*i*")
    host.module("intel_lpss_pci", "pci:v00008086d0000A328sv*sd*bc*sc*i*")
    host.module("mei_me", "pci:v00008086d0000A360sv*sd*bc*sc*i*")
    host.module("nvme", "pci:v*d*sv*sd*bc01sc08i02*")
    host.module("igb", "pci:v00008086d00001533sv*sd*bc*sc*i*")
    host.file("usr/share/misc/pci.ids", PCI_IDS)
