"""Every import of every target against what Package.swift declares.

The compiler lets a target import what another one's dependency brought; the order of the rooms would hold by luck alone.
"""

import json
import pathlib
import re
import subprocess
from typing import NotRequired, TypedDict

# What the toolchain brings, and which targets may have it; None: all.
TOOLCHAIN: dict[str, set[str] | None] = {
    "Glibc": {"System"},
    "FoundationEssentials": None,
    "Synchronization": None,
}
TESTS_ONLY = {"Testing", "XCTest", "Foundation", "Dispatch"}

IMPORT = re.compile(
    r"^\s*(?:@\w+(?:\([^)]*\))?\s+)*(?:(?:public|package|internal|fileprivate|private)\s+)?"
    r"import\s+(?:(?:struct|class|enum|protocol|func|typealias|actor|var|let)\s+)?(\w+)", re.MULTILINE)


class Target(TypedDict):
    """One target of `swift package dump-package`."""

    name: str
    type: str
    path: NotRequired[str | None]
    # Folders below `path` that are other targets'.
    exclude: list[str]
    # byName: [name, condition]; product: [product, package, aliases, condition]; target: [name, condition]. The name is text.
    dependencies: list[dict[str, list[str]]]


class Package(TypedDict):
    targets: list[Target]


def judge(_: list[pathlib.Path]) -> list[str]:
    """The complaints, one a line."""
    package: Package = json.loads(subprocess.run(["swift", "package", "dump-package"], capture_output=True, check=True).stdout)
    own = {target["name"] for target in package["targets"]}
    complaints: list[str] = []
    for target in package["targets"]:
        complaints += _judge_target(target, own)
    return complaints


def _judge_target(target: Target, own: set[str]) -> list[str]:
    name = target["name"]
    # What tests share is not a test itself, and may import what they may.
    is_test = target["type"] == "test" or (target.get("path") or "").startswith("Tests/")
    folder = pathlib.Path(target.get("path") or f"{'Tests' if is_test else 'Sources'}/{name}")
    files = [file for file in sorted(folder.rglob("*.swift"))
             if file.relative_to(folder).parts[0] not in target["exclude"]]
    if not files:
        return []
    declared = {next(iter(dependency.values()))[0] for dependency in target["dependencies"]}
    complaints: list[str] = []
    used: set[str] = set()
    for file in files:
        for module in IMPORT.findall(_code(file.read_text())):
            used.add(module)
            if module in declared or module == name:
                continue
            if module in own:
                complaints.append(f"{file}: imports {module}, which {name} does not declare")
            elif is_test and (module in TESTS_ONLY or module in TOOLCHAIN):
                continue
            elif module not in TOOLCHAIN:
                complaints.append(f"{file}: imports {module}, which no target of ours may")
            elif (owners := TOOLCHAIN[module]) is not None and name not in owners:
                complaints.append(f"{file}: imports {module}, which belongs to {', '.join(owners)} alone")
    # An executable has no module to import; tests that name one only run it.
    unused = declared - used
    complaints += [f"Package.swift: {name} declares {module} and does not import it" for module in sorted(unused)]
    return complaints


def _code(text: str) -> str:
    """The text without comments; strings stay, and no line of ours begins with `import` inside one."""
    return re.sub(r"//[^\n]*", "", re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL))
