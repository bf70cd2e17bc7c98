"""What the judges say of a function: Debian's lspci, and a newer one's words if a tree has them."""

import json
import os
import re
import subprocess
from typing import Literal, TypedDict

import lspci
from facts import Facts


class _AF(TypedDict):
    flr: bool
    tp: bool


class _PM(TypedDict):
    nosoftrst: bool


class _SRIOV(TypedDict):
    total: int


# `class` is a word of Python's own.
_Class = TypedDict("_Class", {"class": str})


class _Ids(_Class):
    vendor: str
    device: str
    progif: str
    rev: str


class Record(_Ids, total=False):
    """What a newer lspci printed of one function."""

    subsystem: str
    driver: str
    iommu_group: int
    flr: bool
    dsn: str
    arifwd_cap: bool
    bus: tuple[str, str, str]
    af: _AF
    pm: _PM
    sriov: _SRIOV
    ACSCap: str
    ACSCtl: str
    lnkcap: tuple[str, str]
    lnksta: tuple[str, str]


# Our keys and its own.
_AS_IT_IS: tuple[tuple[str, Literal["driver", "iommu_group", "flr", "dsn", "arifwd_cap"]], ...] = (
    ("driver", "driver"), ("iommu_group", "iommu_group"), ("flr", "flr"), ("serial_number", "dsn"),
    ("ari_supported", "arifwd_cap"))
_ACS: tuple[tuple[str, Literal["ACSCap", "ACSCtl"]], ...] = (("acs_capability", "ACSCap"), ("acs_control", "ACSCtl"))
_LINK: tuple[tuple[str, Literal["lnkcap", "lnksta"]], ...] = (("link_max_", "lnkcap"), ("link_", "lnksta"))


def by_lspci(tree: str, address: str) -> Facts:
    """What lspci shows of one function. One run a function, because it stops at the first that lacks a file."""
    command = ["lspci", "-A", "linux-sysfs", "-O", f"sysfs.path={tree}/sys/bus/pci", "-D", "-n", "-k", "-vvv",
               "-s", address]
    run = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    if run.returncode != 0 or not run.stdout.strip():
        missing = re.search(r"^lspci: Cannot open .*/(\w+):", run.stderr, re.MULTILINE)
        raise lspci.Unreadable(f"no {missing[1]}" if missing else run.stderr.strip() or "no output")
    return lspci.parse(run.stdout)


def truth(tree: str) -> dict[str, Facts]:
    """What a newer lspci said of the same bytes, by address; empty if the tree has no such record."""
    path = os.path.join(tree, "truth", "facts.json")
    if not os.path.exists(path):
        return {}
    with open(path, encoding="utf-8") as file:
        records: dict[str, Record] = json.load(file)
    return {address: _truth_of(record) for address, record in records.items()}


def _truth_of(record: Record) -> Facts:
    """Its record has no entry for what it did not print, which does not prove absence: only what is there counts."""
    facts: Facts = {
        "vendor_id": f"0x{record['vendor']}", "device_id": f"0x{record['device']}",
        "class": f"0x{record['class']}{record['progif']}", "revision": f"0x{record['rev']}",
    }
    if "subsystem" in record:
        facts["subsystem"] = lspci.subsystem(record["subsystem"])
    for key, name in _AS_IT_IS:
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
    for key, register in _ACS:
        if register in record:
            facts[key] = lspci.acs(record[register])
    for prefix, link in _LINK:
        if link in record:
            speed, width = record[link]
            facts[f"{prefix}speed"] = lspci.speed(speed.removesuffix("GT/s"))
            facts[f"{prefix}width"] = int(width.removeprefix("x"))
    return facts
