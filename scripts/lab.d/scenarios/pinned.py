"""Boots with pins: what the initramfs and systemd make of them, on hosts whose cards were moved about in between."""

import dataclasses

import topologies
from scenarios import scenario

# The kernel's driver core says each probe, from its first moment on.
PROBES = 'dyndbg="file drivers/base/dd.c +p" log_buf_len=8M'

CARD = ("0000:01:00.0", "0000:01:00.1")
TWIN = ("0000:02:00.0", "0000:02:00.1")


def without(topology, *removed, added=()):
    """The topology with the device lines that begin so taken out, and others put in, in that order, at the end."""
    chosen = topologies.ALL[topology]
    kept = tuple(line for line in chosen.devices if not any(line.startswith(start) for start in removed))
    return dataclasses.replace(chosen, devices=kept + tuple(added))


def driver(guest, address):
    """The driver that a function is on, or an empty text."""
    return guest.run(f"basename $(readlink /sys/bus/pci/devices/{address}/driver)").stdout.strip()


def probed(guest, address):
    """The drivers that the kernel's log says to have been probed with a function, in that order."""
    found = guest.run(f"dmesg | grep -o 'really_probe: probing driver [^ ]* with device {address}' | cut -d' ' -f4").stdout
    return found.split()


def journal(guest, what):
    """The journal's entries of hostdev that the words select, each as its message."""
    return guest.run(f"journalctl -b -o cat {what}", 120).stdout.splitlines()


def declare(session, guest, pins, maker=""):
    """Declares pins, {name: selector}, and makes the image of the next boot anew."""
    for name, selector in pins.items():
        answer = guest.run(f"hostdev pin {name} {selector}", 120)
        session.check(f"pin {name}", answer.status == 0, answer)
    if maker:
        answer = guest.run(maker, 600)
        session.check("the image is made anew", answer.status == 0, answer)
        session.say(f"{session.name}: {maker}: {answer.seconds:.0f} s under emulation")


@scenario("pinned-boot", "a pinned card is on vfio-pci after a reboot, never probed by its host driver; its twin is on that")
def run(session):
    with session.root(installed=True) as root:
        with session.system("boot", root) as guest:
            session.check("up without pins", guest.boot() == "running", guest.run("systemctl --failed").stdout)
            session.check("the card is on its host driver", driver(guest, CARD[0]) == "e1000e")
            declare(session, guest, {"card": "01:00"}, "update-initramfs -u")
        _after(session, root)


def _after(session, root):
    with session.system("boot", root, arguments=PROBES) as guest:
        state = guest.boot()
        session.check("up with the pin", state == "running", guest.run("systemctl status 'hostdev*'; systemctl --failed").stdout)
        for address in CARD:
            session.check(f"{address} is on vfio-pci", driver(guest, address) == "vfio-pci", driver(guest, address))
            session.check(f"{address} was probed by nothing else", probed(guest, address) == ["vfio-pci"],
                          f"{probed(guest, address)}")
        for address in TWIN:
            session.check(f"the twin's {address} is on e1000e", driver(guest, address) == "e1000e")
            session.check(f"{address} was probed by e1000e, as the log shows", "e1000e" in probed(guest, address),
                          f"{probed(guest, address)}")
        guest.run("dmesg | grep hostdev; journalctl -b -t hostdev -o verbose | head -60; hostdev status; hostdev pins")
        guest.run("systemctl status --no-pager hostdev hostdev-verify; systemd-analyze blame | head; "
                  "systemd-analyze security hostdev.service | tail -3")
