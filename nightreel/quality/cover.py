"""The cover: one good frame of the finished video, as a JPEG."""

import io
from pathlib import Path

import cv2
from PIL import Image

from nightreel.errors import VideoRejected
from nightreel.files import write_whole
from nightreel.quality.media import UNREADABLE, Picture, colour_frames, read_facts

_TITLE_IS_IN = 1.2
_WINDOW = 1.8
_EVERY = 0.2
_JPEG_QUALITY = 90


def cover(path: Path, to: Path) -> Path:
    """Write the sharpest frame of the opening, after the title is in, to *to* as a JPEG; return *to*.

    The first photo is the catalog's own choice of a first picture; in its sharpest frame nothing is half faded.

    Raises:
        VideoRejected: the video has no frame that can be decoded.
        OSError: *to* cannot be written.
    """
    try:
        video, _ = read_facts(path)
        seconds = video.seconds if video is not None else 0.0
        start = _TITLE_IS_IN if seconds > 2 * _TITLE_IS_IN else seconds * 0.4
        best = _sharpest(path, start, min(start + _WINDOW, seconds * 0.7))
        best = _sharpest(path, 0.0, seconds) if best is None else best
    except UNREADABLE as error:
        raise VideoRejected(f"{path.name}: no cover can be made: {error}") from error
    if best is None:
        raise VideoRejected(f"{path.name}: it has no frame to make a cover of.")
    picture = io.BytesIO()
    Image.fromarray(best).save(picture, "JPEG", quality=_JPEG_QUALITY, optimize=True, progressive=True)
    return write_whole(to, picture.getvalue())


def _sharpest(path: Path, start: float, end: float) -> Picture | None:
    """Return the sharpest of a few frames a second between *start* and *end* seconds."""
    best, score = None, -1.0
    for picture in colour_frames(path, start, end, _EVERY):
        if (sharp := _sharpness(picture)) > score:
            best, score = picture, sharp
    return best


def _sharpness(picture: Picture) -> float:
    """Return the variance of the Laplacian: high where edges are crisp, 0 for one plain colour."""
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    _, deviation = cv2.meanStdDev(cv2.Laplacian(grey, cv2.CV_16S))  # numpy's variance takes four times as long
    return float(deviation[0, 0] ** 2)
