"""Somebody asks the run to stop: nothing new is begun, and what is paid for, or nearly done, is finished.

A prompt that was sent is listened to until its stream ends. What can be had again for nothing is given up at once: an
upload (nothing was bought in its session yet), the wait for an export (its id is in the journal), the second look at
a state.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from nightreel.errors import ExportForbidden, RunStopped

T = TypeVar("T")


class Stopping:
    """One a process: whether it was asked to stop.

    Attributes:
        listen: has the signals that ask reach us again. Whoever hands the process to somebody who takes them for
            himself, as Prefect does with SIGTERM for each flow that begins, calls it afterwards.
    """

    def __init__(self) -> None:
        self._asked = asyncio.Event()
        self.listen: Callable[[], None] = lambda: None

    @property
    def asked(self) -> bool:
        """Whether somebody asked."""
        return self._asked.is_set()

    def ask(self) -> None:
        """Ask it to stop."""
        self._asked.set()

    def check(self) -> None:
        """Go on, unless somebody asked.

        Raises:
            RunStopped: somebody did.
        """
        if self.asked:
            raise RunStopped("The run was stopped before it was made.", hint="The same command goes on from here.")

    async def unless(self, work: Coroutine[Any, Any, T]) -> T:
        """Do *work*, or give it up when somebody asks.

        Raises:
            RunStopped: somebody did.
        """
        doing, asked = asyncio.create_task(work), asyncio.create_task(self._asked.wait())
        try:
            await asyncio.wait({doing, asked}, return_when=asyncio.FIRST_COMPLETED)
            if not doing.done():
                self.check()
            return await doing
        finally:
            asked.cancel()
            doing.cancel()
            await asyncio.gather(doing, asked, return_exceptions=True)


class Exports:
    """One a process: whether the account's plan forbids exports. The clip that learns it tells the others."""

    def __init__(self) -> None:
        self._forbidden: ExportForbidden | None = None

    def forbid(self, error: ExportForbidden) -> None:
        """Submit no more, and buy nothing that could not be exported."""
        self._forbidden = error

    def check(self) -> None:
        """Go on, unless they are forbidden.

        Raises:
            ExportForbidden: as the service said it.
        """
        if (error := self._forbidden) is not None:
            raise ExportForbidden(error.message, hint=error.hint, code=error.code, status=error.status)
