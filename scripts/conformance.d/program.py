"""What hostdev says of a tree, in the judges' keys."""

import json
import subprocess


class Failed(Exception):
    """hostdev did not answer; the text says how."""


def facts(binary, tree):
    """hostdev's answer by address. A tree is no hardware, so sleeping functions are read too."""
    command = [binary, "show", "--all", "--wake", "--json", "--root", tree]
    try:
        run = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=120, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Failed(str(error)) from error
    if run.returncode != 0:
        raise Failed(f"exit {run.returncode}: {(run.stderr or run.stdout).strip()}")
    try:
        devices = json.loads(run.stdout)["devices"]
        return {device["address"]: flat(device) for device in devices}
    except (ValueError, KeyError, TypeError) as error:
        raise Failed(f"its JSON is not what the judges can read: {error!r}") from error


def flat(device):
    """One function of `show --json` in the judges' keys."""
    reset, bridge, link = device["reset"] or {}, device["bridge"] or {}, device["link"] or {}
    acs, ari, sriov = device["acs"], device["ari_forwarding"] or {}, device["sriov"] or {}
    return {
        "vendor_id": device["vendor_id"], "device_id": device["device_id"], "class": device["class"],
        "revision": device["revision"], "subsystem": _subsystem(device), "driver": device["driver"],
        "iommu_group": device["iommu_group"], "header_type": device["header_type"],
        "secondary_bus": bridge.get("secondary_bus"), "subordinate_bus": bridge.get("subordinate_bus"),
        "flr": reset.get("flr"), "af_flr": reset.get("af_flr"), "pm": reset.get("pm"),
        "acs_capability": " ".join(acs["capability"]) if acs else None,
        "acs_control": " ".join(acs["control"]) if acs else None,
        "ari_supported": ari.get("supported"), "ari_enabled": ari.get("enabled"),
        "total_vfs": sriov.get("total_vfs"), "serial_number": device["serial_number"],
        "link_port": link.get("port"), "link_max_speed": link.get("max_speed_gts"),
        "link_max_width": link.get("max_width"), "link_speed": link.get("speed_gts"), "link_width": link.get("width"),
    }


def _subsystem(device):
    """None where there is none: the registers then read zeros or ones."""
    vendor, name = device["subsystem_vendor_id"], device["subsystem_device_id"]
    return None if vendor in (None, "0x0000", "0xffff") else f"{vendor}:{name}"
