"""One scenario on one kernel: what it may use, and what is printed when it fails."""

import pathlib
import time
import traceback

import driver
import guest as guests
import image
import parts
import rootfs
import system
import topologies
from report import say


DIST = pathlib.Path(__file__).resolve().parents[1] / "dist"


class Session:
    """Given to a scenario's function."""

    def __init__(self, scenario, kernel, name, programs, report, settings, verdict):
        self.scenario = scenario
        self.kernel = kernel
        self.settings = settings  # the command line
        self.name = name
        self._verdict = verdict
        self._programs = programs
        self._report = report
        self._topologies = []
        self._good = True
        self.log = guests.Log(settings.log_dir / f"{self.name}.log")

    def boot(self, topology, inner=False, contents=None, processors=1, tools=False, helpers=(), faults=False,
             inner_system=False, own=()):
        """A guest with this topology, the scenario's programs and `viable` in it; with `inner`, QEMU too; with
        `inner_system`, also a small Linux to run in that; with `tools`, Debian's own for disks, networks and SSH; with
        `faults`, the driver of `guest/hostdev_lab.c`."""
        if faults:
            contents = {**(contents or {}), driver.PLACE: driver.module(self.kernel)}
        self._topologies.append(topologies.ALL[topology])
        programs = {name: self._programs[name] for name in self.scenario.needs}
        programs |= {name: image.find(name) for name in own}
        return guests.Guest(
            self.kernel, topologies.ALL[topology], self.log, programs, ("viable", *helpers), contents, inner, processors,
            tools, inner_system,
        )

    def root(self, installed=False, **made):
        """A disk with Debian and systemd on it, and hostdev in it: see rootfs.Root. With `installed` it has all that
        scripts/dist has, as its installer puts it there, and the units are enabled."""
        programs = {f"/usr/sbin/{name}": self._programs[name] for name in self.scenario.needs}
        contents, commands = dict(made.pop("contents", {})), list(made.pop("commands", ()))
        if installed:
            programs["/lab/hostdev"] = programs.pop("/usr/sbin/hostdev")
            contents = {**rootfs.tree_contents(DIST, "/lab/dist"), **contents}
            commands = [
                "sh /lab/dist/install /lab/hostdev", "rm -r /lab/dist /lab/hostdev",
                "systemctl enable hostdev.service hostdev-verify.service", *commands,
            ]
        programs |= made.pop("programs", {})
        return rootfs.Root(self.kernel, programs=programs, contents=contents, commands=commands, **made)

    def system(self, topology, root, **how):
        """A guest with this topology that boots from that disk: see system.System."""
        chosen = topology if isinstance(topology, topologies.Topology) else topologies.ALL[topology]
        self._topologies.append(chosen)
        return system.System(self.kernel, chosen, self.log, root, **how)

    def check(self, name, good, detail=""):
        """Reports one check of this scenario, and notes it in the log. Gives whether it is good."""
        self.log.write(f"lab: {'ok' if good else 'FAIL'} {name} {detail}\n")
        self._good &= bool(good)
        self._verdict.checks += 1
        return self._report.check(f"{self.name}: {name}", good, detail)

    def say(self, line):
        """Prints a line that is no check: a count, a summary."""
        self.log.write(f"lab: {line}\n")
        say(str(line))

    def run(self):
        """Runs the scenario to its end or its first error."""
        self.log.write(f"lab: {self.name} on {self.kernel}\n")
        started = time.monotonic()
        try:
            with self._report.timed(self.name):
                self.scenario.run(self)
        except (guests.GuestError, parts.PartMissing) as error:
            self.check("run", False, error)
        except Exception as error:  # a mistake of the scenario, or an answer of a shape that it did not expect
            self.check("run", False, f"{type(error).__name__}: {error}\n{traceback.format_exc(limit=-3)}")
        finally:
            self.log.close()
        if self._good:
            self._verdict.keep(time.monotonic() - started)
        else:
            self._show_failure()

    def _show_failure(self):
        lines = [f"lab: the end of {self.log.path}:", *(f"  | {line}" for line in self.log.tail())]
        for topology in dict.fromkeys(self._topologies):
            lines.append(f"lab: topology {topology.name} ({topology.shows}), {topology.arguments}:")
            lines += [f"  | -device {device}" for device in topology.devices]
        say("\n".join(lines))
