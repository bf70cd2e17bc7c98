"""A card is moved by hand, by writes to sysfs alone: shows that the lab's own instruments tell right from wrong.

Whatever fails here is not a fault of hostdev.
"""

import picture
import vfio
from guest import Guest
from scenarios import scenario
from session import Session

CARD = ("0000:01:00.0", "0000:01:00.1")


@scenario("byhand", "a two-function card moved by plain writes: the lab's own instruments", quick=True, needs=())
def run(session: Session) -> None:
    with session.boot("card", inner=True) as guest:
        before = picture.take(guest)
        group = picture.group(before, CARD[0])
        guest.must("modprobe vfio-pci ids=")

        move(guest, CARD[0], "vfio-pci")
        good, said = vfio.viable(guest, group)
        session.check("half a card is not viable", not good and "viable=0" in said, said.replace("\n", " "))

        move(guest, CARD[1], "vfio-pci")
        good, said = vfio.viable(guest, group, CARD)
        session.check("the whole card is viable", good, said.replace("\n", " "))

        listed, said = vfio.inner_guest(guest, vfio.slot(CARD))
        session.check("an inner guest lists both functions",
                      listed.get("5.0") == listed.get("5.1") == "8086:10d3", listed or said)

        holder = vfio.hold(guest, group, CARD[:1])
        session.check("a holder is seen", guest.run(f"ls -l /proc/{holder}/fd | grep -q /dev/vfio/{group}").status == 0)
        guest.must(f"kill {holder}")
        guest.wait_for("! pidof viable")

        moved = picture.differences(before, picture.take(guest))
        session.check("a picture shows the move", any("driver_override" in line for line in moved), f"{len(moved)} lines")
        for address in CARD:
            move(guest, address, "e1000e")
            guest.must(f"echo >/sys/bus/pci/devices/{address}/driver_override")
        left = picture.settled(guest, before)
        session.check("all as it was", not left, "\n".join(left))


def move(guest: Guest, address: str, driver: str | None) -> None:
    """Overrides, unbinds and binds one function."""
    device = f"/sys/bus/pci/devices/{address}"
    guest.must(
        f"echo {driver} >{device}/driver_override && "
        f"{{ [ ! -e {device}/driver ] || echo {address} >{device}/driver/unbind; }} && "
        f"echo {address} >/sys/bus/pci/drivers/{driver}/bind"
    )
