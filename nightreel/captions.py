"""Captions beside a video: cues as SRT and WebVTT. Pure; nothing is read or written.

Cues come from a draft, whose texts say when they are shown.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, cast

from nightreel.models import Value

_TEXT_TRACK = 7
_CAPTION = "caption"
_ESCAPED = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


class Cue(Value):
    """A text, and when it is shown, in ms."""

    start: int
    end: int
    text: str


def cues_of(draft: Mapping[str, Any], roles: Sequence[str] = (_CAPTION,)) -> tuple[Cue, ...]:
    """Return the captions of a draft, as a state answer holds it, in the order in which they are shown.

    Args:
        draft: with the documented names `t`, `tt`, `sg`, `s`, `d`, `m`.
        roles: of the texts that count; a service that gives its texts no roles has none.
    """
    found = (_cue(segment) for track in _parts(draft, "t") if track.get("tt") == _TEXT_TRACK
             for segment in _parts(track, "sg") if _meta(segment).get("role") in roles)  # fmt: skip
    return tuple(sorted((cue for cue in found if cue.text and cue.end > cue.start), key=lambda cue: cue.start))


def srt(cues: Iterable[Cue]) -> str:
    """Return *cues* as a SubRip file."""
    blocks = (
        f"{number}\n{_time(cue.start, ',')} --> {_time(cue.end, ',')}\n{cue.text}\n"
        for number, cue in enumerate(cues, 1)
    )
    return "\n".join(blocks)


def vtt(cues: Iterable[Cue], language: str = "") -> str:
    """Return *cues* as a WebVTT file."""
    head = f"WEBVTT\nLanguage: {language}\n" if language else "WEBVTT\n"
    blocks = (f"{_time(cue.start, '.')} --> {_time(cue.end, '.')}\n{_escaped(cue.text)}\n" for cue in cues)
    return "\n".join((head, *blocks))


def _cue(segment: Mapping[str, Any]) -> Cue:
    start, length = (_whole(segment.get(name)) for name in ("s", "d"))
    return Cue(start=start, end=start + length, text=_plain(str(_meta(segment).get("text") or "")))


def _plain(text: str) -> str:
    """Return *text* without empty lines, which would end a cue, and without its arrow."""
    lines = (" ".join(line.split()) for line in text.replace("-->", "→").splitlines())
    return "\n".join(line for line in lines if line)


def _escaped(text: str) -> str:
    return "".join(_ESCAPED.get(character, character) for character in text)


def _time(milliseconds: int, point: str) -> str:
    seconds, rest = divmod(milliseconds, 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}{point}{rest:03}"


def _parts(value: Mapping[str, Any], name: str) -> Iterator[Mapping[str, Any]]:
    found = value.get(name)
    if isinstance(found, list):
        yield from (_mapping(part) for part in cast("list[object]", found))


def _meta(segment: Mapping[str, Any]) -> Mapping[str, Any]:
    return _mapping(segment.get("m"))


def _mapping(value: object) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", value) if isinstance(value, dict) else {}


def _whole(value: object) -> int:
    return max(0, round(value)) if isinstance(value, int | float) and not isinstance(value, bool) else 0
