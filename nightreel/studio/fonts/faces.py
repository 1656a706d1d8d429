"""Typefaces, opened when a text first needs them: what each has glyphs for, and which one sets a part of a text.

Ideographs look different in Chinese, Japanese and Korean. So one typeface sets all of a text's, by its language or by
the letters in it that only one language has, and not a character each.
"""
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportAttributeAccessIssue=false

import hashlib
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import uharfbuzz  # pyright: ignore[reportMissingTypeStubs]

from nightreel.errors import RenderError
from nightreel.studio.fonts import CHINESE, EMOJI, FOLDER, JAPANESE, KOREAN, NARROW, bundled

IGNORED = frozenset("\u200b\u200c\u200d\u2060\ufeff\u00ad") | {chr(point) for point in range(0xFE00, 0xFE10)}
"""What has no ink of its own: joiners, and selectors of an emoji's look."""

_SELECTED = ("\ufe0f", "\u20e3")  # "draw the one before as an emoji", "in a keycap"
_PICTURES = 0x1F000
_AMBIGUOUS = "“”‘’…—·"
_MOST_FILES = 500
_MOST_BYTES = 64 * 1024 * 1024
_KINDS = {".ttf", ".otf"}
_KANA, _HANGUL = ("HIRAGANA", "KATAKANA"), ("HANGUL",)


class Face:
    """A font file; *weight* counts where the font is variable."""

    def __init__(self, path: Path, weight: int = 0) -> None:
        self.path = path
        self.weight = weight
        self.shapes: Any = uharfbuzz.Face(uharfbuzz.Blob.from_file_path(str(path)))
        self.points: Any = self.shapes.unicodes
        self.variable = any(axis.tag == "wght" for axis in self.shapes.axis_infos)
        self.font: Any = uharfbuzz.Font(self.shapes)
        if self.variable and weight:
            self.font.set_variations({"wght": weight})
        self.em: int = self.shapes.upem

    def has(self, text: str) -> bool:
        """Whether it has a glyph for every character of *text*."""
        return all(character in IGNORED or ord(character) in self.points for character in text)

    @property
    def family(self) -> str:
        """What its family is called: the typographic name, or the first."""
        return next((name for number in (16, 1) if (name := self._name(number))), self.path.stem)

    @property
    def strength(self) -> int:
        """Its weight: 400 is regular, 700 bold."""
        table = bytes(self.shapes.reference_table("OS/2").data)
        return int.from_bytes(table[4:6], "big") or 400

    def _name(self, number: int) -> str:
        return str(self.shapes.get_name(number) or "")


@cache
def face_of(path: Path, weight: int = 0) -> Face:
    """Open a font file, once.

    Raises:
        RenderError: it cannot be read, or is none.
    """
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise RenderError(f"{path.name}: a font of more than {_MOST_BYTES // 2**20} MB is not opened.")
        face = Face(path, weight)
    except (OSError, uharfbuzz.HarfBuzzError) as error:
        raise RenderError(
            f"{path.name}: this font cannot be read ({error}).", hint="Put a sound one there."
        ) from None
    if not face.shapes.glyph_count:
        raise RenderError(f"{path.name}: this is no font.", hint="Put a TTF or OTF there.")
    return face


