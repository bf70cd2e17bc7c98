"""What each target begins with, and the words that mutations put together."""

import pathlib
import re
import sys
from collections.abc import Iterator

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "common.d"))

import cpio

PROJECT = pathlib.Path(__file__).resolve().parents[2]
FIXTURES = PROJECT / "Fixtures"

SELECTORS = ("0000:01:00.0", "01:00", "10000:e1:00.0", "pci_0000_01_00_0", "10ee:5000", "group:12", "net:enp1s0f0",
             "block:nvme0n1", "/dev/nvme0n1", "xml:-", "pin:card")
# Words that a mutation puts together, since chance alone does not: those of JSON, of records, and of XML.
WORDS: dict[str, tuple[str, ...]] = {
    "netplan": ("network:", "ethernets:", "match:", "name:", "dhcp4: true", "<<: ", "&a ", "*a", " |", " >-", "---", "? ",
                '"\\u0031"', "!!str ", "%TAG ! a", "interfaces: [", "addresses:"),
    "journal": ("null", "true", "[]", "{}", '"reset"', '"bind"', '"release"', '"driver":', '"override":', '"attributes":',
                '"prior":', '"target":', '"hasGivenUp":', '"leftBehind":', '"pending":', '"reset_method"', '"sriov_numvfs"',
                '"power/control"', '"../../x"', '"x\\u0000"', '"0000:01:00.1"', '"10000:e1:00.0"', '"op":"load-module"'),
    "pins": ("null", "true", "[]", "{}", '"version":1', '"match":"ids"', '"follow":true', '"functions":[', '"driver":"auto"',
             '"serial_number":', '"path":"0000:00/01.0/00.0"', '"force":[', '"0x120000"', "1e9", "\\u0000", "\\ud800"),
    "image": ("07070100000001000081a4", "TRAILER!!!", "etc/hostdev/pins.d/a.json", "./etc/hostdev/../../x", "FFFFFFFF",
              "/usr/sbin/hostdev", "etc/hostdev/footing.json"),
    "faults": ("null", '"errno":', '"times":', '"path":', '"value":', '"milliseconds":', "4294967296", "-1", "1e9", "*"),
    "xml": ("<hostdev ", "</hostdev>", "<source>", "<address ", "<!DOCTYPE ", "<!ENTITY ", "&#0;", "<![CDATA[", "domain='",
            "bus='", "slot='", "function='", "type='pci'", "mode='subsystem'", "0xffffffffffffffff", "-1", "xmlns:"),
}

DOMAIN = ("<domain><devices><hostdev mode='subsystem' type='pci' managed='yes'><source>"
          "<address domain='0x0000' bus='0x01' slot='0x00' function='0x1'/></source></hostdev></devices></domain>")
# A host's settings that other tools read, as the target `settings` has them.
SETTINGS = {
    "/etc/default/grub": 'A=1\nGRUB_CMDLINE_LINUX="quiet \\\n vfio-pci.ids=10ee:5000"\nexport GRUB_CMDLINE_LINUX+=\' x\'\n',
    "/boot/grub/grub.cfg": "menuentry 'x' {\n\tlinux /vmlinuz root=x vfio-pci.ids=10ee:5000,10ee:5001:1:2:3:4\n}\n",
    "/etc/kernel/cmdline": "root=x pcie_acs_override=downstream xen-pciback.hide=(01:00.0)\n",
    "/boot/loader/entries/a.conf": "title x\noptions root=x hostdev=off\n",
    "/proc/cmdline": "intel_iommu=on vfio_pci.ids=10ee:5000 modprobe.blacklist=a,b\n",
    "/etc/driverctl.d/pci-0000:01:00.0": "vfio-pci\n",
    "/etc/modprobe.d/a.conf": "options vfio-pci ids=10ee:5000\nsoftdep x pre: vfio-pci\ninstall vfio_pci /bin/false\n",
    "/etc/modules": "vfio-pci ids=10ee:5000 # x\n",
    "/etc/libvirt/qemu/a.xml": DOMAIN,
    "/etc/pve/qemu-server/1.conf": "hostpci0: 01:00,pcie=1\nhostpci1: host=0000:01:00.0;02:00\nhostpci2: mapping=c\n",
    "/etc/pve/mapping/pci.cfg": "c\n\tmap id=10ee:5000,node=a,path=0000:01:00.0\n",
    "/etc/udev/rules.d/a.rules":
        'KERNEL=="0000:01:00.0", ATTR{vendor}=="0x10ee", ATTR{device}=="0x5000", ATTR{driver_override}="vfio-pci"\n',
}

