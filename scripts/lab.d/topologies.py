"""The machines that the lab builds: a name, what it shows, QEMU's device lines, and the groups that must come of them.

A new one is a call of `topology` with a handful of lines. Root ports have fixed places on bus 00, so that the firmware
numbers the buses below them in that order. `groups` lists whole IOMMU groups, as addresses without the domain; groups
that are not of interest (the chipset's own) may be left out. `refused` names the functions that have to stay with the host,
and why.
"""

import dataclasses
from collections.abc import Mapping


@dataclasses.dataclass(frozen=True, eq=False)
class Topology:
    name: str
    shows: str
    devices: tuple[str, ...]
    groups: tuple[tuple[str, ...], ...] = ()
    iommu: bool = True  # an emulated Intel IOMMU, with interrupt remapping
    arguments: str = "intel_iommu=on"  # added to the kernel's command line
    machine: tuple[str, ...] = ()  # further words of QEMU's command line
    idle: bool = True  # free of uses, so that every endpoint can be moved; else a scenario of its own is for it
    newer: bool = False  # wants a newer QEMU than this machine's
    refused: Mapping[str, str] = dataclasses.field(default_factory=dict)  # {address: the finding that keeps it on the host}


ALL: dict[str, Topology] = {}


def topology(name: str, shows: str, devices: str, groups: str = "", *, iommu: bool = True, arguments: str = "intel_iommu=on",
             machine: tuple[str, ...] = (), idle: bool = True, newer: bool = False,
             refused: Mapping[str, str] | None = None) -> None:
    """Declares one topology. `devices` has one `-device` a line; `groups` one group a line."""
    lines = tuple(line.strip() for line in devices.strip().splitlines() if line.strip())
    wanted = tuple(tuple(line.split()) for line in groups.strip().splitlines())
    ALL[name] = Topology(name, shows, lines, wanted, iommu, arguments, machine, idle, newer, refused or {})


def _disks(*names: str) -> tuple[str, ...]:
    """Drives in memory and in a file that QEMU itself makes and removes: 256 MiB each, all zeroes at first."""
    return tuple(word for name in names for word in (
        "-drive", f"if=none,id={name},driver=null-co,size=268435456,read-zeroes=on,snapshot=on"))


# Without ACPI's own hot-plug the ports' and bridges' is used: pciehp, shpchp.
_NATIVE_HOTPLUG = ("-global", "ICH9-LPC.acpi-pci-hotplug-with-bridge-support=off")


topology(
    "isolated", "endpoints alone below root ports with ACS",
    """
    pcie-root-port,id=port1,bus=pcie.0,addr=1,chassis=1,slot=1
    pcie-root-port,id=port2,bus=pcie.0,addr=2,chassis=2,slot=2
    pcie-root-port,id=port3,bus=pcie.0,addr=3,chassis=3,slot=3,x-speed=5
    e1000e,bus=port1
    nvme,bus=port2,serial=LAB1
    e1000e,bus=port3
    """,
    """
    01:00.0
    02:00.0
    03:00.0
    00:01.0
    00:1f.0 00:1f.2 00:1f.3
    """,
)

topology(
    "card", "a card of two functions, no FLR, beside other devices",
    """
    pcie-root-port,id=port1,bus=pcie.0,addr=1,chassis=1,slot=1
    pcie-root-port,id=port2,bus=pcie.0,addr=2,chassis=2,slot=2
    pcie-root-port,id=port3,bus=pcie.0,addr=3,chassis=3,slot=3
    e1000e,bus=port1,addr=0.0,multifunction=on
    e1000e,bus=port1,addr=0.1
    nvme,bus=port2,serial=LAB1
    e1000e,bus=port3
    """,
    """
    01:00.0 01:00.1
    02:00.0
    03:00.0
    """,
)

topology(
    "disk-card", "a card of two functions, one of them a disk that keeps what is written, beside its twin",
    """
    pcie-root-port,id=port1,bus=pcie.0,addr=1,chassis=1,slot=1
    pcie-root-port,id=port2,bus=pcie.0,addr=2,chassis=2,slot=2
    nvme,bus=port1,addr=0.0,multifunction=on,serial=LAB1,drive=disk1
    e1000e,bus=port1,addr=0.1
    nvme,bus=port2,addr=0.0,multifunction=on,serial=LAB2,drive=disk2
    e1000e,bus=port2,addr=0.1
    """,
    """
    01:00.0 01:00.1
    02:00.0 02:00.1
    """,
    machine=_disks("disk1", "disk2"), idle=False,
)

