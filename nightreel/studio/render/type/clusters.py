"""A text in pieces: what a reader sees as one character, and where a line may be broken.

Latin, Greek, Cyrillic, Arabic, Hebrew, Devanagari and Korean break at spaces; Chinese and Japanese between any two
characters, but not before what closes or after what opens (kinsoku); Thai, which has no spaces, between the words of
a dictionary.
"""

import unicodedata
from collections.abc import Iterator

from nightreel.studio.fonts.faces import is_picture, is_wide, script_of
from nightreel.studio.render.type.thai import is_thai, words

_NOT_FIRST = frozenset(
    "，。！？、；：）」』》〉】〕”’…‥·,.!?;:)]}%‰℃¢"
    "ぁぃぅぇぉっゃゅょゎゕゖァィゥェォッャュョヮヵヶㇰㇱㇲㇳㇴㇵㇶㇷㇸㇹㇺㇻㇼㇽㇾㇿー々〻ヽヾゝゞ゛゜〜～・؟،؛।॥ๆฯ»›"
)
_NOT_LAST = frozenset("（「『《〈【〔“‘([{¥￥$€£₩#«‹")
_JOINER, _VIRAMA = "\u200d", frozenset("्্্")
_BREAKS_AFTER = frozenset("-–—/\u200b")
_SMALL = 2
_PAUSES = frozenset(",;:.!?–—·，。！？、；：،؛।")


def clusters(text: str) -> list[str]:
    """Return what a reader sees as characters: letters with marks, conjuncts, emoji with all that joins them."""
    found: list[str] = []
    for character in text:
        if found and _joins(found[-1], character):
            found[-1] += character
        else:
            found.append(character)
    return found


def _joins(before: str, character: str) -> bool:
    kind = unicodedata.category(character)
    last = before[-1]
    if kind[0] == "M" or character == _JOINER or "\U0001f3fb" <= character <= "\U0001f3ff":
        return before != "\n"
    if last == _JOINER:
        return is_picture(character) or script_of(character) == "DEVANAGARI"
    if last in _VIRAMA:
        return kind[0] == "L"
    return _is_flag(character) and len(before) == 1 and _is_flag(before)


def _is_flag(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"


def pieces(text: str) -> list[str]:
    """Return the parts that a line may be made of: words with the space after them, ideographs, Thai words.

    A line end closes its piece.
    """
    found: list[str] = []
    for cluster in _with_words(clusters(text)):
        if found and not _parts(found[-1], cluster):
            found[-1] += cluster
        else:
            found.append(cluster)
    return found


def _with_words(parts: list[str]) -> Iterator[str]:
    """Yield *parts*, those of Thai joined to words."""
    run = ""
    for part in [*parts, ""]:
        if part and is_thai(part):
            run += part
            continue
        if run:
            yield from words(run)
            run = ""
        if part:
            yield part


def _parts(before: str, cluster: str) -> bool:
    """Whether a line may be broken between *before* and *cluster*."""
    last, first = before[-1], cluster[0]
    if last == "\n":
        return True
    if first in " \n" or first in _NOT_FIRST or "\u00a0" in (first, last) or "\u2060" in (first, last):
        return False
    if last == " ":
        return True
    if last in _NOT_LAST or before.rstrip()[-1:] in _NOT_LAST:
        return False
    if last in _BREAKS_AFTER:
        return len(before) > _SMALL and first.isalpha()
    return _alone(first) or _alone(last) or (is_thai(first) and is_thai(last)) or is_thai(first) != is_thai(last)


def _alone(character: str) -> bool:
    """Whether a line may be broken on either side of a character; not of hangul, which has spaces."""
    if is_picture(character):
        return True
    return is_wide(character) and script_of(character) != "HANGUL"


def torn(before: str, after: str) -> float:
    """Return how much a break between two pieces tears a sentence or a word, 0..1; less than nothing after a pause.

    Nothing marks words in Chinese and Japanese. But a word of katakana goes on, one of ideographs often does, and
    after hiragana, which ends words, or at punctuation, a new one begins.
    """
    if before.rstrip()[-1:] in _PAUSES:
        return -0.5
    last, first = script_of(before[-1]), script_of(after[0])
    if before[-1] == "ー":
        last = "KATAKANA"
    if last == first == "KATAKANA":
        return 1.0
    if last == first == "CJK":
        return 0.4
    return 0.7 if first == "HIRAGANA" and last in ("CJK", "KATAKANA", "HIRAGANA") else 0.0
