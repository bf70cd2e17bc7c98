"""No secret writes: what is opened for writing below /sys is the plan, all of it, in order, and nothing else."""

import re

from answers import Step
from guest import Guest
from program import Program
from scenarios import scenario
from session import Session

TRACE = "/tmp/trace"
# Whatever opens a file, or could hide that it does.
CALLS = "openat,openat2,open,creat,execve,io_uring_setup,open_by_handle_at,mount,fsopen,open_tree"


@scenario("strace", "a bind and a release under strace: every open for writing below /sys is one of the plan's", quick=True)
def run(session: Session) -> None:
    with session.boot("card") as guest:
        hostdev = Program(guest)
        for command in ("bind 01:00", "release 01:00"):
            # Before the run, since a plan may go through the `driver` link that the run changes.
            planned = [write["path"] for write in hostdev.writes(command)]
            wanted = _canonical(guest, planned)
            answer = guest.run(f"strace -f -y -qq -s 512 -e trace={CALLS} -o {TRACE} {hostdev.line(command)} --json", 180)
            name = command.split()[0]
            session.check(f"{name} under strace", answer.status == 0, answer if answer.status else "")
            made = [write["path"] for write in answer.json()["plan"] if write["op"] == "write"]
            session.check(f"{name}: the dry run's plan is the run's", made == planned, f"{len(planned)} writes")
            trace = guest.must(f"cat {TRACE}")
            calls = joined(trace)
            _whole(session, name, calls, answer.json()["plan"], trace)
            opened = _canonical(guest, [path for call in calls for path in opened_for_writing(call)])
            detail = [f"planned {path}" for path in wanted] + [f"opened {path}" for path in opened]
            session.check(f"{name}: no secret writes", opened == wanted and opened,
                          f"{len(opened)} opens for writing in {len(calls)}" if opened == wanted else "\n".join(detail))


def _whole(session: Session, name: str, calls: list[str], plan: list[Step], trace: str) -> None:
    """That nothing was out of sight: the writer and modprobe were traced, and no process opened a file in another way."""
    programs = [match[1] for call in calls if (match := re.match(r'execve\("([^"]+)".* = 0$', call))]
    writers = sum(program.endswith("hostdev") or program == "/proc/self/exe" for program in programs)
    loads = sum(step["op"] == "load-module" for step in plan)
    probes = sum(program.endswith("/modprobe") for program in programs)
    processes = {line.split()[0] for line in trace.splitlines()}
    session.check(f"{name}: the writer and modprobe are in the trace", writers >= 2 and bool(probes) == bool(loads),
                  f"{len(processes)} processes: {programs}")
    odd = [call for call in calls if call.startswith(("io_uring", "open_by_handle_at", "mount(", "fsopen", "open_tree"))]
    session.check(f"{name}: no other way to a file", not odd, odd[:5])


def joined(trace: str) -> list[str]:
    """The calls of a trace, in the order in which they began, with those put together that strace had to split."""
    calls: list[str] = []
    waiting: dict[str, int] = {}
    for line in trace.splitlines():
        pid, _, text = line.partition(" ")
        text = text.strip()
        resumed = re.match(r"<\.\.\. \w+ resumed>(.*)", text)
        if resumed and pid in waiting:
            calls[waiting.pop(pid)] += resumed[1]
            continue
        if text.endswith("<unfinished ...>"):
            waiting[pid] = len(calls)
            text = text.removesuffix("<unfinished ...>")
        calls.append(text)
    return calls


def opened_for_writing(call: str) -> list[str]:
    """The absolute path below /sys that a call opens, or tries to open, for writing; as a list of none or one."""
    match = re.match(r'(?:openat2?\((AT_FDCWD|\d+)(?:<(.*?)>)?, |(?:open|creat)\()"((?:[^"\\]|\\.)*)"', call)
    if not match or not (re.search(r"\bO_(WRONLY|RDWR)\b", call) or call.startswith("creat(")):
        return []
    _, directory, path = match.groups()
    # A path that begins with a slash is below the directory all the same when openat2 is told to resolve it there.
    if directory and ("RESOLVE_IN_ROOT" in call or not path.startswith("/")):
        path = f"{directory.rstrip('/')}/{path.lstrip('/')}"
    return [path] if re.match(r"/*sys/", path) else []


def _canonical(guest: Guest, paths: list[str]) -> list[str]:
    """The same paths without links in their directories, so that two ways to one attribute compare equal."""
    if not paths:
        return []
    command = "; ".join(
        f"echo $(cd -P {folder} 2>/dev/null && pwd -P || echo {folder})/{name}"
        for folder, name in (path.rsplit("/", 1) for path in paths)
    )
    return guest.must(command).splitlines()
