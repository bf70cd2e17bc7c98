"""What the judges say of a function: Debian's lspci, and where a tree has it, a newer one's words.

Every judge gives a flat dictionary with the keys below. A key that a judge does not
show is left out and not compared; what it shows to be absent is None or False.

    vendor_id device_id class revision          "0x10ee" "0x5000" "0x120000" "0x00"
    subsystem                                   "0x10ee:0x000e", None where there is none
    driver iommu_group                          text, integer or None
    header_type secondary_bus subordinate_bus   integers; None for what is no bridge
    flr af_flr pm                               booleans, as hostdev's `reset` has them
    acs_capability acs_control                  "SV RR CR UF" or None without the capability
    ari_supported ari_enabled                   booleans, None for what is no port
    total_vfs serial_number                     None without the capability
    link_port link_max_speed link_max_width link_speed link_width
"""

import json
import os
import re
import subprocess

ACS_NAMES = {"SrcValid": "SV", "TransBlk": "TB", "ReqRedir": "RR", "CmpltRedir": "CR", "UpstreamFwd": "UF",
             "EgressCtrl": "EC", "DirectTrans": "DT"}
LINK_KEYS = ("link_port", "link_max_speed", "link_max_width", "link_speed", "link_width")
FIRST_LINE = re.compile(r"\S+ (?P<class>[0-9a-f]{4}): (?P<vendor>[0-9a-f]{4}):(?P<device>[0-9a-f]{4})"
                        r"(?: \(rev (?P<revision>[0-9a-f]{2})\))?(?: \(prog-if (?P<interface>[0-9a-f]{2})\b)?")


class Unreadable(Exception):
    """The judge gave nothing for this function, and why."""


def lspci(tree, address):
    """What lspci shows of one function. One run a function, because it stops at the first that lacks a file."""
    command = ["lspci", "-A", "linux-sysfs", "-O", f"sysfs.path={tree}/sys/bus/pci", "-D", "-n", "-k", "-vvv",
               "-s", address]
    run = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    if run.returncode != 0 or not run.stdout.strip():
        missing = re.search(r"^lspci: Cannot open .*/(\w+):", run.stderr, re.M)
        raise Unreadable(f"no {missing[1]}" if missing else run.stderr.strip() or "no output")
    return parse(run.stdout)


