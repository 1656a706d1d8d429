"""Typed façade over pillow-heif: HEIC is decoded by libheif, and everything after that is libvips's."""
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportMissingTypeStubs=false

import ctypes
import os
from collections.abc import Generator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any, cast

import pillow_heif

from nightreel.images.vips import DecodeError, Gamut, Pixels

_ERRORS = (OSError, ValueError, RuntimeError, EOFError, SyntaxError, IndexError)
_P3, _BT2020 = 12, 9  # colour primaries, and the transfers of HDR, as ITU-T H.273 numbers them
_HDR = {16, 18}

_LARGE = 24_000_000
"""Pixels from which on thrift is worth its time: some milliseconds."""

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3  # of <malloc.h>

pillow_heif.options.DECODE_THREADS = 1  # each core has a process of its own


@dataclass(frozen=True)
class Heif:
    """The primary picture of a HEIC file, upright as libheif gives it; not decoded yet."""

    inner: Any
    width: int
    height: int
    pictures: int

    @property
    def gamut(self) -> Gamut:
        """The ICC profile that is embedded, or the colours that the file names without one."""
        profile = cast("bytes | None", self.inner.info.get("icc_profile"))
        return profile or ("p3" if self._named("color_primaries") == _P3 else "")

    @property
    def hdr(self) -> bool:
        """Whether its tones are those of a brighter screen (PQ, HLG, or colours of BT.2020)."""
        return self._named("transfer_characteristics") in _HDR or self._named("color_primaries") == _BT2020

    def pixels(self) -> Pixels:
        """Decode it.

        Raises:
            DecodeError: it cannot be decoded to its end.
        """
        large = self.width * self.height >= _LARGE
        try:
            with _thrifty() if large else nullcontext():
                return Pixels(self.inner.data, self.width, self.height, len(self.inner.mode))
        except _ERRORS as error:
            raise DecodeError(str(error)) from None

    def _named(self, what: str) -> int:
        return int((self.inner.info.get("nclx_profile") or {}).get(what, 0))


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
    except _ERRORS as error:
        raise DecodeError(str(error)) from None
    return Heif(inner, int(width), int(height), len(heif))


@contextmanager
def _thrifty() -> Generator[None]:
    """Have glibc give back at once what is freed, now and within; afterwards keep it at hand for the next photo.

    Else up to 60 MB of earlier photos would lie idle beside the 220 MB that 48 megapixels take. Others keep less.
    """
    try:
        libc = ctypes.CDLL(None)
        trim, tune = libc.malloc_trim, libc.mallopt
    except (OSError, AttributeError):
        yield
        return
    trim(0)
    tune(_M_MMAP_THRESHOLD, 1 << 17)
    try:
        yield
    finally:
        tune(_M_MMAP_THRESHOLD, 32 << 20)
        tune(_M_TRIM_THRESHOLD, 64 << 20)
