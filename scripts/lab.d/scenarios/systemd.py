"""A host with systemd and its own initramfs: what the scenarios of booting build on."""

from scenarios import scenario
from session import Session


@scenario("systemd", "a Debian with systemd boots from a disk, from an NVMe too, and keeps what was written", needs=())
def run(session: Session) -> None:
    with session.root() as root:
        with session.system("twins", root) as guest:
            session.check("up from a virtio disk", guest.boot() == "running", guest.run("systemctl --failed").stdout)
            session.say(f"{session.name}: {guest.must('systemd-analyze time').splitlines()[0]}")
            guest.must("echo kept >/root/kept")
        session.check("what was written is on the disk", root.read("/root/kept") == b"kept\n")
        root.write("/root/brought", b"brought\n")
        with session.system("twins", root, device="nvme,bus=pcie.0,addr=0x11,serial=ROOT", keep=False) as guest:
            session.check("up from an NVMe", guest.boot() == "running", guest.run("systemctl --failed").stdout)
            mounted = guest.must("cat /proc/mounts")
            session.check("its root is the NVMe", "/dev/nvme0n1 / ext4" in mounted, mounted)
            session.check("what was brought is there", guest.must("cat /root/kept /root/brought") == "kept\nbrought")
