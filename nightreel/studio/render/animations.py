"""Reading animated GIFs and WebPs: the picture that is on at a time; they begin again at their end."""
# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false

import weakref
from bisect import bisect_right
from fractions import Fraction
from itertools import accumulate
from pathlib import Path

import numpy as np
from PIL import Image

from nightreel.errors import AssetUnusable
from nightreel.studio.containers import MOST_PIXELS
from nightreel.studio.render import pixels
from nightreel.studio.render.photos import flat
from nightreel.studio.render.plate import Planes
from nightreel.studio.timing import times_of

FORMATS = ("GIF", "WEBP", "PNG")


class Animation:
    """An animation's pictures.

    Raises:
        AssetUnusable: it is broken.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._ends = list(accumulate(times_of(path)))
            self._image = Image.open(path, formats=FORMATS)
        except (OSError, ValueError, SyntaxError) as error:
            raise self._broken(error) from None
        if self._image.width * self._image.height > MOST_PIXELS:
            raise self._broken("it has too many pixels")
        weakref.finalize(self, self._image.close)
        self._shown: tuple[int, Planes] | None = None

    def at(self, second: Fraction) -> tuple[int, Planes]:
        """Return the picture that is on at *second*, and its number.

        Raises:
            AssetUnusable: it cannot be decoded.
        """
        try:
            number = bisect_right(self._ends, max(second, Fraction(0)) % self._ends[-1])
            if self._shown is None or self._shown[0] != number:
                self._image.seek(number)
                self._shown = number, _planes(self._image)
        except (OSError, ValueError, SyntaxError, EOFError) as error:
            raise self._broken(error) from None
        return self._shown

    def _broken(self, error: object) -> AssetUnusable:
        return AssetUnusable(f"{self._path.name}: the animation cannot be read ({error}).")


def _planes(image: Image.Image) -> Planes:
    """Return a picture's planes, transparency on white."""
    picture = np.asarray(flat(image))
    even = picture[: picture.shape[0] // 2 * 2, : picture.shape[1] // 2 * 2]
    return Planes(*pixels.planes(np.ascontiguousarray(even)))