topology(
    "no-acs", "a root port without ACS above a card of two functions",
    """
    pcie-root-port,id=port1,bus=pcie.0,addr=1,chassis=1,slot=1,disable-acs=on
    qemu-xhci,bus=port1,addr=0.0,multifunction=on
    intel-hda,bus=port1,addr=0.1
    hda-duplex
    """,
    """
    00:01.0 01:00.0 01:00.1
    """,
)

topology(
    "switch", "a switch below a root port with ACS; its downstream ports have none",
    """
    pcie-root-port,id=port1,bus=pcie.0,addr=1,chassis=1,slot=1
    x3130-upstream,id=up,bus=port1
    xio3130-downstream,id=down0,bus=up,addr=0,chassis=10,slot=10
    xio3130-downstream,id=down1,bus=up,addr=1,chassis=11,slot=11
    xio3130-downstream,id=down2,bus=up,addr=2,chassis=12,slot=12
    e1000e,bus=down0
    nvme,bus=down1,serial=LAB1
    e1000e,bus=down2
    """,
    """
    00:01.0
    01:00.0
    02:00.0 03:00.0
    02:01.0 04:00.0
    02:02.0 05:00.0
    """,
)

topology(
    "switch-no-acs", "a switch below a root port without ACS: one group",
    """
    pcie-root-port,id=port1,bus=pcie.0,addr=1,chassis=1,slot=1,disable-acs=on
    x3130-upstream,id=up,bus=port1
    xio3130-downstream,id=down0,bus=up,addr=0,chassis=10,slot=10
    xio3130-downstream,id=down1,bus=up,addr=1,chassis=11,slot=11
    xio3130-downstream,id=down2,bus=up,addr=2,chassis=12,slot=12
    e1000e,bus=down0
    nvme,bus=down1,serial=LAB1
    e1000e,bus=down2
    """,
    """
    00:01.0 01:00.0 02:00.0 02:01.0 02:02.0 03:00.0 04:00.0 05:00.0
    """,
)

topology(
    "conventional", "conventional PCI behind a bridge that shpchp may hold",
    """
    pcie-pci-bridge,id=bridge,bus=pcie.0,addr=1
    e1000,bus=bridge,addr=1
    rtl8139,bus=bridge,addr=2
    sdhci-pci,bus=bridge,addr=3
    pci-testdev,bus=bridge,addr=4
    """,
    """
    00:01.0 01:01.0 01:02.0 01:03.0 01:04.0
    """,
)

topology(
    "shpchp", "conventional PCI behind a bridge that shpchp holds, since firmware leaves hot-plug to the kernel",
    """
    pcie-pci-bridge,id=bridge,bus=pcie.0,addr=1
    e1000,bus=bridge,addr=1
    rtl8139,bus=bridge,addr=2
    """,
    """
    00:01.0 01:01.0 01:02.0
    """,
    machine=_NATIVE_HOTPLUG,
    refused={"01:01.0": "group-blocked", "01:02.0": "group-blocked"},
)

topology(
    "twins", "two identical cards",
    """
    pcie-root-port,id=port1,bus=pcie.0,addr=1,chassis=1,slot=1
    pcie-root-port,id=port2,bus=pcie.0,addr=2,chassis=2,slot=2
    e1000e,bus=port1,addr=0.0,multifunction=on
    e1000e,bus=port1,addr=0.1
    e1000e,bus=port2,addr=0.0,multifunction=on
    e1000e,bus=port2,addr=0.1
    """,
    """
    01:00.0 01:00.1
    02:00.0 02:00.1
    """,
)

NVME_WITH_VFS = "sriov_max_vfs=4,sriov_vq_flexible=8,sriov_vi_flexible=4,max_ioqpairs=10,msix_qsize=9"

