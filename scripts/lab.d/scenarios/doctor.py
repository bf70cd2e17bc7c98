"""doctor and import on a Debian with driverctl and libvirt: what they say of settings that those tools themselves wrote."""

from collections.abc import Sequence

from answers import Finding
from booted import driver
from guest import Guest
from scenarios import scenario
from scenarios.libvirt import MEGABYTES, PACKAGES
from session import Session

CARD = ("0000:01:00.0", "0000:01:00.1")
TWIN = ("0000:02:00.0", "0000:02:00.1")
# Both cards' id, as an administrator puts it there for one of them.
IDS = "vfio-pci.ids=8086:10d3"
DEFAULTS = f'# By hand.\nGRUB_CMDLINE_LINUX_DEFAULT="quiet"\nGRUB_CMDLINE_LINUX="intel_iommu=on {IDS}"\n'

DOMAIN = """\
<domain type='qemu'>
  <name>win</name>
  <memory unit='MiB'>64</memory>
  <os><type arch='x86_64' machine='q35'>hvm</type></os>
  <devices>
    <hostdev mode='subsystem' type='pci' managed='yes'>
      <source><address domain='0x0000' bus='0x01' slot='0x00' function='0x0'/></source>
    </hostdev>
  </devices>
</domain>
"""


# What the hooks do, without what takes minutes under emulation: an archive of its own before the packed one, as that of
# microcode.
PREPEND = """\
mkdir -p /root/tree/usr/sbin &&
cp /usr/sbin/hostdev /root/tree/usr/sbin/ &&
hostdev image /root/tree &&
image=/boot/initrd.img-$(uname -r) &&
(cd /root/tree && find . | cpio -o -H newc --quiet) >/root/new &&
cat "$image" >>/root/new &&
mv /root/new "$image"
"""


@scenario("doctor", "doctor and import on settings that driverctl and libvirt wrote, and on a true initramfs")
def run(session: Session) -> None:
    contents = {"/etc/default/grub": DEFAULTS.encode(), "/root/win.xml": DOMAIN.encode()}
    with (session.root(installed=True, packages=PACKAGES, megabytes=MEGABYTES, contents=contents) as root,
          session.system("boot", root, memory="2G", arguments=IDS) as guest):
        guest.boot()
        _arguments(session, guest)
        _image(session, guest)
        _driverctl(session, guest)
        _libvirt(session, guest)


# In place of one that is missing, of which a check has told.
NO_CHECK = Finding(code="", severity="", functions=[], message="", evidence=[], remedy="", forceable=False)


def checks(guest: Guest, code: str) -> tuple[list[Finding], int]:
    """The checks of that code, and the exit status."""
    answer = guest.run("hostdev doctor --json", 300)
    found = answer.json()["checks"]
    return [check for check in found if check["code"] == code], answer.status


def one(session: Session, guest: Guest, code: str, severity: str, what: str, *, functions: Sequence[str] | None = None,
        evidence: Sequence[str] = (), remedy: str = "") -> Finding:
    """One check of `doctor` is so."""
    found, _ = checks(guest, code)
    good = [
        check for check in found
        if check["severity"] == severity and (functions is None or check["functions"] == list(functions))
        and all(any(line in said for said in check["evidence"]) for line in evidence) and remedy in check["remedy"]
    ]
    session.check(what, len(good) == 1, found)
    return good[0] if good else NO_CHECK


