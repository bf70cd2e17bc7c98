"""Passthrough for real: a small Linux inside the guest writes to the disk that hostdev gave it, and the host reads it."""

import secrets

import picture
import vfio
from guest import Guest, GuestError
from program import Program
from scenarios import scenario
from session import Session

CARD = ("0000:01:00.0", "0000:01:00.1")
IDS = ("0x1b36 0x0010", "0x8086 0x10d3")
# Sectors of 4 KiB; guest/inner-init has the same numbers.
FROM_HOST, FROM_INNER = 100, 200


@scenario("inner-disk", "a guest inside the guest reads and writes the passed disk by DMA; after release the host reads it")
def run(session: Session) -> None:
    with session.boot("disk-card", inner_system=True) as guest:
        hostdev = Program(guest)
        mark = secrets.token_hex(8)
        write(guest, disk(guest, CARD[0]), FROM_HOST, f"host {mark}")
        before = picture.take(guest)
        answer = hostdev.json("bind 01:00")
        session.check("bind", answer["outcome"]["result"] == "done", answer["outcome"]["result"])

        xml = hostdev.run("xml 01:00 --guest 00:05.0").stdout
        lines, said = vfio.inner_system(guest, xml, mark)
        for name, wanted in (
            *((f"the inner guest sees function {number} in slot 5", f"function 0000:00:05.{number} {ids}")
              for number, ids in enumerate(IDS)),
            ("the inner guest reads what the host wrote", f"read host {mark}"),
            ("the inner guest writes", f"wrote inner {mark}"),
            ("the inner guest reads that back", f"read back inner {mark}"),
            ("the inner guest ends by itself", "done"),
        ):
            session.check(name, wanted in lines, wanted if wanted in lines else said[-3000:])
        vectors = [line for line in lines if line.startswith("interrupt ") and "MSI" in line]
        count = sum(int(word) for line in vectors for word in line.split()[2:3])
        session.check("its disk interrupts it by MSI-X", count, f"{count} interrupts by {len(vectors)} vectors")

        given_back(session, hostdev, before, mark)


def given_back(session: Session, hostdev: Program, before: picture.Picture, mark: str) -> None:
    """The card is released, the host's driver reads what was written on either side, and all is as before."""
    guest = hostdev.guest
    answer = hostdev.json("release 01:00")
    session.check("release", answer["outcome"]["result"] == "done", answer["outcome"]["result"])
    for sector, wanted in ((FROM_INNER, f"inner {mark}"), (FROM_HOST, f"host {mark}")):
        found = read(guest, disk(guest, CARD[0]), sector)
        session.check(f"the host's driver reads sector {sector}", found == wanted, found)
    left = picture.settled(guest, before)
    session.check("all of sysfs is as before", not left, "\n".join(left))


def disk(guest: Guest, function: str) -> str:
    """The node of the disk of a function, once its driver has found it."""
    if not has_disk(guest, function):
        raise GuestError(f"{function} has no disk")
    return "/dev/" + guest.must(f"basename /sys/bus/pci/devices/{function}/nvme/nvme*/nvme*n1")


def has_disk(guest: Guest, function: str, seconds: float = 20) -> bool:
    """Whether a disk of a function comes up within this time."""
    return guest.wait_for(f"ls -d /sys/bus/pci/devices/{function}/nvme/nvme*/nvme*n1 >/dev/null 2>&1", seconds)


def write(guest: Guest, node: str, sector: int, text: str) -> None:
    guest.must(f"printf '{text}' | dd of={node} bs=4096 seek={sector} conv=sync,fsync 2>/dev/null")


def read(guest: Guest, node: str, sector: int) -> str:
    """A sector as text, from the device and not from memory."""
    return guest.must(
        f"echo 3 >/proc/sys/vm/drop_caches; dd if={node} bs=4096 skip={sector} count=1 2>/dev/null | tr -d '\\0'")
