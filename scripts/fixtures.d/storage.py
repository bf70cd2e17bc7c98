"""Disks in every way that a host can use them, and one that it does not use."""

from dataclasses import replace

import desktop
from configspace import Bar, msix, pcie, power_management
from host import Host

UNUSED_MODEL = "Samsung SSD 980 PRO 1TB"


def nvme_root() -> Host:
    """Four NVMe controllers: the root disk, LVM, a native multipath namespace, and one without namespaces."""
    ports = (replace(desktop.CARD_PORT, link=(8, 4), running=(8, 4)), desktop.DISK_PORT,
             replace(desktop.NETWORK_PORT, link=(8, 4), running=(8, 4), multifunction=True),
             replace(desktop.DISK_PORT, address="0000:00:1b.0", buses=(4, 4), number=17, device=0xA340),
             replace(desktop.NETWORK_PORT, address="0000:00:1d.4", buses=(5, 5), number=13, device=0xA334,
                                    multifunction=True))
    host = desktop.build(ports=ports)
    desktop.add_disk(host, "0000:01:00.0", "0000:00:01.0")
    for bus, port in ((2, "1c.0"), (3, "1d.0"), (4, "1b.0")):
        host.add(desktop.nvme(f"0000:{bus:02x}:00.0", f"0000:00:{port}", host.new_group(), 0xDF200000 + (bus << 20)))
    host.nvme("0000:02:00.0", 1, desktop.DISK_MODEL, partitions=[(976771072, None)])
    host.logical_volume("data-images", "nvme1n1p1", "/srv")
    host.nvme("0000:03:00.0", 2, "KIOXIA CM7-R 1.92TB", partitions=[(976771072, "/var/lib")], hidden=True)
    host.nvme("0000:04:00.0", 3, UNUSED_MODEL, namespaces=False)
    desktop.add_network(host, "0000:05:00.0", "0000:00:1d.4")
    desktop.furnish(host)
    return host


def no_iommu() -> Host:
    """A host with an IOMMU in its firmware that the kernel does not use, and a disk that could otherwise go."""
    host = desktop.build(cmdline="", iommu=False)
    host.add(desktop.nvme("0000:01:00.0", "0000:00:01.0", host.new_group(), 0xDF300000))
    host.nvme("0000:01:00.0", 1, UNUSED_MODEL)
    desktop.add_disk(host)
    desktop.add_network(host)
    desktop.furnish(host)
    return host


def behind_vmd() -> Host:
    """Two disks behind a Volume Management Device, in a PCI domain of five digits and in its group."""
    vmd_address = "0000:00:0e.0"
    vmd = desktop.chipset(vmd_address, 0x467F, 0x010400, "vmd", irq=0, capabilities=[
        power_management(no_soft_reset=True), msix(19, enabled=True), pcie("root complex endpoint")],
        bars=[Bar(0, 0x6000000000, 0x2000000, "64p"), Bar(2, 0xDA000000, 0x2000000)])
    ports = (desktop.CARD_PORT, desktop.NETWORK_PORT)
    host = desktop.build(ports=ports, extra=(vmd,))
    root = f"{host.path(vmd_address)}/pci10000:e0"
    # The kernel lets everything below do DMA as the VMD itself, so it joins the VMD's group.
    group = host.group(vmd_address)
    for index in (0, 1):
        bus = 0xE1 + index
        port = desktop.Port(f"10000:e0:0{6 + index}.0", 0x464D, (bus, bus), link=(8, 4), number=5 + index).function(group)
        host.add(replace(port, attributes={"root": root}))
        host.add(desktop.nvme(f"10000:{bus:02x}:00.0", port.address, group, 0xDA000000 + (index << 20)))
    host.link(f"{host.path(vmd_address)}/domain", root)
    host.nvme("10000:e1:00.0", 0, desktop.DISK_MODEL,
              partitions=[(1048576, "/boot/efi"), (958945280, "/"), (16777216, "swap")])
    host.nvme("10000:e2:00.0", 1, UNUSED_MODEL)
    desktop.add_network(host)
    desktop.furnish(host)
    host.module("vmd", "pci:v00008086d0000467Fsv*sd*bc*sc*i*")
    return host
