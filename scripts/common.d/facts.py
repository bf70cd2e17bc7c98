"""What is compared of a function: one value for each of these keys, from any judge.

A key that a judge does not show is left out and not compared; what it shows to be absent is None or False.

    vendor_id device_id class revision          "0x10ee" "0x5000" "0x120000" "0x00"
    subsystem                                   "0x10ee:0x000e", None if there is none
    driver iommu_group                          text, integer or None
    header_type secondary_bus subordinate_bus   integers; None if it is not a bridge
    flr af_flr pm                               booleans, as hostdev's `reset` has them
    acs_capability acs_control                  "SV RR CR UF" or None without the capability
    ari_supported ari_enabled                   booleans, None if it is not a port
    total_vfs serial_number                     None without the capability
    link_port link_max_speed link_max_width link_speed link_width
"""

from answers import Device

Fact = str | float | bool | None
Facts = dict[str, Fact]


def of_device(device: Device) -> Facts:
    """One function of `show --json`."""
    reset, bridge, link = device["reset"], device["bridge"], device["link"]
    acs, ari, sriov = device["acs"], device["ari_forwarding"], device["sriov"]
    return {
        "vendor_id": device["vendor_id"], "device_id": device["device_id"], "class": device["class"],
        "revision": device["revision"], "subsystem": _subsystem(device), "driver": device["driver"],
        "iommu_group": device["iommu_group"], "header_type": device["header_type"],
        "secondary_bus": bridge["secondary_bus"] if bridge else None,
        "subordinate_bus": bridge["subordinate_bus"] if bridge else None,
        "flr": reset["flr"] if reset else None, "af_flr": reset["af_flr"] if reset else None,
        "pm": reset["pm"] if reset else None,
        "acs_capability": " ".join(acs["capability"]) if acs else None,
        "acs_control": " ".join(acs["control"]) if acs else None,
        "ari_supported": ari["supported"] if ari else None, "ari_enabled": ari["enabled"] if ari else None,
        "total_vfs": sriov["total_vfs"] if sriov else None, "serial_number": device["serial_number"],
        "link_port": link["port"] if link else None, "link_max_speed": link["max_speed_gts"] if link else None,
        "link_max_width": link["max_width"] if link else None, "link_speed": link["speed_gts"] if link else None,
        "link_width": link["width"] if link else None,
    }


def _subsystem(device: Device) -> str | None:
    """None if there is none: the registers then read zeros or ones."""
    vendor, name = device["subsystem_vendor_id"], device["subsystem_device_id"]
    return None if vendor in (None, "0x0000", "0xffff") else f"{vendor}:{name}"
