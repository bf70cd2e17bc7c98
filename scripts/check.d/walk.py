"""Holds Sources/README.md to the files: what it names is there, and every room has its line."""

import pathlib
import re

PAGE = pathlib.Path("Sources/README.md")


def judge(files: list[pathlib.Path]) -> list[str]:
    text = PAGE.read_text()
    named = re.findall(r"`([A-Za-z-]+/[A-Za-z/]+(?:\.swift)?)`", text)
    complaints = [f"{PAGE} names {name}, which is not there" for name in named if not (PAGE.parent / name).exists()]
    if len([name for name in named if name.endswith(".swift")]) < 10:
        complaints.append(f"{PAGE} has no walk from the argument to the write")
    rooms = {path.parts[1] for path in files if path.parts[0] == "Sources" and len(path.parts) > 2}
    table = "".join(line for line in text.splitlines() if line.startswith("|"))
    return complaints + [f"{PAGE} has no line on {room}" for room in sorted(rooms) if f"`{room}`" not in table]
