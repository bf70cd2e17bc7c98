"""Each topology comes up and has the groups that it is declared with: the ground on which everything else stands."""

import picture
import topologies
from guest import Guest
from scenarios import scenario
from session import Session
from topologies import Topology


def _register(topology: Topology) -> None:
    @scenario(f"boot-{topology.name}", f"{topology.shows}: comes up with the declared groups", needs=())
    def run(session: Session) -> None:
        with session.boot(topology.name) as guest:
            shot = picture.take(guest)
            expected = [["0000:" + address for address in group] for group in topology.groups]
            found = list(picture.groups(shot).values())
            wrong = [group for group in expected if sorted(group) not in found]
            session.check("groups", not wrong, f"missing {wrong}, found {found}" if wrong else f"{len(expected)} as declared")
            if not topology.iommu:
                session.check("no groups", not found, found)
            if topology.name.startswith("hotplug"):
                _hotplug(session, guest)


def _hotplug(session: Session, guest: Guest) -> None:
    """A function comes to the empty slot, gets a driver as udev gives it one, and goes again."""
    guest.plug("e1000e", "port2", "late")
    there = guest.wait_for("[ -e /sys/bus/pci/devices/0000:02:00.0 ]", 20)
    session.check("hot-added", there)
    guest.unplug("late")
    session.check("hot-removed", guest.wait_for("[ ! -e /sys/bus/pci/devices/0000:02:00.0 ]", 20))


for _topology in topologies.ALL.values():
    _register(_topology)
