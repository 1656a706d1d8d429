"""What an uploaded file is: by its content, and its extension must be of the same family."""

from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path, PurePosixPath
from typing import Literal

import av
from av.error import FFmpegError
from PIL import Image

from nightreel.errors import RenderError
from nightreel.nemo.wire import AUDIO_TYPES, IMAGE_TYPES, VIDEO_TYPES, Code
from nightreel.studio.answers import Refused
from nightreel.studio.audio.recordings import beats_of
from nightreel.studio.containers import MOST_PIXELS, open_clip
from nightreel.studio.timing import times_of

Family = Literal["image", "video", "audio"]
_FAMILIES: tuple[tuple[Family, tuple[str, ...]], ...] = (
    ("image", IMAGE_TYPES),
    ("video", VIDEO_TYPES),
    ("audio", AUDIO_TYPES),
)
_ISO_STILLS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"avif", b"avis"}
_MOVIE_BOXES = {b"moov", b"mdat", b"wide", b"free", b"skip"}
_RIFF: dict[bytes, str] = {b"WEBP": "webp", b"AVI ": "avi", b"WAVE": "wav"}
_STARTS: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xd8\xff", "jpg"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
    (b"ID3", "mp3"),
)
IMAGE_MIME = {"jpg": "image/jpeg", "png": "image/png", "gif": "image/gif", "webp": "image/webp"}
_MOST_MOVING = 1_000_000_000
"""Pixels of all pictures of an animation together: some fifteen seconds of decoding, each time that it is played."""
_TRIED = 100_000_000
"""Pixels of an animation that are decoded to see whether they can be: all of most, two seconds of work."""
HEAD = 64
"""Bytes that tell the type."""


@dataclass(frozen=True, kw_only=True)
class Media:
    """A file as it was taken; *kind* is the content's extension, *duration* in seconds, of an animated image too.

    *beats* of a sound are in ms, from the first of a bar on: every fourth begins one.
    """

    family: str
    kind: str
    size: int
    sha256: str
    width: int | None = None
    height: int | None = None
    duration: float | None = None
    fps: float | None = None
    beats: tuple[int, ...] = ()


def kind_of(head: bytes) -> str:
    """Return the type that a file's first bytes tell, or "" if it is none that we take."""
    for start, kind in _STARTS:
        if head.startswith(start):
            return kind
    if head[:4] == b"RIFF":
        return _RIFF.get(head[8:12], "")
    if head[4:8] == b"ftyp":
        return _iso(head[8:12])
    if head[4:8] in _MOVIE_BOXES:
        return "mov"
    if head[:4] == b"\x1aE\xdf\xa3":
        return "webm" if b"webm" in head else "mkv"
    return _mpeg_audio(head)


def family_of(kind: str) -> Family | None:
    """Return the family of a type or an extension."""
    return next((family for family, kinds in _FAMILIES if kind in kinds), None)


def probe(path: Path, name: str, *, size: int, sha256: str) -> Media:
    """Look at a received file; of a clip the first picture is decoded, and of a sound its beats are found.

    Raises:
        Refused: 4001, it is of no type that is taken, not what its name says, or cannot be decoded; 4002, there are
            more pixels in its pictures than are rendered.
    """
    with path.open("rb") as file:
        kind = kind_of(file.read(HEAD))
    family = family_of(kind)
    extension = PurePosixPath(name).suffix.lower().removeprefix(".")
    if family is None or family_of(extension) != family:
        raise _unsupported(name)
    found = Media(family=family, kind=kind, size=size, sha256=sha256)
    try:
        return _image(path, name, found) if family == "image" else _movie(path, name, found)
    except (
        OSError,
        ValueError,
        SyntaxError,
        EOFError,
        StopIteration,
        FFmpegError,
        RenderError,
        Image.DecompressionBombError,
    ):
        raise _unsupported(name) from None


def _image(path: Path, name: str, found: Media) -> Media:
    with Image.open(path, formats=("JPEG", "PNG", "GIF", "WEBP", "MPO")) as image:
        width, height = image.size
        times = times_of(path)
        if len(times) < 2:  # noqa: PLR2004 - a still image
            return replace(found, width=width, height=height)
        _check_pixels(name, width, height, len(times))
        for number in range(min(len(times), 1 + _TRIED // (width * height))):
            image.seek(number)
            image.load()
    seconds = float(sum(times))
    return replace(found, width=width, height=height, duration=seconds, fps=len(times) / seconds)


def _movie(path: Path, name: str, found: Media) -> Media:
    with open_clip(path) as container:
        seconds = None if container.duration is None else container.duration / av.time_base
        picture = next(iter(container.streams.video), None) if found.family == "video" else None
        media = replace(found, duration=seconds)
        if picture is None:
            return media if found.family == "video" else replace(media, beats=_beats(path))
        rate: Fraction | None = picture.average_rate
        _check_pixels(name, picture.width, picture.height)
        first = next(container.decode(picture))  # what cannot be decoded is refused now, not when it is rendered
        sides = (first.height, first.width) if first.rotation % 180 else (first.width, first.height)
        return replace(media, width=sides[0], height=sides[1], fps=None if rate is None else float(rate))


def _check_pixels(name: str, width: int, height: int, pictures: int = 1) -> None:
    """See that what moves is not too large to be rendered; of an animation, all *pictures* together.

    Raises:
        Refused: 4002, it is.
    """
    pixels = width * height
    if pixels > MOST_PIXELS:
        said = f"pictures of {width}x{height} pixels, and {MOST_PIXELS // 10**6} million are the most"
        raise Refused(Code.FILE_TOO_LARGE, f"file too large: {name} has {said}")
    if pixels * pictures > _MOST_MOVING:
        said = f"{pictures} pictures of {width}x{height} pixels, and {_MOST_MOVING // pixels} such are the most"
        raise Refused(Code.FILE_TOO_LARGE, f"file too large: {name} has {said}: send it as an MP4")


def _beats(path: Path) -> tuple[int, ...]:
    found = beats_of(path)
    return tuple(round(1000 * time) for time in found.times[found.first :])


def _iso(brand: bytes) -> str:
    if brand in _ISO_STILLS:
        return ""
    return {b"qt  ": "mov", b"M4A ": "m4a", b"M4B ": "m4a"}.get(brand, "mp4")


def _mpeg_audio(head: bytes) -> str:
    if len(head) < 2 or head[0] != 0xFF:  # noqa: PLR2004 - two bytes of sync
        return ""
    if head[1] & 0xF6 == 0xF0:  # noqa: PLR2004 - ADTS: twelve bits of sync, layer 0
        return "aac"
    return "mp3" if head[1] & 0xE0 == 0xE0 and head[1] & 0x06 else ""  # noqa: PLR2004 - eleven bits of sync


def _unsupported(name: str) -> Refused:
    taken = ", ".join(kind for _, kinds in _FAMILIES for kind in kinds)
    return Refused(Code.UNSUPPORTED_FILE, f"unsupported file type: {name}. Accepted: {taken}")
