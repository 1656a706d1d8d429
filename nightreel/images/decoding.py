"""One file, looked at to its last pixel and made into what every engine takes: by its descriptor, knowing no name.

A header proves nothing (`verify()` of the usual libraries looks at no pixel of a JPEG): only a full decode is a
check. Since a decode is most of the work, one pass does all: it checks, measures, and makes the normalised photo.

This runs in a process of its own (:mod:`nightreel.images.worker`), and imports little: it starts for every command.
"""

import os
from typing import NamedTuple

from nightreel.images.hints import fingerprint, hints, measure
from nightreel.images.kinds import PICTURES
from nightreel.images.orders import WHITE, Found, Order, Unfit
from nightreel.images.sampling import sample
from nightreel.images.scans import count_scans
from nightreel.images.vips import Box, DecodeError, Header, Picture, Profile, fit_file, fit_pixels, read_header

BOX = (2160, 3840)
"""Bounds of an upright photo in pixels, and laid on their side of a lying one: twice the canvas, for a sharp zoom."""

QUALITY = 90
MAX_PIXELS = 220_000_000
MIN_SIDE = 64
SOFT_SIDE = 720
MAX_ASPECT = 10.0
MAX_SCANS = 100

_CUT_OFF = ("premature end of jpeg", "truncat", "read error", "end of file", "unexpected end")


class _Decoded(NamedTuple):
    """A fitted picture, and what its file was: pixels upright, and warnings."""

    picture: Picture
    width: int
    height: int
    warnings: list[str]


def look(fd: int, order: Order) -> tuple[Found, bytes]:
    """Look at the file at *fd*, which stands at its start; return what was found, and the normalised photo.

    The photo is a PNG where transparent parts are kept, else a JPEG; empty where none is wanted, and of clips and
    sound, which are passed on as they are.

    Raises:
        Unfit: it cannot be used; says why.
    """
    try:
        if order.kind in PICTURES:
            return _picture(fd, order)
        from nightreel.images.media import probe_media  # noqa: PLC0415 - few catalogs have any

        media = probe_media(fd, order.kind)
        return Found(media.width, media.height, media.warnings, about=media.about), b""
    except DecodeError as error:
        raise Unfit(_damage(str(error)), "Export it again.") from None
    except MemoryError:
        raise Unfit("needs more memory to be decoded than it may have.", "Save it smaller.") from None


def _picture(fd: int, order: Order) -> tuple[Found, bytes]:
    decoded = _heif(fd) if order.kind == "heic" else _other(fd, order.kind)
    flat = decoded.picture.flat(order.background or WHITE)
    sampled = sample(flat)
    found = Found(
        width=decoded.width,
        height=decoded.height,
        warnings=(*decoded.warnings, *_soft(decoded.width, decoded.height), *hints(measure(sampled))),
        alpha=decoded.picture.alpha,
        fingerprint=fingerprint(sampled).hex(),
    )
    return found, _encoded(decoded.picture, flat, order)


def _encoded(picture: Picture, flat: Picture, order: Order) -> bytes:
    if not order.encode:
        return b""
    return picture.png() if picture.alpha and order.background is None else flat.jpeg(QUALITY)


def _heif(fd: int) -> _Decoded:
    from nightreel.images.heif import open_heif  # noqa: PLC0415 - its library is not needed for other photos

    heif = open_heif(fd)
    require_shape(heif.width, heif.height)
    picture, profile = fit_pixels(heif.pixels(), heif.gamut, box_for(heif.width, heif.height))
    warnings = _colours(profile)
    if heif.hdr:
        warnings.append("It is HDR: its tones are cut to those of common screens.")
    if heif.pictures > 1:
        warnings.append(f"It holds {heif.pictures} pictures: the primary one is used.")
    return _Decoded(picture, heif.width, heif.height, warnings)


def _other(fd: int, kind: str) -> _Decoded:
    if kind == "jpeg" and count_scans(fd, MAX_SCANS) > MAX_SCANS:
        raise Unfit(f"has over {MAX_SCANS} scans: no camera writes that.", "Export it again.")
    header = read_header(_rewound(fd))
    width, height = header.size
    require_shape(width, height)
    warnings = _colours(header.profile)
    if header.frames > 1:
        warnings.append(f"It has {header.frames} frames: the first is used.")
    picture, damaged = _fitted(fd, header, box_for(width, height))
    warnings += ["It is damaged in places: look at how it shows."] if damaged else []
    return _Decoded(picture, width, height, warnings)


def _fitted(fd: int, header: Header, box: Box) -> tuple[Picture, bool]:
    """Decode; what the decoder only warns of is damage that can be lived with."""
    try:
        return fit_file(_rewound(fd), header, box, "warning"), False
    except DecodeError:
        return fit_file(_rewound(fd), header, box, "error"), True


def box_for(width: int, height: int) -> Box:
    """Return the bounds of a photo of this shape."""
    return BOX if width <= height else (BOX[1], BOX[0])


def require_shape(width: int, height: int) -> None:
    """Refuse what is too large, too small or too narrow.

    Raises:
        Unfit: says which.
    """
    size = f"{width}x{height}"
    if width * height > MAX_PIXELS:
        raise Unfit(f"has {size} pixels; at most {MAX_PIXELS // 1_000_000} megapixels are taken.", "Save it smaller.")
    if min(width, height) < MIN_SIDE:
        raise Unfit(f"is only {size}; the shorter side needs {MIN_SIDE} pixels or more.", "Find a larger one.")
    if max(width, height) > MAX_ASPECT * min(width, height):
        raise Unfit(f"is {size}: too long and narrow for a video.", "Crop it.")


def _soft(width: int, height: int) -> list[str]:
    return [f"It is only {width}x{height}: it will look soft."] if min(width, height) < SOFT_SIDE else []


def _colours(profile: Profile) -> list[str]:
    return ["Its colour profile is broken: sRGB is assumed."] if profile == "broken" else []


def _damage(message: str) -> str:
    said = message.lower()
    if "out of memory" in said or "unable to allocate" in said:
        return "needs more memory to be decoded than it may have."
    cut_off = any(word in said for word in _CUT_OFF)
    return "is cut off: the file ends before the picture does." if cut_off else "is damaged and cannot be decoded."


def _rewound(fd: int) -> int:
    os.lseek(fd, 0, os.SEEK_SET)
    return fd
