"""One boot: a QEMU process, the commands that run in its guest, and QMP for hot-plug.

The first serial port is the kernel's console and goes to the log. The second carries commands and answers (see
`guest/agent`). Every wait has an end, and at the end of a wait the whole machine is killed: nothing outlives a test.
"""

import base64
import dataclasses
import json
import os
import pathlib
import socket
import subprocess
import tempfile
import threading
import time

import image
import newer_qemu
import parts
import stuck

BOOT_SECONDS = 900
COMMAND_SECONDS = 600
# After that much silence the channel is woken: see `_receive`.
SILENCE_SECONDS = 45


_processes = set()  # of the machines that are up, for stop_all


def stop_all():
    """Kills every machine, so that the threads that wait for one go on."""
    for process in list(_processes):
        process.kill()


class GuestError(Exception):
    """The machine did not do what every machine must: come up, answer in time, stay alive."""


@dataclasses.dataclass(frozen=True)
class Answer:
    """What one command in the guest gave."""

    command: str
    status: int
    stdout: str
    stderr: str
    raw: bytes
    seconds: float

    def json(self):
        """Standard output as JSON. An answer that is none becomes an error that shows it."""
        try:
            return json.loads(self.stdout)
        except ValueError as error:
            raise GuestError(f"no JSON from {self}: {error}") from None

    def __str__(self):
        return f"`{self.command}`: status {self.status}\n{self.stdout[-2000:]}{self.stderr[-2000:]}".rstrip()


