"""A graphics card of four functions in one group, beside an integrated boot display."""

import desktop
from configspace import Bar, advanced_error_reporting, msi, pcie, power_management
from host import Function, Host

CARD = "0000:01:00"
LINK, RUNNING = (8, 16), (8, 8)


def four_functions() -> Host:
    """Graphics, audio, USB and UCSI: no ACS, so one group; consumers of the graphics function by device links."""
    host = desktop.build()
    group = host.new_group()
    # Stale: when the kernel looked, the other three were not there yet.
    host.add(_function(0, 0x1E87, 0x030000, "nouveau", group, reset_methods="bus", boot_vga=False,
                       bars=[Bar(0, 0xDC000000, 0x1000000), Bar(1, 0xA0000000, 0x10000000, "64p")]))
    host.add(_function(1, 0x10F8, 0x040300, "snd_hda_intel", group, bars=[Bar(0, 0xDD080000, 0x4000)]))
    host.add(_function(2, 0x1AD8, 0x0C0330, "xhci_hcd", group, reset_methods="pm", no_soft_reset=False,
                       bars=[Bar(0, 0xB0000000, 0x40000, "64p")]))
    host.add(_function(3, 0x1AD9, 0x0C8000, "nvidia-gpu", group, bars=[Bar(0, 0xDD084000, 0x1000)]))
    for number in (1, 2, 3):
        host.device_link(f"{CARD}.0", f"{CARD}.{number}")
    desktop.add_disk(host)
    desktop.add_network(host)
    desktop.furnish(host)
    host.display(f"{CARD}.0", 1)
    host.module("nouveau", "pci:v000010DEd*sv*sd*bc03sc*i*")
    host.module("snd_hda_intel", "pci:v000010DEd*sv*sd*bc04sc03i00*")
    host.module("i2c_nvidia_gpu", "pci:v000010DEd*sv*sd*bc0Csc80i00*")
    return host


def _function(number: int, device: int, class_code: int, driver: str, group: int | None, *, bars: list[Bar],
              no_soft_reset: bool = True, reset_methods: str | None = None, boot_vga: bool | None = None) -> Function:
    return Function(
        f"{CARD}.{number}", 0x10DE, device, class_code, driver=driver, group=group, below="0000:00:01.0",
        subsystem=(0x1043, 0x866A), revision=0xA1, multifunction=True, irq=150 + number,
        capabilities=[power_management(no_soft_reset), msi(enabled=True), pcie("endpoint", link=LINK, running=RUNNING)],
        extended=[advanced_error_reporting()], bars=bars, reset_methods=reset_methods, boot_vga=boot_vga)
