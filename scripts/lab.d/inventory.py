"""Our inventory beside the two that every host has: sysfs itself, and lspci."""

import picture


def compare(session, guest, hostdev):
    """Checks that `list --all` says of every function what the guest's own sysfs and lspci say."""
    shot = picture.take(guest)
    listed = {device["address"]: device for device in hostdev.json("list --all")["devices"]}
    session.check("list --all names every function", sorted(listed) == picture.functions(shot), sorted(listed))
    wrong = []
    for address, device in listed.items():
        attribute = {name: shot.get(f"devices/{address}/{name}") for name in (
            "vendor", "device", "subsystem_vendor", "subsystem_device", "class")}
        wanted = {
            "vendor_id": attribute["vendor"], "device_id": attribute["device"],
            "subsystem_vendor_id": attribute["subsystem_vendor"],
            "subsystem_device_id": attribute["subsystem_device"], "class": attribute["class"],
            "driver": picture.driver(shot, address), "iommu_group": picture.group(shot, address),
        }
        wrong += [f"{address} {key}: {device.get(key)!r}, sysfs says {value!r}"
                  for key, value in wanted.items() if device.get(key) != value]
    session.check("list --all says what sysfs says", not wrong, "\n".join(wrong) or f"{len(listed)} functions")

    ours = {address: (device["class"][2:6], f"{device['vendor_id'][2:]}:{device['device_id'][2:]}", device["driver"])
            for address, device in listed.items()}
    theirs = _lspci(guest)
    wrong = [f"{address}: {ours.get(address)}, lspci says {theirs.get(address)}"
             for address in sorted(ours.keys() | theirs.keys()) if ours.get(address) != theirs.get(address)]
    session.check("list --all says what lspci says", not wrong, "\n".join(wrong) or f"{len(theirs)} functions")


def _lspci(guest):
    """{address: (class, vendor:device, driver)} by lspci."""
    found = {}
    for block in guest.must("lspci -Dnk").split("\n0000:"):
        first, *more = block.split("\n")
        address, kind, ids = first.removeprefix("0000:").split()[:3]
        drivers = [line.split(": ")[1] for line in more if "Kernel driver in use" in line]
        found[f"0000:{address}"] = (kind.rstrip(":"), ids, drivers[0] if drivers else None)
    return found
