"""What a virtual machine monitor sees of functions on vfio-pci: through `viable`, and through a QEMU inside the guest."""

import re
from collections.abc import Iterable, Sequence
from xml.etree import ElementTree

import parts
from guest import Guest, GuestError


def viable(guest: Guest, group: int | None, functions: Iterable[str] = ()) -> tuple[bool, str]:
    """Opens a group as a monitor does. Gives whether it is viable and every function could be opened, and the words."""
    opened = " ".join(f"-d {address}" for address in functions)
    answer = guest.run(f"viable {opened} {group}")
    return answer.status == 0 and "viable=1" in answer.stdout, answer.stdout.strip()


def hold(guest: Guest, group: int | None, functions: Iterable[str] = (), seconds: int = 60) -> int:
    """Keeps a group and functions of it open, as a running guest does. Gives the holder's pid once it holds them."""
    opened = " ".join(f"-d {address}" for address in functions)
    guest.spawn(f"viable -w {seconds} {opened} {group}", "/run/lab/holder")
    if not guest.wait_for("grep -q -e ^held -e ^refused /run/lab/holder", 10):
        raise GuestError("the holder did not start")
    said = guest.must("cat /run/lab/holder")
    if "held" not in said.split():
        raise GuestError(f"the holder was refused: {said}")
    return int(guest.must("pidof viable"))


def inner_guest(guest: Guest, words: Iterable[str]) -> tuple[dict[str, str], str]:
    """Starts a paused QEMU in the guest, with the functions that `words` give it (see `slot` and `devices`), and asks it
    for its PCI devices.

    Gives {"5.0": "8086:10d3", …}, by device and function in the inner guest, and everything that QEMU said.
    """
    answer = guest.run(
        f"printf 'info pci\\nquit\\n' | {parts.QEMU} -S -machine q35 -accel tcg -m 64 -nodefaults "
        f"-no-user-config -display none -monitor stdio {' '.join(words)}",
        timeout=90,
    )
    said = answer.stdout + answer.stderr
    listed = {}
    for device, function, ids in re.findall(
        r"Bus +\d+, device +(\d+), function (\d+):\s+[^\n]*PCI device ([0-9a-f]{4}:[0-9a-f]{4})", said
    ):
        listed[f"{device}.{function}"] = ids
    return listed, said


def slot(functions: Sequence[str]) -> list[str]:
    """QEMU's words for functions that all go to one slot of the guest."""
    words = []
    for number, address in enumerate(functions):
        shared = ",multifunction=on" if number == 0 and len(functions) > 1 else ""
        words.append(f"-device vfio-pci,host={address},bus=pcie.0,addr=5.{number}{shared}")
    return words


def devices(xml: str) -> list[str]:
    """QEMU's words for what `hostdev xml` printed: the same functions at the same places of the guest."""
    words = []
    for element in ElementTree.fromstring(f"<set>{xml}</set>"):
        source, place = element.find("source/address"), element.find("address")
        host = "{:04x}:{:02x}:{:02x}.{:x}".format(*_place(source))
        domain, bus, slot, function = _place(place)
        if domain or bus:
            raise GuestError(f"bus {bus} is not QEMU's pcie.0: {xml}")
        shared = ",multifunction=on" if place is not None and place.get("multifunction") == "on" else ""
        words.append(f"-device vfio-pci,host={host},bus=pcie.0,addr={slot:x}.{function}{shared}")
    return words


def _place(address: ElementTree.Element | None) -> list[int]:
    if address is None:
        raise GuestError("an element of hostdev's XML has no address")
    return [int(address.attrib[key], 16) for key in ("domain", "bus", "slot", "function")]


def inner_system(guest: Guest, xml: str, mark: str, timeout: float = 900) -> tuple[list[str], str]:
    """Boots the small Linux of `image.inner_system` in the guest, with the functions that `hostdev xml` named. It reads a
    sector of its NVMe disk, writes "inner MARK" to another, and ends. Gives the lines in which it said so.
    """
    answer = guest.run(
        f"{parts.QEMU} -machine q35 -accel tcg,tb-size=256 -cpu max -m 256 -nodefaults -no-user-config -display none "
        f"-no-reboot -kernel /lab/inner/vmlinux -initrd /lab/inner/initrd "
        f"-append 'console=ttyS0 quiet panic=-1 no_timer_check mark={mark}' -serial stdio {' '.join(devices(xml))} "
        f"</dev/null",
        timeout,
    )
    said = (answer.stdout + answer.stderr).replace("\r", "")
    return re.findall(r"^inner: (.*\S)\s*$", said, re.MULTILINE), said
