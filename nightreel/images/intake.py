"""The photo intake: bounded, in threads (the decoders let go of the GIL), remembering what has not changed."""

import asyncio
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from nightreel.errors import InputError, PhotoRejected, SettingsError
from nightreel.images.files import open_photo
from nightreel.images.photos import WHITE, Colour, Ready, examine, normalise
from nightreel.images.seen import Seen
from nightreel.models import Photo

T = TypeVar("T")


class Intake:
    """Probes and normalises photos, a few at once; used as a context manager.

    Args:
        cache: where normalised photos and the memory of seen files are kept (`settings.photo_cache`).
        at_once: photos in work at once; 0 means one a core.
        background: what shows through transparent parts, as red, green, blue.

    Attributes:
        decoded: how many photos were decoded; none, when nothing changed.
    """

    def __init__(self, cache: Path, *, at_once: int = 0, background: Colour = WHITE) -> None:
        self.cache = cache
        self.background = background
        self.decoded = 0
        self._seen = _memory(cache)
        self._pool = ThreadPoolExecutor(at_once or os.cpu_count() or 1, thread_name_prefix="intake")

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await asyncio.to_thread(self.close)

    def close(self) -> None:
        """Finish what is being decoded, drop what waits, and let go of the memory's file."""
        self._pool.shutdown(cancel_futures=True)
        self._seen.close()

    async def probe(self, path: Path, name: str) -> Photo:
        """Look at a photo; its normalised form is left in the cache in the same pass.

        Raises:
            PhotoRejected: it is no photo we can use; says why.
            PhotoChanged: it is being written to.
            DiskFull: the cache cannot hold it.
        """
        return await self._run(lambda: self._probe(path, name))

    async def recall(self, asked: Sequence[tuple[Path, str]]) -> list[Photo | tuple[str, InputError] | None]:
        """Return what is known of photos by path and name: nothing, where one must be looked at.

        Thousands at once: nothing is decoded, and one turn in a thread serves all.
        """
        return await self._run(lambda: [self._recall(path, name) for path, name in asked])

    async def normalise(self, photo: Photo) -> Ready:
        """Return *photo* as every engine takes it; decodes nothing when the cache has it.

        Raises:
            PhotoChanged: the file is no longer the one that was probed.
            PhotoRejected: it cannot be read any more.
            DiskFull: the cache cannot hold it.
        """
        return await self._run(lambda: normalise(photo, self.cache, background=self.background))

    async def _run(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._pool, work)

    def _recall(self, path: Path, name: str) -> Photo | tuple[str, InputError] | None:
        try:
            with open_photo(path, name) as opened:
                return self._seen.recall(opened)
        except InputError as error:
            return name, error

    def _probe(self, path: Path, name: str) -> Photo:
        with open_photo(path, name) as opened:
            known = self._seen.recall(opened)
            if known is not None:
                return known
            self.decoded += 1
            try:
                photo = examine(opened, self.cache, background=self.background)
            except PhotoRejected as error:
                self._seen.keep_rejected(opened, error)
                raise
            self._seen.keep(opened, photo)
            return photo


def _memory(cache: Path) -> Seen:
    try:
        return Seen(cache / "seen.db")
    except OSError as error:
        reason = os.strerror(error.errno or 0)
        hint = "Set NIGHTREEL_HOME to a folder that can be written to."
        raise SettingsError(f"Photos cannot be kept in {cache}: {reason}.", hint=hint) from None