class Guest:
    """A context manager: the machine is up inside it, and gone after it."""

    boot_seconds = BOOT_SECONDS
    # Its clock goes with what it has done, however busy this machine is: no wait inside need be longer then.
    has_own_clock = False
    accelerator = ("-accel", "tcg,thread=multi")

    def __init__(self, kernel, topology, log, programs=(), helpers=(), contents=None, inner=False, processors=1,
                 tools=False, inner_system=False):
        # One processor unless a test is about two: when the kernel patches its own code while another processor runs
        # it, emulation sometimes gets that wrong, and about one boot in forty panics.
        self.kernel = kernel
        self.topology = topology
        self._log = log
        self._image = (programs, helpers, contents, inner or inner_system, tools, inner_system)
        self._memory = "2G" if inner or inner_system else "1G"
        self._processors = processors
        self._number = 0
        self._buffer = b""
        self._process = None

    def __enter__(self):
        self._scratch = tempfile.TemporaryDirectory(prefix="hostdev-lab-")
        try:
            self._start(pathlib.Path(self._scratch.name))
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(self, kind, value, trace):
        if kind is None and self._process.poll() is None:
            # The end of the process is the proof; the answer to this command never comes.
            self._send("poweroff -f")
            try:
                self._process.wait(20)
            except subprocess.TimeoutExpired:
                self._log.write("lab: the guest did not power off\n")
        self._stop()

    # Commands

    def run(self, command, timeout=COMMAND_SECONDS):
        """Runs a line of shell in the guest and waits for it."""
        started = time.monotonic()
        self._log.write(f"lab> {command}\n")
        number = self._send(command)
        status, stdout, stderr = self._answer(number, started + timeout * patience, command)
        answer = Answer(
            command, status, stdout.decode(errors="replace"), stderr.decode(errors="replace"), stdout,
            time.monotonic() - started,
        )
        shown = answer.stdout if len(stdout) < 4000 else f"({len(stdout)} bytes)\n"
        self._log.write(f"{shown}{answer.stderr[-4000:]}lab= {status} {answer.seconds:.2f} s\n")
        return answer

    def must(self, command, timeout=COMMAND_SECONDS):
        """Runs a line of shell that has to succeed; gives its output without the last newline."""
        answer = self.run(command, timeout)
        if answer.status != 0:
            raise GuestError(str(answer))
        return answer.stdout.rstrip("\n")

    def spawn(self, command, output):
        """Starts a command in the background, with both of its outputs in a file of the guest."""
        self.must(f"{{ {command}; }} >{output} 2>&1 &")

    def wait_for(self, condition, timeout=20):
        """Waits until a line of shell succeeds. Gives whether it did."""
        # By the guest's clock and not by the number of tries, each of which may take long.
        seconds = int(timeout * (1 if self.has_own_clock else patience))
        answer = self.run(
            f"read -r now rest </proc/uptime; end=$((${{now%.*}} + {seconds})); until {{ {condition}; }}; "
            "do read -r now rest </proc/uptime; [ ${now%.*} -gt $end ] && exit 1; sleep 0.1; done",
            timeout + 30,
        )
        return answer.status == 0

    def restart(self):
        """Starts the machine anew, as a power failure does. What is in memory is gone; the hardware is as it was."""
        # Else QEMU ends, as it does when a kernel panics.
        self.qmp("set-action", reboot="reset")
        self.qmp("system_reset")
        started = time.monotonic()
        self._answer(0, started + self.boot_seconds * patience, "boot")
        self.qmp("set-action", reboot="shutdown")
        self._log.write(f"lab= up again after {time.monotonic() - started:.1f} s\n")

    def fetch(self, path):
        """The bytes of a directory of the guest, as a compressed tar."""
        answer = self.run(f"tar -C {path} -cz .", 120)
        if answer.status != 0:
            raise GuestError(str(answer))
        return answer.raw

    # Hardware

    def qmp(self, command, **arguments):
        """Sends one QMP command and gives what it returned."""
        self._log.write(f"lab> QMP {command} {json.dumps(arguments)}\n")
        self._qmp.write(json.dumps({"execute": command, "arguments": arguments}).encode() + b"\n")
        while True:
            line = self._qmp.readline()
            if not line:
                raise GuestError(f"QEMU closed its monitor during {command}")
            reply = json.loads(line)
            if "error" in reply:
                raise GuestError(f"QMP {command}: {reply['error']['desc']}")
            if "return" in reply:
                return reply["return"]

    def plug(self, model, bus, name, **properties):
        """Hot-adds a device below a port. The guest finds it by itself, later."""
        deadline = time.monotonic() + 20
        while True:
            try:
                return self.qmp("device_add", driver=model, bus=bus, id=name, **properties)
            except GuestError as error:
                # One of that name was just removed: QEMU forgets it only once a native slot has powered down.
                if "Duplicate device ID" not in str(error) or time.monotonic() > deadline:
                    raise
                time.sleep(0.2)

    def unplug(self, name, timeout=20):
        """Asks the guest to let go of a device. The device goes when the guest agrees, later."""
        deadline = time.monotonic() + timeout
        while True:
            try:
                return self.qmp("device_del", id=name)
            except GuestError as error:
                # A native slot takes no new request for the five seconds in which its indicator blinks.
                if "busy" not in str(error) or time.monotonic() > deadline:
                    raise
                time.sleep(0.5)

    # The process

    def _start(self, scratch):
        initrd = self._initrd(scratch)
        with _listener(scratch / "agent") as agent, _listener(scratch / "qmp") as qmp:
            self._process = subprocess.Popen(
                self._command(initrd, scratch),
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            )
            _processes.add(self._process)
            self._reader = threading.Thread(target=self._copy_console, daemon=True)
            self._reader.start()
            self._agent = self._accept(agent)
            connection = self._accept(qmp)
            connection.settimeout(COMMAND_SECONDS)
            self._qmp = connection.makefile("rwb", buffering=0)
        self._qmp.readline()  # the greeting
        self.qmp("qmp_capabilities")
        started = time.monotonic()
        self._answer(0, started + self.boot_seconds * patience, "boot")
        initrd.unlink()  # large, and read by now
        self._log.write(f"lab= up after {time.monotonic() - started:.1f} s\n")

    def _initrd(self, scratch):
        """The initramfs, below `scratch`: the parts of this guest, one after the other."""
        programs, helpers, contents, inner, tools, inner_system = self._image
        initrd = scratch / "initrd"
        with open(initrd, "wb") as output:
            output.write(image.base(self.kernel).read_bytes())
            if inner:
                output.write(image.inner_qemu().read_bytes())
            if tools:
                output.write(image.host_tools().read_bytes())
            output.write(image.files(programs, helpers, contents, inner_system and image.inner_system(self.kernel)))
        return initrd

    def _arguments(self):
        """The kernel's command line, but for the console."""
        return f"hostdev-lab {self.topology.arguments}"

    def _machine(self):
        """Further words of QEMU's command line."""
        return [*self.topology.machine]

    def _devices(self):
        return [*self.topology.devices]

    def _command(self, initrd, scratch):
        # no_timer_check: on a busy machine the emulated timer is late, and the kernel then takes it for broken.
        command = [
            # Should the lab itself be killed, the machine goes with it.
            "setpriv", "--pdeathsig", "KILL",
            *(newer_qemu.words() if self.topology.newer else [parts.QEMU]),
            "-machine", "q35", *self.accelerator, "-cpu", "max", "-smp", str(self._processors),
            "-m", self._memory, "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot",
            "-kernel", str(self.kernel.vmlinux), "-initrd", str(initrd),
            "-append", f"console=ttyS0 panic=-1 quiet no_timer_check {stuck.ARGUMENTS} {self._arguments()}",
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

    def _accept(self, listener):
        deadline = time.monotonic() + self.boot_seconds * patience
        listener.settimeout(0.2)
        while time.monotonic() < deadline:
            try:
                return listener.accept()[0]
            except TimeoutError:
                if self._process.poll() is not None:
                    self._reader.join(5)
                    raise GuestError(f"QEMU ended with status {self._process.returncode}") from None
        raise GuestError("QEMU did not open its channels")

    def _copy_console(self):
        for line in self._process.stdout:
            self._log.write(line.decode(errors="replace").replace("\r", ""))

    def _stop(self):
        if self._process is not None:
            if self._process.poll() is None:
                self._process.kill()
            self._process.wait()
            _processes.discard(self._process)
            self._reader.join(5)
        self._scratch.cleanup()

    # The channel

    def _send(self, command):
        self._number += 1
        text = base64.b64encode(command.encode()).decode()
        try:
            self._agent.sendall(f"{self._number} {text}\n".encode())
        except OSError as error:
            raise GuestError(f"the guest is gone: {error}") from None
        return self._number

    def _answer(self, number, deadline, command):
        while True:
            words = self._line(deadline, command).split()
            if len(words) == 5 and words[0] == b"reply":
                _, replied, status, out, err = words
                stdout = self._bytes(int(out), deadline, command)
                stderr = self._bytes(int(err), deadline, command)
                if int(replied) == number:
                    return int(status), stdout, stderr

    def _line(self, deadline, command):
        while b"\n" not in self._buffer:
            self._receive(deadline, command)
        line, self._buffer = self._buffer.split(b"\n", 1)
        return line

    def _bytes(self, count, deadline, command):
        while len(self._buffer) < count:
            self._receive(deadline, command)
        data, self._buffer = self._buffer[:count], self._buffer[count:]
        return data

    def _receive(self, deadline, command):
        data = None
        while data is None:
            left = deadline - time.monotonic()
            self._agent.settimeout(max(0.01, min(left, SILENCE_SECONDS)))
            try:
                data = self._agent.recv(1 << 16)
            except TimeoutError:
                if left <= SILENCE_SECONDS:
                    self._log.write(f"lab: no answer in time to `{command}`; the kernel is asked for its tasks\n")
                    try:
                        stuck.tell(self)
                    except (GuestError, OSError, ValueError) as error:
                        self._log.write(f"lab: it could not be asked: {error}\n")
                    raise GuestError(f"no answer in time to `{command}`") from None
                # An emulated serial port can miss an interrupt, and then sleeps on both sides until something comes: an
                # empty line does, which the agent takes for nothing.
                if command != "boot":
                    self._log.write("lab: silence; an empty line is sent\n")
                    self._agent.sendall(b"\n")
        if not data:
            raise GuestError(f"the guest ended during `{command}`")
        self._buffer += data


class Log:
    """The log of one scenario: the console, the commands and their answers, in the order in which they came."""

    def __init__(self, path):
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = open(path, "w", encoding="utf-8")
        self._lock = threading.Lock()

    def write(self, text):
        with self._lock:
            self._file.write(text)
            self._file.flush()

    def tail(self, lines=40):
        return self.path.read_text(encoding="utf-8").splitlines()[-lines:]

    def close(self):
        self._file.close()


def _listener(path):
    """A listening socket that QEMU connects to, so that nothing said at the start is lost."""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(os.fspath(path))
    listener.listen(1)
    return listener
