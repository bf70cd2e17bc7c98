"""Between two boots cards were added, moved, swapped and taken out, the root disk among them."""

import booted
from rootfs import Root
from scenarios import scenario
from session import Session

CARD = "0000:01:00.0"
# A root disk that cannot be told from the pinned one: same ids, no serial number that PCI shows.
ROOT = "nvme,serial=ROOT"


@scenario("moved", "cards added before, moved, swapped for their twin or another kind and taken out between boots: "
          "the right one or none")
def run(session: Session) -> None:
    with session.root(installed=True) as root:
        with session.system("boot", root, bare=True) as guest:
            booted.declare(session, guest, {"card": "01:00", "built-in": "04:00.0"})
        root.remake()
        _added_before(session, root)
        _exchanged(session, root)
        _moved(session, root)


def _added_before(session: Session, root: Root) -> None:
    """A card in a slot before all others numbers their buses anew; the card itself is of the pinned kind."""
    before = ("pcie-root-port,id=port0,bus=pcie.0,addr=2,chassis=9,slot=9", "e1000e,bus=port0,addr=0.0,multifunction=on",
              "e1000e,bus=port0,addr=0.1")
    with session.system(booted.changed("boot", added=before), root, arguments=booted.PROBES, keep=False, bare=True) as guest:
        guest.boot()
        booted.report(guest)
        drivers, probes = booted.drivers(guest), booted.probes(guest)
        session.check("the card is followed to its new bus", drivers.get("0000:02:00.0") == "vfio-pci", f"{drivers}")
        session.check("and was not probed by its host driver", probes.get("0000:02:00.0") == ["vfio-pci"], f"{probes}")
        session.check("the one that was added, now at the pinned address, is the host's", drivers.get(CARD) == "e1000e",
                      f"{drivers}")
        session.check("the other pin follows as well", drivers.get("0000:05:00.0") == "vfio-pci", f"{drivers}")


def _exchanged(session: Session, root: Root) -> None:
    """Card and twin have changed places, as their serial numbers tell: neither is the pinned one at its place."""
    cards = tuple(f"e1000e,bus={port},addr=0.{place},multifunction=on,mac=52:54:00:12:34:{mac}"
                  for port, macs in (("port1", ("58", "59")), ("port2", ("56", "57"))) for place, mac in enumerate(macs))
    topology = booted.changed("boot", without=("e1000e",), added=cards)
    with session.system(topology, root, keep=False, bare=True) as guest:
        guest.boot()
        booted.report(guest)
        drivers = booted.drivers(guest)
        for address in (CARD, "0000:02:00.0"):
            session.check(f"of card and twin exchanged, {address} stays the host's", drivers.get(address) == "e1000e",
                          f"{drivers}")
        session.check("the other pin is in place", drivers.get("0000:04:00.0") == "vfio-pci", f"{drivers}")
        words = booted.words(guest)
        session.check("the log says that the twin is in its place", "pin card: identity-mismatch" in words, words)


def _moved(session: Session, root: Root) -> None:
    """The card is in another slot, and a card of another kind in its place; the card of the other pin is gone."""
    topology = booted.changed(
        "boot", without=("e1000e,bus=port1", "virtio-net-pci"),
        added=("rtl8139,bus=port1", "e1000e,bus=port5,addr=0.0,multifunction=on", "e1000e,bus=port5,addr=0.1"))
    with session.system(topology, root, keep=False, bare=True) as guest:
        guest.boot()
        booted.report(guest)
        drivers = booted.drivers(guest)
        session.check("what is at the pinned place now is the host's", drivers.get(CARD) == "8139cp", f"{drivers}")
        session.check("the card that was moved stays the host's", drivers.get("0000:05:00.0") == "e1000e", f"{drivers}")
        session.check("nothing is on vfio-pci", "vfio-pci" not in drivers.values(), f"{drivers}")
        words = booted.words(guest)
        session.check("the log says why", "pin card: identity-mismatch" in words, words)


@scenario("root-moved", "the root disk in the slot of a pinned one of its kind: the host boots, by both makers of an image")
def root_moved(session: Session) -> None:
    with session.root(installed=True) as root:
        with session.system("boot", root, device=f"{ROOT},bus=port5", bare=True) as guest:
            booted.declare(session, guest, {"disk": "03:00.0", "card": "01:00"})
        for maker in booted.MAKERS:
            root.remake(maker)
            _alone(session, root, maker)
            _swapped(session, root, maker)


def _alone(session: Session, root: Root, maker: str) -> None:
    """In the pinned slot, and nothing of its kind in the place that the record has: it is not taken at all."""
    topology = booted.changed("boot", without=("nvme",))
    with session.system(topology, root, device=f"{ROOT},bus=port3", arguments="loglevel=7", keep=False, bare=True) as guest:
        guest.boot()
        booted.report(guest)
        drivers = booted.drivers(guest)
        session.check(f"{maker}: the root disk in the pinned slot boots", drivers.get("0000:03:00.0") == "nvme", f"{drivers}")
        session.check(f"{maker}: and the other pin is in place", drivers.get(CARD) == "vfio-pci", f"{drivers}")
        words = booted.words(guest)
        session.check(f"{maker}: without the minute's wait, since the record speaks for it",
                      "were released" not in words and "root-storage" in words, words)


def _swapped(session: Session, root: Root, maker: str) -> None:
    """The two have changed places: by all that PCI shows it is the pinned one. It is taken, missed, and given back."""
    topology = booted.changed("boot", without=("nvme",), added=("nvme,bus=port5,serial=DISK,drive=spare",))
    with session.system(topology, root, device=f"{ROOT},bus=port3", arguments="loglevel=7", keep=False, bare=True) as guest:
        guest.boot()
        booted.report(guest)
        drivers = booted.drivers(guest)
        session.check(f"{maker}: swapped with its twin, it boots all the same", drivers.get("0000:03:00.0") == "nvme",
                      f"{drivers}")
        words = booted.words(guest)
        session.check(f"{maker}: the log says that pins were released", "pins were released" in words, words)
        session.check(f"{maker}: the other pin's card too", drivers.get(CARD) == "e1000e", f"{drivers}")
