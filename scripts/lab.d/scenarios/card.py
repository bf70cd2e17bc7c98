"""The main story on a real kernel: a two-function card goes to a guest and comes back."""

import picture
import vfio
from program import Program
from scenarios import scenario
from scenarios.byhand import CARD, move


@scenario("card", "a two-function card is listed, checked, bound, used by an inner guest, and released", quick=True)
def run(session):
    with session.boot("card", inner=True) as guest:
        hostdev = Program(guest)
        _inventory(session, guest, hostdev)

        # An administrator's own override, which has to be there again at the end.
        guest.must(f"echo e1000e >/sys/bus/pci/devices/{CARD[1]}/driver_override")
        before = picture.take(guest)

        answer = hostdev.json("check 01:00.0", status=1)
        session.check("half a card is refused", answer["verdict"] == "refused" and answer["missing"] == [CARD[1]],
                      {key: answer[key] for key in ("verdict", "missing")})
        answer = hostdev.json("check 01:00")
        session.check("the card is assignable", answer["verdict"] == "assignable" and answer["functions"] == list(CARD),
                      {key: answer[key] for key in ("verdict", "functions")})
        left = picture.differences(before, picture.take(guest))
        session.check("checking changes nothing", not left, "\n".join(left))

        _bind(session, guest, hostdev, before)
        _release(session, guest, hostdev, before)
        _half_by_hand(session, guest, before)


def _inventory(session, guest, hostdev):
    """`list` says what sysfs and lspci say."""
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


def _bind(session, guest, hostdev, before):
    answer = hostdev.json("bind 01:00")
    session.check("bind", answer["outcome"]["result"] == "done", answer["outcome"]["result"])
    bound = picture.take(guest)
    drivers = [picture.driver(bound, address) for address in CARD]
    session.check("each function is on vfio-pci", drivers == ["vfio-pci"] * 2, drivers)
    group = picture.group(bound, CARD[0])
    session.check("the group's node is there", guest.run(f"[ -c /dev/vfio/{group} ]").status == 0, f"/dev/vfio/{group}")
    others = [line for line in picture.differences(before, bound) if not any(address in line for address in CARD)]
    session.check("nothing else changed", not others, "\n".join(others))

    again = hostdev.json("bind 01:00")
    writes = [step for step in again["plan"] if step["op"] == "write"]
    left = picture.differences(bound, picture.take(guest))
    session.check("binding again changes nothing", not writes and not left, "\n".join([*map(str, writes), *left]))

    good, said = vfio.viable(guest, group, CARD)
    session.check("the group is viable", good, said.replace("\n", " "))
    listed, said = vfio.inner_guest(guest, CARD)
    session.check("an inner guest lists both functions", listed.get("5.0") == listed.get("5.1") == "8086:10d3",
                  listed if listed else said)


def _release(session, guest, hostdev, before):
    answer = hostdev.json("release 01:00")
    session.check("release", answer["outcome"]["result"] == "done", answer["outcome"]["result"])
    left = picture.settled(guest, before)
    after = picture.take(guest)
    states = [(picture.driver(after, address), picture.override(after, address)) for address in CARD]
    session.check("driver and override are as before", states == [("e1000e", None), ("e1000e", "e1000e")], states)
    session.check("all of sysfs is as before", not left, "\n".join(left))
    leftovers = hostdev.leftovers()
    session.check("status is clean", not leftovers, leftovers)


def _half_by_hand(session, guest, before):
    """Shows that `viable` above meant something: with the sibling on its own driver the kernel says no."""
    move(guest, CARD[0], "vfio-pci")
    good, said = vfio.viable(guest, picture.group(before, CARD[0]))
    session.check("half a card, moved by hand, is not viable", not good and "viable=0" in said, said.replace("\n", " "))
