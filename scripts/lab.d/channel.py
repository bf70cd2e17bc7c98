"""The serial port on which a guest takes commands and answers: see `guest/agent`. Every wait has an end."""

import base64
import socket
import time
from collections.abc import Callable
from typing import Protocol

# After that much silence the channel is woken: see `_receive`.
SILENCE_SECONDS = 45


class GuestError(Exception):
    """The machine did not do what every machine must: come up, answer in time, stay alive."""


class Log(Protocol):
    """What takes notes."""

    def write(self, text: str, /) -> object: ...


class Channel:
    """Commands go out under a number, and the answers to them come back under it.

    `tell`: has the kernel say what it is doing, when an answer does not come.
    """

    def __init__(self, agent: socket.socket, log: Log, tell: Callable[[], None]) -> None:
        self._agent = agent
        self._log = log
        self._tell = tell
        self._number = 0
        self._buffer = b""

    def send(self, command: str) -> int:
        """Sends a line of shell; gives the number of the answer to it."""
        self._number += 1
        text = base64.b64encode(command.encode()).decode()
        try:
            self._agent.sendall(f"{self._number} {text}\n".encode())
        except OSError as error:
            raise GuestError(f"the guest is gone: {error}") from None
        return self._number

    def answer(self, number: int, deadline: float, command: str) -> tuple[int, bytes, bytes]:
        """The exit status and both outputs of a command; the answers to others are passed over."""
        while True:
            words = self._line(deadline, command).split()
            if len(words) == 5 and words[0] == b"reply":
                _, replied, status, out, err = words
                stdout = self._bytes(int(out), deadline, command)
                stderr = self._bytes(int(err), deadline, command)
                if int(replied) == number:
                    return int(status), stdout, stderr

    def _line(self, deadline: float, command: str) -> bytes:
        while b"\n" not in self._buffer:
            self._receive(deadline, command)
        line, self._buffer = self._buffer.split(b"\n", 1)
        return line

    def _bytes(self, count: int, deadline: float, command: str) -> bytes:
        while len(self._buffer) < count:
            self._receive(deadline, command)
        data, self._buffer = self._buffer[:count], self._buffer[count:]
        return data

    def _receive(self, deadline: float, command: str) -> None:
        data = None
        while data is None:
            left = deadline - time.monotonic()
            self._agent.settimeout(max(0.01, min(left, SILENCE_SECONDS)))
            try:
                data = self._agent.recv(1 << 16)
            except TimeoutError:
                if left <= SILENCE_SECONDS:
                    self._log.write(f"lab: no answer in time to `{command}`; the kernel lists its tasks\n")
                    try:
                        self._tell()
                    except (GuestError, OSError, ValueError) as error:
                        self._log.write(f"lab: its tasks could not be listed: {error}\n")
                    raise GuestError(f"no answer in time to `{command}`") from None
                # An emulated serial port can miss an interrupt, and then sleeps on both sides until something comes: an
                # empty line does, which the agent takes for nothing.
                if command != "boot":
                    self._log.write("lab: silence; an empty line is sent\n")
                    self._agent.sendall(b"\n")
        if not data:
            raise GuestError(f"the guest ended during `{command}`")
        self._buffer += data
