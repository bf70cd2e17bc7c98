"""What a file without a suffix is, by the line that says what runs it."""

import pathlib
import re


def matches(path: pathlib.Path, pattern: bytes) -> bool:
    """Whether it begins so; files of a captured host do not count."""
    if path.parts[0] == "Fixtures" or path.suffix:
        return False
    with path.open("rb") as file:
        return re.match(pattern, file.readline(80)) is not None
