"""Boots with pins: what the initramfs, systemd and udev make of them."""

import booted
import topologies
from guest import Guest
from rootfs import Root
from scenarios import scenario
from session import Session

CARD = ("0000:01:00.0", "0000:01:00.1")
TWIN = ("0000:02:00.0", "0000:02:00.1")
DISK, BUILT_IN, LATER = "0000:03:00.0", "0000:04:00.0", "0000:05:00.0"
PINS = {"card": "01:00", "disk": "03:00.0", "built-in": "04:00.0", "later": "05:00.0"}

# Stands in for libvirt's daemon: it writes down what it finds as it starts.
FAKE_LIBVIRTD = """\
[Unit]
Description=What libvirtd finds
[Service]
Type=oneshot
ExecStart=/bin/sh -c 'readlink /sys/bus/pci/devices/0000:01:00.0/driver >/root/libvirtd-found'
[Install]
WantedBy=multi-user.target
"""

PARITY = """\
#!/bin/sh
# What every function's check finds, and all that is known of it.
{
  for function in /sys/bus/pci/devices/*; do hostdev check "${function##*/}" --json; done
  hostdev show --all --json
} | sed 's/"descriptors_seen":[0-9]*/"descriptors_seen":0/g' # how many there are is another number each time
"""


@scenario("pinned-boot", "pinned cards are on vfio-pci after a reboot, their drivers never probed; by both makers of an image")
def run(session: Session) -> None:
    with session.root(installed=True) as root:
        _declare(session, root)
        for maker in booted.MAKERS:
            root.remake(maker)
            _pinned(session, root, maker)


def _declare(session: Session, root: Root) -> None:
    """The first boot, without pins, and with a card in the slot that is empty afterwards."""
    topology = booted.changed("boot", added=("e1000e,bus=port5",))
    with session.system(topology, root, bare=True) as guest:
        drivers = booted.drivers(guest)
        session.check("without pins the card is on its host driver", drivers.get(CARD[0]) == "e1000e", f"{drivers}")
        booted.declare(session, guest, PINS)


def _pinned(session: Session, root: Root, maker: str) -> None:
    with session.system("boot", root, arguments=booted.PROBES, keep=False, bare=True) as guest:
        drivers, probes = booted.drivers(guest), booted.probes(guest)
        booted.report(guest)
        for address in (*CARD, DISK):
            session.check(f"{maker}: {address} is on vfio-pci", drivers.get(address) == "vfio-pci", f"{drivers}")
            session.check(f"{maker}: no other driver was probed with {address}", probes.get(address) == ["vfio-pci"],
                          f"{probes.get(address)}")
        # The control: the log would show it.
        for address in TWIN:
            session.check(f"{maker}: the twin's {address} is on e1000e, and the log has its probe",
                          drivers.get(address) == "e1000e" and probes.get(address) == ["e1000e"],
                          f"{drivers.get(address)} {probes.get(address)}")
        # In dracut's image systemd itself loads virtio_pci (its kmod-setup), before any hook: as early as a built-in one.
        builtin = maker == "dracut" or "virtio_pci" in guest.must("cat /lib/modules/$(uname -r)/modules.builtin")
        session.check(f"{maker}: {BUILT_IN} is on vfio-pci", drivers.get(BUILT_IN) == "vfio-pci", f"{drivers}")
        wanted = ["virtio-pci", "vfio-pci"] if builtin else ["vfio-pci"]
        what = "built-in driver was faster and was taken off" if builtin else "modular driver was not probed"
        session.check(f"{maker}: a {what}",
                      probes.get(BUILT_IN) == wanted, f"{probes.get(BUILT_IN)}")
        if builtin:
            words = booted.words(guest)
            session.check(f"{maker}: the log says so", "taken from virtio-pci, which had bound it first" in words, words)


@scenario("pinned-systemd",
          "a whole boot with pins: the journal, cards that appear later, the time it takes; a pin that is broken")
def whole(session: Session) -> None:
    with session.root(installed=True) as root:
        _declare(session, root)
        root.remake()
        with session.system("boot", root, arguments=booted.PROBES) as guest:
            _more(session, guest, guest.boot())
            guest.must("echo '{\n\"version\": 1,\n\"functions\": 7\n}' >/etc/hostdev/pins.d/broken.json")
            guest.run("systemctl restart hostdev.service", 120)
            _broken(session, guest)


def _more(session: Session, guest: Guest, state: str) -> None:
    session.check("systemd is content", state == "running", guest.run("systemctl --failed").stdout)
    messages = booted.said(guest, "HOSTDEV_MOMENT=boot", "HOSTDEV_PIN=card")
    session.check("the journal has a pin's entry by its fields", any("in-place" in line for line in messages), f"{messages}")
    _appears(session, guest)
    _overruled(session, guest)
    _figures(session, guest)


