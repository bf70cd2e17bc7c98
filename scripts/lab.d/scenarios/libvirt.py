"""Passthrough by libvirt 9.0 on a host with systemd: its domain gets our XML, its guest the card, and the host all back."""

import re
import secrets

import image
import picture
from guest import Guest
from program import Program
from scenarios import scenario
from scenarios.inner_disk import CARD, FROM_HOST, IDS, disk, given_back, write
from session import Session

PACKAGES = (
    "libvirt-daemon-system libvirt-daemon-system-systemd libvirt-daemon-driver-qemu libvirt-clients qemu-system-x86 "
    "qemu-utils driverctl dpdk python3 udev"
).split()
MEGABYTES = 3000

_DOMAIN = """\
<domain type='qemu'>
  <name>inner</name>
  <memory unit='MiB'>256</memory>
  <vcpu>1</vcpu>
  <os>
    <type arch='x86_64' machine='q35'>hvm</type>
    <kernel>/lab/inner/vmlinux</kernel>
    <initrd>/lab/inner/initrd</initrd>
    <cmdline>console=ttyS0 quiet panic=-1 no_timer_check stay=1 mark={mark}</cmdline>
  </os>
  <cpu mode='maximum'/>
  <features><acpi/></features>
  <devices>
    <serial type='file'><source path='/var/log/libvirt/qemu/inner-console.log'/></serial>
    <memballoon model='none'/>
    <video><model type='none'/></video>
  </devices>
</domain>
"""


@scenario("libvirt",
          "our XML in a domain of libvirt: its guest has the card in one slot and writes the disk; the host reads it")
def run(session: Session) -> None:
    mark = secrets.token_hex(8)
    with (session.root(packages=PACKAGES, programs=image.inner_system(session.kernel), megabytes=MEGABYTES,
                       contents={"/root/inner.xml": _DOMAIN.format(mark=mark)}) as root,
          session.system("disk-card", root, memory="2G", keep=False) as guest):
        session.say(f"{session.name}: {guest.boot()}")
        guest.run("systemctl --failed --no-legend")
        guest.must("systemctl start libvirtd && virsh version", 200)
        session.say(f"{session.name}: libvirt {guest.must('virsh --version')}")
        _round(session, guest, mark)


def _round(session: Session, guest: Guest, mark: str) -> None:
    hostdev = Program(guest)
    write(guest, disk(guest, CARD[0]), FROM_HOST, f"host {mark}")
    before = picture.take(guest)
    result = hostdev.json("bind 01:00")["outcome"]["result"]
    session.check("bind", result == "done", result)

    # attach-device takes one element a file.
    guest.must("cd /root && hostdev xml 01:00 | awk '/<hostdev/ { n++ } { print >\"card\" n \".xml\" }'")
    for command in ("define /root/inner.xml", *(f"attach-device inner /root/card{n}.xml --config" for n in (1, 2))):
        answer = guest.run(f"virsh {command}", 300)
        if not session.check(f"virsh {command}", answer.status == 0, answer if answer.status else f"{answer.seconds:.1f} s"):
            return
    kept = re.findall(r"<hostdev .*?</hostdev>", guest.must("virsh dumpxml --inactive inner"), re.DOTALL)
    session.check("the domain has both functions, not managed",
                  len(kept) == 2 and all("managed='no'" in element for element in kept), f"{len(kept)} elements")
    answer = guest.run("virsh start inner", 300)
    if not session.check("virsh start", answer.status == 0, f"{answer.seconds:.1f} s" if not answer.status else answer):
        return
    _inside(session, guest, mark)

    answer = hostdev.run("release 01:00 --json")
    codes = [finding["code"] for finding in answer.json()["findings"] if finding["severity"] == "error"]
    session.check("release while the guest runs is refused", answer.status == 1 and set(codes) == {"guest-running"},
                  codes or answer)
    guest.must("virsh destroy inner", 120)
    given_back(session, hostdev, before, mark)


def _inside(session: Session, guest: Guest, mark: str) -> None:
    """What the guest of libvirt says on its console."""
    console = "/var/log/libvirt/qemu/inner-console.log"
    # Seldom: on its one processor every look takes from what the guest inside has.
    guest.wait_for(f"sleep 5; grep -q '^inner: done' {console}", 900)
    said = guest.must(f"cat {console}").replace("\r", "")
    lines = re.findall(r"^inner: (.*\S)\s*$", said, re.MULTILINE)
    slots: dict[str, dict[int, str]] = {}
    for place, number, ids in re.findall(r"^inner: function (\S+)\.(\d) (0x\S+ 0x\S+)", said, re.MULTILINE):
        slots.setdefault(place, {})[int(number)] = ids
    shared = [place for place, found in slots.items() if found == dict(enumerate(IDS))]
    session.check("the guest sees both functions in one slot", len(shared) == 1, shared or said[-3000:])
    for name, wanted in (
        ("the guest reads what the host wrote", f"read host {mark}"),
        ("the guest writes", f"wrote inner {mark}"),
        ("the guest reads that back", f"read back inner {mark}"),
    ):
        session.check(name, wanted in lines, wanted if wanted in lines else said[-3000:])
