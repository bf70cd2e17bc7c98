"""Builds the bytes of a function's `config` from a readable declaration.

Register layouts are those of the PCI Local Bus 3.0 and PCI Express Base
specifications, under the names of Linux' include/uapi/linux/pci_regs.h.
A capability is a value (id, body); its offset is decided here, so that a
declaration says what a function can do and not at which offset.
"""

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

SPEED_CODES = {2.5: 1, 5: 2, 8: 3, 16: 4, 32: 5}
PORT_TYPES = {
    "endpoint": 0, "root port": 4, "upstream port": 5, "downstream port": 6,
    "pcie-to-pci bridge": 7, "root complex endpoint": 9,
}
PORTS = ("root port", "downstream port")
ACS_BITS = {"SV": 0, "TB": 1, "RR": 2, "CR": 3, "UF": 4, "EC": 5, "DT": 6}

# GT/s and lanes.
Link = tuple[float, int]
# What a bridge forwards, first and last address: without prefetching, and with.
Window = tuple[int, int]
Windows = tuple[Window | None, Window | None]


@dataclass(frozen=True)
class Capability:
    """One capability: its id and what follows the two bytes of id and next pointer."""
    id: int
    body: bytes


@dataclass(frozen=True)
class ExtendedCapability:
    """One extended capability: what follows its four-byte header."""
    id: int
    version: int
    body: bytes


def power_management(no_soft_reset: bool, state: int = 0) -> Capability:
    """PM version 3. NoSoftRst clear means that D3hot to D0 resets the function."""
    pmcsr = (0x0008 if no_soft_reset else 0) | state
    return Capability(0x01, struct.pack("<HHBB", 0x4803, pmcsr, 0, 0))


def vital_product_data() -> Capability:
    """VPD, present but never read by anyone here: its address register is zero."""
    return Capability(0x03, struct.pack("<HI", 0, 0))


def msi(enabled: bool = False, vectors_log2: int = 0) -> Capability:
    """MSI with a 64-bit address."""
    control = 0x0080 | (vectors_log2 << 1) | (1 if enabled else 0)
    return Capability(0x05, struct.pack("<HIIH", control, 0xFEE00018 if enabled else 0, 0, 0))


def msix(vectors: int, bar: int = 0, enabled: bool = False) -> Capability:
    """MSI-X with table and pending bits in one BAR."""
    control = (vectors - 1) | (0x8000 if enabled else 0)
    return Capability(0x11, struct.pack("<HII", control, 0x2000 | bar, 0x3000 | bar))


def advanced_features(flr: bool) -> Capability:
    """AF: how a conventional function offers a function level reset (TP and FLR together)."""
    return Capability(0x13, struct.pack("<BBBB", 6, 0x03 if flr else 0x00, 0, 0))


def bridge_subsystem(vendor: int, device: int) -> Capability:
    """SSVID: header type 1 has no subsystem registers, so a bridge says it here."""
    return Capability(0x0D, struct.pack("<HHH", 0, vendor, device))


def hot_plug_controller() -> Capability:
    """SHPC, the capability that shpchp binds a bridge for."""
    return Capability(0x0C, struct.pack("<BBI", 0, 0, 0))


def pcie(kind: str, flr: bool = False, link: Link | None = None, running: Link | None = None, port: int = 0,
         ari_supported: bool = False, ari_enabled: bool = False, slot: bool = False) -> Capability:
    """PCIe version 2. A function without a link has neither `link` nor `running`."""
    is_port = kind in PORTS
    flags = 2 | (PORT_TYPES[kind] << 4) | (0x0100 if slot else 0)
    device_capabilities = 0x8001 | (0x20 if kind == "endpoint" else 0) | (1 << 28 if flr else 0)
    link_capabilities = link_status = link_capabilities_2 = link_control_2 = 0
    if link:
        speed = SPEED_CODES[link[0]]
        link_capabilities = speed | link[1] << 4 | 1 << 22 | port << 24 | (1 << 20 if is_port else 0)
        link_capabilities_2 = (1 << (speed + 1)) - 2
        link_control_2 = speed
        gigatransfers, lanes = running or link
        link_status = SPEED_CODES[gigatransfers] | lanes << 4 | 0x1000 | (0x2000 if is_port else 0)
    body = struct.pack(
        "<H" "IHH" "IHH" "IHH" "HHI" "IHH" "IHH" "IHH",
        flags,
        device_capabilities, 0x2810, 0,
        link_capabilities, 0x0040, link_status,
        # Presence detected; both indicators off.
        0, 0x03C0 if slot else 0, 0x0040 if slot else 0,
        0, 0, 0,
        0x20 if ari_supported else 0, 0x20 if ari_enabled else 0, 0,
        link_capabilities_2, link_control_2, 0,
        0, 0, 0)
    return Capability(0x10, body)


def advanced_error_reporting() -> ExtendedCapability:
    """AER with nothing reported."""
    return ExtendedCapability(0x0001, 2, bytes(0x44))


def serial_number(text: str) -> ExtendedCapability:
    """DSN from the form that lspci prints, most significant byte first."""
    return ExtendedCapability(0x0003, 1, bytes.fromhex(text.replace("-", ""))[::-1])