def _appears(session: Session, guest: Guest) -> None:
    """Cards that come to a running host, whose host driver is there already for the twin."""
    guest.run("dmesg -C")
    guest.plug("e1000e", "port5", "later")
    there = guest.wait_for(f"[ $(basename $(readlink /sys/bus/pci/devices/{LATER}/driver)) = vfio-pci ]", 120)
    session.check("a pinned card that is plugged in is on vfio-pci", there, booted.driver(guest, LATER))
    session.say(f"{session.name}: hot-plug: probed, in that order: {booted.probes(guest).get(LATER)}")
    guest.must(f"udevadm settle; echo 1 >/sys/bus/pci/devices/{CARD[1]}/remove; echo 1 >/sys/bus/pci/devices/{CARD[0]}/remove")
    guest.must("echo 1 >/sys/bus/pci/rescan", 120)
    there = guest.wait_for(f"[ $(basename $(readlink /sys/bus/pci/devices/{CARD[0]}/driver)) = vfio-pci ]", 120)
    session.check("and so is one that was removed and found again", there, booted.driver(guest, CARD[0]))
    there = guest.wait_for(f"[ $(basename $(readlink /sys/bus/pci/devices/{CARD[1]}/driver)) = vfio-pci ]", 60)
    session.check("with its other function", there, booted.driver(guest, CARD[1]))
    booted.report(guest)


def _overruled(session: Session, guest: Guest) -> None:
    """The twin, of which an interface that is down has an address, so that no route tells of it."""
    interface = guest.must(f"ls /sys/bus/pci/devices/{TWIN[0]}/net")
    guest.must(f"ip link set dev {interface} down; ip addr add 203.0.113.9/24 dev {interface}")
    refused = guest.run("hostdev bind 02:00", 120)
    session.check("a card whose interface has an address is refused", refused.status == 1 and "203.0.113.9" in refused.stdout,
                  f"{refused.status} {refused.stdout}")
    command = "bind 02:00 --force=host-network"
    bound = guest.run(f"hostdev {command}", 120)
    session.check("and goes when that is overruled", bound.status == 0, f"{bound.status} {bound.stdout}")
    said = guest.run("timeout 60 journalctl -b --no-pager -o cat -t hostdev -g 'overruled host-network'").stdout
    session.check("the system log has what was overruled, by which command, on what evidence",
                  f"{command}: overruled host-network" in said and "203.0.113.9" in said, said)
    released = guest.run("hostdev release 02:00", 120)
    session.check("the twin is the host's again", released.status == 0 and booted.driver(guest, TWIN[0]) == "e1000e",
                  f"{released.status} {released.stdout}")


def _figures(session: Session, guest: Guest) -> None:
    times = guest.must("systemd-analyze time").splitlines()[0]
    blame = guest.must("systemd-analyze blame --no-pager | grep hostdev")
    session.say(f"{session.name}: {times}; of that: {'; '.join(blame.split(chr(10)))} (under emulation)")
    figure = guest.run("systemd-analyze security --no-pager hostdev.service | tail -1").stdout.strip()
    named = guest.must("sed -n 's/.*security hostdev` gives \\([0-9.]*\\),.*/\\1/p' /usr/lib/systemd/system/hostdev.service")
    session.say(f"{session.name}: systemd-analyze security: {figure}")
    session.check("the unit names the figure of its hardening", named and f": {named} " in figure, f"{named}: {figure}")


def _broken(session: Session, guest: Guest) -> None:
    failed = guest.run("systemctl --failed --no-legend --plain --no-pager").stdout
    session.check("a broken pin's file leaves the unit failed", "hostdev.service" in failed, failed)
    status = guest.run("systemctl status --no-pager hostdev.service").stdout
    session.check("which says file and line", "broken.json" in status and "line 3" in status, status)
    session.check("and costs that pin alone", booted.driver(guest, CARD[0]) == "vfio-pci", booted.driver(guest, CARD[0]))


@scenario("pinned-late", "with an image that knows no pins: systemd brings them into place before libvirtd; hostdev=off; "
          "one unit a pin")
def late(session: Session) -> None:
    contents = {"etc/systemd/system/libvirtd.service": FAKE_LIBVIRTD, "root/parity": PARITY}
    with session.root(installed=True, contents=contents, commands=["systemctl enable libvirtd.service"]) as root:
        _declare(session, root)
        with session.system("boot", root) as guest:
            state = guest.boot()
            booted.report(guest)
            drivers = booted.drivers(guest)
            for address in (*CARD, DISK, BUILT_IN):
                session.check(f"{address} is on vfio-pci", drivers.get(address) == "vfio-pci", f"{state} {drivers}")
            found = guest.run("cat /root/libvirtd-found").stdout.strip()
            session.check("it was when libvirtd started", found.endswith("/vfio-pci"), found)
            answer = guest.run("systemctl start hostdev@card.service", 120)
            session.check("hostdev@card.service is there once the pin is", answer.status == 0, answer)
            answer = guest.run("systemctl start hostdev@later.service", 120)
            session.check("hostdev@later.service fails, since its card is not there", answer.status != 0, answer)
            _parity(session, guest)
            _elsewhere(session, guest)
        with session.system("boot", root, arguments="hostdev=off", keep=False) as guest:
            guest.boot()
            drivers = booted.drivers(guest)
            session.check("hostdev=off: the card is on its host driver", drivers.get(CARD[0]) == "e1000e", f"{drivers}")
            session.check("and nothing is on vfio-pci", "vfio-pci" not in drivers.values(), f"{drivers}")


