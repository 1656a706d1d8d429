"""Durations in words: "15-second", "a minute and a half", "三十秒", "every photo 3 seconds", "5 seconds longer"."""

import re
from dataclasses import dataclass

from nightreel.studio.agent.words import NUMBERS

_NUMBER = rf"(?:\d+(?:\.\d+)?|{'|'.join(sorted(NUMBERS, key=len, reverse=True))}|[零一二两三四五六七八九十百]+)"
_SECONDS = rf"(?P<s>{_NUMBER})\s*-?\s*(?:seconds?\b|secs?\b|s\b|秒钟?)"
_MINUTES = rf"(?P<m>an?|half an?|{_NUMBER}|半)\s*-?\s*(?:minutes?\b|mins?\b|个?分钟?)"
_DURATION = re.compile(
    rf"{_MINUTES}(?P<half>\s*and a half|半)?"
    rf"(?:\s*(?:and\s+)?(?P<ms>{_NUMBER})\s*-?\s*(?:seconds?\b|secs?\b|s\b|秒钟?))?"
    rf"|(?<![\d.:]){_SECONDS}"
)
_EACH_AFTER = re.compile(
    r"^\s*(?:long\s+)?(?:per|each|every|for each|for every|a)\s+(?:photo|image|picture|slide)|^\s*each\b|^每"
)
_EACH_BEFORE = re.compile(r"\b(?:each|every)\s+(?:photo|image|picture|slide)[a-z ]{0,16}$|每[张个幅][^，。,.]{0,8}$")
_OF_TRANSITION = re.compile(
    r"^[\s-]*(?:long\s+)?(?:[a-z-]+\s+)?(?:transitions?|cross-?\s?fades?|fades?|dissolves?|wipes?|whip)\b"
    r"|^的?[\u4e00-\u9fff]{0,4}(?:转场|过渡)|^的?(?:淡|叠化|擦除)"
)
_LONGEST_TRANSITION = 3.0
_OF_TITLE = re.compile(r"(?:first|last|前|最后|开头|结尾)\s*(?:的\s*)?$")
_LONGER_AFTER = re.compile(r"^\s*(?:longer|more|extra)\b|^长")
_LONGER_BEFORE = re.compile(
    r"\b(?:longer by|extend(?: it)? by|lengthen(?: it)? by|add|another)\s*$|(?:延长|加长|增加)了?\s*$"
)
_SHORTER_AFTER = re.compile(r"^\s*(?:shorter|less)\b|^短")
_SHORTER_BEFORE = re.compile(
    r"\b(?:shorter by|(?:shorten|trim|cut|reduce)(?: it)? by|trim|remove)\s*$|(?:缩短|减少|剪掉)了?\s*$"
)
_TO = re.compile(r"(?:\bto\b|到|为|成)\s*(?:be\s+)?(?:about\s+|exactly\s+)?$")
_DIGITS = {digit: value for value, digit in enumerate("零一二三四五六七八九")} | {"两": 2}


@dataclass(frozen=True)
class Duration:
    """A duration that was asked for, in seconds.

    Attributes:
        seconds: of the whole video, or of each photo, or to add (negative: to take away).
        kind: which of these.
    """

    seconds: float
    kind: str = "whole"


def read_duration(text: str) -> Duration | None:
    """Return the duration that *text* (lower case, quotes taken out) asks for.

    Where it names several, the one after "to" counts ("from 15 seconds to 20 seconds"), else the first.
    """
    found = [match for match in _DURATION.finditer(text) if _is_of_video(text, match)]
    if not found:
        return None
    target = next((match for match in found if _TO.search(text[: match.start()])), None)
    chosen = target or found[0]
    seconds = _seconds(chosen)
    before, after = text[: chosen.start()], text[chosen.end() :]
    if _EACH_AFTER.search(after) or _EACH_BEFORE.search(before):
        return Duration(seconds, "each")
    if _SHORTER_AFTER.search(after) or _SHORTER_BEFORE.search(before):
        return Duration(-seconds, "change")
    if _LONGER_AFTER.search(after) or _LONGER_BEFORE.search(before):
        return Duration(seconds, "change")
    return Duration(seconds)


def read_transition(text: str) -> float | None:
    """Return how many seconds *text* (lower case, quotes taken out) gives a transition."""
    return next((_seconds(match) for match in _DURATION.finditer(text) if _is_of_transition(text, match)), None)


def _is_of_video(text: str, match: re.Match[str]) -> bool:
    return not _is_of_transition(text, match) and not _OF_TITLE.search(text[: match.start()])


def _is_of_transition(text: str, match: re.Match[str]) -> bool:
    return _seconds(match) <= _LONGEST_TRANSITION and bool(_OF_TRANSITION.search(text[match.end() :]))


def _seconds(match: re.Match[str]) -> float:
    if match["s"] is not None:
        return _number(match["s"])
    minutes = _number(match["m"])
    if match["half"] is not None:
        minutes += 0.5
    return minutes * 60 + (_number(match["ms"]) if match["ms"] is not None else 0.0)


def _number(words: str) -> float:
    """Read "20", "2.5", "fifteen", "十五", "a", "half a"."""
    if words[0].isdigit():
        return float(words)
    if words in NUMBERS:
        return float(NUMBERS[words])
    if words.startswith("half") or words == "半":
        return 0.5
    if words in {"a", "an"}:
        return 1.0
    return float(_chinese(words))


def _chinese(words: str) -> int:
    total, digit = 0, 0
    for letter in words:
        if letter == "十":
            total, digit = total + (digit or 1) * 10, 0
        elif letter == "百":
            total, digit = total + (digit or 1) * 100, 0
        else:
            digit = _DIGITS[letter]
    return total + digit