def access_control(capability: str = "", control: str = "") -> ExtendedCapability:
    """ACS from names such as "SV RR CR UF"."""
    def mask(names: str) -> int:
        return sum(1 << ACS_BITS[name] for name in names.split())
    return ExtendedCapability(0x000D, 1, struct.pack("<HH", mask(capability), mask(control)))


def alternative_routing(next_function: int = 0) -> ExtendedCapability:
    """ARI of an endpoint: the next function of the same device."""
    return ExtendedCapability(0x000E, 1, struct.pack("<HH", next_function << 8, 0))


def sriov(total: int, active: int, offset: int, stride: int, vf_device: int, vf_bar: int = 0) -> ExtendedCapability:
    """SR-IOV of a PF. While VFs exist, VF Enable, VF Memory Space Enable and ARI Capable Hierarchy are set."""
    control = 0x0019 if active else 0
    return ExtendedCapability(0x0010, 1, struct.pack(
        "<IHHHHHBBHHHHII6II", 0, control, 0, total, total, active, 0, 0, offset, stride, 0,
        vf_device, 0x553, 1, vf_bar | 0xC if vf_bar else 0, 0, 0, 0, 0, 0, 0))


@dataclass(frozen=True)
class Bar:
    """A memory BAR as the firmware placed it; `kind` is "32", "64" or "64p" (prefetchable)."""
    index: int
    base: int
    size: int
    kind: str = "32"

    def write(self, config: bytearray) -> None:
        offset = 0x10 + 4 * self.index
        struct.pack_into("<I", config, offset, self.base & 0xFFFFFFFF | self._low_bits())
        if self.kind != "32":
            struct.pack_into("<I", config, offset + 4, self.base >> 32)

    def resource_line(self) -> str:
        """Its line of the `resource` attribute: start, end and the kernel's IORESOURCE_* flags."""
        flags = {"32": 0x40200, "64": 0x140204, "64p": 0x14220C}[self.kind]
        return f"0x{self.base:016x} 0x{self.base + self.size - 1:016x} 0x{flags:016x}"

    def _low_bits(self) -> int:
        return {"32": 0x0, "64": 0x4, "64p": 0xC}[self.kind]


def build(  # noqa: PLR0913 # what the header has
        *, vendor: int, device: int, class_code: int, revision: int, header_type: int = 0, multifunction: bool = False,
        command: int = 0x0006, subsystem: tuple[int, int] = (0, 0), bars: Iterable[Bar] = (),
        buses: tuple[int, int, int] = (0, 0, 0), windows: Windows = (None, None), interrupt_pin: int = 0, irq: int = 0,
        capabilities: Sequence[Capability] = (), extended: Sequence[ExtendedCapability] = (), is_vf: bool = False) -> bytes:
    """The bytes of `config`: 4096 with a PCIe capability, as the kernel sizes the file, else 256."""
    is_express = any(c.id == 0x10 for c in capabilities)
    config = bytearray(4096 if is_express else 256)
    # A VF answers all ones for its ids (SR-IOV 3.4.1.1): sysfs has them from its PF.
    ids = (0xFFFF, 0xFFFF) if is_vf else (vendor, device)
    struct.pack_into("<HHHH", config, 0x00, *ids, command, 0x0010 if capabilities else 0)
    struct.pack_into("<I", config, 0x08, class_code << 8 | revision)
    config[0x0C] = 0x10
    config[0x0E] = header_type | (0x80 if multifunction else 0)
    # A VF's BARs are hard-wired to zero: the PF's SR-IOV capability has them (SR-IOV 3.4.1.11).
    for bar in () if is_vf else bars:
        bar.write(config)
    config[0x3C], config[0x3D] = irq & 0xFF, interrupt_pin
    if header_type == 0:
        struct.pack_into("<HH", config, 0x2C, *subsystem)
    else:
        struct.pack_into("<BBB", config, 0x18, *buses)
        # A closed window is one whose base lies above its limit.
        struct.pack_into("<BB", config, 0x1C, 0xF0, 0x00)
        memory, prefetchable = windows
        base, limit = memory or (0xFFF00000, 0)
        struct.pack_into("<HH", config, 0x20, base >> 16 & 0xFFF0, limit >> 16 & 0xFFF0)
        base, limit = prefetchable or (0xFFF00000, 0)
        struct.pack_into("<HHII", config, 0x24, base >> 16 & 0xFFF0 | 1, limit >> 16 & 0xFFF0 | 1,
                         base >> 32, limit >> 32)
    _chain(config, capabilities)
    _extended_chain(config, extended)
    return bytes(config)


def _chain(config: bytearray, capabilities: Iterable[Capability]) -> None:
    pointer, offset = 0x34, 0x40
    for capability in capabilities:
        config[pointer] = offset
        config[offset] = capability.id
        config[offset + 2:offset + 2 + len(capability.body)] = capability.body
        pointer = offset + 1
        offset = (offset + 2 + len(capability.body) + 3) & ~3
        if offset > 0x100:
            raise ValueError("capabilities do not fit below 0x100")


def _extended_chain(config: bytearray, extended: Sequence[ExtendedCapability]) -> None:
    offset = 0x100
    for index, capability in enumerate(extended):
        end = offset + 4 + len(capability.body)
        following = (end + 3) & ~3 if index + 1 < len(extended) else 0
        struct.pack_into("<I", config, offset, capability.id | capability.version << 16 | following << 20)
        config[offset + 4:end] = capability.body
        offset = following