def parse(text):
    """The facts in the output of `lspci -Dnkvvv` for one function."""
    first = FIRST_LINE.match(text)
    if not first:
        raise Unreadable(f"first line not understood: {text.splitlines()[0]}")
    facts = {
        "vendor_id": f"0x{first['vendor']}", "device_id": f"0x{first['device']}",
        # lspci leaves out a revision and a programming interface of zero.
        "class": f"0x{first['class']}{first['interface'] or '00'}", "revision": f"0x{first['revision'] or '00'}",
        "subsystem": _subsystem(_find(text, r"^\tSubsystem: ([0-9a-f]{4}:[0-9a-f]{4})")),
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


def _header(text):
    buses = re.search(r"^\tBus: primary=\w+, secondary=(\w+), subordinate=(\w+)", text, re.M)
    if not buses:
        return {"header_type": 0, "secondary_bus": None, "subordinate_bus": None}
    # Only a CardBus bridge's control register has the interrupt routing of 16-bit cards.
    is_cardbus = re.search(r"^\tBridgeCtl: .*16bInt", text, re.M)
    return {"header_type": 2 if is_cardbus else 1, "secondary_bus": int(buses[1], 16),
            "subordinate_bus": int(buses[2], 16)}


def _capabilities(text):
    express = re.search(r"Capabilities: \[\w+\] Express .*?(?=^\tCapabilities:|^\tKernel|\Z)", text, re.M | re.S)
    advanced = re.search(r"AFCap: TP([+-]) FLR([+-])", text)
    facts = {
        "af_flr": bool(advanced and advanced[1] == advanced[2] == "+"),
        "pm": _find(text, r"^\t\tStatus: D\d NoSoftRst([+-])") == "-",
        "acs_capability": _acs(_find(text, r"^\t\tACSCap:\t(.*)$")),
        "acs_control": _acs(_find(text, r"^\t\tACSCtl:\t(.*)$")),
        "total_vfs": _number(_find(text, r"Total VFs: (\d+)")),
        "serial_number": _find(text, r"Device Serial Number (\S+)"),
    }
    if not express:
        return facts | {"flr": False, "ari_supported": None, "ari_enabled": None} | dict.fromkeys(LINK_KEYS)
    express = express[0]
    # FLReset stands in DevCap and again in DevCtl; for ports lspci prints neither.
    flr = _find(express, r"DevCap:.*\n.*FLReset([+-])")
    if flr:
        facts["flr"] = flr == "+"
    for key, register in (("ari_supported", "DevCap2"), ("ari_enabled", "DevCtl2")):
        flag = _find(express, rf"\t\t{register}:[^\n]*(?:\n\t\t\t[^\n]*)*?ARIFwd([+-])")
        facts[key] = None if flag is None else flag == "+"
    return facts | _link(express)


def _link(express):
    capability = re.search(r"LnkCap:\tPort #(\d+), Speed ([\d.]+|unknown)[^,]*, Width x(\d+)", express)
    status = re.search(r"LnkSta:\tSpeed ([\d.]+|unknown)[^,]*, Width x(\d+)", express)
    if not capability or not status:
        return dict.fromkeys(LINK_KEYS)
    return {"link_port": int(capability[1]), "link_max_speed": _speed(capability[2]),
            "link_max_width": int(capability[3]), "link_speed": _speed(status[1]), "link_width": int(status[2])}


def truth(tree):
    """What a newer lspci said of the same bytes, by address; empty where the tree has no such record."""
    path = os.path.join(tree, "truth", "facts.json")
    if not os.path.exists(path):
        return {}
    with open(path, encoding="utf-8") as file:
        return {address: _truth_of(facts) for address, facts in json.load(file).items()}


def _truth_of(record):
    """Its record has no entry for what it did not print, which is no proof of absence: only what is there counts."""
    facts = {
        "vendor_id": f"0x{record['vendor']}", "device_id": f"0x{record['device']}",
        "class": f"0x{record['class']}{record['progif']}", "revision": f"0x{record['rev']}",
    }
    if "subsystem" in record:
        facts["subsystem"] = _subsystem(record["subsystem"])
    for key, name in (("driver", "driver"), ("iommu_group", "iommu_group"), ("flr", "flr"),
                      ("serial_number", "dsn"), ("ari_supported", "arifwd_cap")):
        if name in record:
            facts[key] = record[name]
    if "bus" in record:
        facts["secondary_bus"], facts["subordinate_bus"] = (int(bus, 16) for bus in record["bus"][1:])
    if "af" in record:
        facts["af_flr"] = record["af"]["flr"] and record["af"]["tp"]
    if "pm" in record:
        facts["pm"] = not record["pm"]["nosoftrst"]
    if "sriov" in record:
        facts["total_vfs"] = record["sriov"]["total"]
    for key, name in (("acs_capability", "ACSCap"), ("acs_control", "ACSCtl")):
        if name in record:
            facts[key] = _acs(record[name])
    for prefix, name in (("link_max_", "lnkcap"), ("link_", "lnksta")):
        if name in record:
            speed, width = record[name]
            facts[f"{prefix}speed"] = _speed(speed.removesuffix("GT/s"))
            facts[f"{prefix}width"] = int(width.removeprefix("x"))
    return facts


def _find(text, pattern):
    found = re.search(pattern, text, re.M)
    return found[1] if found else None


def _number(text):
    return None if text is None else int(text)


def _speed(text):
    return None if text == "unknown" else float(text)


def _acs(text):
    """The switched-on names of a line such as "SrcValid+ TransBlk-"."""
    if text is None:
        return None
    return " ".join(short for long, short in ACS_NAMES.items() if f"{long}+" in text)


def _subsystem(text):
    """Without a subsystem the registers read zeros or ones, and lspci prints nothing."""
    if text is None or text[:4] in ("0000", "ffff"):
        return None
    vendor, device = text.split(":")
    return f"0x{vendor}:0x{device}"