topology(
    "sriov", "an NVMe disk with FLR and virtual functions",
    f"""
    pcie-root-port,id=port1,bus=pcie.0,addr=1,chassis=1,slot=1
    nvme-subsys,id=subsystem
    nvme,bus=port1,serial=LAB1,subsys=subsystem,{NVME_WITH_VFS}
    """,
    """
    01:00.0
    """,
)

topology(
    "hang", "a disk with virtual functions, a network card, and another one",
    f"""
    pcie-root-port,id=port1,bus=pcie.0,addr=1,chassis=1,slot=1
    pcie-root-port,id=port2,bus=pcie.0,addr=2,chassis=2,slot=2
    pcie-root-port,id=port3,bus=pcie.0,addr=3,chassis=3,slot=3
    nvme-subsys,id=subsystem
    nvme,bus=port1,serial=LAB1,subsys=subsystem,{NVME_WITH_VFS}
    e1000e,bus=port2
    e1000e,bus=port3
    """,
    """
    01:00.0
    02:00.0
    03:00.0
    """,
)

topology(
    "igb", "a network card of one port that has virtual functions",
    """
    pcie-root-port,id=port1,bus=pcie.0,addr=1,chassis=1,slot=1
    igb,bus=port1,mac=52:54:00:00:01:00,romfile=
    """,
    """
    01:00.0
    """,
    newer=True, idle=False,
)

topology(
    "display", "a boot display, and a second one",
    """
    VGA,bus=pcie.0,addr=2
    pcie-root-port,id=port1,bus=pcie.0,addr=3,chassis=1,slot=1
    bochs-display,bus=port1
    """,
    """
    00:02.0
    01:00.0
    """,
    refused={"00:02.0": "host-display"},  # the text console is on it
)

topology(
    "passthrough-mode", "the card under iommu=pt",
    """
    pcie-root-port,id=port1,bus=pcie.0,addr=1,chassis=1,slot=1
    e1000e,bus=port1,addr=0.0,multifunction=on
    e1000e,bus=port1,addr=0.1
    """,
    """
    01:00.0 01:00.1
    """,
    arguments="intel_iommu=on iommu=pt",
)

topology(
    "no-iommu", "a host without an IOMMU: no groups at all",
    """
    pcie-root-port,id=port1,bus=pcie.0,addr=1,chassis=1,slot=1
    e1000e,bus=port1
    """,
    iommu=False,
)

topology(
    "hotplug", "an empty slot, hot-plugged through ACPI",
    """
    pcie-root-port,id=port1,bus=pcie.0,addr=1,chassis=1,slot=1
    pcie-root-port,id=port2,bus=pcie.0,addr=2,chassis=2,slot=2
    e1000e,bus=port1
    """,
    """
    00:02.0
    01:00.0
    """,
)

topology(
    "hotplug-native", "an empty slot, hot-plugged by the PCIe port's own means",
    """
    pcie-root-port,id=port1,bus=pcie.0,addr=1,chassis=1,slot=1
    pcie-root-port,id=port2,bus=pcie.0,addr=2,chassis=2,slot=2
    e1000e,bus=port1
    """,
    """
    00:02.0
    01:00.0
    """,
    machine=_NATIVE_HOTPLUG,
)

topology(
    "contract", "one of everything that the recorded answers need",
    f"""
    pcie-root-port,id=port1,bus=pcie.0,addr=1,chassis=1,slot=1
    pcie-root-port,id=port2,bus=pcie.0,addr=2,chassis=2,slot=2
    pcie-root-port,id=port3,bus=pcie.0,addr=3,chassis=3,slot=3,disable-acs=on
    pcie-root-port,id=port4,bus=pcie.0,addr=4,chassis=4,slot=4,x-speed=5
    pcie-root-port,id=port5,bus=pcie.0,addr=5,chassis=5,slot=5
    pcie-root-port,id=port6,bus=pcie.0,addr=6,chassis=6,slot=6
    e1000e,bus=port1,addr=0.0,multifunction=on
    e1000e,bus=port1,addr=0.1
    nvme-subsys,id=subsystem
    nvme,bus=port2,serial=LAB1,subsys=subsystem,{NVME_WITH_VFS}
    qemu-xhci,bus=port3,addr=0.0,multifunction=on
    intel-hda,bus=port3,addr=0.1
    e1000e,bus=port4
    nvme,bus=port6,serial=LAB2,drive=disk
    """,
    """
    01:00.0 01:00.1
    02:00.0
    00:03.0 03:00.0 03:00.1
    04:00.0
    00:05.0
    06:00.0
    """,
    machine=_disks("disk"),
)

