"""Holds our text to the list of phrases in .github/WORDS.md: what people read, and the comments."""

import pathlib
import re

GUIDE = pathlib.Path(".github/WORDS.md")
SECTION = "## Not these"
PHRASE = re.compile(r"`([^`]+)`")
SUFFIXES = {".swift", ".c", ".h", ".py", ".sh", ".md", ".8", ".service", ".rules"}


def judge(files: list[pathlib.Path]) -> list[str]:
    """The complaints, one a line."""
    if not GUIDE.exists():
        return [f"{GUIDE}: does not exist"]
    phrases = _phrases(GUIDE.read_text())
    if not phrases:
        return [f"{GUIDE}: there is no phrase under '{SECTION}'"]
    pattern = re.compile(r"\b(?:" + "|".join(re.escape(phrase) for phrase in phrases) + r")\b", re.IGNORECASE)
    complaints = []
    for path in files:
        if path == GUIDE or not _is_text_of_ours(path):
            continue
        lines = path.read_text(errors="replace").splitlines()
        complaints += [f"{path}:{number}: '{found}'" for number, line in enumerate(lines, 1) for found in pattern.findall(line)]
    return complaints


def _phrases(guide: str) -> list[str]:
    """The first column of the table."""
    section = guide.partition(SECTION)[2].partition("\n## ")[0]
    rows = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
    return [phrase for row in rows for phrase in PHRASE.findall(row)]


def _is_text_of_ours(path: pathlib.Path) -> bool:
    """What a captured host says is its own; of Fixtures, its pages and what the program printed are ours."""
    if path.parts[0] == "Fixtures":
        return path.suffix == ".md" or path.parts[1] == "golden"
    if path.parts[0] == "scripts" and not path.suffix:
        return path.name != "LICENSE"
    return path.suffix in SUFFIXES