@cache
def digest_of(path: Path) -> str:
    """Return the digest of a font's contents."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def family(name: str, weight: int, folder: Path | None) -> Face | None:
    """Return the typeface of the family *name* that is nearest to *weight*; None if there is none.

    Args:
        name: as its maker calls it, or as its file is called.
        weight: 400 is regular, 700 bold.
        folder: the user's own fonts; they come before ours.

    Raises:
        RenderError: its font cannot be read.
    """
    for place in (folder, FOLDER):
        if place is not None and (found := _family(name, place)):
            best = min(found, key=lambda face: (abs(face.strength - weight), face.path.name))
            return face_of(best.path, weight) if best.variable else best
    return None


def _family(name: str, folder: Path) -> list[Face]:
    """Return the upright typefaces of a family in a folder; italics only where there is nothing else."""
    if not folder.is_dir():
        return []
    files = sorted(path for path in folder.iterdir() if path.suffix.lower() in _KINDS)[:_MOST_FILES]
    faces = [face for path in files if (face := _opened(path)) is not None]
    wanted = _plain(name)
    found = [face for face in faces if wanted in {_plain(face.family), _plain(face.path.stem.split("-")[0])}]
    return [face for face in found if "italic" not in face.path.stem.lower()] or found


def _opened(path: Path) -> Face | None:
    """Open a font of a folder; one that is broken is as if it were not there."""
    try:
        return face_of(path)
    except RenderError:
        return None


def _plain(name: str) -> str:
    return "".join(character for character in name.casefold() if character.isalnum())


@dataclass(frozen=True, slots=True)
class Stack:
    """Typefaces in the order in which they are asked for a glyph: of alphabets, of ideographs and syllables."""

    narrow: tuple[Path | Face, ...]
    wide: tuple[str, ...]

    def for_text(self, text: str, language: str) -> "Chooser":
        """Return what chooses the typeface of each part of *text*."""
        return Chooser(list(self._narrow()), _of_wide(text, language, self.wide))

    def _narrow(self) -> Iterator[Face]:
        for one in (*self.narrow, *(bundled(name) for name in NARROW)):
            yield one if isinstance(one, Face) else face_of(one)


class Chooser:
    """Chooses the typeface of each cluster of one text."""

    def __init__(self, narrow: list[Face], wide: list[Face]) -> None:
        self._narrow = narrow
        self._wide = wide

    def face(self, cluster: str, near: str = "") -> Face | None:
        """Return the typeface for *cluster*, whose neighbours are *near*; None if none has it."""
        emoji = face_of(bundled(EMOJI))
        if cluster in _AMBIGUOUS and any(is_wide(character) for character in near):
            order: Iterable[Face] = (*self._wide, *self._narrow)
        elif is_picture(cluster):
            order = (emoji, *self._narrow, *self._wide)
        elif is_wide(cluster[0]):
            order = (*self._wide, *self._narrow, emoji)
        else:
            order = (*self._narrow, *self._wide, emoji)
        return next((face for face in order if face.has(cluster)), None)


def _of_wide(text: str, language: str, first: tuple[str, ...]) -> list[Face]:
    """Return the typefaces of ideographs: those that have all of the text's before the others."""
    scripts = {script_of(character) for character in text}
    tongue = language.lower().split("-")[0]
    usual = [CHINESE, JAPANESE, KOREAN]
    if scripts.intersection(_HANGUL) or tongue == "ko":
        usual = [KOREAN, CHINESE, JAPANESE]
    elif scripts.intersection(_KANA) or tongue == "ja":
        usual = [*first, JAPANESE, CHINESE, KOREAN]
    wide = "".join(character for character in text if is_wide(character) and not is_picture(character))
    faces = (face_of(bundled(name)) for name in usual)
    return _in_order(faces, wide)


def _in_order(faces: Iterator[Face], wide: str) -> list[Face]:
    """Return *faces* as far as they are needed; one that has all alone comes first."""
    seen: list[Face] = []
    for face in faces:
        if face.has(wide):
            return [face, *seen]
        seen.append(face)
    return seen


def is_wide(character: str) -> bool:
    """Whether it stands in a square: ideographs, kana, hangul, their punctuation."""
    return unicodedata.east_asian_width(character) in "WF" or script_of(character) in {*_KANA, *_HANGUL}


def is_picture(cluster: str) -> bool:
    """Whether it is an emoji."""
    first = cluster[0]
    if any(mark in cluster for mark in _SELECTED) or ord(first) >= _PICTURES:
        return unicodedata.category(first)[0] != "L"
    return unicodedata.category(first) == "So" and unicodedata.east_asian_width(first) == "W"


@cache
def script_of(character: str) -> str:
    """Return the script of a letter by its Unicode name: "LATIN", "ARABIC", "CJK"; "" of what all scripts share."""
    if unicodedata.category(character)[0] != "L" and unicodedata.category(character) != "Mc":
        return ""
    return unicodedata.name(character, "").partition(" ")[0].partition("-")[0]
