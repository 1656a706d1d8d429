"""A photo made ready for the camera: the part that its path sees, once, as Y, U, V planes.

Where the path sees more than the photo, the background is continued: at the seam the photo is mirrored, so that
its texture goes on; farther out the edge's own colours take over, ever softer: nothing of
the product shows twice.
"""

import math
from dataclasses import dataclass

import numpy as np

from nightreel.studio.render import pixels
from nightreel.studio.render.camera import Path, View
from nightreel.studio.render.pixels import Bytes, Floats
from nightreel.studio.render.subject import Subject

_MARGIN = 3  # pixels around what is seen, for the interpolation
_SOFT = 8  # what is blurred is made so many times smaller
_BAND = 256
_GRAIN = np.float32(0.7)
_SEAM = (0.006, 0.09)  # of the photo's side: how far the mirrored texture reaches, at least and at most


@dataclass(frozen=True, slots=True)
class Planes:
    """A picture in Y, U, V: 4:2:0, BT.709, limited range."""

    y: Bytes
    u: Bytes
    v: Bytes


@dataclass(frozen=True, slots=True)
class Plate:
    """A prepared photo: plate pixel = (photo pixel - origin) x scale. Its luma is kept at twice that size."""

    planes: Planes
    x: float
    y: float
    scale: float


def make_plate(photo: Bytes, path: Path, canvas: tuple[int, int], subject: Subject) -> Plate:
    """Prepare *photo* (RGB) for *path* on a canvas of (width, height) pixels.

    The product at *subject* is never mirrored.
    """
    gaps = min(subject.top, 1 - subject.bottom), min(subject.left, 1 - subject.right)
    seams = tuple(min(max(0.8 * gap, _SEAM[0]), _SEAM[1]) for gap in gaps)
    aspect = canvas[0] / canvas[1]
    scale = min(1.0, canvas[0] / min(path.start.width, path.end.width))
    left, top, right, bottom = _seen(path, aspect)
    margin = _MARGIN / scale
    x, y = left - margin, top - margin
    width = _even((right - left + 2 * margin) * scale)
    height = _even((bottom - top + 2 * margin) * scale)
    small = pixels.shrink(photo, max(2, round(photo.shape[1] * scale)), max(2, round(photo.shape[0] * scale)))
    image, x0, y0 = _cut(small, round(x * scale), round(y * scale), width, height, seams)
    luma, *chroma = pixels.planes(image)
    return Plate(Planes(pixels.finer(luma), *chroma), x0 / scale, y0 / scale, scale)


def _seen(path: Path, aspect: float) -> tuple[float, float, float, float]:
    views: tuple[View, View] = (path.start, path.end)
    return (
        min(view.x - view.width / 2 for view in views),
        min(view.y - view.width / aspect / 2 for view in views),
        max(view.x + view.width / 2 for view in views),
        max(view.y + view.width / aspect / 2 for view in views),
    )


def _even(length: float) -> int:
    return 2 * math.ceil(length / 2)


def _cut(photo: Bytes, x: int, y: int, width: int, height: int, seams: tuple[float, ...]) -> tuple[Bytes, int, int]:
    """Cut *width* x *height* pixels at (x, y) out of *photo*, continued where it ends; return where that begins."""
    left, top = max(0, -x - _MARGIN), max(0, -y - _MARGIN)
    right = max(0, x + width - photo.shape[1] - _MARGIN)
    bottom = max(0, y + height - photo.shape[0] - _MARGIN)
    if max(left, top, right, bottom) == 0:
        padded = pixels.mirrored(photo, 2 * _MARGIN, 2 * _MARGIN, 2 * _MARGIN, 2 * _MARGIN)
        row, column = y + 2 * _MARGIN, x + 2 * _MARGIN
        return padded[row : row + height, column : column + width], x, y
    margins = [side + 2 * _MARGIN for side in (top, bottom, left, right)]
    wide = _continued(photo, margins, seams)
    row, column = y + margins[0], x + margins[2]
    return wide[row : row + height, column : column + width], x, y


