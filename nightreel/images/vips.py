"""Typed façade over pyvips: header, fitted picture, JPEG. Every image is read through an open descriptor.

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
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import ImageCms

os.environ.setdefault("VIPS_WARNING", "0")  # libvips would write its warnings to our standard error
import pyvips

logging.getLogger("pyvips").setLevel(logging.CRITICAL)  # what went wrong comes as an error, and is told by us
pyvips.cache_set_max(0)  # a cached operation would hold its descriptor open and answer for a file that changed

Strictness = Literal["warning", "error"]
Profile = Literal["none", "srgb", "other", "broken"]

_SPACE_OF_BANDS = {1: "GRAY", 2: "GRAY", 3: "RGB", 4: "RGB"}


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
    alpha: bool


@dataclass(frozen=True)
class Picture:
    """A picture that is decoded while it is written or drained; sRGB, 8 bits, three bands."""

    image: pyvips.Image
    width: int
    height: int

    def jpeg(self, quality: int) -> bytes:
        """Return it as a JPEG without any metadata.

        Raises:
            DecodeError: the file cannot be decoded to its end.
        """
        with _errors():
            return bytes(self.image.jpegsave_buffer(Q=quality, keep="none", optimize_coding=True))

    def drain(self) -> None:
        """Decode every pixel and keep none.

        Raises:
            DecodeError: the file cannot be decoded to its end.
        """
        with _errors():
            self.image.avg()


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
        alpha=image.hasalpha(),
    )


def fit_file(
    fd: int, header: Header, box: tuple[int, int], background: tuple[int, int, int], strict: Strictness
) -> Picture:
    """Fit the file at *fd* into *box*: orientation applied, sRGB, alpha flattened; never enlarged.

    Raises:
        DecodeError: it cannot be begun (most damage shows when the picture is written or drained).
    """
    options: dict[str, Any] = {"export_profile": "srgb"} if header.profile == "other" or header.cmyk else {}
    source = pyvips.Source.new_from_descriptor(fd)
    with _errors():
        image = pyvips.Image.thumbnail_source(
            source, box[0], height=box[1], size="down", option_string=f"[fail_on={strict}]", **options
        )
        return _finished(image, background)


def fit_pixels(
    pixels: NDArray[np.uint8], profile: bytes | None, box: tuple[int, int], background: tuple[int, int, int]
) -> tuple[Picture, Profile]:
    """Fit decoded *pixels* (rows, columns, bands; upright) into *box*; tell also what *profile* was.

    Raises:
        DecodeError: libvips cannot take them.
    """
    with _errors():
        image = pyvips.Image.new_from_array(pixels)
        image = image.copy(interpretation="b-w" if image.bands <= 2 else "srgb")  # noqa: PLR2004 - grey and alpha
        if profile:
            image = image.copy()
            image.set_type(pyvips.GValue.blob_type, "icc-profile-data", profile)
        kind = _profile_of(image, _SPACE_OF_BANDS.get(image.bands, ""))
        options: dict[str, Any] = {"export_profile": "srgb"} if kind == "other" else {}
        image = image.thumbnail_image(box[0], height=box[1], size="down", no_rotate=True, **options)
        return _finished(image, background), kind


def _finished(image: pyvips.Image, background: tuple[int, int, int]) -> Picture:
    if image.interpretation != "srgb":
        image = image.colourspace("srgb")
    if image.hasalpha():
        image = image.flatten(background=list(background))
    if image.format != "uchar":
        image = image.cast("uchar")
    return Picture(image, image.width, image.height)


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
    steps = np.linspace(0, 255, 9).astype(np.uint8)
    cube = np.stack(np.meshgrid(steps, steps, steps), axis=-1).reshape(9, 81, 3)
    try:
        image = pyvips.Image.new_from_array(cube).copy(interpretation="srgb")
        image.set_type(pyvips.GValue.blob_type, "icc-profile-data", profile)
        seen = np.asarray(image.icc_transform("srgb", embedded=True).numpy())
    except pyvips.Error:
        return False
    return int(np.abs(seen.astype(int) - cube.astype(int)).max()) <= 2  # noqa: PLR2004 - levels of 255


@contextmanager
def _errors() -> Generator[None]:
    try:
        yield
    except pyvips.Error as error:
        raise DecodeError(str(error)) from None
