"""One boot: a QEMU process, the commands that run in its guest, and QMP for hot-plug.

The first serial port is the kernel's console and goes to the log. The second carries commands and answers: see
`channel`. Every wait has an end, and at the end of a wait the whole machine is killed: nothing outlives a test.
"""

import dataclasses
import json
import os
import pathlib
import socket
import subprocess
import tempfile
import threading
import time
import types
from typing import ClassVar, Self, TypedDict

import image
import newer_qemu
import parts
import stuck
import topologies
from answers import Document
from channel import Channel, GuestError

__all__ = ["Answer", "Guest", "GuestError", "Log", "stop_all"]

BOOT_SECONDS = 900
COMMAND_SECONDS = 600


_processes: set[subprocess.Popen[bytes]] = set()  # of the machines that are up, for stop_all


class _Trouble(TypedDict):
    desc: str


# What QEMU's monitor says: an answer, a refusal, or an event. `return` is a word of Python's own.
_Reply = TypedDict("_Reply", {"return": object, "error": _Trouble, "event": str}, total=False)


def stop_all() -> None:
    """Kills every machine, so that the threads that wait for one go on."""
    for process in list(_processes):
        process.kill()


@dataclasses.dataclass(frozen=True)
class Answer:
    """What one command in the guest gave."""

    command: str
    status: int
    stdout: str
    stderr: str
    raw: bytes
    seconds: float

    def json(self) -> Document:
        """Standard output as the JSON of hostdev. An answer that is none becomes an error that shows it."""
        try:
            document: Document = json.loads(self.stdout)
        except ValueError as error:
            raise GuestError(f"no JSON from {self}: {error}") from None
        return document

    def __str__(self) -> str:
        return f"`{self.command}`: status {self.status}\n{self.stdout[-2000:]}{self.stderr[-2000:]}".rstrip()