def _continued(photo: Bytes, margins: list[int], seams: tuple[float, ...]) -> Bytes:
    """Return *photo* with its background continued: by so many pixels above, below, left and right."""
    top, bottom, left, right = margins
    wide = pixels.mirrored(photo, top, bottom, left, right)
    height, width = photo.shape[:2]
    down = _distance(wide.shape[0], top, height)[:, None] / (height * seams[0])
    across = _distance(wide.shape[1], left, width)[None, :] / (width * seams[1])
    drawn = _edges(photo, top, bottom, left, right)
    random = np.random.default_rng(7)
    for begin in range(0, len(wide), _BAND):  # in bands: floats take much memory
        rows = slice(begin, begin + _BAND)
        beyond = np.maximum(down[rows], across)
        if beyond.any():
            _blend(wide[rows], drawn[rows], beyond, random)
    return wide


def _blend(wide: Bytes, drawn: Floats, beyond: Floats, random: np.random.Generator) -> None:
    """Let *drawn* take over from *wide*, in place, the farther *beyond* the photo; with a grain that hides bands."""
    share = np.clip(beyond, 0, 1)
    share = (share * share * (3 - 2 * share))[:, :, None]
    mixed = wide + (drawn - wide) * share
    mixed += random.standard_normal(beyond.shape, np.float32)[:, :, None] * _GRAIN
    np.copyto(wide, np.rint(np.clip(mixed, 0, 255)).astype(np.uint8), where=beyond[:, :, None] > 0)


def _distance(length: int, begin: int, extent: int) -> Floats:
    """Return how far each of *length* pixels lies outside begin..begin+extent."""
    place = np.arange(length, dtype=np.float32)
    return np.maximum(np.maximum(begin - place, place - (begin + extent - 1)), 0)


def _edges(photo: Bytes, top: int, bottom: int, left: int, right: int) -> Floats:
    """Return the larger picture with the colours of the photo's edges drawn outwards, softened along the edge."""
    height, width = photo.shape[:2]
    size = max(2, width // _SOFT), max(2, height // _SOFT)
    small = pixels.shrink(photo, *size).astype(np.float32)
    deep = max(1, round(0.008 * min(size)))
    margins = [math.ceil(side / _SOFT) for side in (top, bottom, left, right)]
    core = small.copy()
    core[:deep], core[-deep:] = small[:deep].mean(axis=0), small[-deep:].mean(axis=0)
    core[:, :deep] = core[:, :deep].mean(axis=1, keepdims=True)
    core[:, -deep:] = core[:, -deep:].mean(axis=1, keepdims=True)
    spread = np.pad(core, ((margins[0], margins[1]), (margins[2], margins[3]), (0, 0)), mode="edge")
    if top or bottom:
        spread = _softened(spread, margins[0], size[1])
    if left or right:
        spread = _softened(spread.swapaxes(0, 1), margins[2], size[0]).swapaxes(0, 1)
    large = pixels.enlarge(np.ascontiguousarray(spread), spread.shape[1] * _SOFT, spread.shape[0] * _SOFT)
    row, column = margins[0] * _SOFT - top, margins[2] * _SOFT - left
    return _fitted(large[row:, column:], height + top + bottom, width + left + right)


def _softened(spread: Floats, begin: int, extent: int) -> Floats:
    """Blur the rows outside begin..begin+extent along themselves, more the farther out they are."""
    outside = _distance(len(spread), begin, extent)[:, None, None]
    far = np.clip(outside / (0.35 * extent), 0, 1)
    source = np.ascontiguousarray(spread)
    little = pixels.blur(source, 0.03 * spread.shape[1] + 0.5, 0.6)
    much = pixels.blur(source, 0.2 * spread.shape[1] + 1, 0.6)
    return np.where(outside > 0, little + (much - little) * far, spread).astype(np.float32)


def _fitted(image: Floats, height: int, width: int) -> Floats:
    """Cut or continue *image* to a size that it has to within a few pixels."""
    missing = max(0, height - image.shape[0]), max(0, width - image.shape[1])
    if max(missing):
        image = np.pad(image, ((0, missing[0]), (0, missing[1]), (0, 0)), mode="edge")
    return image[:height, :width]
