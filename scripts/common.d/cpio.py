"""Writes initramfs archives: the `newc` form of cpio, which the kernel unpacks, one archive after the other.

Written here rather than by cpio(1), so that no staging tree, no device node and no root is needed.
"""

import os
import stat


class Archive:
    """An archive under construction, in memory. Parents are added by themselves; a path added again is ignored."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._seen: set[str] = set()

    def directory(self, path: str, mode: int = 0o755) -> None:
        self._add(path, stat.S_IFDIR | mode, b"")

    def link(self, path: str, target: str) -> None:
        self._add(path, stat.S_IFLNK | 0o777, target.encode())

    def data(self, path: str, content: bytes, mode: int = 0o644) -> None:
        self._add(path, stat.S_IFREG | mode, content)

    def device(self, path: str, major: int, minor: int, mode: int = 0o600) -> None:
        self._add(path, stat.S_IFCHR | mode, b"", (major, minor))

    def file(self, path: str, source: str | os.PathLike[str], mode: int | None = None) -> None:
        """Adds a file of this machine, following links."""
        with open(source, "rb") as handle:
            content = handle.read()
            self.data(path, content, mode or stat.S_IMODE(os.fstat(handle.fileno()).st_mode))

    def packed(self) -> bytes:
        trailer = entry(0, "TRAILER!!!", 0, b"")
        return b"".join([*self._parts, trailer])

    def _add(self, path: str, mode: int, content: bytes, device: tuple[int, int] = (0, 0)) -> None:
        path = path.strip("/")
        if path in self._seen:
            return
        parent = os.path.dirname(path)
        if parent:
            self.directory(parent)
        self._seen.add(path)
        self._parts.append(entry(len(self._seen), path, mode, content, device))


def entry(inode: int, path: str, mode: int, content: bytes, device: tuple[int, int] = (0, 0)) -> bytes:
    """One entry of an archive, which ends with one named TRAILER!!!."""
    name = path.encode() + b"\0"
    links = 2 if stat.S_ISDIR(mode) else 1
    fields = (inode, mode, 0, 0, links, 0, len(content), 0, 0, *device, len(name), 0)
    header = b"070701" + b"".join(b"%08X" % field for field in fields)
    return _padded(header + name) + _padded(content)


def _padded(data: bytes) -> bytes:
    return data + b"\0" * (-len(data) % 4)
