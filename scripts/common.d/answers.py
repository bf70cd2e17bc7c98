"""What hostdev says with --json, as far as the scripts read it: only the keys that one of them asks for.

Which of them an answer has is the command's affair, so that none is required here: one that is missing is a KeyError.
"""

from typing import NotRequired, TypedDict


class Finding(TypedDict):
    code: str
    severity: str
    functions: list[str]
    message: str
    evidence: list[str]
    remedy: str
    forceable: bool


class _Write(TypedDict):
    op: str


class Step(_Write, total=False):
    """One entry of a plan. What loads a module or waits has neither path nor value."""

    path: str
    value: str


class Outcome(TypedDict):
    result: str


class Failure(TypedDict, total=False):
    """The `error` of an end that is neither done nor refused."""

    status: int
    errno: str | None


class Hold(TypedDict):
    """One function of `status`' `held`."""

    address: str
    driver: str | None


class Pending(TypedDict):
    pid: int


class Interrupted(TypedDict):
    pending: Pending


class VirtualFunctions(TypedDict):
    gone: list[str]
    made: list[str]


class _Use(TypedDict):
    kind: str
    detail: str
    chain: list[str]


class Use(_Use, total=False):
    place: str


class Verified(TypedDict):
    functions: int
    ms: float


class Reset(TypedDict):
    kernel_methods: list[str] | None
    flr: bool | None
    af_flr: bool | None
    pm: bool | None


class Bridge(TypedDict):
    secondary_bus: int | None
    subordinate_bus: int | None


class Link(TypedDict):
    port: int
    max_speed_gts: float | None
    max_width: int
    speed_gts: float | None
    width: int


class Acs(TypedDict):
    capability: list[str]
    control: list[str]


class AriForwarding(TypedDict):
    supported: bool | None
    enabled: bool | None


class Sriov(TypedDict):
    total_vfs: int | None
    num_vfs: int | None


class Unanswered(TypedDict):
    """An attribute that the kernel did not answer in time."""

    path: str
    reason: str


# `class` is a word of Python's own.
_Class = TypedDict("_Class", {"class": str | None})


class Device(_Class):
    """One function of `list` and `show`."""

    address: str
    vendor_id: str | None
    device_id: str | None
    subsystem_vendor_id: str | None
    subsystem_device_id: str | None
    revision: str | None
    driver: str | None
    driver_override: str | None
    iommu_group: int | None
    numa_node: int | None
    boot_vga: bool | None
    header_type: int | None
    serial_number: str | None
    unknown: list[str]
    reset: Reset | None
    bridge: Bridge | None
    link: Link | None
    acs: Acs | None
    ari_forwarding: AriForwarding | None
    sriov: Sriov | None
    in_use: list[Use] | None
    unanswered: NotRequired[list[Unanswered]]


class _Changing(TypedDict, total=False):
    """`check`, and every command that changes something."""

    functions: list[str]
    missing: list[str]
    findings: list[Finding]
    verdict: str | None
    plan: list[Step]
    outcome: Outcome
    error: Failure
    virtual_functions: VirtualFunctions


class Pin(_Changing, total=False):
    """One pin of `apply`, or one that `import` proposes."""

    result: str
    sources: list[str]


class LeftAlone(TypedDict, total=False):
    """What `import` makes no pin of; `open`: an administrator has to decide."""

    open: bool


class Document(_Changing, total=False):
    """The object that any command prints."""

    devices: list[Device]
    held: list[Hold]
    interrupted: list[Interrupted]
    recovered: list[Interrupted]
    checks: list[Finding]
    pins: list[Pin]
    pruned: list[Pin]
    left_alone: list[LeftAlone]
    verified: Verified
