"""Typed façade over pyvips: header, fitted picture, JPEG or PNG. Every image is read through an open descriptor.

`thumbnail_source` does not hand its `fail_on` to the loader (libvips 8.18: a file cut in half passes); as part of
the option string it is heard.
"""
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportMissingTypeStubs=false, reportAttributeAccessIssue=false, reportArgumentType=false

import io
import logging
import os
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, product
from typing import Any, Literal, cast

from PIL import ImageCms

from nightreel.images.orders import Colour

os.environ.setdefault("VIPS_WARNING", "0")  # libvips would write its warnings to our standard error
import pyvips

logging.getLogger("pyvips").setLevel(logging.CRITICAL)  # what went wrong comes as an error, and is told by us
pyvips.cache_set_max(0)  # a cached operation would hold its descriptor open and answer for a file that changed

Box = tuple[int, int]
Strictness = Literal["warning", "error"]
Profile = Literal["none", "srgb", "other", "broken"]
Gamut = bytes | Literal["p3", ""]
"""An ICC profile; "p3" for Display-P3 that is named and not embedded; "" for sRGB."""

PNG_EFFORT = 6
_SPACE_OF_BANDS = {1: "GRAY", 2: "GRAY", 3: "RGB", 4: "RGB"}
_OPAQUE = 255


class DecodeError(Exception):
    """The decoder gave up; the message is the library's."""


@dataclass(frozen=True)
class Header:
    """What a file says of itself before any pixel is read; *width* and *height* as they are stored."""

    width: int
    height: int
    turned: bool
    frames: int
    profile: Profile
    cmyk: bool

    @property
    def size(self) -> tuple[int, int]:
        """Width and height as they are shown."""
        return (self.height, self.width) if self.turned else (self.width, self.height)


