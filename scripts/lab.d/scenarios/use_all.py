"""All the uses, and one line that counts them."""

from scenarios import scenario, use_network, use_seat, use_storage
from scenarios.use_case import Tally
from session import Session


@scenario("uses", "what the host uses is refused with its chain, what it does not use is let "
          "through, and what it no longer uses is bound and comes back")
def run(session: Session) -> None:
    tally = Tally()
    for part in (use_storage, use_network, use_seat):
        part.play(session, tally)
    session.say(tally)
    session.check("all were refused, and all controls let through",
                  tally.situations and tally.situations == tally.refused == tally.controls, tally)
