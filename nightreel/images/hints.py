"""What a marketer wants to know of a photo before it is in a video: pure, on a small picture of it.

Thresholds were chosen so that no photo of the sample catalog, and none that the tests draw, is blamed wrongly: a hint
that cries wolf is not read.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SIDE = 720
"""Pixels of the shorter side, at least, of the picture that is looked at (of smaller photos, their own)."""

SOFT = 1.5
"""Times by which a photo may be enlarged to be shown whole before it looks soft."""

_DARK, _LIGHT = 40, 236  # levels
_FAR = 16  # pixels
_LINES = 240
_BLURRED = 0.16
_FLAT = 24  # levels: with less contrast than that, nothing can be said about edges
_FEW = 6
_BARE = 0.985
_SMOOTH = 0.97
_CELLS = 8

Pixels = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Measures:
    """What is measured of a picture.

    Attributes:
        darkest, lightest: levels of green that all but one pixel in 200 lie above, and below.
        edge: steepest change from pixel to pixel, as a share of that over 16 pixels: 1 is a knife's edge, 1/16 fog.
        contrast: that change over 16 pixels, in levels.
        colours: how many colours (of 4096) make up 98.5 % of it.
        smooth: share of neighbours that are equal.
    """

    darkest: int
    lightest: int
    edge: float
    contrast: int
    colours: int
    smooth: float


def measure(picture: Pixels) -> Measures:
    """Measure *picture*: rows, columns, red green blue; :data:`SIDE` pixels or a little more."""
    green = np.ascontiguousarray(picture[..., 1])
    levels = np.cumsum(np.bincount(green[::3, ::3].ravel(), minlength=256))
    ways = [_edge(_sampled(green)), _edge(_sampled(green.T))]
    return Measures(
        darkest=_level(levels, 0.005),
        lightest=_level(levels, 0.995),
        edge=max(near / far if far else 0.0 for near, far, _ in ways),
        contrast=max(far for _, far, _ in ways),
        colours=_colours(picture[::4, ::4]),
        smooth=min(smooth for _, _, smooth in ways),
    )


def hints(found: Measures) -> tuple[str, ...]:
    """Return what is to be said of a picture that measures *found*, as sentences."""
    if found.lightest < _DARK:
        return ("It is nearly black.",)
    if found.darkest > _LIGHT:
        return ("It is nearly white.",)
    if found.colours <= _FEW and found.smooth > _SMOOTH:
        return ("It looks like a placeholder: flat colours, no photo.",)
    if found.contrast > _FLAT and found.edge < _BLURRED:
        return ("It is blurred.",)
    return ()


def fingerprint(picture: Pixels) -> bytes:
    """Return the look of *picture* in 192 bytes: 8 x 8 cells, each luma and two differences of colour."""
    rows, columns = (length // _CELLS * _CELLS for length in picture.shape[:2])
    cells = picture[:rows:2, :columns:2]
    rows, columns = (length // _CELLS for length in cells.shape[:2])
    cells = cells[: rows * _CELLS, : columns * _CELLS].reshape(_CELLS, rows, _CELLS, columns, 3)
    red, green, blue = np.moveaxis(cells.mean(axis=(1, 3)), -1, 0)
    luma = 0.299 * red + 0.587 * green + 0.114 * blue
    planes = np.stack([luma, (blue - luma) / 2 + 128, (red - luma) / 2 + 128])
    return np.clip(np.rint(planes), 0, 255).astype(np.uint8).tobytes()


def _sampled(green: Pixels) -> Pixels:
    """Return as many of its lines as are enough."""
    return np.ascontiguousarray(green[:: max(1, green.shape[0] // _LINES)])


def _edge(lines: Pixels) -> tuple[int, int, float]:
    """Return the steepest changes along *lines*, over 1 pixel and over 16, and how many neighbours are equal."""
    near, far = _changes(lines, 1), _changes(lines, _FAR)
    return _level(near, 1 - 0.0005), _level(far, 1 - 0.0005 * _FAR), float(near[1] / near[-1])


def _changes(lines: Pixels, over: int) -> NDArray[np.intp]:
    """Return how many changes over so many pixels are 0, up to 1, up to 2… levels."""
    before, after = lines[:, :-over], lines[:, over:]
    return np.cumsum(np.bincount((np.maximum(before, after) - np.minimum(before, after)).ravel(), minlength=256))


def _level(cumulated: NDArray[np.intp], share: float) -> int:
    """Return the lowest level that *share* of all lie at or below."""
    return int(np.searchsorted(cumulated, share * cumulated[-1]))


def _colours(picture: Pixels) -> int:
    coarse = (picture >> 4).astype(np.intp)
    codes = (coarse[..., 0] << 8) | (coarse[..., 1] << 4) | coarse[..., 2]
    shares = np.sort(np.bincount(codes.ravel(), minlength=4096))[::-1].cumsum()
    return int(np.searchsorted(shares, _BARE * shares[-1])) + 1
