"""One photo: looked at to its last pixel, and made into what every engine takes.

A header proves nothing (`verify()` of the usual libraries looks at no pixel of a JPEG): only a full decode is a
check. Since a decode is most of the work, one pass does both: :func:`examine` checks and writes the normalised photo.
"""

import hashlib
import os
from pathlib import Path

from nightreel.errors import DiskFull, PhotoChanged, PhotoRejected
from nightreel.files import is_full, write_whole
from nightreel.images.files import Opened, open_photo
from nightreel.images.heif import Heif, open_heif
from nightreel.images.kinds import HEAD_BYTES, KINDS, claimed_kind, kind_of
from nightreel.images.scans import count_scans
from nightreel.images.vips import DecodeError, Header, Picture, fit_file, fit_pixels, read_header
from nightreel.models import Photo, Sha256, Value

RECIPE = 1
"""Version of our way of looking at photos and normalising them; part of the cache's names."""

BOX = (2160, 3840)
"""A normalised photo fits into this, in pixels: twice a vertical video, so that a zoom stays sharp."""

QUALITY = 90
WHITE = (255, 255, 255)
MAX_PIXELS = 220_000_000
MIN_SIDE = 64
SOFT_SIDE = 720
MAX_ASPECT = 10.0
MAX_SCANS = 100
MEDIA_TYPE = "image/jpeg"

Colour = tuple[int, int, int]


class Ready(Value):
    """A normalised photo in the cache: upright, sRGB, without metadata, within BOX.

    Attributes:
        path: the file; its name is made of the source's hash.
        sha256: hash of this file's bytes.
        media_type: of its content.
        width, height: pixels.
        warnings: what was noticed and repaired.
    """

    path: Path
    sha256: Sha256
    media_type: str
    width: int
    height: int
    warnings: tuple[str, ...] = ()


def probe(path: Path, name: str) -> Photo:
    """Look at the photo at *path*, which people know as *name*, to its last pixel.

    Raises:
        PhotoRejected: it is no photo we can use; says why.
        PhotoChanged: it is being written to.
    """
    with open_photo(path, name) as opened:
        return examine(opened)


def normalise(photo: Photo, cache: Path, *, background: Colour = WHITE) -> Ready:
    """Make *photo* fit for any engine, or find it in *cache*; transparent parts show *background*.

    Raises:
        PhotoChanged: the file is no longer the one that was probed.
        PhotoRejected: it cannot be read any more.
        DiskFull: the cache cannot hold it.
    """
    kept = cached_path(cache, photo.sha256, background)
    if not kept.exists():
        with open_photo(photo.path, photo.name) as opened:
            if opened.sha256() != photo.sha256:
                raise PhotoChanged(f"{photo.name} is not the photo that was planned with.", hint="Plan again.")
            examine(opened, cache, background=background, sha256=photo.sha256)
    return _ready(kept, photo)


def cached_path(cache: Path, sha256: str, background: Colour = WHITE) -> Path:
    """Return where the normalised form of the photo with this hash stands."""
    return cache / f"{sha256}-{RECIPE}-{bytes(background).hex()}.jpg"


def examine(opened: Opened, cache: Path | None = None, *, background: Colour = WHITE, sha256: str = "") -> Photo:
    """Decode the whole photo; with *cache*, leave its normalised form there.

    Raises:
        PhotoRejected: it is no photo we can use.
        PhotoChanged: it was written to meanwhile.
        DiskFull: the cache cannot hold it.
    """
    kind = _kind(opened)
    try:
        photo, jpeg = _decode(opened, kind, background, encode=cache is not None)
    except DecodeError as error:
        opened.settled()
        raise PhotoRejected(f"{opened.name} {_damage(str(error))}", hint="Export it again.") from None
    sha256 = sha256 or opened.sha256()
    opened.settled()
    if cache is not None:
        _keep(jpeg, cached_path(cache, sha256, background))
    return photo.model_copy(update={"sha256": sha256})


def _kind(opened: Opened) -> str:
    kind = kind_of(opened.head(HEAD_BYTES))
    if kind in KINDS:
        return kind
    what = f"is {kind.upper()}, which is not taken" if kind else "is no photo"
    raise PhotoRejected(f"{opened.name} {what}.", hint="Photos are JPEG, PNG, WEBP, HEIC, AVIF or GIF.")