class Guest:
    """A context manager: the machine is up inside it, and gone after it."""

    boot_seconds: ClassVar[int] = BOOT_SECONDS
    # Its clock goes with what it has done, however busy this machine is: no wait inside need be longer then.
    has_own_clock: ClassVar[bool] = False
    accelerator: ClassVar[tuple[str, ...]] = ("-accel", "tcg,thread=multi")

    def __init__(self, kernel: parts.Kernel, topology: topologies.Topology, log: "Log",
                 contents: image.Contents | None = None, *, processors: int = 1, memory: str | None = None,
                 patience: float = 1) -> None:
        # One processor unless a test is about two: when the kernel patches its own code while another processor runs
        # it, emulation sometimes gets that wrong, and about one boot in forty panics.
        self.kernel = kernel
        self.topology = topology
        self._log = log
        self._contents = contents or image.Contents()
        self._memory = memory or ("2G" if self._contents.has_inner_qemu else "1G")
        self._processors = processors
        self._patience = patience  # multiplies every wait
        self._scratch: tempfile.TemporaryDirectory[str]
        self._process: subprocess.Popen[bytes] | None = None
        # While it is up:
        self._reader: threading.Thread
        self._channel: Channel
        self._monitor: socket.SocketIO

    def __enter__(self) -> Self:
        self._scratch = tempfile.TemporaryDirectory(prefix="hostdev-lab-")
        try:
            self._start(pathlib.Path(self._scratch.name))
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None,
                 trace: types.TracebackType | None) -> None:
        if kind is None:
            # The end of the process is the proof; the answer to this command never comes.
            self._power_off("poweroff -f", 20, "power off")
        self._stop()

    def _power_off(self, command: str, seconds: float, what: str) -> None:
        """Ends it in its own way, and waits for that."""
        if self._process is None or self._process.poll() is not None:
            return
        self._channel.send(command)
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self._log.write(f"lab: the guest did not {what}\n")

    # Commands

    def run(self, command: str, timeout: float = COMMAND_SECONDS) -> Answer:
        """Runs a line of shell in the guest and waits for it."""
        started = time.monotonic()
        self._log.write(f"lab> {command}\n")
        number = self._channel.send(command)
        status, stdout, stderr = self._channel.answer(number, started + timeout * self._patience, command)
        answer = Answer(
            command, status, stdout.decode(errors="replace"), stderr.decode(errors="replace"), stdout,
            time.monotonic() - started,
        )
        shown = answer.stdout if len(stdout) < 4000 else f"({len(stdout)} bytes)\n"
        self._log.write(f"{shown}{answer.stderr[-4000:]}lab= {status} {answer.seconds:.2f} s\n")
        return answer

    def must(self, command: str, timeout: float = COMMAND_SECONDS) -> str:
        """Runs a line of shell that has to succeed; gives its output without the last newline."""
        answer = self.run(command, timeout)
        if answer.status != 0:
            raise GuestError(str(answer))
        return answer.stdout.rstrip("\n")

    def spawn(self, command: str, output: str) -> None:
        """Starts a command in the background, with both of its outputs in a file of the guest."""
        self.must(f"{{ {command}; }} >{output} 2>&1 &")

    def wait_for(self, condition: str, timeout: float = 20) -> bool:
        """Waits until a line of shell succeeds. Gives whether it did."""
        # By the guest's clock and not by the number of tries, each of which may take long.
        seconds = int(timeout * (1 if self.has_own_clock else self._patience))
        answer = self.run(
            f"read -r now rest </proc/uptime; end=$((${{now%.*}} + {seconds})); until {{ {condition}; }}; "
            "do read -r now rest </proc/uptime; [ ${now%.*} -gt $end ] && exit 1; sleep 0.1; done",
            timeout + 30,
        )
        return answer.status == 0

    def restart(self) -> None:
        """Starts the machine anew, as a power failure does. What is in memory is gone; the hardware is as it was."""
        # Else QEMU ends, as it does when a kernel panics.
        self.qmp("set-action", reboot="reset")
        self.qmp("system_reset")
        started = time.monotonic()
        self._channel.answer(0, started + self.boot_seconds * self._patience, "boot")
        self.qmp("set-action", reboot="shutdown")
        self._log.write(f"lab= up again after {time.monotonic() - started:.1f} s\n")

    def fetch(self, path: str) -> bytes:
        """The bytes of a directory of the guest, as a compressed tar."""
        answer = self.run(f"tar -C {path} -cz .", 120)
        if answer.status != 0:
            raise GuestError(str(answer))
        return answer.raw

    # Hardware

    def qmp(self, command: str, **arguments: object) -> object:
        """Sends one QMP command and gives what it returned."""
        self._log.write(f"lab> QMP {command} {json.dumps(arguments)}\n")
        self._monitor.write(json.dumps({"execute": command, "arguments": arguments}).encode() + b"\n")
        while True:
            line = self._monitor.readline()
            if not line:
                raise GuestError(f"QEMU closed its monitor during {command}")
            reply: _Reply = json.loads(line)
            if "error" in reply:
                raise GuestError(f"QMP {command}: {reply['error']['desc']}")
            if "return" in reply:
                return reply["return"]

    def plug(self, model: str, bus: str, name: str, **properties: object) -> None:
        """Hot-adds a device below a port. The guest finds it by itself, later."""
        # One of that name was just removed: QEMU forgets it only once a native slot has powered down.
        self._insist("Duplicate device ID", 20, 0.2, "device_add", driver=model, bus=bus, id=name, **properties)

    def unplug(self, name: str, timeout: float = 20) -> None:
        """Requests the removal of a device. The device goes later, when the guest agrees."""
        # A native slot takes no new request for the five seconds in which its indicator blinks.
        self._insist("busy", timeout, 0.5, "device_del", id=name)

    def _insist(self, passing: str, timeout: float, pause: float, command: str, **arguments: object) -> None:
        """Sends a QMP command again for as long as the answer is one that passes by itself."""
        deadline = time.monotonic() + timeout
        while True:
            try:
                self.qmp(command, **arguments)
                return
            except GuestError as error:
                if passing not in str(error) or time.monotonic() > deadline:
                    raise
                time.sleep(pause)

    # The process

    def _start(self, scratch: pathlib.Path) -> None:
        initrd = self._initrd(scratch)
        with _listener(scratch / "agent") as agent, _listener(scratch / "qmp") as qmp:
            process = self._process = subprocess.Popen(
                self._command(initrd, scratch),
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            )
            _processes.add(process)
            self._reader = threading.Thread(target=self._copy_console, args=[process], daemon=True)
            self._reader.start()
            self._channel = Channel(self._accept(agent, process), self._log, lambda: stuck.tell(self))
            connection = self._accept(qmp, process)
            connection.settimeout(COMMAND_SECONDS)
            self._monitor = connection.makefile("rwb", buffering=0)
        self._monitor.readline()  # the greeting
        self.qmp("qmp_capabilities")
        started = time.monotonic()
        self._channel.answer(0, started + self.boot_seconds * self._patience, "boot")
        initrd.unlink()  # large, and read by now
        self._log.write(f"lab= up after {time.monotonic() - started:.1f} s\n")

    def _initrd(self, scratch: pathlib.Path) -> pathlib.Path:
        """The initramfs, below `scratch`: the parts of this guest, one after the other."""
        contents = self._contents
        initrd = scratch / "initrd"
        with open(initrd, "wb") as output:
            output.write(image.base(self.kernel).read_bytes())
            if contents.has_inner_qemu:
                output.write(image.inner_qemu().read_bytes())
            if contents.tools:
                output.write(image.host_tools().read_bytes())
            output.write(image.files(contents, image.inner_system(self.kernel) if contents.inner_system else {}))
        return initrd

    def _arguments(self) -> str:
        """The kernel's command line, but for the console."""
        return f"hostdev-lab {self.topology.arguments}"

    def _machine(self) -> list[str]:
        """Further words of QEMU's command line."""
        return [*self.topology.machine]

    def _devices(self) -> list[str]:
        return [*self.topology.devices]

    def _command(self, initrd: pathlib.Path, scratch: pathlib.Path) -> list[str]:
        # no_timer_check: on a busy machine the emulated timer is late, and the kernel then takes it for broken.
        command = [
            # Should the lab itself be killed, the machine goes with it.
            "setpriv", "--pdeathsig", "KILL",
            *(newer_qemu.words() if self.topology.newer else [parts.QEMU]),
            "-machine", "q35", *self.accelerator, "-cpu", "max", "-smp", str(self._processors),
            "-m", self._memory, "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot",
            "-kernel", str(self.kernel.vmlinux), "-initrd", str(initrd),
            "-append", f"console=ttyS0 panic=-1 quiet no_timer_check hostdev.test {stuck.ARGUMENTS} {self._arguments()}",
            "-serial", "stdio",
            "-chardev", f"socket,id=agent,path={scratch}/agent", "-serial", "chardev:agent",
            "-chardev", f"socket,id=qmp,path={scratch}/qmp", "-mon", "chardev=qmp,mode=control",
            # Network boot ROMs only cost time.
            *(word for model in ("e1000", "e1000e", "rtl8139") for word in ("-global", f"{model}.romfile=")),
            *self._machine(),
        ]
        if self.topology.iommu:
            command += ["-device", "intel-iommu,intremap=on"]
        for device in self._devices():
            command += ["-device", device]
        self._log.write("lab: " + " ".join(command) + "\n")
        return command

    def _accept(self, listener: socket.socket, process: subprocess.Popen[bytes]) -> socket.socket:
        deadline = time.monotonic() + self.boot_seconds * self._patience
        listener.settimeout(0.2)
        while time.monotonic() < deadline:
            try:
                return listener.accept()[0]
            except TimeoutError:
                if process.poll() is not None:
                    self._reader.join(5)
                    raise GuestError(f"QEMU ended with status {process.returncode}") from None
        raise GuestError("QEMU did not open its channels")

    def _copy_console(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdout  # a pipe, as requested
        for line in process.stdout:
            self._log.write(line.decode(errors="replace").replace("\r", ""))

    def _stop(self) -> None:
        if self._process is not None:
            if self._process.poll() is None:
                self._process.kill()
            self._process.wait()
            _processes.discard(self._process)
            self._reader.join(5)
        self._scratch.cleanup()


class Log:
    """The log of one scenario: the console, the commands and their answers, in the order in which they came."""

    def __init__(self, path: pathlib.Path) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("w", encoding="utf-8")
        self._lock = threading.Lock()

    def write(self, text: str) -> None:
        with self._lock:
            self._file.write(text)
            self._file.flush()

    def tail(self, lines: int = 40) -> list[str]:
        return self.path.read_text(encoding="utf-8").splitlines()[-lines:]

    def close(self) -> None:
        self._file.close()


def _listener(path: pathlib.Path) -> socket.socket:
    """A listening socket that QEMU connects to, so that nothing said at the start is lost."""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(os.fspath(path))
    listener.listen(1)
    return listener