def _parity(session: Session, guest: Guest) -> None:
    """The same findings, byte for byte, with the unit's hardening as in a root shell, on a host that is busy."""
    guest.must("mount -t tmpfs busy /mnt; ip link set enp2s0f0 up; ip addr add 192.0.2.1/24 dev enp2s0f0; "
               "cat /dev/watchdog0 >/dev/null 2>&1 & sleep 600 </dev/vda & sleep 600 </dev/input/event0 & true")
    unit = "/run/systemd/system/parity.service"
    guest.must(
        "sed -e 's|^ExecStart=.*|ExecStart=/bin/sh /root/parity|' -e '/^After=/d;/^Before=/d;/^Condition/d' "
        f"-e '/^RemainAfterExit/d' /usr/lib/systemd/system/hostdev.service >{unit}; "
        f"sed -i 's|^ExecStart=.*|&\\nStandardOutput=file:/root/by-unit|' {unit}; systemctl daemon-reload", 120)
    guest.must("sh /root/parity >/root/by-shell 2>/dev/null; true", 300)
    answer = guest.run("systemctl start parity.service", 400)
    session.check("the checks run with the unit's hardening", answer.status == 0, answer)
    size = int(guest.must("stat -c %s /root/by-shell"))
    answer = guest.run("cmp /root/by-shell /root/by-unit && ! grep -q unknown-storage /root/by-unit")
    session.check(f"all {size} bytes of their findings are those of a root shell", answer.status == 0 and size > 20000,
                  f"{answer} {guest.run('diff /root/by-shell /root/by-unit | head -20').stdout}")


def _elsewhere(session: Session, guest: Guest) -> None:
    """From another namespace the host is not seen; a mount namespace alone, as a unit's own /tmp makes it, hides nothing."""
    guest.must("mkdir -p /root/other/proc /root/other/sys /root/other/usr; cd /root/other; "
               "ln -sf usr/lib lib; ln -sf usr/lib64 lib64; ln -sf usr/sbin sbin; "
               "mount --bind /usr usr; mount --rbind /sys sys; mount -t proc proc proc")
    check = "hostdev check 02:00 --json"
    for way, expected in (
        ("systemd-run --quiet --pipe --wait -p PrivateTmp=yes", False), ("unshare --net", True),
        ("unshare --pid --fork --mount-proc", True), ("chroot /root/other", True),
    ):
        said = guest.run(f"{way} {check}", 120).stdout
        good = ('"unknown-namespace"' in said) == expected and '"findings"' in said
        session.check(f"`{way} hostdev check` {'says that it is elsewhere' if expected else 'sees the host'}", good,
                      "" if good else said[:2000])


@scenario("pinned-vfs", "virtual functions that a pin wants are there after a reboot, and again once their card comes anew")
def virtual(session: Session) -> None:
    topology = booted.changed(
        "boot", without=("nvme",),
        added=("nvme-subsys,id=subsystem", f"nvme,bus=port3,serial=DISK,subsys=subsystem,{topologies.NVME_WITH_VFS}"))
    made = ("0000:03:00.1", "0000:03:00.2")
    with session.root(installed=True) as root:
        with session.system(topology, root, bare=True) as guest:
            booted.declare(session, guest, {"disk": "03:00.0 --vfs 2 --bind"})
        root.remake()
        with session.system(topology, root, keep=False) as guest:
            state = guest.boot()
            booted.report(guest)
            drivers = booted.drivers(guest)
            session.check("the physical function is on its host driver", drivers.get(DISK) == "nvme", f"{state} {drivers}")
            for address in made:
                session.check(f"{address} is there, on vfio-pci", drivers.get(address) == "vfio-pci", f"{drivers}")
            answer = guest.run("hostdev pins --check", 120)
            session.check("the pin is in place", answer.status == 0, answer)
            guest.must(f"echo 1 >/sys/bus/pci/devices/{DISK}/remove; echo 1 >/sys/bus/pci/rescan", 120)
            there = guest.wait_for(f"[ $(basename $(readlink /sys/bus/pci/devices/{made[1]}/driver)) = vfio-pci ]", 120)
            session.check("once the card is found anew they are made again", there,
                          f"{booted.drivers(guest)} {booted.words(guest)}")
