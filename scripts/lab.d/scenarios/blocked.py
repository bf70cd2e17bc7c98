"""A bridge that shpchp holds blocks its group: `check` says so, and what it proposes is all that it takes."""

import picture
import vfio
from answers import Finding
from guest import Guest
from program import Program
from scenarios import scenario
from scenarios.byhand import move
from session import Session

BRIDGE = "0000:00:01.0"
CARDS = ["0000:01:01.0", "0000:01:02.0"]


@scenario("blocked", "shpchp on the bridge blocks the group; the finding's remedy, typed as it stands, frees it")
def run(session: Session) -> None:
    with session.boot("shpchp") as guest:
        hostdev = Program(guest)
        before = picture.take(guest)
        session.check("shpchp has the bridge", picture.driver(before, BRIDGE) == "shpchp", picture.driver(before, BRIDGE))
        names = " ".join(CARDS)
        findings = _blocking(hostdev, names)
        good = [finding["functions"] for finding in findings] == [[BRIDGE]]
        if not session.check("group-blocked names the bridge", good, findings if not good else findings[0]["message"]):
            return
        answer = hostdev.run(f"bind {names} --json")
        session.check("bind refuses", answer.status == 1, answer if answer.status != 1 else "")
        _asked(session, guest, before)
        guest.must(findings[0]["remedy"])
        session.check("after the remedy nothing blocks", not _blocking(hostdev, names), findings[0]["remedy"])
        answer = hostdev.run(f"bind {names} --json")
        session.check("bind", answer.status == 0, answer if answer.status else "")
        good, said = vfio.viable(guest, picture.group(before, BRIDGE), CARDS)
        session.check("the group is viable", good, said.replace("\n", " "))
        answer = hostdev.run(f"release {names} --json")
        session.check("release", answer.status == 0, answer if answer.status else "")
        guest.must(f"echo {BRIDGE} >/sys/bus/pci/drivers/shpchp/bind")
        left = picture.settled(guest, before)
        session.check("all is as before", not left, "\n".join(left))


def _asked(session: Session, guest: Guest, before: picture.Picture) -> None:
    """The kernel's own word: with the cards on vfio-pci by hand the group cannot be opened beside shpchp."""
    drivers = {card: picture.driver(before, card) for card in CARDS}
    guest.must("modprobe vfio-pci")
    for card in drivers:
        move(guest, card, "vfio-pci")
    good, said = vfio.viable(guest, picture.group(before, BRIDGE), CARDS)
    session.check("the kernel says that the group is not viable", not good and "viable=0" in said, said.replace("\n", " "))
    for card, driver in drivers.items():
        move(guest, card, driver)
        guest.must(f"echo >/sys/bus/pci/devices/{card}/driver_override")
    left = picture.settled(guest, before)
    session.check("moved back by hand all is as before", not left, "\n".join(left))


def _blocking(hostdev: Program, names: str) -> list[Finding]:
    answer = hostdev.run(f"check {names} --json").json()
    return [finding for finding in answer["findings"] if finding["code"] == "group-blocked"]
