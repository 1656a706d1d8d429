"""Files of the output folder: safe names, whole copies, errors in plain words."""

import hashlib
import json
import re
import unicodedata
from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import ValidationError

from nightreel.errors import ConfigurationError, DiskFull
from nightreel.files import is_full, whole
from nightreel.models import Clip, Made, Platform, Rendition
from nightreel.nemo.parsed import list_in, object_in
from nightreel.platforms import post_text

_LONGEST = 100
_PLAIN = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,97}[A-Za-z0-9_-]?")
_RESERVED = {"con", "prn", "aux", "nul", *(f"{name}{n}" for name in ("com", "lpt") for n in range(1, 10))}
_PIECE = 1024 * 1024


def safe_name(text: str) -> str:
    """Return *text* as the name of a file on any system; another text never gives the same name.

    Letters and digits of all scripts, dots, dashes and underscores stay; what had to be changed is told apart by a
    piece of its hash. Names that differ only in case are one to some systems: see :func:`folders_of`.
    """
    short = _short(text)
    if short == text and short and short.split(".")[0].casefold() not in _RESERVED:
        return short
    return _told_apart(text)


def _short(text: str) -> str:
    if _PLAIN.fullmatch(text):
        return text
    plain = unicodedata.normalize("NFC", text)
    name = "".join(char if char.isalnum() or char in "._-" else "_" for char in plain).strip(".")
    return name.encode()[:_LONGEST].decode(errors="ignore")


def _told_apart(text: str) -> str:
    return f"{_short(text) or 'product'}_{hashlib.sha256(text.encode()).hexdigest()[:8]}"


def _folded(name: str) -> str:
    """Return what all names have in common that some system takes for one: case and composition do not count."""
    if name.isascii():
        return name.lower()
    return unicodedata.normalize("NFD", unicodedata.normalize("NFD", name).upper().casefold())


def folders_of(clips: Iterable[Clip], made: Iterable[Made] = ()) -> dict[str, str]:
    """Return the folder of each product of *clips*, of which no two are one on any system.

    Where several would be ("Mug" and "mug" on macOS and Windows), one has the plain name, and the others carry a
    piece of their hash. It belongs to the product whose video was first delivered under it, else to the first of the
    catalog: so a catalog that grows, shrinks or is sorted anew moves no video, and overwrites none of a product that
    has left it.

    Args:
        clips: as they are planned, in the catalog's order.
        made: what the journal knows, older ones first.
    """
    planned = tuple(clips)
    now = {clip.key: clip.product for clip in planned}  # a product may have got another id since
    holders: dict[str, str] = {}
    for one in made:
        if one.video is not None:
            holders.setdefault(_folded(one.video.parent.name), now.get(one.key, one.product))
    for clip in planned:
        holders.setdefault(_folded(safe_name(clip.product)), clip.product)
    return {
        product: name if holders[_folded(name := safe_name(product))] == product else _told_apart(product)
        for product in now.values()
    }


class Places(NamedTuple):
    """Where a clip's files stand: absolute paths in one folder a product."""

    video: Path
    cover: Path
    record: Path

    @classmethod
    def beside(cls, video: Path) -> "Places":
        """Return the places of the clip whose video stands at *video*."""
        return cls(video, video.with_suffix(".jpg"), video.with_suffix(".json"))


def places_of(clip: Clip, out: Path) -> Places:
    """Return where *clip*'s files stand in the output folder: `<product>/<product>_<format>.mp4`, `.jpg`, `.json`."""
    product = clip.folder or safe_name(clip.product)
    video = out.expanduser().absolute() / product / f"{product}_{clip.format.value}.mp4"
    return Places.beside(video)


def stands(places: Places, key: str, take: int, account_id: str, asked: Clip | None = None) -> bool:
    """Whether a delivered clip stands at *places*: its record is of this very clip, and the video as long as it says.

    What the video's bytes are is not looked at: it is large, and was written whole. With *asked*, it stands for the
    platforms that are asked for now, too, with the text that is.
    """
    try:
        record = object_in(json.loads(places.record.read_bytes()))
        size = places.video.stat().st_size
    except (OSError, ValueError):
        return False
    told = (record.get("key"), record.get("take"), record.get("account"), object_in(record.get("video")).get("size"))
    here = told == (key, take, account_id, size) and places.cover.is_file()
    return here and (asked is None or _serves(record, asked, places.video.parent))


def _serves(record: Mapping[str, Any], asked: Clip, folder: Path) -> bool:
    """Whether a clip was delivered for the platforms that are asked for now, and their files are still there."""
    found = renditions_in(record)
    if {one.platform for one in found} != set(asked.platforms):
        return False
    text = post_text(asked.post, asked.hashtags)
    return not found or (record.get("post") == text and all((folder / one.file).is_file() for one in found))


def read_record(path: Path) -> Mapping[str, Any]:
    """Return a record as it stands beside a video; an empty one where there is none that can be read."""
    try:
        return object_in(json.loads(path.read_bytes()))
    except (OSError, ValueError):
        return {}


def renditions_in(record: Mapping[str, Any]) -> tuple[Rendition, ...]:
    """Return a record's renditions; those of another version's that make no sense to this one are left out."""
    found: list[Rendition] = []
    for one in list_in(record.get("renditions")):
        with suppress(ValidationError):
            found.append(Rendition.model_validate(one))
    return tuple(found)


def all_names(places: Places) -> tuple[Path, ...]:
    """Return every file that may stand of a clip, the record last: without it nobody takes the rest for whole."""
    extras = (places.video.with_suffix(suffix) for suffix in (".srt", ".vtt", ".txt"))
    copies = (places.video.with_name(f"{places.video.stem}_{platform}.mp4") for platform in Platform)
    return (places.video, *copies, *extras, places.cover, places.record)


def tidy(places: Places) -> None:
    """Remove what only an older cut had: the captions, texts and platforms' copies that the record does not name.

    Raises:
        OSError: the folder cannot be written.
    """
    record = read_record(places.record)
    if "extras" not in record:  # there is none that can be read: nobody knows
        return
    named = {*places, *(places.video.parent / str(name) for name in list_in(record["extras"]))}
    named |= {places.video.parent / one.file for one in renditions_in(record)}
    for path in all_names(places):
        if path not in named:
            path.unlink(missing_ok=True)


def extras_of(places: Places) -> tuple[Path, ...]:
    """Return the captions and the post's text that stand beside a video."""
    beside = (places.video.with_suffix(suffix) for suffix in (".srt", ".vtt", ".txt"))
    return tuple(path for path in beside if path.is_file())


def copy_whole(source: Path, to: Path) -> str:
    """Copy *source* to *to*, which appears whole and on the disk; return the hash of what was copied."""
    sha256 = hashlib.sha256()
    with source.open("rb") as video, whole(to) as out:
        while piece := video.read(_PIECE):
            sha256.update(piece)
            out.write(piece)
    return sha256.hexdigest()


@contextmanager
def plain_errors(folder: Path) -> Generator[None, None, None]:
    """Turn what the system says about writing into *folder* into our own errors."""
    try:
        yield
    except OSError as error:
        if is_full(error):
            raise DiskFull(f"No space is left for {folder}.", hint="Make room and run again.") from error
        raise ConfigurationError(
            f"{folder} cannot be written to: {error.strerror or error}.", hint="Choose another folder with --out."
        ) from error
