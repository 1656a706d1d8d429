"""What all commands share: the consoles, errors in words and exit codes, how a command runs and is stopped."""

import asyncio
import signal
import sys
from collections.abc import Coroutine
from typing import Any, TypeVar

from rich.console import Console
from rich.text import Text

from nightreel.errors import NightreelError

INTERRUPTED = 130
TERMINATED = 143

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
    return asyncio.run(_stoppable(work))


async def _stoppable(work: Coroutine[Any, Any, T]) -> T:
    task = asyncio.create_task(work)
    asked: list[int] = []

    def stop(code: int) -> None:
        if asked:  # a second time: at once, whatever is under way
            sys.stderr.flush()
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            signal.raise_signal(signal.SIGTERM)
        asked.append(code)
        task.cancel()

    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGINT, stop, INTERRUPTED)
    loop.add_signal_handler(signal.SIGTERM, stop, TERMINATED)
    try:
        return await task
    except asyncio.CancelledError:
        if asked:
            raise Stopped(asked[0]) from None
        raise
    finally:
        loop.remove_signal_handler(signal.SIGINT)
        loop.remove_signal_handler(signal.SIGTERM)


def complain(error: NightreelError) -> None:
    """Print what is wrong and the next step."""
    err.print(Text("✗ ", style="bold red") + Text(error.message))
    if error.hint:
        err.print(Text("  → ", style="dim") + Text(error.hint))
