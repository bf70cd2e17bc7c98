"""What the scenarios of boots with pins share: topologies that are changed between two boots, and questions to a host."""

import dataclasses
import re
from collections.abc import Iterable, Mapping

import topologies
from guest import Guest
from session import Session

# The kernel's driver core says each probe, from its first moment on.
PROBES = 'dyndbg="file drivers/base/dd.c +p" log_buf_len=8M'

MAKERS = ("initramfs-tools", "dracut")


def changed(topology: str, without: Iterable[str] = (), added: Iterable[str] = ()) -> topologies.Topology:
    """The topology without the device lines that begin so, and with others, at the end."""
    chosen = topologies.ALL[topology]
    kept = tuple(line for line in chosen.devices if not line.startswith(tuple(without)))
    return dataclasses.replace(chosen, devices=kept + tuple(added))


def driver(guest: Guest, address: str) -> str:
    """The driver that a function is on; an empty text for none."""
    return guest.run(f"basename $(readlink /sys/bus/pci/devices/{address}/driver)").stdout.strip()


def drivers(guest: Guest) -> dict[str, str]:
    """{address: driver} of all functions."""
    listed = guest.must(
        "cd /sys/bus/pci/devices; for f in *; do echo $f $(basename $(readlink $f/driver) 2>/dev/null); done")
    return {words[0]: words[1] if len(words) > 1 else "" for words in map(str.split, listed.splitlines())}


def probes(guest: Guest) -> dict[str, list[str]]:
    """{address: the drivers that the kernel's log says were probed with it, in that order}."""
    # 6.1 says `bus: 'pci': really_probe: probing driver D with device A`, 6.12 has `A: ` before that.
    found: dict[str, list[str]] = {}
    for line in guest.run("dmesg | grep 'really_probe: probing driver'").stdout.splitlines():
        name = re.search(r"probing driver (\S+) with device", line)
        address = re.search(r"\b[0-9a-f]{4,}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]\b", line)
        if name and address:
            found.setdefault(address[0], []).append(name[1])
    return found


def declare(session: Session, guest: Guest, pins: Mapping[str, str]) -> None:
    """Declares pins, {name: selector}, and records what the host uses, for the image."""
    for name, selector in pins.items():
        answer = guest.run(f"hostdev pin {name} {selector}", 120)
        session.check(f"pin {name} {selector}", answer.status == 0, answer)
    answer = guest.run("mkdir -p /root/image && hostdev image /root/image", 120)
    session.check("the record for the image has the root disk", "the host needs: 0000:" in answer.stdout, answer)


def words(guest: Guest) -> str:
    """All that hostdev has said in this boot, one message per line: in the kernel's log, and in the journal if there is one."""
    kernel = guest.must("dmesg | sed -n 's/^.*hostdev: //p'", 120)
    # A journal that does not come must not take the kernel's words along; without it what only it had is missed.
    journal = guest.run("timeout 20 journalctl -b -q -t hostdev -o cat --no-pager", 120).stdout
    return "\n".join(filter(None, (kernel, journal)))


def report(guest: Guest) -> None:
    """Notes in the log what a person looks at."""
    words(guest)
    guest.run("hostdev pins; hostdev status; cat /proc/uptime", 120)


def said(guest: Guest, *fields: str) -> list[str]:
    """The journal's entries of this boot with these fields, a message each."""
    return guest.run(f"journalctl -b -o cat --no-pager {' '.join(fields)}", 120).stdout.splitlines()
