"""What of a text can be set: found out before anything is rendered or paid.

A letter without a glyph would be drawn as an empty box, or left out, and the text would say something else.
"""

import re
import unicodedata
from functools import cache
from pathlib import Path

from nightreel.errors import RenderError
from nightreel.studio.draft import Draft
from nightreel.studio.fonts import CHINESE, EMOJI, FOLDER, JAPANESE, KOREAN, NARROW, bundled
from nightreel.studio.fonts.faces import IGNORED, Face, face_of, family

_ALL = (*NARROW, CHINESE, JAPANESE, KOREAN, EMOJI)
_UNBROKEN = "\u00a0\u202f\u2007"
_SPACES = re.compile(r"[^\S\u00a0]+")


def composed(text: str) -> str:
    """Return *text* in its composed form, each run of spaces as one; line ends and unbroken spaces stay."""
    lines = unicodedata.normalize("NFC", text).splitlines()
    kept = (_SPACES.sub(" ", "".join(map(_seen, line))).strip() for line in lines)
    return "\n".join(line for line in kept if line)


def lost(text: str, own: Face | None = None) -> list[str]:
    """Return the characters of *text* that no typeface has, each once, in their order."""
    return [one for one in dict.fromkeys(composed(text)) if not (one.isspace() or one in IGNORED or _has(one, own))]


def unreadable(text: str, own: Face | None = None) -> list[str]:
    """Return the letters, marks and digits that no typeface has: left out, they would change what a text says."""
    return [one for one in lost(text, own) if unicodedata.category(one)[0] in "LNM"]


def drawable(text: str, own: Face | None = None) -> str:
    """Return *text* in its composed form, without the symbols that no typeface has.

    Args:
        text: what is to be set.
        own: the user's typeface, if one was asked for.

    Raises:
        RenderError: a letter, mark or digit has no glyph.
    """
    if bad := unreadable(text, own):
        raise RenderError(
            f'The text "{composed(text)}" has {named(bad[0])}, which no font here has.',
            hint="Write it in other letters, or put a font that has it into the folder `fonts` of NIGHTREEL_HOME "
            "and name it in the brief.",
        )
    gone = str.maketrans("", "", "".join(lost(text, own)))
    return composed(composed(text).translate(gone))


def require_glyphs(draft: Draft, folder: Path | None) -> None:
    """See that all of a draft's texts can be set.

    Raises:
        RenderError: a letter has no glyph, or there is no font of the draft's name in *folder* or with us.
    """
    own = own_face(draft.m.font, folder)
    for segment in draft.text:
        drawable(segment.m.text, own)
        drawable(segment.m.old, own)


def named(character: str) -> str:
    """Return a character as people can look it up: 'ꙮ' (CYRILLIC LETTER MULTIOCULAR O)."""
    return f"{character!r} ({unicodedata.name(character, f'U+{ord(character):04X}')})"


def own_face(name: str, folder: Path | None, weight: int = 600) -> Face | None:
    """Return the typeface of the family that a draft or a brief names; None where it names none.

    Raises:
        RenderError: there is none of that name.
    """
    if not name:
        return None
    if (found := family(name, weight, folder)) is not None:
        return found
    where = f"{folder}" if folder is not None else "the folder `fonts` of NIGHTREEL_HOME"
    raise RenderError(
        f'There is no font "{name}".', hint=f"Put its TTF or OTF into {where}, or name one of: {', '.join(names())}."
    )


@cache
def names() -> list[str]:
    """Return the names of our own families."""
    return sorted({face_of(path).family for path in FOLDER.glob("*.ttf")})


def _has(character: str, own: Face | None) -> bool:
    if own is not None and own.has(character):
        return True
    return any(face_of(bundled(name)).has(character) for name in _ALL)


def _seen(character: str) -> str:
    """Return what stands for a character: control characters have no place in a picture."""
    if character in _UNBROKEN:
        return "\u00a0"
    if character == "\t" or character in IGNORED - {"\u00ad"}:
        return character
    return "" if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co") else character
