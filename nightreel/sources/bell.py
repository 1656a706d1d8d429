"""Rings when something moves in folders. It may be missed (a file system that tells nothing): somebody looks, too."""

import asyncio
import logging
from collections.abc import Collection
from pathlib import Path

from watchfiles import awatch  # pyright: ignore[reportUnknownVariableType] - it names trio's types, too

log = logging.getLogger("nightreel.sources")

GATHER_MS = 200
"""Milliseconds of movement that make one ring."""


class Bell:
    """Rings when something moves in the folders it hangs over.

    Each folder is watched by itself: to watch what is below would be to follow links out of the source.
    """

    def __init__(self) -> None:
        self._rung = asyncio.Event()
        self._over: frozenset[Path] = frozenset()
        self._listener: asyncio.Task[None] | None = None

    async def wait(self) -> None:
        """Wait until it rings."""
        await self._rung.wait()

    def hush(self) -> None:
        """Forget that it rang: what moved until now is looked at next."""
        self._rung.clear()

    async def hang(self, over: Collection[Path]) -> bool:
        """Hang it *over* these folders; return whether it did not hang over them before."""
        folders = frozenset(over)
        if folders == self._over:
            return False
        await self.close()
        self._over = folders
        if folders:
            self._listener = asyncio.create_task(self._listen(sorted(folders)))
        return True

    async def close(self) -> None:
        """Take it down."""
        listener, self._listener = self._listener, None
        if listener is not None:
            listener.cancel()
            await asyncio.gather(listener, return_exceptions=True)

    async def _listen(self, folders: Collection[Path]) -> None:
        try:
            async for _ in awatch(*folders, recursive=False, watch_filter=None, debounce=GATHER_MS):
                self._rung.set()
        except (OSError, RuntimeError) as error:  # one is gone, or the system has no more watches
            log.info("The folders cannot be listened to: %s", error)
            self._over = frozenset()
