"""`nightreel check`: are these photos fit? One line a photo, as soon as it is known."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import aclosing
from pathlib import Path

from nightreel.errors import InputError
from nightreel.images.advice import nearly, small_for
from nightreel.images.decoders import Decoders, Limits
from nightreel.images.finding import Unlisted, files_in
from nightreel.images.likeness import Likeness
from nightreel.images.orders import Look
from nightreel.images.photos import look_here, probe
from nightreel.models import Format, Photo, Value
from nightreel.names import encodable

_AHEAD = 4
"""Photos a decoder that are begun before the first of them is told."""


class CheckLine(Value):
    """What is to be said of one file.

    Attributes:
        path: as it was given, or found in a folder that was given.
        ok: whether it can be used.
        format: jpeg, png, mp4… by content; "" when it is not fit.
        width, height: pixels, upright; 0 when it is not fit, and of sound.
        reason: why it is not fit, with the next step.
        warnings: what was noticed and can be repaired.
        about: of clips and sound, how long they are and what is in them.
    """

    path: str
    ok: bool
    format: str = ""
    width: int = 0
    height: int = 0
    reason: str = ""
    warnings: tuple[str, ...] = ()
    about: str = ""


async def check_paths(
    paths: Sequence[Path], *, at_once: int = 2, formats: Sequence[Format] = (), limits: Limits | None = None
) -> AsyncGenerator[CheckLine]:
    """Look at every file of *paths*, and at the photos in its folders, however deep; yield a line each, in order.

    In folders, what claims by name to be a photo is looked at, and what is one by content. Photos of one folder
    count as one product's: what nearly repeats an earlier one is said. Nothing is kept, nothing is raised; and
    only so many photos are under way, or remembered, however many there are.

    Args:
        paths: files and folders.
        at_once: decoders, each a process.
        formats: what the photos are for; of those that are too small it is said.
        limits: what a decoder may use for one photo.
    """
    decoders, looks = Decoders(at_once, limits), _Looks(formats)
    with ThreadPoolExecutor(at_once, thread_name_prefix="check") as pool:
        try:
            async with aclosing(_looked(pool, decoders.look, paths, at_once * _AHEAD)) as found:
                async for path, photo in found:
                    yield looks.line(path, photo)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
            await asyncio.to_thread(pool.shutdown)
            decoders.close()


def check_file(path: Path) -> CheckLine:
    """Look at one file, in this process."""
    return _Looks(()).line(path, _look(path, look_here))


async def _looked(
    pool: ThreadPoolExecutor, look: Look, paths: Sequence[Path], ahead: int
) -> AsyncGenerator[tuple[Path, Photo | str]]:
    waiting: deque[tuple[Path, Future[Photo | str]]] = deque()
    for path in files_in(paths):
        if isinstance(path, Unlisted):
            waiting.append((path.path, _done(path.reason)))
        else:
            waiting.append((path, pool.submit(_look, path, look)))
        if len(waiting) > ahead:
            yield await _next(waiting)
    while waiting:
        yield await _next(waiting)


async def _next(waiting: deque[tuple[Path, "Future[Photo | str]"]]) -> tuple[Path, Photo | str]:
    path, future = waiting.popleft()
    return path, await asyncio.wrap_future(future)


def _done(reason: str) -> "Future[Photo | str]":
    future: Future[Photo | str] = Future()
    future.set_result(reason)
    return future


def _look(path: Path, look: Look) -> Photo | str:
    """Return the photo, or why it is not fit."""
    try:
        return probe(path, encodable(str(path)), look=look)
    except InputError as error:
        return str(error)


class _Looks:
    """Makes lines of what was found; compares photos with those before them in their folder."""

    def __init__(self, formats: Sequence[Format]) -> None:
        self._formats = formats
        self._folder = Path()
        self._known = Likeness()
        self._contents: dict[str, str] = {}

    def line(self, path: Path, photo: Photo | str) -> CheckLine:
        """Return the line of the file at *path*."""
        if isinstance(photo, str):
            return CheckLine(path=encodable(str(path)), ok=False, reason=photo)
        return CheckLine(
            path=encodable(str(path)),
            ok=True,
            format=photo.kind,
            width=photo.width,
            height=photo.height,
            warnings=(*photo.warnings, *small_for(photo, self._formats), *self._repeats(path, photo)),
            about=photo.about,
        )

    def _repeats(self, path: Path, photo: Photo) -> list[str]:
        if path.parent != self._folder:
            self._folder, self._known, self._contents = path.parent, Likeness(), {}
        name = encodable(path.name)
        same = self._contents.setdefault(photo.sha256, name)
        return (
            [f"It is the same file as {same}."]
            if same != name
            else nearly(self._known.first_like(photo.fingerprint, name))
        )
