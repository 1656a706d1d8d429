"""How an MP4 is packed: its boxes (ISO/IEC 14496-12), read by their headers alone.

FFmpeg hides what platforms refuse: an index behind the pictures, edit lists, a file that was cut off. So the boxes
are read here. Nothing but headers and the brands is held in memory, however large the file.
"""

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

_NESTED = frozenset({"moov", "trak", "edts"})
_MOST_BOXES = 10_000
_MOST_BRANDS = 4096


@dataclass(frozen=True)
class Box:
    """One box; *start* of its content and its *end*, in bytes from the file's beginning."""

    kind: str
    start: int
    end: int


@dataclass(frozen=True)
class Packing:
    """How a file is packed.

    Attributes:
        brands: the major brand, then the compatible ones; empty when there is no `ftyp`.
        index_first: `moov` stands before the first `mdat`: a browser can play while it loads.
        edit_lists: how many `elst` boxes there are.
        fragments: how many `moof` boxes there are.
        turned: a track's matrix turns or mirrors the picture, which not every player does.
    """

    brands: tuple[str, ...]
    index_first: bool
    edit_lists: int
    fragments: int
    turned: bool = False


def read_packing(path: Path) -> Packing:
    """Read how *path* is packed.

    Raises:
        ValueError: it is no MP4, or is cut off; names the box and the byte.
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        boxes = list(_walk(file, 0, size))
        top = [box.kind for box in boxes if box.kind in {"ftyp", "moov", "mdat", "moof"}]
        if "moov" not in top:
            raise ValueError("there is no moov box: no MP4, or one that was never finished")
        brands = next((_brands(file, box) for box in boxes if box.kind == "ftyp"), ())
        turned = any(_turns(file, box) for box in boxes if box.kind == "tkhd")
    return Packing(
        brands=brands,
        index_first="mdat" not in top[: top.index("moov")],
        edit_lists=sum(box.kind == "elst" for box in boxes),
        fragments=top.count("moof"),
        turned=turned,
    )


def _walk(file: BinaryIO, start: int, end: int) -> Iterator[Box]:
    """Yield the boxes between *start* and *end*, and those within the few that lead to edit lists."""
    spans, seen = [(start, end)], 0
    while spans:
        at, last = spans.pop()
        while at < last:
            box = _read_header(file, at, last)
            yield box
            seen += 1
            if seen > _MOST_BOXES:
                raise ValueError(f"more than {_MOST_BOXES} boxes: this is no MP4 that a player takes")
            if box.kind in _NESTED:
                spans.append((box.start, box.end))
            at = box.end


def _read_header(file: BinaryIO, at: int, last: int) -> Box:
    """Read the header of the box at byte *at*, which must end by *last*."""
    file.seek(at)
    header = file.read(8)
    if len(header) < 8:  # noqa: PLR2004 - a box header's size
        raise ValueError(f"cut off within a box header at byte {at}")
    size, name = struct.unpack(">I4s", header)
    kind, start = name.decode("latin-1"), at + 8
    if size == 1:  # the size follows in 64 bits
        long = file.read(8)
        if len(long) < 8:  # noqa: PLR2004 - as above
            raise ValueError(f"cut off within a box header at byte {at}")
        size, start = struct.unpack(">Q", long)[0], at + 16
    end = last if size == 0 else at + size
    if end < start or end > last:
        raise ValueError(f"box {kind!r} at byte {at} says {size} bytes, {last - at} are there: cut off or broken")
    return Box(kind, start, end)


def _brands(file: BinaryIO, box: Box) -> tuple[str, ...]:
    """Return the major brand and the compatible ones of an `ftyp` box."""
    file.seek(box.start)
    content = file.read(min(box.end - box.start, _MOST_BRANDS)).decode("latin-1")
    names = [content[at : at + 4].strip() for at in range(0, len(content), 4)]
    return tuple(name for place, name in enumerate(names) if name and place != 1)  # place 1 is the minor version


def _turns(file: BinaryIO, box: Box) -> bool:
    """Whether a track header's matrix does anything but scale (ISO/IEC 14496-12, 8.3.2)."""
    file.seek(box.start)
    content = file.read(min(box.end - box.start, 96))
    at = 40 if content[:1] == b"\0" else 52
    if len(content) < at + 20:
        raise ValueError(f"the track header at byte {box.start} is cut off")
    a, b, _, c, d = struct.unpack(">5i", content[at : at + 20])
    return bool(b or c or a < 0 or d < 0)
