"""One way to break the program: what is replaced by what, and the tests that must notice."""

import pathlib
import re

EDIT = re.compile(r"^--- ([^\n]+)\n<<<<\n(.*?)\n====\n(.*?)\n?>>>>$", re.MULTILINE | re.DOTALL)


class Unfit(Exception):
    """A file that describes no mutant, or one that the sources have moved away from."""


class Mutant:
    def __init__(self, file: pathlib.Path) -> None:
        text = file.read_text()
        self.name = file.stem
        tests = re.search(r"^tests: (.+)$", text, re.MULTILINE)
        self._edits: list[tuple[str, str, str]] = EDIT.findall(text)
        if not tests or not self._edits:
            raise Unfit(f"{file}: no {'edit' if tests else 'tests'}")
        if (begun := len(re.findall(r"^--- ", text, re.MULTILINE))) != len(self._edits):
            raise Unfit(f"{file}: {begun} edits begin, {len(self._edits)} can be read")
        self.tests = tests[1]

    def edited(self, top: pathlib.Path) -> dict[pathlib.Path, str]:
        """The files below `top` that it changes, as they become. What it replaces must be there exactly once."""
        texts: dict[pathlib.Path, str] = {}
        for path, old, new in self._edits:
            file = top / path
            if not file.is_file():
                raise Unfit(f"{self.name}: {path} does not exist")
            text = texts.get(file) or file.read_text()
            if (count := text.count(old)) != 1:
                raise Unfit(f"{self.name}: {path} has what it replaces {count} times, not once")
            texts[file] = text.replace(old, new)
        return texts


def files() -> list[pathlib.Path]:
    """Every mutant there is, a file each."""
    return sorted(pathlib.Path(__file__).parent.glob("*.txt"))
