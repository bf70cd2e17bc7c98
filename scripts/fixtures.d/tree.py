"""A directory tree held in memory: files and relative links, nothing else.

git keeps neither empty directories nor device nodes, so a tree has neither:
a device node is an empty file of its name.
"""

import os
import posixpath
import shutil
from collections.abc import Iterator


class Tree:
    """Paths, relative to the tree's root, and what lies there."""

    def __init__(self) -> None:
        self._entries: dict[str, str | bytes] = {}  # text: a link

    def file(self, path: str, content: str | bytes = b"") -> None:
        """Puts a file; text gets the newline that the kernel ends an attribute with."""
        if isinstance(content, str):
            content = (content if not content or content.endswith("\n") else content + "\n").encode()
        self._put(path, content)

    def files(self, directory: str, **contents: str | bytes) -> None:
        """Puts several attributes of one directory."""
        for name, content in contents.items():
            self.file(f"{directory}/{name}", content)

    def link(self, path: str, target: str) -> None:
        """Puts a link to another path of this tree, relative as sysfs writes it."""
        self._put(path, posixpath.relpath(target, posixpath.dirname(path)))

    def absolute_link(self, path: str, target: str) -> None:
        """Puts a link as /proc writes it: it is read, never followed."""
        self._put(path, target)

    def target(self, path: str) -> str:
        """The target of a link that was put here, from the tree's root."""
        entry = self._entries[path]
        if not isinstance(entry, str):
            raise ValueError(f"{path} is not a link")
        return posixpath.normpath(posixpath.join(posixpath.dirname(path), entry))

    def _put(self, path: str, entry: str | bytes) -> None:
        if path in self._entries and self._entries[path] != entry:
            raise ValueError(f"{path} is declared twice, differently")
        self._entries[path] = entry

    def write(self, directory: str) -> None:
        """Replaces `directory` with this tree."""
        shutil.rmtree(directory, ignore_errors=True)
        for path, entry in self._entries.items():
            full = os.path.join(directory, path)
            os.makedirs(os.path.dirname(full), exist_ok=True)
            if isinstance(entry, str):
                os.symlink(entry, full)
            else:
                with open(full, "wb") as file:
                    file.write(entry)

    def differences(self, directory: str) -> Iterator[str]:
        """What `directory` has otherwise than this tree, one line each."""
        present = _read(directory)
        for path in sorted(present.keys() | self._entries.keys()):
            if path not in present:
                yield f"{path}: missing"
            elif path not in self._entries:
                yield f"{path}: not declared"
            elif present[path] != self._entries[path]:
                yield f"{path}: differs"

    def dangling_links(self) -> Iterator[str]:
        """Links whose target is not in the tree: always a slip in a declaration."""
        directories = {""}
        for path in self._entries:
            above = path
            while above:
                above = posixpath.dirname(above)
                directories.add(above)
        for path, entry in self._entries.items():
            if isinstance(entry, str) and not entry.startswith("/"):
                target = posixpath.normpath(posixpath.join(posixpath.dirname(path), entry))
                if target not in self._entries and target not in directories:
                    yield f"{path} -> {entry}"


def _read(directory: str) -> dict[str, str | bytes]:
    present: dict[str, str | bytes] = {}
    for parent, directories, files in os.walk(directory):
        for name in directories + files:
            full = os.path.join(parent, name)
            path = os.path.relpath(full, directory)
            if os.path.islink(full):
                present[path] = os.readlink(full)
            elif name in files:
                with open(full, "rb") as file:
                    present[path] = file.read()
    return present
