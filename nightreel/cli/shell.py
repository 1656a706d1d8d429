"""What all commands share: the consoles, errors in words and exit codes, how a command runs and is stopped."""

import asyncio
import contextlib
import signal
import sys
from collections.abc import Callable, Coroutine, Generator
from typing import TYPE_CHECKING, Any, TypeVar

from rich.console import Console
from rich.text import Text

from nightreel.errors import NightreelError

if TYPE_CHECKING:
    from nightreel.clips import Stopping

INTERRUPTED = 130
TERMINATED = 143

_CODES = {signal.SIGINT: INTERRUPTED, signal.SIGTERM: TERMINATED}

GRACE = 6.0
"""Seconds that SIGTERM leaves to what is under way; whoever sends it kills after ten or more."""

T = TypeVar("T")

_PIPE_WIDTH = 200
"""Columns of a table that goes into a pipe or a file: wide enough that no path is folded."""

out = Console(highlight=False, width=None if sys.stdout.isatty() else _PIPE_WIDTH)
"""Results: what a pipe reads."""

err = Console(stderr=True, highlight=False)
"""Progress and errors: what a person reads."""


class Stopped(Exception):  # noqa: N818 - not an error: somebody asked
    """The command was asked to stop.

    Attributes:
        exit_code: 130 for Ctrl-C, 143 for SIGTERM.
    """

    def __init__(self, exit_code: int) -> None:
        super().__init__()
        self.exit_code = exit_code


def run_async(work: Coroutine[Any, Any, T]) -> T:
    """Run *work* to its end; Ctrl-C and SIGTERM cancel it, so that it leaves everything resumable.

    Raises:
        Stopped: it was asked to stop, and has.
    """
    return Signals().run(work)


class Signals:
    """What Ctrl-C and SIGTERM do to a command.

    The first cancels its work; or, where it can be drained, asks it to stop: after Ctrl-C it finishes what is paid
    for, after SIGTERM as much of that as can be finished within a grace. The next cancels it, one more ends the
    process.
    """

    def __init__(self) -> None:
        self._asked: list[int] = []
        self._draining: Stopping | None = None
        self._cancel: Callable[[], object] = lambda: None
        self._cancelled = False

    @property
    def exit_code(self) -> int:
        """What the command exits with when it was asked to stop: 130 for Ctrl-C, 143 for SIGTERM."""
        return self._asked[0] if self._asked else 0

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run *work* to its end.

        Raises:
            Stopped: it was asked to stop, and was cancelled.
        """
        try:
            return asyncio.run(self._stoppable(work))
        except BaseException as error:
            if getattr(error, "signal", None) == signal.SIGTERM:  # raised by Prefect, which had just taken it
                raise Stopped(TERMINATED) from None
            raise

    @contextlib.contextmanager
    def draining(self, stopping: "Stopping") -> Generator[None]:
        """Ask *stopping* to stop, within this block, when the first signal comes."""
        self._draining, stopping.listen = stopping, self._listen
        try:
            yield
        finally:
            self._draining = None

    @contextlib.contextmanager
    def asking(self) -> Generator[None]:
        """Let a question be asked within this block: Ctrl-C ends the question, and the command with it."""
        for number in _CODES:
            asyncio.get_running_loop().remove_signal_handler(number)
        try:
            yield
        finally:
            self._listen()

    async def _stoppable(self, work: Coroutine[Any, Any, T]) -> T:
        task = asyncio.create_task(work)
        self._cancel = task.cancel
        self._listen()
        try:
            return await task
        except asyncio.CancelledError:
            if self._cancelled:
                raise Stopped(self.exit_code) from None
            raise
        finally:
            for number in _CODES:
                asyncio.get_running_loop().remove_signal_handler(number)

    def _listen(self) -> None:
        for number, code in _CODES.items():
            asyncio.get_running_loop().add_signal_handler(number, self._take, code)

    def _take(self, code: int) -> None:
        self._asked.append(code)
        if self._cancelled:  # once more: at once, whatever is under way
            sys.stderr.flush()
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            signal.raise_signal(signal.SIGTERM)
        elif self._draining is not None and not self._draining.asked:
            self._drain(self._draining, code)
        else:
            self._stop_now()

    def _drain(self, stopping: "Stopping", code: int) -> None:
        stopping.ask()
        if code == TERMINATED:
            _say(f"Stopping: what is paid for has {GRACE:.0f} s to end; the next run looks up the rest.")
            asyncio.get_running_loop().call_later(GRACE, self._stop_now)
        else:
            _say("Stopping: what is paid for is finished, nothing new is begun. Ctrl-C again stops at once.")

    def _stop_now(self) -> None:
        self._cancelled = True
        self._cancel()


def _say(sentence: str) -> None:
    """Say something on a line of its own, above what is drawn live."""
    err.print(sentence, soft_wrap=True, markup=False)


def complain(error: NightreelError) -> None:
    """Print what is wrong and the next step."""
    err.print(Text("✗ ", style="bold red") + Text(error.message))
    if error.hint:
        err.print(Text("  → ", style="dim") + Text(error.hint))
