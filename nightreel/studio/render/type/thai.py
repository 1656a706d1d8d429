"""Thai words: lines are broken between them, and nothing in the text shows where they are.

Among the ways to read a run of letters as words of the dictionary, the one that leaves least unknown and takes the
fewest words wins. The words are CC0 (`words_th-CC0.txt`).
"""

import gzip
from functools import cache
from itertools import pairwise
from pathlib import Path

_WORDS = Path(__file__).with_name("words_th.txt.gz")
_LONGEST = 30
_UNKNOWN = 10.0  # what a letter that belongs to no word costs; a word costs 1
_NEVER_FIRST = frozenset("ะาำๅๆฯ็่้๊๋์ํัิีึืฺุู๎")
_NEVER_LAST = frozenset("เแโใไ")


def is_thai(text: str) -> bool:
    """Whether *text* begins with a Thai letter."""
    return "\u0e01" <= text[0] <= "\u0e5b" and text[0] != "\u0e3f"  # the baht's sign is no letter


def words(run: str) -> list[str]:
    """Cut a *run* of Thai letters into words; what no word covers stays with the word before it."""
    best: list[tuple[float, int]] = [(0.0, 0)]
    for end in range(1, len(run) + 1):
        best.append(min((best[begin][0] + cost, begin) for begin, cost in _last(run, end)))
    borders = [len(run)]
    while borders[-1]:
        borders.append(best[borders[-1]][1])
    return _joined([run[begin:end] for end, begin in pairwise(borders)][::-1])


def _last(run: str, end: int) -> list[tuple[int, float]]:
    """Return where the last piece of run[:end] may begin, and what it costs."""
    known = [
        (begin, 1.0)
        for begin in range(max(0, end - _LONGEST), end)
        if run[begin:end] in _dictionary() and _may_part(run, begin) and _may_part(run, end)
    ]
    return [*known, (end - 1, _UNKNOWN)]


def _may_part(run: str, at: int) -> bool:
    return at in (0, len(run)) or (run[at] not in _NEVER_FIRST and run[at - 1] not in _NEVER_LAST)


def _joined(parts: list[str]) -> list[str]:
    """Join what is no word to what stands before it."""
    found: list[str] = []
    for part in parts:
        if found and not (part in _dictionary() and found[-1] in _dictionary()) and not _begins(found[-1], part):
            found[-1] += part
        else:
            found.append(part)
    return found


def _begins(before: str, part: str) -> bool:
    """Whether the unknown *part* ends with *before*, a word, and may begin a line itself."""
    return part in _dictionary() and part[0] not in _NEVER_FIRST and before[-1] not in _NEVER_LAST


@cache
def _dictionary() -> frozenset[str]:
    return frozenset(gzip.decompress(_WORDS.read_bytes()).decode("utf-8-sig").split("\n"))
