"""What every part of a Host builds on."""

import abc

from tree import Tree


class Ground(abc.ABC):
    """The tree of a host, and where in it a function lies."""

    def __init__(self) -> None:
        self._tree = Tree()

    @abc.abstractmethod
    def path(self, address: str) -> str:
        """Where a function lies below the tree's root."""
