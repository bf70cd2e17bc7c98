"""What a person in front of the host uses: a display with a program on it, the keyboard, a disk in
a USB port."""

import guest as guests
from guest import Guest
from scenarios import scenario
from scenarios.use_case import Case, Cases, Chain, Tally, alone, start_udev
from session import Session

DISPLAY, BOOT_DISPLAY, SPARE_DISPLAY = "0000:01:00.0", "0000:00:02.0", "0000:05:00.0"
KEYBOARD, TWIN, STICK = "0000:02:00.0", "0000:03:00.0", "0000:04:00.0"


def play(session: Session, tally: Tally) -> None:
    with session.boot("use-seat", tools=True, helpers=("keepopen",)) as guest:
        start_udev(guest, "usb", "hid", "scsi", "block")
        cases = Cases(session, tally, guest)
        _drm(guest, cases)
        _console(guest, cases)
        _usb_disk(guest, cases)
        _keyboard(session, guest, cases)


def _drm(guest: Guest, cases: Cases) -> None:
    """A program has a display open, as a display server has."""
    card = guest.must(f"cd /sys/bus/pci/devices/{DISPLAY}/drm && echo card?")
    guest.spawn(f"keepopen /dev/dri/{card}", "/run/lab/drm")
    if not guest.wait_for("grep -q held /run/lab/drm", 10):
        raise guests.GuestError("the card could not be opened")
    pid = guest.must("pidof keepopen")
    case = Case("drm node", (DISPLAY,), SPARE_DISPLAY, "held-open",
                (Chain((DISPLAY, card), "open", f"keepopen, /dev/dri/{card}"),),
                message=f"pid {pid} (keepopen", also=("host-display",))
    cases.refused(case)
    guest.must(f"kill {pid}")
    guest.wait_for("! pidof keepopen >/dev/null", 10)
    cases.goes_through(case)


def _console(guest: Guest, cases: Cases) -> None:
    """The text console is drawn on the display that the firmware started with, and on that one alone."""
    buffer = guest.must(f"cd /sys/bus/pci/devices/{BOOT_DISPLAY}/graphics && echo fb?")
    console = guest.must("cd /sys/class/vtconsole && grep -l 'frame buffer' */name | cut -d/ -f1")
    name = guest.must(f"cat /sys/class/graphics/{buffer}/name")
    case = Case("text console", (BOOT_DISPLAY,), SPARE_DISPLAY, "host-display",
                (Chain((BOOT_DISPLAY, buffer), "framebuffer", f"{name}, the text console {console} is on it"),))
    cases.refused(case)
    guest.must(f"echo 0 >/sys/class/vtconsole/{console}/bind")
    cases.goes_through(case)


def _usb_disk(guest: Guest, cases: Cases) -> None:
    place = f"/sys/bus/pci/devices/{STICK}"
    if not guest.wait_for(f"ls -d {place}/usb*/*/*/host*/target*/*/block/sd* >/dev/null 2>&1", 20):
        raise guests.GuestError("the USB disk did not come up")
    usb, port, _, host, _, _, _, disk = guest.must(
        f"cd {place} && echo usb*/*/*/host*/target*/*/block/sd*").split("/")
    guest.must(f"printf 'n\\np\\n1\\n\\n\\nw\\n' | fdisk /dev/{disk}")
    if not guest.wait_for(f"[ -b /dev/{disk}1 ]", 10):
        raise guests.GuestError(f"no partition on {disk}")
    guest.must(f"mke2fs /dev/{disk}1 && mkdir -p /mnt && mount -t ext4 /dev/{disk}1 /mnt")
    case = Case("usb disk", (STICK,), TWIN, "root-storage",
                (Chain((STICK, usb, port, host, disk, f"{disk}1"), "mount", "/mnt"),))
    cases.refused(case)
    guest.must("umount /mnt")
    cases.goes_through(case)


def _keyboard(session: Session, guest: Guest, cases: Cases) -> None:
    """The last keyboard is one only until another is plugged in behind another controller."""
    place = f"/sys/bus/pci/devices/{KEYBOARD}"
    found = f"{place}/usb*/*/*/*/input/input*"
    if not guest.wait_for(f"ls -d {found} >/dev/null 2>&1", 20):
        raise guests.GuestError("the USB keyboard did not come up")
    usb, port, _, _, _, number = guest.must(
        f"cd {place} && echo usb*/*/*/*/input/input*").split("/")
    case = Case("last keyboard", (KEYBOARD,), TWIN, "host-input",
                (Chain((KEYBOARD, usb, port, number), "keyboard", "no other keyboard"),),
                message="last keyboard")
    cases.refused(case)
    guest.plug("usb-kbd", "usb1.0", "second")
    if not guest.wait_for(f"ls -d {found.replace(KEYBOARD, TWIN)} >/dev/null 2>&1", 20):
        raise guests.GuestError("the second keyboard did not come up")
    cases.forget()
    cases.goes_through(case)
    # Together they are all that there is.
    answer = cases.hostdev.run(f"check {KEYBOARD} {TWIN} --json")
    codes = {finding["code"] for finding in answer.json()["findings"]}
    session.check("last keyboard: both at once are refused",
                  answer.status == 1 and "host-input" in codes, codes)


scenario("use-seat", "an open display, the last keyboard, a USB disk, behind their controllers", full=False)(alone(play))
