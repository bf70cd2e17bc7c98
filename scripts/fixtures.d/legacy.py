"""Two conventional cards behind a PCIe-to-PCI bridge that shpchp has."""

from dataclasses import replace

import desktop
from configspace import (
    Bar,
    Capability,
    advanced_error_reporting,
    advanced_features,
    bridge_subsystem,
    hot_plug_controller,
    msi,
    pcie,
    power_management,
)
from host import Function, Host

LINK = (2.5, 1)
BRIDGE = "0000:01:00.0"


def behind_bridge() -> Host:
    """The bridge makes its devices' DMA look like its own, so all three are one group; its driver blocks it."""
    ports = (replace(desktop.CARD_PORT, buses=(1, 2), running=(2.5, 1)),
             replace(desktop.DISK_PORT, buses=(3, 3)), replace(desktop.NETWORK_PORT, buses=(4, 4)))
    host = desktop.build(ports=ports)
    group = host.new_group()
    host.add(Function(
        BRIDGE, 0x10B5, 0x8112, 0x060400, driver="shpchp", group=group, below="0000:00:01.0", buses=(2, 2),
        revision=0xAA, irq=16,
        capabilities=[power_management(no_soft_reset=True), msi(enabled=True), pcie("pcie-to-pci bridge", link=LINK),
                      bridge_subsystem(0x10B5, 0x8112), hot_plug_controller()],
        extended=[advanced_error_reporting()]))
    # `bus` is stale here too: the second card was not there yet.
    host.add(_card(0, 0x104C, 0x8023, 0x0C0010, "firewire_ohci", group, "pm bus",
                   [power_management(no_soft_reset=False)]))
    host.add(_card(1, 0x1274, 0x1371, 0x040100, "snd_ens1371", group, "af_flr",
                   [power_management(no_soft_reset=True), advanced_features(flr=True)]))
    desktop.add_disk(host, "0000:03:00.0", "0000:00:1c.0")
    desktop.add_network(host, "0000:04:00.0", "0000:00:1d.0")
    desktop.furnish(host)
    host.module("firewire_ohci", "pci:v*d*sv*sd*bc0Csc00i10*")
    host.module("snd_ens1371", "pci:v00001274d00001371sv*sd*bc*sc*i*")
    return host


def _card(number: int, vendor: int, device: int, class_code: int, driver: str, group: int | None, reset_methods: str,
          capabilities: list[Capability]) -> Function:
    return Function(f"0000:02:0{number}.0", vendor, device, class_code, driver=driver, group=group, below=BRIDGE,
                    subsystem=(vendor, device), irq=17 + number, reset_methods=reset_methods,
                    bars=[Bar(0, 0xDD000000 + number * 0x1000, 0x800)], capabilities=capabilities)
