"""Tell a file's kind by its first bytes; its extension is only a claim."""

import re
from os.path import splitext

HEAD_BYTES = 64
"""How much of a file :func:`kind_of` wants to see."""

PICTURES = ("jpeg", "png", "webp", "heic", "avif", "gif")
"""What is decoded and normalised."""

CLIPS = ("mp4", "mov", "avi", "webm", "mkv")
SOUNDS = ("mp3", "wav", "m4a", "aac")
"""What the service takes besides: probed, and passed on as it is."""

KINDS = (*PICTURES, *CLIPS, *SOUNDS)
"""What is taken."""

MEDIA_TYPES = {
    "mp4": "video/mp4", "mov": "video/quicktime", "avi": "video/x-msvideo", "webm": "video/webm",
    "mkv": "video/x-matroska", "mp3": "audio/mpeg", "wav": "audio/wav", "m4a": "audio/mp4", "aac": "audio/aac",
}  # fmt: skip
"""Media type of what is passed on."""

EXTENSIONS = {
    ".jpg": "jpeg",
    ".jpeg": "jpeg",
    ".jpe": "jpeg",
    ".jfif": "jpeg",
    ".png": "png",
    ".webp": "webp",
    ".heic": "heic",
    ".heif": "heic",
    ".hif": "heic",
    ".avif": "avif",
    ".gif": "gif",
    ".tif": "tiff",
    ".tiff": "tiff",
    ".bmp": "bmp",
    ".m4v": "mp4",
    ".wave": "wav",
    **{f".{kind}": kind for kind in (*CLIPS, *SOUNDS)},
}
"""A file with one of these extensions claims to be a picture, a clip or sound, of this kind."""

_HEVC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"}
_AVIF_BRANDS = {b"avif", b"avis"}
_MAJOR = {b"qt  ": "mov", b"M4A ": "m4a", b"M4B ": "m4a"}
_SIGNATURES = (
    ("jpeg", rb"\xff\xd8\xff"),
    ("png", rb"\x89PNG\r\n\x1a\n"),
    ("webp", rb"RIFF....WEBP"),
    ("gif", rb"GIF8[79]a"),
    ("avi", rb"RIFF....AVI "),
    ("wav", rb"(?:RIFF|RF64)....WAVE"),
    ("webm", rb"\x1a\x45\xdf\xa3.{0,48}webm"),
    ("mkv", rb"\x1a\x45\xdf\xa3"),
    ("mov", rb"....(?:moov|mdat|wide|free|skip|pnot)"),
    ("mp3", rb"ID3[\x02-\x04]|\xff[\xe2\xe3\xf2\xf3\xfa\xfb]"),
    ("aac", rb"\xff[\xf0\xf1\xf8\xf9]|ADIF"),
    ("tiff", rb"II\*\x00|MM\x00\*|II\+\x00|MM\x00\+"),
    ("bmp", rb"BM.{4}\x00\x00\x00\x00"),
    ("psd", rb"8BPS"),
    ("pdf", rb"%PDF-"),
    ("eps", rb"%!PS|\xc5\xd0\xd3\xc6"),
    ("zip", rb"PK\x03\x04"),
    ("jxl", rb"\xff\x0a|\x00\x00\x00\x0cJXL "),
    ("svg", rb"\s*(?:\xef\xbb\xbf)?(?:<\?xml[^>]*>\s*)?<svg"),
    ("html", rb"(?i)\s*<(?:!doctype html|html)"),
)
_COMPILED = tuple((kind, re.compile(pattern, re.DOTALL)) for kind, pattern in _SIGNATURES)
_FAMILIES = ({"mp4", "mov", "m4a"}, {"mkv", "webm"})


def kind_of(head: bytes) -> str:
    """Return the kind that *head*, a file's first bytes, shows: one of KINDS, or another's name, or ""."""
    if head[4:8] == b"ftyp":
        return _kind_of_box(head)
    return next((kind for kind, pattern in _COMPILED if pattern.match(head)), "")


def claimed_kind(name: str) -> str:
    """Return the kind that the extension of *name* claims, or ""."""
    return EXTENSIONS.get(splitext(name)[1].lower(), "")  # noqa: PTH122 - a Path is slow to make; thousands are asked


def agree(claimed: str, kind: str) -> bool:
    """Tell whether a file of *kind* may be called *claimed*: some containers differ by little more than the name."""
    return claimed == kind or any(claimed in family and kind in family for family in _FAMILIES)


def _kind_of_box(head: bytes) -> str:
    end = min(int.from_bytes(head[:4], "big"), len(head))
    brands = [head[8:12], *(head[start : start + 4] for start in range(16, end, 4))]
    for brand in brands:
        if brand in _HEVC_BRANDS:
            return "heic"
        if brand in _AVIF_BRANDS:
            return "avif"
    if brands[0] in {b"mif1", b"msf1"}:
        return "heic"
    return _MAJOR.get(brands[0], "mp4")