NETPLAN = (
    "network:\n  version: 2\n  ethernets:\n    eth0:\n      dhcp4: true\n      routes: [{to: default, via: 192.0.2.1}]\n",
    'network: {ethernets: {a: &a {match: {name: "e*", more: 1}, dhcp4: yes}, eth0: {<<: *a, addresses: [192.0.2.2/24]}}}\n',
    "network:\n  bonds:\n    b: {interfaces: [eth0, 'it''s']}\n  wifis:\n    w:\n      set-name: |\n        a\n        b\n",
)


def paths(name: str) -> list[str]:
    """A table of paths of MemorySysfs.swift: the number of a path is its place there."""
    text = (PROJECT / "Tests" / "Fuzz" / "MemorySysfs.swift").read_text()
    return re.findall(r'"(?:\\\(folder\))?/?([\w./:-]+)"', text[text.index(f"static let {name}"):].split("\n\n")[0])


def host_seeds(table: str) -> Iterator[bytes]:
    """Every function of every fixture as pieces: 0x01, number of a path, content."""
    names = paths(table)
    for device in sorted(FIXTURES.glob("*/sys/bus/pci/devices/*")):
        tree = FIXTURES / device.relative_to(FIXTURES).parts[0]
        pieces = b""
        for number, name in enumerate(names):
            for file in (device / name, tree / name):
                if file.is_file():
                    pieces += bytes((1, number)) + file.read_bytes()[:4096]
                    break
        yield pieces


def setting_seeds() -> list[bytes]:
    """All of them at once, and each alone."""
    pieces = [bytes((1, number)) + SETTINGS["/" + name].encode() for number, name in enumerate(paths("settings"))
              if "/" + name in SETTINGS]
    return [b"".join(pieces), *pieces]


def tree_seeds() -> Iterator[bytes]:
    """Every place of CaptureTree.swift made a link that leads outside, to a file (0) and to a folder (16, the second of 15),
    or an empty folder. Pieces are 0x01, kind, number of a place, content; 1 begins the next one, so that 2 is the first
    number, and the numbers go round.
    """
    for number in range(2, 90):
        for kind, content in ((5, 0), (5, 16), (2, 0)):
            yield bytes((1, kind, number, content))


def image_seeds() -> Iterator[bytes]:
    """The pins among the seeds as an initramfs has them: archives of cpio's newc form, one after the other."""
    image = b""
    for file in sorted((FIXTURES / "seeds" / "pins").glob("*")):
        for name, data in ((f"etc/hostdev/pins.d/{file.name}", file.read_bytes()), ("TRAILER!!!", b"")):
            image += cpio.entry(1, name, 0o100644, data)
        image += b"\0" * 8
        yield image


def seeds(target: str) -> Iterator[bytes]:
    if target == "registers":
        yield from (file.read_bytes() for file in sorted(FIXTURES.glob("*/sys/bus/pci/devices/*/config")))
    elif target == "attributes":
        yield from host_seeds("attributes")
    elif target == "capture":
        yield from host_seeds("surroundings")
    elif target == "settings":
        yield from setting_seeds()
    elif target == "netplan":
        yield from (text.encode() for text in NETPLAN)
    elif target == "tree":
        yield from tree_seeds()
    elif target == "image":
        yield from image_seeds()
    elif target == "selectors":
        yield from (text.encode() for text in SELECTORS)
    for file in sorted((FIXTURES / "seeds" / target).glob("*")):
        yield file.read_bytes()


def dictionary(target: str, path: pathlib.Path) -> list[str]:
    """Writes libFuzzer's list of words for a target; gives the option that names it."""
    words = WORDS.get(target, ())
    quoted = (word.replace("\\", "\\\\").replace('"', '\\"') for word in words)
    path.write_text("".join(f'"{word}"\n' for word in quoted))
    return [f"-dict={path}"] if words else []
