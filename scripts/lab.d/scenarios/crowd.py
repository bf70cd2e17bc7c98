"""Many processes bind and release overlapping sets at once; the one lock has to keep them apart."""

import collections
import json
import re

import history
import picture
from answers import Document
from guest import Guest
from program import Program
from scenarios import scenario
from session import Session

PROCESSES = 32
SECONDS = 60
SETS = ("01:00", "03:00.0", "01:00 03:00.0", "02:00.0")
FUNCTIONS = ("0000:01:00.0", "0000:01:00.1", "0000:02:00.0", "0000:03:00.0")

# {name: (exit status, answer)} of every run that ended.
Runs = dict[str, tuple[int, Document]]

_TRACING = "/sys/kernel/tracing"

# What takes the writes of a bind and a release, in the kernel.
_WRITES = ("bind_store", "unbind_store", "driver_override_store")

# Turns through sets and commands, so that each set is bound and released; two runs of three wait for the lock, so that
# some get it and some do not.
_WORKER = f"""#!/bin/sh
worker=$1 turn=0
until [ -e /run/lab/stop ]; do
    turn=$((turn + 1))
    case $(((worker * 5 + turn * 3) % 4)) in
        0) set -- {SETS[0]};; 1) set -- {SETS[1]};; 2) set -- {SETS[2]};; 3) set -- {SETS[3]};;
    esac
    wait=10
    [ $(((worker + turn) % 3)) -ne 0 ] || wait=0
    verb=bind
    [ $(((worker / 4 + turn) % 2)) -eq 0 ] || verb=release
    run=$worker.$turn.$verb
    echo "begin $run" >{_TRACING}/trace_marker
    hostdev $verb "$@" --wait $wait --json >/run/lab/crowd/$run.json 2>/run/lab/crowd/$run.err
    status=$?
    echo "end $run" >{_TRACING}/trace_marker
    echo $status >/run/lab/crowd/$run.status
done
"""


@scenario("crowd", f"{PROCESSES} processes bind and release overlapping sets for {SECONDS} s")
def run(session: Session) -> None:
    with session.boot("card", contents={"usr/bin/crowd": _WORKER.encode()}, processors=2) as guest:
        hostdev = Program(guest)
        guest.must("modprobe vfio-pci ids=")
        home = picture.take(guest)
        guest.must("mkdir -p /run/lab/crowd; rm -f /run/lab/stop")
        _trace(guest)
        guest.must(f"n=0; while [ $n -lt {PROCESSES} ]; do n=$((n+1)); crowd $n >/dev/null 2>&1 & "
                   "renice -n 5 -p $! >/dev/null; done")
        guest.must(f"sleep {SECONDS}; touch /run/lab/stop", SECONDS + 600)
        ended = guest.wait_for("! pidof hostdev", 300)
        session.check("all of them end", ended, guest.run("ps | grep hostdev").stdout if not ended else "")

        runs = _runs(guest)
        counts = collections.Counter(status for status, _ in runs.values())
        session.check("every status is 0 or 75", set(counts) <= {0, 75} and counts[0],
                      f"{len(runs)} runs: {dict(counts)}" if set(counts) <= {0, 75} else _odd(runs))
        wrong = [answer for status, answer in runs.values() if status == 0 and answer["outcome"]["result"] != "done"]
        wrong += [answer for status, answer in runs.values() if status == 75 and answer.get("error", {}).get("status") != 75]
        session.check("every status is the outcome's", not wrong, wrong[:3])

        moves = collections.Counter(step["path"].split("/")[-2] for status, answer in runs.values() if status == 0
                                    for step in answer["plan"] if step["op"] == "write" and step["path"].endswith("/bind"))
        # Which of the sets had their turn is the machine's affair, if it is busy.
        session.check("functions were moved, both ways",
                      moves["vfio-pci"] > 3 and moves.total() - moves["vfio-pci"] > 3, dict(moves))
        trace = guest.must(f"cd {_TRACING}; echo 0 >tracing_on; grep -v ^# trace", 120)
        guest.must(f"umount {_TRACING}")
        _apart(session, trace, runs)
        _idle(session, trace, runs, home)
        shot = picture.take(guest)
        drivers = {address: picture.driver(shot, address) for address in FUNCTIONS}
        odd = [line for address in FUNCTIONS if (line := _history(runs, address, drivers[address], home))]
        session.check("the moves add up to where each function is", not odd, "\n".join(odd) or drivers)
        session.check("a card is never torn", drivers[FUNCTIONS[0]] == drivers[FUNCTIONS[1]], drivers)
        status = hostdev.json("status")
        held = sorted(hold["address"] for hold in status["held"])
        away = sorted(address for address in FUNCTIONS if drivers[address] == "vfio-pci")
        session.check("status is true", held == away and not status["interrupted"], {"held": held, "on vfio-pci": away})
        answer = hostdev.run("recover --json")
        session.check("no lock is left, and nothing to recover", answer.status == 0 and not answer.json()["recovered"],
                      answer if answer.status else "")
        if held:
            hostdev.json(f"release {' '.join(held)}")
        left = picture.settled(guest, home)
        session.check("all is as before once released", not left, "\n".join(left))