topology(
    "boot", "for boots with pins: a card, its twin, a disk, a card of a driver that is built in, and an empty slot",
    # The ports leave a place before them: what is put in there numbers all buses anew.
    """
    pcie-root-port,id=port1,bus=pcie.0,addr=3,chassis=1,slot=1
    pcie-root-port,id=port2,bus=pcie.0,addr=4,chassis=2,slot=2
    pcie-root-port,id=port3,bus=pcie.0,addr=5,chassis=3,slot=3
    pcie-root-port,id=port4,bus=pcie.0,addr=6,chassis=4,slot=4
    pcie-root-port,id=port5,bus=pcie.0,addr=7,chassis=5,slot=5
    e1000e,bus=port1,addr=0.0,multifunction=on
    e1000e,bus=port1,addr=0.1
    e1000e,bus=port2,addr=0.0,multifunction=on
    e1000e,bus=port2,addr=0.1
    nvme,bus=port3,serial=DISK,drive=spare
    virtio-net-pci,bus=port4,disable-legacy=on
    """,
    """
    01:00.0 01:00.1
    02:00.0 02:00.1
    03:00.0
    04:00.0
    """,
    machine=_disks("spare"), idle=False,
)

# Devices that a host uses: for the scenarios of uses, which say what is done with each.


topology(
    "use-storage", "a root disk, a disk and its twin, two for an array, and one that two controllers share",
    """
    pcie-root-port,id=port1,bus=pcie.0,addr=1,chassis=1,slot=1
    pcie-root-port,id=port2,bus=pcie.0,addr=2,chassis=2,slot=2
    pcie-root-port,id=port3,bus=pcie.0,addr=3,chassis=3,slot=3
    pcie-root-port,id=port4,bus=pcie.0,addr=4,chassis=4,slot=4
    pcie-root-port,id=port5,bus=pcie.0,addr=5,chassis=5,slot=5
    pcie-root-port,id=port6,bus=pcie.0,addr=6,chassis=6,slot=6
    pcie-root-port,id=port7,bus=pcie.0,addr=7,chassis=7,slot=7
    nvme,bus=port1,serial=ROOT,drive=disk1
    nvme,bus=port2,serial=DISK,drive=disk2
    nvme,bus=port3,serial=TWIN,drive=disk3
    nvme,bus=port4,serial=MEMBER0,drive=disk4
    nvme,bus=port5,serial=MEMBER1,drive=disk5
    nvme-subsys,id=shared,nqn=shared
    nvme,id=path0,bus=port6,serial=SHARED,subsys=shared
    nvme,id=path1,bus=port7,serial=SHARED,subsys=shared
    nvme-ns,bus=path0,drive=disk6,nsid=1,shared=on
    """,
    """
    01:00.0
    02:00.0
    03:00.0
    06:00.0
    07:00.0
    """,
    machine=_disks("disk1", "disk2", "disk3", "disk4", "disk5", "disk6"), idle=False,
)

topology(
    "use-network", "two cards for a bond, one that leads outside, and a spare one",
    """
    pcie-root-port,id=port1,bus=pcie.0,addr=1,chassis=1,slot=1
    pcie-root-port,id=port2,bus=pcie.0,addr=2,chassis=2,slot=2
    pcie-root-port,id=port3,bus=pcie.0,addr=3,chassis=3,slot=3
    pcie-root-port,id=port4,bus=pcie.0,addr=4,chassis=4,slot=4
    e1000e,bus=port1
    e1000e,bus=port2
    e1000e,bus=port3,netdev=outside
    e1000e,bus=port4
    """,
    """
    01:00.0
    02:00.0
    03:00.0
    04:00.0
    """,
    # Nothing gets out of it but answers to what comes in; a scenario opens the way in.
    machine=("-netdev", "user,id=outside,restrict=on,ipv6=off"), idle=False,
)

