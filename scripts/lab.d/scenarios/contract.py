"""The kernel's answers: expectations run on a real sysfs, and the record that the simulator is compared with."""

import hashlib
import json
import pathlib

from scenarios import scenario
from session import Session

FIXTURES = pathlib.Path(__file__).resolve().parents[3] / "Fixtures" / "kernel"


@scenario("contract", "what the kernel answers to each write is what is expected", quick=True, needs=("kernel-contract",))
def run(session: Session) -> None:
    with session.boot("contract", faults=True) as guest:
        answer = guest.run("kernel-contract >/run/lab/record", 600)
        lines = guest.must("cat /run/lab/record").splitlines()
        session.check("every expectation is met", answer.status == 0 and lines,
                      f"{len(lines)} expectations" if answer.status == 0 else answer)
        # The digest is made in the guest that gave the answers, so that a line that was edited later shows.
        seal = {
            "kernel": guest.must("uname -r"),
            "lines": len(lines),
            "sha256": guest.must("sha256sum /run/lab/record").split()[0],
        }
        recorded = FIXTURES / f"{session.kernel.series}.jsonl"
        if session.settings.record:
            recorded.parent.mkdir(parents=True, exist_ok=True)
            recorded.write_text("\n".join([*lines, json.dumps(seal)]) + "\n")
        _compare(session, recorded, lines)


def _compare(session: Session, recorded: pathlib.Path, lines: list[str]) -> None:
    if not recorded.is_file():
        session.check("recorded", False, f"no Fixtures/kernel/{recorded.name}: run `scripts/lab contract --record`")
        return
    *old, seal = recorded.read_text().splitlines()
    digest = hashlib.sha256("".join(f"{line}\n" for line in old).encode()).hexdigest()
    session.check("the record is as the guest sealed it", digest == json.loads(seal)["sha256"], f"sha256 {digest}")
    different = [f"recorded {line}" for line in old if line not in lines]
    different += [f"answered {line}" for line in lines if line not in old]
    session.check("the answers are the recorded ones", not different, "\n".join(different) or f"{len(lines)} answers")
