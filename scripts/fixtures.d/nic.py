"""A two-port network card with four virtual functions on its first port."""

import functools
from dataclasses import replace

import desktop
from configspace import (
    Bar,
    access_control,
    advanced_error_reporting,
    alternative_routing,
    msi,
    msix,
    pcie,
    power_management,
    serial_number,
    sriov,
    vital_product_data,
)
from host import Function, Host

LINK = (5, 4)
SUBSYSTEM = (0x8086, 0x5001)
FIRST_VF, STRIDE = 0x80, 4
# What both kinds of its functions are.
_FUNCTION = functools.partial(Function, vendor=0x8086, class_code=0x020000, below="0000:00:01.0", subsystem=SUBSYSTEM,
                              revision=0x01)


def with_vfs() -> Host:
    """PFs 01:00.0 (four VFs) and 01:00.1 (none) on igb; one VF with a guest's driver, the others on igbvf."""
    host = desktop.build(ports=(replace(desktop.CARD_PORT, running=(5, 4), ari_enabled=True), desktop.DISK_PORT,
                                desktop.NETWORK_PORT))
    # `bus` on the first port is stale: the second was not there yet.
    host.add(_pf(0, host.new_group(), active=4, reset_methods="flr pm bus"))
    host.add(_pf(1, host.new_group(), active=0, reset_methods="flr pm"))
    desktop.add_disk(host)
    desktop.add_network(host)
    desktop.furnish(host)
    for port in (0, 1):
        host.interface(f"0000:01:00.{port}", f"enp1s0f{port}", f"52:54:00:00:01:0{port}")
    # VFs came after boot, so their groups are the last.
    for index in range(4):
        driver = "vfio-pci" if index == 1 else "igbvf"
        vf = host.add(_vf(index, driver, host.new_group()))
        if driver == "igbvf":
            host.interface(vf.address, f"enp1s0f0v{index}", f"52:54:00:00:02:0{index}")
    host.module("igb", "pci:v00008086d00001521sv*sd*bc*sc*i*")
    host.module("igbvf", "pci:v00008086d00001520sv*sd*bc*sc*i*")
    return host


def _pf(port: int, group: int | None, active: int, reset_methods: str) -> Function:
    base = 0xDB000000 + port * 0x100000
    return _FUNCTION(
        f"0000:01:00.{port}", device=0x1521, driver="igb", group=group, multifunction=True, irq=24 + port,
        reset_methods=reset_methods, bars=[Bar(0, base, 0x80000), Bar(3, base + 0x80000, 0x4000)],
        capabilities=[power_management(no_soft_reset=False), msi(), msix(10, bar=3, enabled=True),
                      pcie("endpoint", flr=True, link=LINK), vital_product_data()],
        extended=[advanced_error_reporting(), serial_number("52-54-00-ff-ff-00-01-00"),
                  alternative_routing(next_function=1 - port), access_control(),
                  sriov(8, active, FIRST_VF, STRIDE, 0x1520, vf_bar=base + 0x84000)],
        # igb allows one VF fewer than TotalVFs, and sysfs shows the driver's limit.
        attributes=dict(sriov_totalvfs="7", sriov_numvfs=str(active), sriov_offset=str(FIRST_VF),
                        sriov_stride=str(STRIDE), sriov_vf_device="1520", sriov_drivers_autoprobe="1"))


def _vf(index: int, driver: str, group: int | None) -> Function:
    routing = FIRST_VF + index * STRIDE
    guest = driver == "vfio-pci"
    return _FUNCTION(
        f"0000:01:{routing >> 3:02x}.{routing & 7}", device=0x1520, driver=driver, group=group,
        override="vfio-pci" if guest else None, physical_function="0000:01:00.0", reset_methods="flr",
        bars=[Bar(0, 0xDB084000 + index * 0x4000, 0x4000, "64")],
        capabilities=[msix(3, bar=3, enabled=not guest), pcie("endpoint", flr=True, link=LINK)],
        extended=[advanced_error_reporting(), alternative_routing(), access_control()])
