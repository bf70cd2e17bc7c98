"""What every scenario of moves asks at the end of one: is it where it should be, and is nothing left to do?"""

import picture
from program import Program
from session import Session


def at(session: Session, hostdev: Program, title: str, wanted: picture.Picture, but: tuple[str, ...] = ()) -> None:
    """One check: the host is as in the picture, but for paths that begin so, and no run is left over."""
    left = [line for line in picture.settled(hostdev.guest, wanted) if not line.startswith(but)]
    leftovers = hostdev.leftovers()
    session.check(title, not left and not leftovers, "\n".join(left) or leftovers or "")
