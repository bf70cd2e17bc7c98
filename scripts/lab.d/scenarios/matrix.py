"""Each topology, every endpoint: listed, checked, moved with the rest of its set, opened through VFIO, and given back."""

from collections.abc import Sequence

import inventory
import picture
import topologies
import vfio
from guest import Guest
from program import Program, forcing, obstacles
from scenarios import scenario
from session import Session
from topologies import Topology


def _register(topology: Topology) -> None:
    @scenario(f"matrix-{topology.name}", f"{topology.shows}: every endpoint goes to VFIO and comes back")
    def run(session: Session) -> None:
        with session.boot(topology.name) as guest:
            hostdev = Program(guest)
            inventory.compare(session, guest, hostdev)
            before = picture.take(guest)
            done = set()
            for address in _endpoints(before):
                if address not in done:
                    done.update(_round(session, guest, hostdev, topology, before, address))
            leftovers = hostdev.leftovers()
            session.check("status is clean", not leftovers, leftovers)


def _endpoints(shot: picture.Picture) -> list[str]:
    """All functions but bridges. The chipset's are among them: a guest may have its disks, with all else in their group."""
    return [address for address in picture.functions(shot) if not shot[f"devices/{address}/class"].startswith("0x06")]


def _round(session: Session, guest: Guest, hostdev: Program, topology: Topology, before: picture.Picture,
           address: str) -> list[str]:
    """One set: to vfio-pci and back. Gives the functions that are dealt with."""
    answer = hostdev.run(f"check {address} --json").json()
    members = sorted({*answer["functions"], *answer["missing"]})
    names = " ".join(members)
    answer = hostdev.run(f"check {names} --json").json()
    errors = obstacles(answer)
    expected = {code for place, code in topology.refused.items() if f"0000:{place}" in members}
    if not topology.iommu:
        expected = {"iommu-off"}
    if expected and not session.check(f"{names} is refused", expected <= set(errors), errors):
        return members
    if expected:
        refused = hostdev.run(f"bind {names} --json")
        left = picture.differences(before, picture.take(guest))
        session.check(f"{names} is refused by bind too, and nothing changes", refused.status == 1 and not left,
                      "\n".join(left) or (refused if refused.status != 1 else ""))
        if not all(finding["forceable"] for finding in answer["findings"] if finding["code"] in expected):
            return members
    elif not session.check(f"nothing keeps {names} here", not errors, errors or answer["verdict"]):
        return members
    _move(session, guest, hostdev, before, members, forcing(*errors))
    return members


def _move(session: Session, guest: Guest, hostdev: Program, before: picture.Picture, members: Sequence[str],
          force: str) -> None:
    names = " ".join(members)
    bound = hostdev.run(f"bind {names} {force} --json")
    if not session.check(f"{names} is bound", bound.status == 0, bound if bound.status else force):
        return
    shot = picture.take(guest)
    drivers = {picture.driver(shot, member) for member in members}
    session.check(f"{names} is on vfio-pci", drivers == {"vfio-pci"}, drivers)
    others = [line for line in picture.differences(before, shot) if not _concerns(line, members, before)]
    session.check(f"{names} is all that changed", not others, "\n".join(others))
    for group in sorted({picture.group(shot, member) for member in members}, key=str):
        inside = [member for member in members if picture.group(shot, member) == group]
        good, said = vfio.viable(guest, group, inside)
        session.check(f"{' '.join(inside)} can be opened", good, said.replace("\n", " "))

    released = hostdev.run(f"release {names} --json")
    session.check(f"{names} is released", released.status == 0, released if released.status else "")
    left = picture.settled(guest, before)
    session.check(f"{names} is as before, and all else", not left, "\n".join(left))


def _concerns(line: str, members: Sequence[str], before: picture.Picture) -> bool:
    """What a move must change: the members themselves, what vfio-pci is once its module is there, and the type of
    their groups' domains, of which one kernel shows that a guest may have them."""
    groups = {f"iommu_groups/{picture.group(before, member)}/type" for member in members}
    path = line.split(": ", 1)[0]
    return any(member in path for member in members) or path.startswith("drivers/vfio-pci") or path in groups


for _topology in topologies.ALL.values():
    if _topology.idle:
        _register(_topology)
