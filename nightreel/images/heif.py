"""Typed façade over pillow-heif: HEIC is decoded by libheif, and everything after that is libvips's."""
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportMissingTypeStubs=false

import os
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import pillow_heif
from numpy.typing import NDArray

from nightreel.images.vips import DecodeError


@dataclass(frozen=True)
class Heif:
    """The primary picture of a HEIC file, upright as libheif gives it; not decoded yet."""

    inner: Any
    width: int
    height: int
    pictures: int

    @property
    def profile(self) -> bytes | None:
        """The ICC profile, if one is embedded."""
        return cast("bytes | None", self.inner.info.get("icc_profile"))

    def pixels(self) -> NDArray[np.uint8]:
        """Decode it: rows, columns, bands.

        Raises:
            DecodeError: it cannot be decoded to its end.
        """
        try:
            return np.ascontiguousarray(np.asarray(self.inner))
        except (OSError, ValueError, RuntimeError, EOFError, SyntaxError) as error:
            raise DecodeError(str(error)) from None


def open_heif(fd: int) -> Heif:
    """Read the header through *fd*, which stands at the file's start.

    Raises:
        DecodeError: it makes no sense.
    """
    try:
        with os.fdopen(os.dup(fd), "rb") as file:
            heif = pillow_heif.open_heif(file, convert_hdr_to_8bit=True)
        inner = heif[heif.primary_index]
        width, height = inner.size
    except (OSError, ValueError, RuntimeError, EOFError, SyntaxError, IndexError) as error:
        raise DecodeError(str(error)) from None
    return Heif(inner, int(width), int(height), len(heif))
