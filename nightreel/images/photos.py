"""One photo: its file, looked at and made into what every engine takes, and kept in the cache.

Who looks is a parameter: this process, or one that a bad photo may break (`decoders.Decoders.look`).
"""

import hashlib
import shutil
from pathlib import Path

from PIL import Image

from nightreel.errors import DiskFull, PhotoChanged, PhotoRejected
from nightreel.files import is_full, whole, write_whole
from nightreel.images.files import Opened, open_photo
from nightreel.images.kinds import HEAD_BYTES, KINDS, MEDIA_TYPES, agree, claimed_kind, kind_of
from nightreel.images.orders import WHITE, Colour, Found, Look, Order, Unfit
from nightreel.models import Photo, Sha256, Value

RECIPE = 2
"""Version of our way of looking at photos and normalising them; part of the cache's names."""

_FORMATS = {".jpg": "JPEG", ".png": "PNG"}


class Ready(Value):
    """What is sent of a photo: upright, sRGB, without metadata, within the bounds; of clips and sound, a copy.

    Attributes:
        path: the file, in the cache; its name is made of the source's hash.
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


def look_here(fd: int, order: Order) -> tuple[Found, bytes]:
    """Look in this process; a Look."""
    from nightreel.images.decoding import look  # noqa: PLC0415 - the decoders' libraries are for those who decode

    return look(fd, order)


def probe(path: Path, name: str, *, look: Look = look_here) -> Photo:
    """Look at the photo at *path*, which people know as *name*, to its last pixel.

    Raises:
        PhotoRejected: it is no photo we can use; says why.
        PhotoChanged: it is being written to.
    """
    with open_photo(path, name) as opened:
        return examine(opened, look=look)


def normalise(photo: Photo, cache: Path, *, background: Colour | None = WHITE, look: Look = look_here) -> Ready:
    """Make *photo* fit for any engine, or find it in *cache*.

    Transparent parts show *background*; None keeps them, and the photo becomes a PNG. Photos without any are the
    same file whatever it is. Clips and sound are passed on as they are.

    Raises:
        PhotoChanged: the file is no longer the one that was probed.
        PhotoRejected: it cannot be read any more.
        DiskFull: the cache cannot hold it.
    """
    kept = cached_path(cache, photo, background)
    if not kept.exists():
        with open_photo(photo.path, photo.name) as opened:
            if opened.sha256() != photo.sha256:
                raise PhotoChanged(f"{photo.name} is not the photo that was planned with.", hint="Plan again.")
            if photo.kind in MEDIA_TYPES:
                _copy(opened, kept)
            else:
                examine(opened, cache, background=background, sha256=photo.sha256, look=look)
    return _ready(kept, photo)


def cached_path(cache: Path, photo: Photo, background: Colour | None = WHITE) -> Path:
    """Return where the normalised form of *photo* stands."""
    if photo.kind in MEDIA_TYPES:
        return cache / f"{photo.sha256}.{photo.kind}"
    name = f"{photo.sha256}-{RECIPE}"
    if not photo.alpha:
        return cache / f"{name}.jpg"
    return cache / (f"{name}.png" if background is None else f"{name}-{bytes(background).hex()}.jpg")


def examine(
    opened: Opened,
    cache: Path | None = None,
    *,
    background: Colour | None = WHITE,
    sha256: str = "",
    look: Look = look_here,
) -> Photo:
    """Decode the whole photo; with *cache*, leave its normalised form there.

    Raises:
        PhotoRejected: it is no photo we can use. Caused by the Unfit that says so.
        PhotoChanged: it was written to meanwhile.
        DiskFull: the cache cannot hold it.
    """
    kind = _kind(opened)
    try:
        found, data = look(opened.rewound(), Order(kind, encode=cache is not None, background=background))
    except Unfit as unfit:
        opened.settled()
        raise PhotoRejected(f"{opened.name} {unfit.words}", hint=unfit.hint) from unfit
    photo = photo_of(opened.path, opened.name, opened.size, kind, sha256 or opened.sha256(), found)
    opened.settled()
    if cache is not None and data:
        _keep(data, cached_path(cache, photo, background))
    return photo


def photo_of(path: Path, name: str, size: int, kind: str, sha256: str, found: Found) -> Photo:
    """Return the photo at *path*, in which *found* was found."""
    return Photo(
        path=path,
        name=name,
        sha256=sha256,
        size=size,
        kind=kind,
        width=found.width,
        height=found.height,
        warnings=(*claims(name, kind), *found.warnings),
        alpha=found.alpha,
        about=found.about,
        fingerprint=found.fingerprint,
    )


def _kind(opened: Opened) -> str:
    kind = kind_of(opened.head(HEAD_BYTES))
    if kind in KINDS:
        return kind
    what = f"is {kind.upper()}, which is not taken" if kind else "is no photo"
    hint = "Photos are JPEG, PNG, WEBP, HEIC, AVIF or GIF."
    raise PhotoRejected(f"{opened.name} {what}.", hint=hint) from Unfit(f"{what}.", hint)


def claims(name: str, kind: str) -> list[str]:
    """Return what is to be said of a file of *kind* that is called *name*."""
    return [] if agree(claimed_kind(name), kind) else [f"It is {kind.upper()} by content, whatever its name says."]


def _keep(data: bytes, to: Path) -> None:
    """Write whole, or not at all."""
    try:
        write_whole(to, data)
    except OSError as error:
        raise _full(error, to) from None


def _copy(opened: Opened, to: Path) -> None:
    """Copy the file as it is: what is sent must not change while it is sent."""
    try:
        with whole(to) as copy, open(opened.rewound(), "rb", closefd=False) as file:
            shutil.copyfileobj(file, copy, 1 << 20)
            opened.settled()
    except OSError as error:
        raise _full(error, to) from None


def _full(error: OSError, to: Path) -> Exception:
    if is_full(error):
        return DiskFull(f"No space is left for photos in {to.parent}.", hint="Free some, and run again.")
    return error


def _ready(kept: Path, photo: Photo) -> Ready:
    media_type, size = MEDIA_TYPES.get(photo.kind, ""), (photo.width, photo.height)
    if not media_type:
        with Image.open(kept, formats=list(_FORMATS.values())) as image:
            media_type, size = f"image/{_FORMATS[kept.suffix].lower()}", image.size
    with kept.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    return Ready(
        path=kept, sha256=sha256, media_type=media_type, width=size[0], height=size[1], warnings=photo.warnings
    )
