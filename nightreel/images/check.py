"""`nightreel check`: are these photos fit? One line a photo."""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from nightreel.errors import InputError
from nightreel.images.kinds import claimed_kind
from nightreel.images.photos import probe
from nightreel.models import Photo, Value


class CheckLine(Value):
    """What is to be said of one file.

    Attributes:
        path: as it was given, or found in a folder that was given.
        ok: whether it can be used.
        format: jpeg, png… by content; "" when it is not fit.
        width, height: pixels, upright; 0 when it is not fit.
        reason: why it is not fit, with the next step.
        warnings: what was noticed and can be repaired.
    """

    path: str
    ok: bool
    format: str = ""
    width: int = 0
    height: int = 0
    reason: str = ""
    warnings: tuple[str, ...] = ()


async def check_paths(paths: Sequence[Path], *, at_once: int = 2) -> list[CheckLine]:
    """Look at every file of *paths*; of a folder, at what claims by name to be a picture, however deep.

    Nothing is kept, nothing is raised: a line says what is wrong.
    """
    gate = asyncio.Semaphore(at_once)

    async def check(path: Path) -> CheckLine:
        async with gate:
            return await asyncio.to_thread(check_file, path)

    return list(await asyncio.gather(*(check(path) for path in _files(paths))))


def check_file(path: Path) -> CheckLine:
    """Look at one file."""
    shown = _shown(path)
    try:
        return _line(shown, probe(path, shown))
    except InputError as error:
        return CheckLine(path=shown, ok=False, reason=str(error))


def _line(shown: str, photo: Photo) -> CheckLine:
    return CheckLine(
        path=shown, ok=True, format=photo.kind, width=photo.width, height=photo.height, warnings=photo.warnings
    )


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        if not path.is_dir() or path.is_symlink():
            yield path
        else:
            yield from sorted(found for found in path.rglob("*") if claimed_kind(found.name) and not found.is_dir())


def _shown(path: Path) -> str:
    return str(path).encode(errors="surrogateescape").decode(errors="replace")