def _decode(opened: Opened, kind: str, background: Colour, *, encode: bool) -> tuple[Photo, bytes]:
    warnings = _claims(opened.name, kind)
    if kind == "heic":
        heif = open_heif(opened.rewound())
        width, height = heif.width, heif.height
        _require_shape(opened.name, width, height)
        jpeg = _decode_heif(heif, background, warnings, encode=encode)
    else:
        _require_few_scans(opened, kind)
        header = read_header(opened.rewound())
        width, height = (header.height, header.width) if header.turned else (header.width, header.height)
        _require_shape(opened.name, width, height)
        jpeg = _decode_file(opened, header, background, warnings, encode=encode)
    if min(width, height) < SOFT_SIDE:
        warnings.append(f"It is only {width}x{height}: it will look soft.")
    photo = Photo(
        path=opened.path,
        name=opened.name,
        sha256="0" * 64,
        size=opened.size,
        kind=kind,
        width=width,
        height=height,
        warnings=tuple(warnings),
    )
    return photo, jpeg


def _decode_heif(heif: Heif, background: Colour, warnings: list[str], *, encode: bool) -> bytes:
    picture, profile = fit_pixels(heif.pixels(), heif.profile, BOX, background)
    if profile == "broken":
        warnings.append("Its colour profile is broken: sRGB is assumed.")
    if heif.pictures > 1:
        warnings.append(f"It holds {heif.pictures} pictures: the primary one is used.")
    return _finish(picture, encode=encode)


def _decode_file(opened: Opened, header: Header, background: Colour, warnings: list[str], *, encode: bool) -> bytes:
    if header.profile == "broken":
        warnings.append("Its colour profile is broken: sRGB is assumed.")
    if header.frames > 1:
        warnings.append(f"It has {header.frames} frames: the first is used.")
    try:
        return _finish(fit_file(opened.rewound(), header, BOX, background, "warning"), encode=encode)
    except DecodeError:
        jpeg = _finish(fit_file(opened.rewound(), header, BOX, background, "error"), encode=encode)
    warnings.append("It is damaged in places: look at how it shows.")
    return jpeg


def _finish(picture: Picture, *, encode: bool) -> bytes:
    if encode:
        return picture.jpeg(QUALITY)
    picture.drain()
    return b""


def _claims(name: str, kind: str) -> list[str]:
    claimed = claimed_kind(name)
    return [f"It is {kind.upper()} by content, whatever its name says."] if claimed != kind else []


def _require_shape(name: str, width: int, height: int) -> None:
    size = f"{width}x{height}"
    if width * height > MAX_PIXELS:
        raise PhotoRejected(f"{name} has {size} pixels; at most {MAX_PIXELS // 1_000_000} megapixels are taken.")
    if min(width, height) < MIN_SIDE:
        raise PhotoRejected(f"{name} is only {size}; the shorter side needs {MIN_SIDE} pixels or more.")
    if max(width, height) > MAX_ASPECT * min(width, height):
        raise PhotoRejected(f"{name} is {size}: too long and narrow for a video.")


def _require_few_scans(opened: Opened, kind: str) -> None:
    if kind == "jpeg" and count_scans(opened.fd, MAX_SCANS) > MAX_SCANS:
        raise PhotoRejected(
            f"{opened.name} has over {MAX_SCANS} scans: no camera writes that.", hint="Export it again."
        )


def _damage(message: str) -> str:
    cut_off = any(
        word in message.lower() for word in ("premature end of jpeg", "truncat", "read error", "end of file")
    )
    return "is cut off: the file ends before the picture does." if cut_off else "is damaged and cannot be decoded."


def _keep(jpeg: bytes, to: Path) -> None:
    """Write whole, or not at all."""
    try:
        write_whole(to, jpeg)
    except OSError as error:
        if is_full(error):
            raise DiskFull(f"No space is left for photos in {to.parent}.", hint="Free some, and run again.") from None
        raise


def _ready(kept: Path, photo: Photo) -> Ready:
    data = kept.read_bytes()
    fd = os.open(kept, os.O_RDONLY | os.O_CLOEXEC)
    try:
        header = read_header(fd)
    finally:
        os.close(fd)
    return Ready(
        path=kept,
        sha256=hashlib.sha256(data).hexdigest(),
        media_type=MEDIA_TYPE,
        width=header.width,
        height=header.height,
        warnings=photo.warnings,
    )
