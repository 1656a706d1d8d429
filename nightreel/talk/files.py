"""Files that a talk hands over: photos normalised as a clip's are, clips and sound as they stand."""

import asyncio
import mimetypes
import re
from pathlib import Path

from nightreel.clips.work import Tools
from nightreel.images.files import open_photo
from nightreel.models import Value
from nightreel.nemo import UploadFile, wire

_AS_THEY_STAND = {*wire.VIDEO_TYPES, *wire.AUDIO_TYPES, "gif"}
_ODD = re.compile(r"[^\w.-]+")
_MOST_NAME = 80


class Handing(Value):
    """A file as it goes up.

    Attributes:
        source: the file that was named.
        path: the file that is sent: the photo's normalised form, or the source itself.
        name: what the service is to call it.
        photo_sha256, sha256: hashes of the source and of what is sent.
        size: bytes that are sent.
        warnings: what was noticed and repaired.
    """

    source: Path
    path: Path
    name: str
    media_type: str
    photo_sha256: str
    sha256: str
    size: int
    warnings: tuple[str, ...] = ()

    @property
    def upload(self) -> UploadFile:
        """The file as the client takes it."""
        return UploadFile(path=self.path, name=self.name, media_type=self.media_type, sha256=self.sha256)


async def prepare(path: Path, number: int, tools: Tools) -> Handing:
    """Make the file at *path* ready to go up as the session's *number*-th.

    Raises:
        PhotoRejected: it cannot be taken; says why.
    """
    path = path.expanduser().absolute()
    if path.suffix.lower().lstrip(".") in _AS_THEY_STAND:
        return await asyncio.to_thread(_as_it_stands, path, number)
    photo = await tools.photos.probe(path, path.name)
    ready = await tools.photos.normalise(photo)
    return Handing(
        source=path,
        path=ready.path,
        name=_name(number, path, ready.path.suffix),
        media_type=ready.media_type,
        photo_sha256=photo.sha256,
        sha256=ready.sha256,
        size=ready.path.stat().st_size,
        warnings=photo.warnings,
    )


def _as_it_stands(path: Path, number: int) -> Handing:
    with open_photo(path, path.name) as opened:
        sha256 = opened.sha256()
        opened.settled()
        return Handing(
            source=path,
            path=path,
            name=_name(number, path, path.suffix.lower()),
            media_type=mimetypes.guess_type(path.name)[0] or "application/octet-stream",
            photo_sha256=sha256,
            sha256=sha256,
            size=opened.size,
        )


def _name(number: int, path: Path, suffix: str) -> str:
    """Return a name that keeps the order, and that people know their file by."""
    stem = _ODD.sub("_", path.stem)[:_MOST_NAME].strip("._-") or "file"
    return f"{number:02d}_{stem}{suffix}"
