"""What lspci prints of a function, in the keys of facts.py."""

import re

from facts import Facts

ACS_NAMES = {"SrcValid": "SV", "TransBlk": "TB", "ReqRedir": "RR", "CmpltRedir": "CR", "UpstreamFwd": "UF",
             "EgressCtrl": "EC", "DirectTrans": "DT"}
_NO_LINK: Facts = dict.fromkeys(("link_port", "link_max_speed", "link_max_width", "link_speed", "link_width"), None)
FIRST_LINE = re.compile(r"\S+ (?P<class>[0-9a-f]{4}): (?P<vendor>[0-9a-f]{4}):(?P<device>[0-9a-f]{4})"
                        r"(?: \(rev (?P<revision>[0-9a-f]{2})\))?(?: \(prog-if (?P<interface>[0-9a-f]{2})\b)?")


class Unreadable(Exception):
    """The judge gave nothing for this function, and why."""


def parse(text: str) -> Facts:
    """The facts in the output of `lspci -Dnkvvv` for one function."""
    first = FIRST_LINE.match(text)
    if not first:
        raise Unreadable(f"first line not understood: {text.splitlines()[0]}")
    facts: Facts = {
        "vendor_id": f"0x{first['vendor']}", "device_id": f"0x{first['device']}",
        # lspci leaves out a revision and a programming interface of zero.
        "class": f"0x{first['class']}{first['interface'] or '00'}", "revision": f"0x{first['revision'] or '00'}",
        "subsystem": subsystem(_find(text, r"^\tSubsystem: ([0-9a-f]{4}:[0-9a-f]{4})")),
        "driver": _find(text, r"^\tKernel driver in use: (.+)$"),
        "iommu_group": _number(_find(text, r"^\tIOMMU group: (\d+)$")),
    }
    # Without `config` lspci still has the ids from sysfs, but neither registers nor this line.
    if "\n\tControl: " not in text:
        return facts
    if "!!! Unknown header type" not in text:
        facts |= _header(text)
    # "<access denied>" is how it calls a `config` that ends before the capabilities.
    if "<access denied>" not in text:
        facts |= _capabilities(text)
    return facts


def _header(text: str) -> Facts:
    buses = re.search(r"^\tBus: primary=\w+, secondary=(\w+), subordinate=(\w+)", text, re.MULTILINE)
    if not buses:
        return {"header_type": 0, "secondary_bus": None, "subordinate_bus": None}
    # Only a CardBus bridge's control register has the interrupt routing of 16-bit cards.
    is_cardbus = re.search(r"^\tBridgeCtl: .*16bInt", text, re.MULTILINE)
    return {"header_type": 2 if is_cardbus else 1, "secondary_bus": int(buses[1], 16),
            "subordinate_bus": int(buses[2], 16)}


def _capabilities(text: str) -> Facts:
    section = re.search(r"Capabilities: \[\w+\] Express .*?(?=^\tCapabilities:|^\tKernel|\Z)", text, re.MULTILINE | re.DOTALL)
    advanced = re.search(r"AFCap: TP([+-]) FLR([+-])", text)
    facts: Facts = {
        "af_flr": bool(advanced and advanced[1] == advanced[2] == "+"),
        "pm": _find(text, r"^\t\tStatus: D\d NoSoftRst([+-])") == "-",
        "acs_capability": acs(_find(text, r"^\t\tACSCap:\t(.*)$")),
        "acs_control": acs(_find(text, r"^\t\tACSCtl:\t(.*)$")),
        "total_vfs": _number(_find(text, r"Total VFs: (\d+)")),
        "serial_number": _find(text, r"Device Serial Number (\S+)"),
    }
    if not section:
        return {**facts, "flr": False, "ari_supported": None, "ari_enabled": None, **_NO_LINK}
    express = section[0]
    # FLReset stands in DevCap and again in DevCtl; for ports lspci prints neither.
    flr = _find(express, r"DevCap:.*\n.*FLReset([+-])")
    if flr:
        facts["flr"] = flr == "+"
    for key, register in (("ari_supported", "DevCap2"), ("ari_enabled", "DevCtl2")):
        flag = _find(express, rf"\t\t{register}:[^\n]*(?:\n\t\t\t[^\n]*)*?ARIFwd([+-])")
        facts[key] = None if flag is None else flag == "+"
    return facts | _link(express)


def _link(express: str) -> Facts:
    capability = re.search(r"LnkCap:\tPort #(\d+), Speed ([\d.]+|unknown)[^,]*, Width x(\d+)", express)
    status = re.search(r"LnkSta:\tSpeed ([\d.]+|unknown)[^,]*, Width x(\d+)", express)
    if not capability or not status:
        return _NO_LINK
    return {"link_port": int(capability[1]), "link_max_speed": speed(capability[2]),
            "link_max_width": int(capability[3]), "link_speed": speed(status[1]), "link_width": int(status[2])}


def _find(text: str, pattern: str) -> str | None:
    found = re.search(pattern, text, re.MULTILINE)
    return found[1] if found else None


def _number(text: str | None) -> int | None:
    return None if text is None else int(text)


def speed(text: str) -> float | None:
    return None if text == "unknown" else float(text)


def acs(text: str | None) -> str | None:
    """The switched-on names of a line such as "SrcValid+ TransBlk-"."""
    if text is None:
        return None
    return " ".join(short for long, short in ACS_NAMES.items() if f"{long}+" in text)


def subsystem(text: str | None) -> str | None:
    """Without a subsystem the registers read zeros or ones, and lspci prints nothing."""
    if text is None or text[:4] in ("0000", "ffff"):
        return None
    vendor, device = text.split(":")
    return f"0x{vendor}:0x{device}"