def _trace(guest: Guest) -> None:
    """The kernel itself notes who writes: a line for each call of the functions that take the writes."""
    guest.must(f"mount -t tracefs trace {_TRACING}")
    # Counted, since the processors' clocks may differ.
    guest.must(f"cd {_TRACING}; echo counter >trace_clock; echo {' '.join(_WRITES)} >set_ftrace_filter; "
               "echo 16384 >buffer_size_kb; echo function >current_tracer")
    for probe in history.PROBES:
        guest.must(f"cd {_TRACING}; echo '{probe}' >>kprobe_events")
    guest.must(f"echo 1 >{_TRACING}/events/lab/enable")


def _apart(session: Session, text: str, runs: Runs) -> None:
    """Each writer's writes are together: between two of one there is none of another."""
    writers = [int(pid) for pid in re.findall(r"^\s*.*-(\d+)\s+\[\d+\].*: \w+_store\b", text, re.MULTILINE)]
    turns = [pid for number, pid in enumerate(writers) if number == 0 or writers[number - 1] != pid]
    torn = [pid for pid, count in collections.Counter(turns).items() if count > 1]
    session.check("no writer writes between another's writes", writers and not torn,
                  f"{len(writers)} writes of {len(turns)} writers" if not torn else f"torn: {torn[:10]}")
    planned = sum(step["op"] == "write" and step["path"].rsplit("/", 1)[1] + "_store" in _WRITES
                  for status, answer in runs.values() if status == 0 for step in answer["plan"])
    session.check("the kernel saw the writes of the plans, and no others", len(writers) == planned,
                  f"{planned} planned, {len(writers)} seen")


def _idle(session: Session, trace: str, runs: Runs, home: picture.Picture) -> None:
    """Those that found nothing to do were right."""
    homes = {address: picture.driver(home, address) for address in FUNCTIONS}
    idle = {name: {address: "vfio-pci" if name.endswith("bind") else homes[address] for address in answer["functions"]}
            for name, (status, answer) in runs.items() if status == 0 and not answer["plan"]}
    wrong = history.untrue(trace, idle, homes)
    session.check("if a run had nothing to do, all was in place", idle and not wrong,
                  f"{len(idle)} runs" if not wrong else f"{wrong[:10]} of {len(idle)} runs")


def _runs(guest: Guest) -> Runs:
    """Every run that ended."""
    text = guest.must(
        "cd /run/lab/crowd; for f in *.status; do echo \"@${f%.status} $(cat $f)\"; cat ${f%.status}.json; done", 120)
    found: Runs = {}
    for name, status, body in re.findall(r"^@(\S+) (\d+)\n(.*?)(?=^@|\Z)", text, re.MULTILINE | re.DOTALL):
        try:
            found[name] = int(status), json.loads(body)
        except ValueError:
            # No answer at all, so that it is wrong whatever its status.
            found[name] = int(status), {"plan": [], "functions": [], "outcome": {"result": f"unreadable: {body}"}}
    return found


def _odd(runs: Runs) -> str:
    return "\n".join(json.dumps(answer)[:600] for status, answer in runs.values() if status not in (0, 75))


def _history(runs: Runs, address: str, driver: str | None, home: picture.Picture) -> str | None:
    """Moves to vfio-pci and back take turns, so their counts differ by one exactly if the function is away. A line
    if they do not."""
    to = collections.Counter(
        step["path"].rsplit("/", 2)[1] for status, answer in runs.values() if status == 0 for step in answer["plan"]
        if step["op"] == "write" and step["path"].endswith("/bind") and step["value"].strip() == address
    )
    away, back = to["vfio-pci"], to[picture.driver(home, address) or ""]
    if away - back == (1 if driver == "vfio-pci" else 0):
        return None
    return f"{address} is on {driver} after {away} moves to vfio-pci and {back} back"
