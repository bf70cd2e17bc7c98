"""A two-function accelerator card whose groups would let half of it go, and whose reset does not."""

from collections.abc import Sequence

import desktop
from configspace import Bar, access_control, advanced_error_reporting, msix, pcie, power_management, serial_number
from host import Function, Host

IDS = ("0x5000", "0x5001")
MODULES = ("xclmgmt", "xocl")


def own_drivers() -> Host:
    """The card on its own drivers."""
    return _host("intel_iommu=on iommu=pt", MODULES)


def claimed_at_boot() -> Host:
    """The card on vfio-pci since boot, by vfio-pci.ids=, with no override: its drivers are only in modules.alias."""
    arguments = "intel_iommu=on iommu=pt vfio-pci.ids=10ee:5000,10ee:5001"
    host = _host(arguments, ("vfio-pci", "vfio-pci"))
    host.file("etc/default/grub", DEFAULTS.format(arguments))
    return host


# As Debian's installer leaves it, with the arguments put in by hand.
DEFAULTS = """\
# If you change this file, run 'update-grub' afterwards to update
# /boot/grub/grub.cfg.

GRUB_DEFAULT=0
GRUB_TIMEOUT=5
GRUB_DISTRIBUTOR=`lsb_release -i -s 2> /dev/null || echo Debian`
GRUB_CMDLINE_LINUX_DEFAULT="quiet"
GRUB_CMDLINE_LINUX="{}"
"""


def _host(cmdline: str, drivers: Sequence[str]) -> Host:
    host = desktop.build(cmdline)
    # The root bus has the groups 0 to 11, so these are 12 and 13.
    host.add(_card(0, drivers[0], host.new_group(), reset_methods="bus"))
    host.add(_card(1, drivers[1], host.new_group(), reset_methods=None))
    desktop.add_disk(host)
    desktop.add_network(host)
    desktop.furnish(host)
    for device, module in zip(IDS, MODULES, strict=True):
        host.module(module, f"pci:v000010EEd0000{device[2:]}sv*sd*bc*sc*i*")
    return host


def _card(number: int, driver: str, group: int | None, reset_methods: str | None) -> Function:
    """One function: no FLR, no PM reset, no AF. An ACS capability without bits asks for nothing, so it isolates."""
    link, running = (8, 16), (8, 8)
    # vfio-pci puts an idle function to sleep.
    asleep = driver == "vfio-pci"
    return Function(
        f"0000:01:00.{number}", 0x10EE, 0x5000 + number, 0x120000, driver=driver, group=group,
        below="0000:00:01.0", subsystem=(0x10EE, 0x000E), multifunction=True, irq=140 + number,
        bars=[Bar(0, 0x6000000000 + number * 0x4000000, 0x2000000, "64p"),
              Bar(4, 0x6002000000 + number * 0x4000000, 0x20000, "64p")],
        # `bus` on the first function of two is what the kernel found before it saw the second.
        reset_methods=reset_methods, asleep=asleep,
        capabilities=[power_management(no_soft_reset=True, state=3 if asleep else 0),
                      msix(32, bar=4, enabled=driver in MODULES),
                      pcie("endpoint", port=0, link=link, running=running)],
        extended=[advanced_error_reporting(), access_control(), serial_number("00-0a-35-ff-ff-00-00-01")])
