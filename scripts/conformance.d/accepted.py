"""The list of differences that are known and decided, each by a register or by the kernel's source."""

import os
from dataclasses import dataclass

LIMIT = 20


@dataclass(frozen=True)
class Line:
    """One accepted difference. A key that starts `truth:` is one against the newer lspci's words."""
    tree: str
    address: str
    key: str
    ours: str
    theirs: str


def read(path: str) -> tuple[list[Line], list[str]]:
    """The lines of the list, and what is wrong with the list itself."""
    lines, complaints = [], []
    with open(path, encoding="utf-8") as file:
        for number, text in enumerate(file, 1):
            if not text.strip() or text.startswith("#"):
                continue
            fields = [field.strip() for field in text.split(",", 5)]
            if len(fields) < 6 or not all(fields):
                complaints.append(f"{os.path.basename(path)}:{number}: not `tree, address, key, ours, theirs, reason`")
                continue
            lines.append(Line(*fields[:5]))
    if len(lines) > LIMIT:
        complaints.append(f"{os.path.basename(path)}: {len(lines)} lines, {LIMIT} at most")
    return lines, complaints
