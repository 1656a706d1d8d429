"""How long each picture of an animated image is shown, read from its blocks: not one of them is decoded for it."""

from collections.abc import Iterator
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import BinaryIO

MOST_PICTURES = 20_000
"""Of an animation, no more are looked at."""

_LEAST = Fraction(1, 50)  # seconds: browsers show a picture that says less for as long as _INSTEAD
_INSTEAD = Fraction(1, 10)
_BUFFER = 1 << 16
_EXTENSION, _PICTURE, _END = b"!", b",", b";"
_CONTROL = b"\xf9"
_TABLE = 0x80
_PNG = b"\x89PNG\r\n\x1a\n"


def times_of(path: Path) -> list[Fraction]:
    """Return for how many seconds each picture of a GIF, WebP or PNG is shown; of a still image one or none.

    Raises:
        ValueError: it ends too early.
        OSError: it cannot be read.
    """
    with path.open("rb", buffering=_BUFFER) as file:
        head = file.read(13)
        file.seek(0)
        if head[:3] == b"GIF":
            said = _of_gif(file)
        elif head[:4] == b"RIFF" and head[8:12] == b"WEBP":
            said = _of_webp(file)
        else:
            said = _of_png(file) if head[:8] == _PNG else iter(())
        return [time if time >= _LEAST else _INSTEAD for time in islice(said, MOST_PICTURES)]


def _of_gif(file: BinaryIO) -> Iterator[Fraction]:
    _skip_table(file, _read(file, 13)[10])
    time = Fraction(0)
    while (block := file.read(1)) not in {b"", _END}:
        if block == _EXTENSION:
            control = _read(file, 1) == _CONTROL
            data = _skip_blocks(file)
            if control:
                time = Fraction(int.from_bytes(data[1:3], "little"), 100)
        elif block == _PICTURE:
            _skip_table(file, _read(file, 9)[8])
            _read(file, 1)  # the size of its codes
            _skip_blocks(file)
            yield time
            time = Fraction(0)


def _skip_table(file: BinaryIO, flags: int) -> None:
    if flags & _TABLE:
        file.seek(6 << (flags & 7), 1)


def _skip_blocks(file: BinaryIO) -> bytes:
    """Go to the end of a row of blocks; return the first."""
    first = _read(file, _read(file, 1)[0])
    length = len(first)
    while length:
        length = _read(file, 1)[0]
        file.seek(length, 1)
    return first


def _of_webp(file: BinaryIO) -> Iterator[Fraction]:
    file.seek(12)
    while len(head := file.read(8)) == 8:  # noqa: PLR2004 - a name and a length
        after = file.tell() + (length := int.from_bytes(head[4:], "little")) + length % 2
        if head[:4] == b"ANMF":
            yield Fraction(int.from_bytes(_read(file, 15)[12:], "little"), 1000)
        file.seek(after)


def _of_png(file: BinaryIO) -> Iterator[Fraction]:
    """Yield the times of an APNG; of the picture that others show instead of it, none."""
    file.seek(8)
    animated = timed = False
    while len(head := file.read(8)) == 8:  # noqa: PLR2004 - a length and a name
        after = file.tell() + int.from_bytes(head[:4], "big") + 4
        animated |= head[4:] == b"acTL"
        if head[4:] == b"fcTL" and animated:
            timed = True
            count, rate = (int.from_bytes(part, "big") for part in (_read(file, 22)[20:], _read(file, 2)))
            yield Fraction(count, rate or 100)
        elif head[4:] == b"IDAT" and animated and not timed:
            timed = True
            yield Fraction(0)
        file.seek(after)


def _read(file: BinaryIO, count: int) -> bytes:
    data = file.read(count)
    if len(data) < count:
        raise ValueError("it ends too early")
    return data
