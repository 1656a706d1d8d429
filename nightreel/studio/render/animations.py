"""Reading animated GIFs and WebPs: the picture that is on at a time; they begin again at their end."""
# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false

import weakref
from fractions import Fraction
from pathlib import Path

import numpy as np
from PIL import Image

from nightreel.errors import AssetUnusable
from nightreel.studio.containers import pictures_of, shown_for
from nightreel.studio.render import pixels
from nightreel.studio.render.photos import flat
from nightreel.studio.render.plate import Planes

FORMATS = ("GIF", "WEBP", "PNG")
_MOST_PIXELS = 36_000_000


class Animation:
    """An animation's pictures.

    Raises:
        AssetUnusable: it is broken.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._image = Image.open(path, formats=FORMATS)
        except (OSError, ValueError, SyntaxError) as error:
            raise self._broken(error) from None
        if self._image.width * self._image.height > _MOST_PIXELS:
            raise self._broken("it has too many pixels")
        weakref.finalize(self, self._image.close)
        self._ends = [Fraction(0)]
        self._shown: tuple[int, Planes] | None = None

    def at(self, second: Fraction) -> tuple[int, Planes]:
        """Return the picture that is on at *second*, and its number.

        Raises:
            AssetUnusable: it cannot be decoded.
        """
        try:
            number = self._number(max(second, Fraction(0)))
            if self._shown is None or self._shown[0] != number:
                self._image.seek(number)
                self._shown = number, _planes(self._image)
        except (OSError, ValueError, SyntaxError, EOFError) as error:
            raise self._broken(error) from None
        return self._shown

    def _number(self, second: Fraction) -> int:
        """Return the number of the picture that is on; reads on only as far as it must."""
        frames = pictures_of(self._image)
        while len(self._ends) <= frames and self._ends[-1] <= second:
            self._image.seek(len(self._ends) - 1)
            self._image.load()
            self._ends.append(self._ends[-1] + shown_for(self._image))
        if self._ends[-1] <= second:
            second %= self._ends[-1]
        return next(number for number, end in enumerate(self._ends[1:]) if second < end)

    def _broken(self, error: object) -> AssetUnusable:
        return AssetUnusable(f"{self._path.name}: the animation cannot be read ({error}).")


def _planes(image: Image.Image) -> Planes:
    """Return a picture's planes, transparency on white."""
    picture = np.asarray(flat(image))
    even = picture[: picture.shape[0] // 2 * 2, : picture.shape[1] // 2 * 2]
    return Planes(*pixels.planes(np.ascontiguousarray(even)))