def _arguments(session: Session, guest: Guest) -> None:
    one(session, guest, "iommu-off", "ok", "the IOMMU is on")
    one(session, guest, "unsafe-interrupts", "ok", "interrupts are remapped")
    found = one(session, guest, "boot-claim", "warning", "the argument takes twins",
                evidence=(f"/proc/cmdline: {IDS}", "/etc/default/grub:3: "), remedy="update-grub")
    session.check("all of both cards", found["functions"] == [*CARD, *TWIN], found)
    answer = guest.run("hostdev import --json", 300)
    said = answer.json()
    session.check("import does not guess", answer.status == 1 and not said["pins"] and said["left_alone"][0]["open"], answer)
    # Without update-grub, which this guest does not have.
    edit = found["remedy"].split("; then: ")[-1].split(" && ")[0]
    answer = guest.run(edit)
    session.check("the way out takes the word out", answer.status == 0 and guest.run(
        "grep -c '^GRUB_CMDLINE_LINUX=\"intel_iommu=on\"$' /etc/default/grub").stdout.strip() == "1", edit)
    one(session, guest, "boot-drift", "warning", "this boot has what the next has not", evidence=(IDS,))


def _image(session: Session, guest: Guest) -> None:
    guest.must("hostdev pin card 01:00", 120)
    one(session, guest, "pin-drift", "warning", "the pin is not in place", functions=CARD, remedy="hostdev apply card")
    one(session, guest, "initramfs-stale", "error", "the image was made before there were pins",
        remedy="update-initramfs -u -k")
    guest.must(PREPEND, 600)
    one(session, guest, "initramfs-stale", "ok", "the image has the pin")
    guest.must("hostdev pin card 01:00 --replace --description another", 120)
    one(session, guest, "initramfs-stale", "error", "the image has another pin of that name",
        evidence=("pin card: another one is in the image",))
    guest.must("hostdev apply card", 300)
    one(session, guest, "pin-drift", "ok", "the pin is in place")
    one(session, guest, "undeclared", "ok", "what is on vfio-pci is explained")


def _driverctl(session: Session, guest: Guest) -> None:
    guest.must("driverctl set-override 0000:02:00.0 vfio-pci", 120)
    session.check("driverctl moved it", driver(guest, TWIN[0]) == "vfio-pci")
    one(session, guest, "undeclared", "ok", "driverctl's file explains it")
    answer = guest.run("hostdev import --write --json 02:00", 300)
    said = answer.json()
    pins = said["pins"]
    session.check("driverctl's file names half the card, which makes no pin",
                  len(pins) == 1 and pins[0]["result"] == "refused" and pins[0]["functions"] == list(TWIN[:1])
                  and pins[0]["sources"] == ["/etc/driverctl.d/pci-0000:02:00.0:1: vfio-pci"], answer)
    guest.must("hostdev pin twin 02:00", 300)
    found = one(session, guest, "rival-tools", "warning", "the pin and driverctl are told of", functions=TWIN[:1],
                evidence=("/etc/driverctl.d/pci-0000:02:00.0:1: vfio-pci",))
    ways = found["remedy"].removeprefix("To leave it to hostdev: ").split("; ")
    guest.must(next(way for way in ways if way.startswith("rm ")))
    session.check("nothing moved", driver(guest, TWIN[0]) == "vfio-pci")
    guest.must("hostdev apply", 300)
    session.check("the pin has the whole card", [driver(guest, address) for address in TWIN] == ["vfio-pci"] * 2)
    rivals, _ = checks(guest, "rival-tools")
    session.check("and no rival", all("driverctl" not in check["message"] for check in rivals), rivals)
    errors = {check["code"] for check in guest.run("hostdev doctor --json", 300).json()["checks"]
              if check["severity"] == "error"}
    session.check("the one error: this guest's initramfs has no pins", errors == {"initramfs-stale"}, errors)


def _libvirt(session: Session, guest: Guest) -> None:
    guest.must("virsh define /root/win.xml", 300)
    # By then the kernel's argument is the only other one that names it.
    found, _ = checks(guest, "rival-tools")
    line = guest.must("grep -n '<hostdev' /etc/libvirt/qemu/win.xml").split(":")[0]
    named = [check for check in found if CARD[0] in check["functions"]]
    session.check("libvirt's line is named, and the way out",
                  len(named) == 1 and "virsh edit win" in named[0]["remedy"]
                  and any(said.startswith(f"/etc/libvirt/qemu/win.xml:{line}: ") for said in named[0]["evidence"]), found)
