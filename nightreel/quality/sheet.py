"""A contact sheet: a video's pictures side by side, one a second, so that a look tells how it runs."""

import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from nightreel.errors import VideoRejected
from nightreel.files import write_whole
from nightreel.quality.media import UNREADABLE, Picture, sampled_frames

_ROW = 1_800  # pixels that a row of pictures is about as wide as
_GAP = 6
_GROUND = 32
_MOST = 600  # pictures on a sheet


def contact_sheet(path: Path, to: Path, *, every: float = 1.0, height: int = 320) -> Path:
    """Write the contact sheet of the video at *path* to *to*, as a PNG; return *to*.

    Args:
        path: an MP4.
        to: the sheet.
        every: seconds from picture to picture; the first is half of that in, where no transition is.
        height: of each picture, in pixels.

    Raises:
        VideoRejected: the video cannot be decoded.
        OSError: *to* cannot be written.
    """
    try:
        pictures = [picture for picture, _ in zip(sampled_frames(path, every, height), range(_MOST), strict=False)]
    except UNREADABLE as error:
        raise VideoRejected(f"{path}: no sheet can be made: {error}") from error
    if not pictures:
        raise VideoRejected(f"{path}: it has no picture to show.")
    sheet = io.BytesIO()
    Image.fromarray(_grid(pictures)).save(sheet, "PNG")
    return write_whole(to, sheet.getvalue())


def _grid(pictures: Sequence[Picture]) -> Picture:
    """Return *pictures*, all of one size, in rows."""
    height, width = pictures[0].shape[:2]
    columns = min(len(pictures), max(1, _ROW // (width + _GAP)))
    rows = -(-len(pictures) // columns)
    size = rows * (height + _GAP) + _GAP, columns * (width + _GAP) + _GAP, 3
    grid = np.full(size, _GROUND, np.uint8)
    for number, picture in enumerate(pictures):
        row, column = divmod(number, columns)
        top, left = _GAP + row * (height + _GAP), _GAP + column * (width + _GAP)
        grid[top : top + height, left : left + width] = picture
    return grid
