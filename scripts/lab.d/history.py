"""The kernel's own account of a crowd: who was bound where, and when each run began and ended.

A run that found nothing to do has no writes to judge it by. It was right if all was in the requested state at some moment.
"""

import re
from collections.abc import Mapping

# As probes on the kernel's functions and marks of the runs write them; they begin with a driver's or a run's name.
PROBES = ("p:lab/bind bind_store driver=+0(+0($arg1)):string function=+0($arg2):string",
          "p:lab/unbind unbind_store driver=+0(+0($arg1)):string function=+0($arg2):string")
_LINE = re.compile(r': (?:tracing_mark_write: (begin|end) (\S+)'
                   r'|(bind|unbind): \(\S+\) driver="(\S+?)" function="([0-9a-f:.]+))')


def untrue(trace: str, wanted: Mapping[str, Mapping[str, str | None]], home: Mapping[str, str | None]) -> list[str]:
    """Those of `wanted` that were at no moment true, or of which the trace has no end.

    wanted: {run: {function: driver}}, what the run says that it found; home: {function: driver} at the beginning.
    """
    places = dict(home)
    running: set[str] = set()
    ended: set[str] = set()
    seen: set[str] = set()

    def look() -> None:
        seen.update(run for run in running if all(places.get(name) == driver for name, driver in wanted[run].items()))

    for mark, run, call, driver, function in _LINE.findall(trace):
        if mark == "begin" and run in wanted:
            running.add(run)
        elif mark == "end" and run in running:
            running.remove(run)
            ended.add(run)
        elif call == "bind":
            places[function] = driver
        elif call == "unbind":
            places[function] = None
        look()
    return sorted(wanted.keys() - (seen & ended))
