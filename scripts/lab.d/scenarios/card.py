"""The main story on a real kernel: a two-function card goes to a guest and comes back."""

import inventory
import picture
import vfio
from guest import Guest
from program import Program, obstacles
from scenarios import scenario
from scenarios.byhand import CARD, move
from session import Session


@scenario("card", "a two-function card is listed, checked, bound, used by an inner guest, and released", quick=True)
def run(session: Session) -> None:
    with session.boot("card", inner=True) as guest:
        hostdev = Program(guest)
        inventory.compare(session, guest, hostdev)

        # An administrator's own override, which has to be there again at the end.
        guest.must(f"echo e1000e >/sys/bus/pci/devices/{CARD[1]}/driver_override")
        before = picture.take(guest)

        answer = hostdev.json("check 01:00.0", status=1)
        session.check("half a card is refused", answer["verdict"] == "refused" and answer["missing"] == [CARD[1]],
                      {key: answer[key] for key in ("verdict", "missing")})
        answer = hostdev.run("check 01:00 --json").json()
        session.check("nothing keeps the card here", answer["functions"] == list(CARD) and not answer["missing"]
                      and not obstacles(answer), obstacles(answer) or answer["verdict"])
        left = picture.differences(before, picture.take(guest))
        session.check("checking changes nothing", not left, "\n".join(left))

        _bind(session, guest, hostdev, before)
        _release(session, guest, hostdev, before)
        _half_by_hand(session, guest, before)


def _bind(session: Session, guest: Guest, hostdev: Program, before: picture.Picture) -> None:
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
    held = [hold["address"] for hold in hostdev.json("status")["held"]]
    session.check("status names what is held", held == list(CARD), held)
    session.check("binding again changes nothing", not writes and not left, "\n".join([*map(str, writes), *left]))

    good, said = vfio.viable(guest, group, CARD)
    session.check("the group is viable", good, said.replace("\n", " "))
    xml = hostdev.run("xml 01:00 --guest 00:05.0").stdout
    listed, said = vfio.inner_guest(guest, vfio.devices(xml))
    session.check("an inner guest lists both functions", listed.get("5.0") == listed.get("5.1") == "8086:10d3",
                  listed or said)


def _release(session: Session, guest: Guest, hostdev: Program, before: picture.Picture) -> None:
    answer = hostdev.json("release 01:00")
    session.check("release", answer["outcome"]["result"] == "done", answer["outcome"]["result"])
    left = picture.settled(guest, before)
    after = picture.take(guest)
    states = [(picture.driver(after, address), picture.override(after, address)) for address in CARD]
    session.check("driver and override are as before", states == [("e1000e", None), ("e1000e", "e1000e")], states)
    session.check("all of sysfs is as before", not left, "\n".join(left))
    status = hostdev.json("status")
    session.check("status is clean", not status["held"] and not status["interrupted"],
                  {key: status[key] for key in ("held", "interrupted")})


def _half_by_hand(session: Session, guest: Guest, before: picture.Picture) -> None:
    """Shows that `viable` above meant something: with the sibling on its own driver the kernel says no."""
    move(guest, CARD[0], "vfio-pci")
    good, said = vfio.viable(guest, picture.group(before, CARD[0]))
    session.check("half a card, moved by hand, is not viable", not good and "viable=0" in said, said.replace("\n", " "))