topology(
    "use-seat", "three displays; three USB controllers: a keyboard, nothing, a disk; no other keyboard",
    """
    VGA,bus=pcie.0,addr=2
    pcie-root-port,id=port1,bus=pcie.0,addr=3,chassis=1,slot=1
    pcie-root-port,id=port2,bus=pcie.0,addr=4,chassis=2,slot=2
    pcie-root-port,id=port3,bus=pcie.0,addr=5,chassis=3,slot=3
    pcie-root-port,id=port4,bus=pcie.0,addr=6,chassis=4,slot=4
    pcie-root-port,id=port5,bus=pcie.0,addr=7,chassis=5,slot=5
    bochs-display,bus=port1
    bochs-display,bus=port5
    qemu-xhci,bus=port2,id=usb0
    qemu-xhci,bus=port3,id=usb1
    qemu-xhci,bus=port4,id=usb2
    usb-kbd,bus=usb0.0
    usb-storage,bus=usb2.0,drive=stick
    """,
    """
    00:02.0
    01:00.0
    02:00.0
    03:00.0
    04:00.0
    05:00.0
    """,
    machine=("-machine", "i8042=off", *_disks("stick")), idle=False,
)

topology(
    "peers", "what tools that move devices are compared on: a card, a disk with VFs, a disk, two identical cards",
    f"""
    pcie-root-port,id=port1,bus=pcie.0,addr=1,chassis=1,slot=1
    pcie-root-port,id=port2,bus=pcie.0,addr=2,chassis=2,slot=2
    pcie-root-port,id=port3,bus=pcie.0,addr=3,chassis=3,slot=3
    pcie-root-port,id=port4,bus=pcie.0,addr=4,chassis=4,slot=4
    pcie-root-port,id=port5,bus=pcie.0,addr=5,chassis=5,slot=5
    e1000e,bus=port1,addr=0.0,multifunction=on
    e1000e,bus=port1,addr=0.1
    nvme-subsys,id=subsystem
    nvme,bus=port2,serial=VFS,subsys=subsystem,{NVME_WITH_VFS}
    nvme,bus=port3,serial=DISK,drive=disk1
    e1000e,bus=port4
    e1000e,bus=port5
    """,
    """
    01:00.0 01:00.1
    02:00.0
    03:00.0
    04:00.0
    05:00.0
    """,
    machine=_disks("disk1"), idle=False,
)
# One machine whose cards change between its boots. The cards tell by their MAC address, of which QEMU makes the
# device serial number. Pins are tested on what `scripts/lab fixture` brings out of them: Fixtures/replug.


def _replugged(name: str, shows: str, **ports: int | str) -> None:
    """`ports`: what is in port1, port2, port3: a MAC's fifth byte for a card of two functions, or lines of its own."""
    lines = [f"pcie-root-port,id=port{n},bus=pcie.0,addr={n},chassis={n},slot={n}" for n in (1, 2, 3)]
    for port, card in ports.items():
        if isinstance(card, str):
            lines += card.split()
            continue
        lines += [f"e1000e,bus={port},addr=0.0,multifunction=on,mac=52:54:00:00:{card:02x}:01",
                  f"e1000e,bus={port},addr=0.1,mac=52:54:00:00:{card:02x}:02"]
    topology(f"replug-{name}", shows, "\n".join(lines), idle=False)


_SWITCH = """x3130-upstream,id=up,bus=port1 xio3130-downstream,id=down0,bus=up,addr=0,chassis=10,slot=10
    xio3130-downstream,id=down1,bus=up,addr=1,chassis=11,slot=11 e1000e,bus=down0,mac=52:54:00:00:cc:01"""

_replugged("before", "a card in the second slot, its twin in the third", port2=0xAA, port3=0xBB)
_replugged("added", "a card with a switch was put in before them: buses are numbered anew",
           port1=_SWITCH, port2=0xAA, port3=0xBB)
_replugged("moved", "the card went from the second slot to the first", port1=0xAA, port3=0xBB)
_replugged("swapped", "card and twin changed places", port2=0xBB, port3=0xAA)
_replugged("replaced", "another card of the same kind is in the card's slot", port2=0xDD, port3=0xBB)
_replugged("removed", "the card is out", port3=0xBB)
_replugged("equal", "card and twin have one serial number", port2=0xAA, port3=0xAA)
