"""A photo made ready for the camera: the part that its path sees, once, as Y, U, V planes.

The scaling is exact to a fraction of a pixel and free of moiré: a fine weave neither drifts nor shimmers under the
camera. Where the path sees more than the photo, the background is continued.
"""

import math
from dataclasses import dataclass

from PIL import Image

from nightreel.studio.render import pixels
from nightreel.studio.render.background import Margins, continued
from nightreel.studio.render.camera import Path
from nightreel.studio.render.pixels import Bytes
from nightreel.studio.render.subject import Subject

_MARGIN = 3  # pixels around what is seen, for the interpolation
_LARGER = 1.03  # at just its size, whole pixels of a plate would meet those of the picture never or always
_RIM = 48  # pixels of chroma, and twice as many of luma: how far before a picture its making may begin
Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Planes:
    """A picture in Y, U, V: 4:2:0, BT.709, limited range."""

    y: Bytes
    u: Bytes
    v: Bytes


@dataclass(frozen=True, slots=True)
class Plate:
    """A prepared picture: plate pixel = (photo pixel - origin) x scale.

    Attributes:
        fine: luma is kept at so many times that size; taken linearly from twice, it is sharper than by a cubic.
        rim: so many more pixels of chroma, and *fine* times as many of luma, stand all around, and do not count.
        left: chroma samples lie on the left luma column of their pair; else in the middle of four pixels.
    """

    planes: Planes
    x: float
    y: float
    scale: float
    fine: int = 2
    left: bool = False
    rim: int = 0


@dataclass(frozen=True, slots=True)
class Print:
    """What a path sees of a photo, at a plate's scale: all that a plate is made from."""

    planes: Planes
    x: float
    y: float
    scale: float

    def plate(self) -> Plate:
        """Return it with finer luma and with rims, as pictures are taken from."""
        luma = pixels.rimmed(pixels.finer(self.planes.y), 2 * _RIM)
        chroma = (pixels.rimmed(plane, _RIM) for plane in (self.planes.u, self.planes.v))
        return Plate(Planes(luma, *chroma), self.x, self.y, self.scale, rim=_RIM)


def make_print(photo: Image.Image, path: Path, canvas: tuple[int, int], subject: Subject) -> Print:
    """Scale what *path* sees of *photo* (RGB) on a canvas of (width, height) pixels, and of what lies beyond it."""
    scale = min(1.0, _LARGER * canvas[0] / min(path.start.width, path.end.width))
    seen = _seen(path, canvas[0] / canvas[1], _MARGIN / scale)
    width, height = photo.size
    beyond = max(-seen[0], -seen[1], seen[2] - width, seen[3] - height)
    image, x, y = (_cut if beyond * scale <= _MARGIN else _extended)(photo, seen, scale, subject)
    return Print(Planes(*pixels.planes(image)), x, y, scale)


def _seen(path: Path, aspect: float, margin: float) -> Box:
    """Return the part of the photo, and of what lies beyond it, that *path* sees: left, top, right, bottom."""
    views = (path.start, path.end)
    return (
        min(view.x - view.width / 2 for view in views) - margin,
        min(view.y - view.width / aspect / 2 for view in views) - margin,
        max(view.x + view.width / 2 for view in views) + margin,
        max(view.y + view.width / aspect / 2 for view in views) + margin,
    )


def _cut(photo: Image.Image, seen: Box, scale: float, _: Subject) -> tuple[Bytes, float, float]:
    """Scale what is seen of *photo*; return where that begins. At the photo's edge the interpolation repeats it."""
    left, width = _side(seen[0], seen[2], photo.width, scale)
    top, height = _side(seen[1], seen[3], photo.height, scale)
    box = (left, top, left + width / scale, top + height / scale)
    return pixels.resampled(photo, box, width, height), left, top


def _side(low: float, high: float, extent: int, scale: float) -> tuple[float, int]:
    """Return where a side of the plate begins, and its length: even, and within the photo; at its size, in pixels."""
    low, high = max(low, 0), min(high, extent)
    if scale == 1:
        low, high = math.floor(low), math.ceil(high)
    length = min(_even((high - low) * scale), math.floor(extent * scale) // 2 * 2)
    return max(0.0, min(low, extent - length / scale)), length


def _extended(photo: Image.Image, seen: Box, scale: float, subject: Subject) -> tuple[Bytes, float, float]:
    """Scale *photo* and continue it to what is seen; return where that begins."""
    width, height = math.floor(photo.width * scale), math.floor(photo.height * scale)
    small = pixels.resampled(photo, (0, 0, width / scale, height / scale), width, height)
    left, top = math.floor(seen[0] * scale), math.floor(seen[1] * scale)
    right, bottom = left + _even(seen[2] * scale - left), top + _even(seen[3] * scale - top)
    margins = Margins(*(max(0, side) for side in (-left, -top, right - width, bottom - height)))
    rows = slice(top + margins.top, bottom + margins.top)
    columns = slice(left + margins.left, right + margins.left)
    return continued(small, margins, subject, least=2 * _MARGIN, seen=(rows, columns)), left / scale, top / scale


def _even(length: float) -> int:
    return 2 * math.ceil(length / 2)
