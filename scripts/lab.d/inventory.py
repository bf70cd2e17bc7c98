"""Our inventory beside the two that every host has: sysfs itself, and lspci."""

from collections.abc import Mapping

import facts
import lspci
import picture
from answers import Device
from guest import Guest
from program import Program
from session import Session


def compare(session: Session, guest: Guest, hostdev: Program) -> None:
    """Checks that `list --all` and `show --all` say of every function what the guest's own sysfs and lspci say."""
    shot = picture.take(guest)
    listed = {device["address"]: device for device in hostdev.json("list --all")["devices"]}
    shown = {device["address"]: device for device in hostdev.json("show --all --wake")["devices"]}
    everything = picture.functions(shot)
    session.check("list --all names every function", sorted(listed) == everything, sorted(listed))
    session.check("show --all names every function", sorted(shown) == everything, sorted(shown))
    _report(session, "list --all says what sysfs says", listed, {
        address: _of_sysfs(shot, address) for address in everything})
    _report(session, "show --all says what sysfs says", {address: _flattened(shown[address]) for address in shown}, {
        address: _of_sysfs(shot, address) | _more_of_sysfs(shot, address) for address in everything})
    _report(session, "show --all says what lspci says", {address: facts.of_device(shown[address]) for address in shown},
            _by_lspci(guest))


def _report(session: Session, name: str, ours: Mapping[str, Mapping[str, object]],
            theirs: Mapping[str, Mapping[str, object]]) -> None:
    """One check: every key that the judge has, of every function."""
    wrong = [f"{address}: no such function here" for address in sorted(theirs.keys() - ours.keys())]
    for address, wanted in sorted(theirs.items()):
        wrong += [f"{address} {key}: {ours[address].get(key)!r}, and not {value!r}" for key, value in wanted.items()
                  if address in ours and ours[address].get(key) != value]
    count = sum(map(len, theirs.values()))
    session.check(name, not wrong and count, "\n".join(wrong) or f"{count} values of {len(theirs)} functions")


def _of_sysfs(shot: picture.Picture, address: str) -> dict[str, object]:
    attribute = {name: shot.get(f"devices/{address}/{name}") for name in (
        "vendor", "device", "subsystem_vendor", "subsystem_device", "class")}
    return {
        "vendor_id": attribute["vendor"], "device_id": attribute["device"],
        "subsystem_vendor_id": attribute["subsystem_vendor"],
        "subsystem_device_id": attribute["subsystem_device"], "class": attribute["class"],
        "driver": picture.driver(shot, address), "iommu_group": picture.group(shot, address),
    }


def _more_of_sysfs(shot: picture.Picture, address: str) -> dict[str, object]:
    def text(name: str) -> str | None:
        return shot.get(f"devices/{address}/{name}")

    def number(name: str) -> int | None:
        found = text(name)
        return None if found is None else int(found)

    methods = text("reset_method")
    boot_vga = text("boot_vga")
    return {
        "revision": text("revision"), "driver_override": picture.override(shot, address),
        "numa_node": None if number("numa_node") == -1 else number("numa_node"),
        "boot_vga": None if boot_vga is None else boot_vga == "1",
        "kernel_methods": None if methods is None else methods.split(),
        "num_vfs": number("sriov_numvfs"), "sriov_total": number("sriov_totalvfs"),
    }


def _flattened(device: Device) -> dict[str, object]:
    reset, sriov = device["reset"], device["sriov"]
    return {
        **device, "kernel_methods": reset["kernel_methods"] if reset else None,
        "num_vfs": sriov["num_vfs"] if sriov else None, "sriov_total": sriov["total_vfs"] if sriov else None,
    }


def _by_lspci(guest: Guest) -> dict[str, facts.Facts]:
    """{address: what lspci shows of it, in the keys of facts.py}."""
    found = {}
    for block in guest.must("lspci -Dnkvvv", 120).split("\n\n"):
        if block.strip():
            found[block.split()[0]] = lspci.parse(block.strip() + "\n")
    return found
