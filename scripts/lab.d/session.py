"""One scenario on one kernel: what it may use, and what is printed when it fails."""

import pathlib
import time
import traceback
from collections.abc import Callable, Iterable, Mapping
from typing import Protocol

import driver
import guest as guests
import image
import parts
import rootfs
import system
import topologies
from record import Verdict
from report import Report, say
from settings import Settings

DIST = pathlib.Path(__file__).resolve().parents[1] / "dist"


class Scenario(Protocol):
    """What a session runs."""

    @property
    def run(self) -> Callable[["Session"], object]: ...

    @property
    def needs(self) -> tuple[str, ...]:
        """The programs that it needs."""


class Session:
    """Given to a scenario's function."""

    def __init__(self, scenario: Scenario, kernel: parts.Kernel, name: str, programs: Mapping[str, pathlib.Path],
                 report: Report, settings: Settings, verdict: Verdict) -> None:
        self.scenario = scenario
        self.kernel = kernel
        self.settings = settings
        self.name = name
        self._verdict = verdict
        self._programs = programs
        self._report = report
        self._topologies: list[topologies.Topology] = []
        self._good = True
        self.log = guests.Log(settings.log_dir / f"{self.name}.log")

    def boot(self, topology: str, *, inner: bool = False, contents: Mapping[str, bytes] | None = None, processors: int = 1,
             tools: bool = False, helpers: tuple[str, ...] = (), faults: bool = False, inner_system: bool = False,
             own: Iterable[str] = ()) -> guests.Guest:
        """A guest with this topology, the scenario's programs and `viable` in it; with `inner`, QEMU too; with
        `inner_system`, also a small Linux to run in that; with `tools`, Debian's own for disks, networks and SSH; with
        `faults`, the driver of `guest/hostdev_lab.c`."""
        files = dict(contents or {})
        if faults:
            files[driver.PLACE] = driver.module(self.kernel)
        programs: dict[str, str | pathlib.Path] = {name: self._programs[name] for name in self.scenario.needs}
        programs |= {name: image.find(name) for name in own}
        self._topologies.append(topologies.ALL[topology])
        return guests.Guest(
            self.kernel, topologies.ALL[topology], self.log,
            image.Contents(programs, ("viable", *helpers), files, inner, inner_system, tools),
            processors=processors, patience=self.settings.patience,
        )

    def root(self, *, installed: bool = False, packages: Iterable[str] = (),
             programs: Mapping[str, str | pathlib.Path] | None = None, contents: Mapping[str, str | bytes] | None = None,
             commands: Iterable[str] = (), megabytes: int = rootfs.MEGABYTES) -> rootfs.Root:
        """A disk with Debian and systemd on it, and hostdev in it: see rootfs.Root. With `installed` it has all that
        scripts/dist has, as its installer puts it there, and the units are enabled."""
        own: dict[str, str | pathlib.Path] = {f"/usr/sbin/{name}": self._programs[name] for name in self.scenario.needs}
        files, lines = dict(contents or {}), list(commands)
        if installed:
            own["/lab/hostdev"] = own.pop("/usr/sbin/hostdev")
            files = {**rootfs.tree_contents(DIST, "/lab/dist"), **files}
            lines = [
                "sh /lab/dist/install /lab/hostdev", "rm -r /lab/dist /lab/hostdev",
                "systemctl enable hostdev.service hostdev-verify.service", *lines,
            ]
        own |= programs or {}
        return rootfs.Root(self.kernel, packages, own, files, lines, megabytes)

    def system(self, topology: str | topologies.Topology, root: rootfs.Root, *, arguments: str = "",
               device: str = system.ROOT_DEVICE, keep: bool = True, bare: bool = False,
               memory: str = "1G") -> system.System:
        """A guest with this topology that boots from that disk: see system.Boot."""
        chosen = topology if isinstance(topology, topologies.Topology) else topologies.ALL[topology]
        self._topologies.append(chosen)
        how = system.Boot(arguments, device, keep, bare, memory)
        return system.System(self.kernel, chosen, self.log, root, how, self.settings.patience)

    def check(self, name: str, good: object, detail: object = "") -> bool:
        """Reports one check of this scenario, and notes it in the log. Gives whether it is good."""
        self.log.write(f"lab: {'ok' if good else 'FAIL'} {name} {detail}\n")
        self._good &= bool(good)
        self._verdict.checks += 1
        return self._report.check(f"{self.name}: {name}", good, detail)

    def say(self, line: object) -> None:
        """Prints a line that is not a check: a count, a summary."""
        self.log.write(f"lab: {line}\n")
        say(str(line))

    def run(self) -> None:
        """Runs the scenario to its end or its first error."""
        self.log.write(f"lab: {self.name} on {self.kernel}\n")
        started = time.monotonic()
        try:
            with self._report.timed(self.name):
                self.scenario.run(self)
        except (guests.GuestError, parts.PartMissing) as error:
            self.check("run", False, error)
        except Exception as error:  # noqa: BLE001 # a mistake of the scenario, or an answer of a shape that it did not expect
            self.check("run", False, f"{type(error).__name__}: {error}\n{traceback.format_exc(limit=-3)}")
        finally:
            self.log.close()
        if self._good:
            self._verdict.keep(time.monotonic() - started)
        else:
            self._show_failure()

    def _show_failure(self) -> None:
        lines = [f"lab: the end of {self.log.path}:", *(f"  | {line}" for line in self.log.tail())]
        for topology in dict.fromkeys(self._topologies):
            lines.append(f"lab: topology {topology.name} ({topology.shows}), {topology.arguments}:")
            lines += [f"  | -device {device}" for device in topology.devices]
        say("\n".join(lines))
