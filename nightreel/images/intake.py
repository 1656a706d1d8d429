"""The photo intake: bounded, in processes that a bad photo may break, remembering what has not changed."""

import asyncio
import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from nightreel.errors import PhotoChanged, PhotoRejected, SettingsError
from nightreel.images.decoders import DecoderLost, Decoders, Limits
from nightreel.images.files import Opened, open_photo
from nightreel.images.orders import WHITE, Colour, Unfit
from nightreel.images.photos import Ready, examine, normalise
from nightreel.images.seen import Seen
from nightreel.models import Photo

T = TypeVar("T")


class Intake:
    """Probes and normalises photos, a few at once; used as a context manager.

    Args:
        cache: where normalised photos and the memory of seen files are kept (`settings.photo_cache`).
        at_once: photos in work at once, each in a process of its own; 0 means one a core.
        limits: what a process may use for one photo.

    Attributes:
        decoded: how many photos were decoded; none, when nothing changed.
    """

    def __init__(self, cache: Path, *, at_once: int = 0, limits: Limits | None = None) -> None:
        self.cache = cache
        self.decoded = 0
        self._counting = threading.Lock()
        self._seen = _memory(cache)
        at_once = at_once or os.cpu_count() or 1
        self._pool = ThreadPoolExecutor(at_once, thread_name_prefix="intake")
        self._decoders = Decoders(at_once, limits)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await asyncio.to_thread(self.close)

    def close(self) -> None:
        """Finish what is being decoded, drop what waits, end the processes, and let go of the memory's file."""
        self._pool.shutdown(cancel_futures=True)
        self._decoders.close()
        self._seen.close()

    def recall(self, path: Path, name: str) -> Photo | None:
        """Return what was found in the photo, if its file is as it was then; None where it must be looked at.

        Raises:
            PhotoRejected: it was found not to be fit.
        """
        return self._seen.recall(path, name)

    async def probe(self, path: Path, name: str, *, background: Colour | None = WHITE) -> Photo:
        """Look at a photo; its normalised form is left in the cache in the same pass, as :meth:`normalise` has it.

        A file that was looked at before, and is as it was, is not opened.

        Raises:
            PhotoRejected: it is no photo we can use; says why.
            PhotoChanged: it is being written to.
            DiskFull: the cache cannot hold it.
        """
        return self.recall(path, name) or await self._run(lambda: self._probe(path, name, background))

    async def normalise(self, photo: Photo, *, background: Colour | None = WHITE) -> Ready:
        """Return *photo* as every engine takes it; decodes nothing when the cache has it.

        Args:
            photo: as it was probed.
            background: what shows through transparent parts; None keeps them transparent, in a PNG.

        Raises:
            PhotoChanged: the file is no longer the one that was probed.
            PhotoRejected: it cannot be read any more.
            DiskFull: the cache cannot hold it.
        """
        return await self._run(lambda: self._normalise(photo, background))

    async def _run(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._pool, work)

    def _normalise(self, photo: Photo, background: Colour | None) -> Ready:
        self._require_same(photo)
        return normalise(photo, self.cache, background=background, look=self._decoders.look)

    def _require_same(self, photo: Photo) -> None:
        """See that the file is what was planned with: the cache has what it was, and it may have been replaced."""
        try:
            known = self._seen.recall(photo.path, photo.name)
            if known is None:
                with open_photo(photo.path, photo.name) as opened:
                    same = opened.sha256() == photo.sha256
            else:
                same = known.sha256 == photo.sha256
        except PhotoRejected:
            same = False
        if not same:
            raise PhotoChanged(f"{photo.name} is not the photo that was planned with.", hint="Plan again.")

    def _probe(self, path: Path, name: str, background: Colour | None) -> Photo:
        with open_photo(path, name) as opened:
            sha256 = opened.sha256()
            return self._seen.recall_content(opened, sha256) or self._examine(opened, sha256, background)

    def _examine(self, opened: Opened, sha256: str, background: Colour | None) -> Photo:
        with self._counting:
            self.decoded += 1
        try:
            photo = examine(opened, self.cache, background=background, sha256=sha256, look=self._decoders.look)
        except PhotoRejected as error:
            if isinstance(error.__cause__, Unfit) and not isinstance(error.__cause__, DecoderLost):
                self._seen.keep_unfit(opened, sha256, error.__cause__)
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