@dataclass(frozen=True)
class Picture:
    """A decoded picture, in memory: sRGB, 8 bits, three bands, or four where parts of it are transparent."""

    image: pyvips.Image

    @property
    def alpha(self) -> bool:
        """Whether parts of it are transparent."""
        return bool(self.image.hasalpha())

    @property
    def size(self) -> tuple[int, int]:
        """Width and height."""
        return self.image.width, self.image.height

    def flat(self, background: Colour) -> "Picture":
        """Return it with *background* where it is transparent."""
        if not self.alpha:
            return self
        with _errors():
            return Picture(self.image.flatten(background=list(background)).copy_memory())

    def small(self, side: int) -> "Pixels":
        """Return every second, third… of its pixels, its shorter side still *side* or more."""
        factor = max(1, min(self.size) // side)
        with _errors():
            image = self.image.subsample(factor, factor) if factor > 1 else self.image
            return Pixels(image.write_to_memory(), image.width, image.height, image.bands)

    def jpeg(self, quality: int) -> bytes:
        """Return it as a JPEG without any metadata."""
        with _errors():
            return bytes(self.image.jpegsave_buffer(Q=quality, keep="none"))

    def png(self) -> bytes:
        """Return it as a PNG, transparent where it is, without any metadata."""
        with _errors():
            return bytes(self.image.pngsave_buffer(compression=PNG_EFFORT, keep="none"))


def work_alone() -> None:
    """Use one thread: where each core has a process of its own, more only cost."""
    pyvips.concurrency_set(1)


def read_header(fd: int) -> Header:
    """Read the header through *fd*, which stands at the file's start.

    Raises:
        DecodeError: it makes no sense.
    """
    with _errors():
        image = pyvips.Image.new_from_source(pyvips.Source.new_from_descriptor(fd), "", access="sequential")
    cmyk = image.interpretation == "cmyk"
    return Header(
        width=image.width,
        height=image.height,
        turned=_number(image, "orientation") >= 5,  # noqa: PLR2004 - EXIF: 5 to 8 swap the sides
        frames=max(1, _number(image, "n-pages")),
        profile=_profile_of(image, "CMYK" if cmyk else _SPACE_OF_BANDS.get(image.bands, "")),
        cmyk=cmyk,
    )


def fit_file(fd: int, header: Header, box: Box, strict: Strictness) -> Picture:
    """Decode the file at *fd* and fit it into *box*: orientation applied, in sRGB; never enlarged.

    Raises:
        DecodeError: it cannot be decoded to its end.
    """
    options: dict[str, Any] = {"export_profile": "srgb"} if header.profile == "other" or header.cmyk else {}
    source = pyvips.Source.new_from_descriptor(fd)
    with _errors():
        image = pyvips.Image.thumbnail_source(
            source, box[0], height=box[1], size="down", option_string=f"[fail_on={strict}]", **options
        )
        return _finished(image)


@dataclass(frozen=True)
class Pixels:
    """A decoded picture, upright: 8 bits a band, row by row."""

    data: bytes
    width: int
    height: int
    bands: int


def fit_pixels(pixels: Pixels, gamut: Gamut, box: Box) -> tuple[Picture, Profile]:
    """Fit decoded *pixels* into *box*; tell also what the profile was.

    Raises:
        DecodeError: libvips cannot take them.
    """
    with _errors():
        image = pyvips.Image.new_from_memory(pixels.data, pixels.width, pixels.height, pixels.bands, "uchar")
        image = image.copy(interpretation="b-w" if image.bands <= 2 else "srgb")  # noqa: PLR2004 - grey and alpha
        options: dict[str, Any] = {}
        kind: Profile = "none"
        if isinstance(gamut, bytes):
            image.set_type(pyvips.GValue.blob_type, "icc-profile-data", gamut)
            kind = _profile_of(image, _SPACE_OF_BANDS.get(image.bands, ""))
            options = {"export_profile": "srgb"} if kind == "other" else {}
        elif gamut:
            options, kind = {"import_profile": gamut, "export_profile": "srgb"}, "other"
        image = image.thumbnail_image(box[0], height=box[1], size="down", no_rotate=True, **options)
        return _finished(image), kind


def _finished(image: pyvips.Image) -> Picture:
    """Decode *image* into memory; an alpha band that hides nothing is dropped."""
    if image.interpretation != "srgb":
        image = image.colourspace("srgb")
    if image.format != "uchar":
        image = image.cast("uchar")
    image = image.copy_memory()
    if image.hasalpha() and image.extract_band(image.bands - 1).min() == _OPAQUE:
        image = image.extract_band(0, n=image.bands - 1).copy_memory()
    return Picture(image)


def _number(image: pyvips.Image, field: str) -> int:
    return int(image.get(field)) if image.get_typeof(field) else 0


def _profile_of(image: pyvips.Image, space: str) -> Profile:
    if not image.get_typeof("icc-profile-data"):
        return "none"
    return _judge(bytes(image.get("icc-profile-data")), space)


@lru_cache(maxsize=64)
def _judge(profile: bytes, space: str) -> Profile:
    """Tell whether *profile* can be used, and whether using it would change anything."""
    try:
        opened = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        fits = opened.profile.xcolor_space.strip() == space
    except (OSError, ImageCms.PyCMSError):
        return "broken"
    if not fits:
        return "broken"
    return "srgb" if space == "RGB" and _changes_nothing(profile) else "other"


def _changes_nothing(profile: bytes) -> bool:
    """Send a cube of colours through *profile*: most photos carry sRGB, and a transform costs four times the rest."""
    steps = (0, 32, 64, 96, 128, 160, 192, 224, 255)
    cube = bytes(chain.from_iterable(product(steps, repeat=3)))
    try:
        image = pyvips.Image.new_from_memory(cube, 27, 27, 3, "uchar").copy(interpretation="srgb")
        image.set_type(pyvips.GValue.blob_type, "icc-profile-data", profile)
        changed = cast("float", (image.icc_transform("srgb", embedded=True) - image).abs().max())
    except pyvips.Error:
        return False
    return changed <= 2  # noqa: PLR2004 - levels of 255


@contextmanager
def _errors() -> Generator[None]:
    try:
        yield
    except pyvips.Error as error:
        raise DecodeError(str(error)) from None
