"""Decoder processes: one a file at a time, started when they are needed, kept for the next file, ended with us.

What a file does to its decoder is told as that file's fault: a crash, too much memory, no end. The next file gets a
new process.
"""

import os
import signal
import socket
import subprocess
import threading
from dataclasses import dataclass
from pathlib import Path

from nightreel.images.orders import Found, Order, Unfit, receive_answer, send_order
from nightreel.tether import start

_ENVIRONMENT = {
    "MALLOC_ARENA_MAX": "1",  # one thread works: what it frees can go back to the system
    "OPENBLAS_NUM_THREADS": "1",
    "VIPS_WARNING": "0",
}
_MOST_FILES = 500
"""After so many files a process makes room for a new one: whatever a library leaks stays small."""


class DecoderLost(Unfit):
    """The decoder did not survive the file, this time: a verdict that is not remembered."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a decoder may use for one file.

    Attributes:
        memory: bytes of address space, all told; a 200 MP HEIC needs a third of it.
        processor: seconds of processor time.
        seconds: after so long it is killed, whatever it does.
    """

    memory: int = 3 << 30
    processor: int = 60
    seconds: float = 300.0


class Decoders:
    """At most *at_once* decoder processes, for as many threads; to be closed."""

    def __init__(self, at_once: int, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()
        self._turn = threading.BoundedSemaphore(at_once)
        self._taking = threading.Lock()
        self._idle: list[_Decoder] = []

    def look(self, fd: int, order: Order) -> tuple[Found, bytes]:
        """Look at the file at *fd* in a process of its own; a Look.

        Raises:
            Unfit: the file cannot be used.
            DecoderLost: its decoder did not survive it.
        """
        with self._turn:
            decoder = self._free()
            try:
                return decoder.look(fd, order)
            finally:
                if decoder.fresh:
                    self._idle.append(decoder)
                else:
                    decoder.end()

    def _free(self) -> "_Decoder":
        with self._taking:
            while self._idle:
                decoder = self._idle.pop()
                if decoder.fresh:
                    return decoder
                decoder.end()
        return _Decoder(self._limits)

    def close(self) -> None:
        """End the processes."""
        while self._idle:
            self._idle.pop().end()


class _Decoder:
    """One process."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._left = _MOST_FILES
        self._socket, theirs = socket.socketpair()
        number = theirs.fileno()
        with theirs:
            self._child = start(
                "nightreel.images.worker",
                [str(number), str(limits.memory), str(limits.processor)],
                log=Path(os.devnull),
                environment=_ENVIRONMENT,
                pass_fds=[number],
            )
        self._child.wait_ready()
        self._socket.settimeout(limits.seconds)

    @property
    def fresh(self) -> bool:
        """Whether it can take another file."""
        return self._left > 0 and self._child.process.poll() is None

    def look(self, fd: int, order: Order) -> tuple[Found, bytes]:
        self._left -= 1
        try:
            send_order(self._socket, fd, order)
            return receive_answer(self._socket)
        except TimeoutError:
            self._left = 0
            raise DecoderLost(f"takes more than {self._limits.seconds:g} s to decode.", "Export it again.") from None
        except (EOFError, OSError):
            self._left = 0
            raise self._lost() from None

    def end(self) -> None:
        """End it, whatever it does."""
        self._socket.close()
        self._child.process.kill()
        self._child.release()

    def _lost(self) -> DecoderLost:
        try:
            code = self._child.process.wait(timeout=self._limits.seconds)
        except subprocess.TimeoutExpired:
            code = 0
        if code == -signal.SIGXCPU:
            return DecoderLost(f"takes more than {self._limits.processor} s to decode.", "Export it again.")
        if code == -signal.SIGKILL:
            hint = "Perhaps memory was short: run again, or save it smaller."
            return DecoderLost("could not be decoded: its decoder was killed.", hint)
        how = signal.Signals(-code).name if code < 0 else f"exit code {code}"
        return DecoderLost(f"crashes its decoder ({how}).", "Export it again.")
