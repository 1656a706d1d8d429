"""Does a draft show what was asked for? Pure.

By the documented names alone (`t`, `tt`, `sg`, `d`); with *strict*, for our own studio, by what it writes into `m`
as well.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from nightreel.models import Clip
from nightreel.nemo.parsed import list_in, object_in

TOLERANCE = 0.5
"""Seconds by which the duration may differ."""

_VIDEO, _AUDIO, _TEXT = 0, 1, 7


class Judgement(NamedTuple):
    """What a draft lacks.

    Attributes:
        faults: the draft is refused for them, if waiting does not mend them.
        late: music and title, which come by themselves after the cut: waited for, then worth a note.
        notes: worth a note, and not waited for.
    """

    faults: tuple[str, ...] = ()
    late: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def awaited(self) -> tuple[str, ...]:
        """What waiting may mend."""
        return (*self.faults, *self.late)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is worth a note, when nothing is waited for any more."""
        return (*self.late, *self.notes)


def judge(draft: Mapping[str, Any], clip: Clip, *, strict: bool) -> Judgement:
    """Compare *draft* with what *clip* asks for."""
    video = _segments(draft, _VIDEO)
    faults = [] if video else ["no photo is on its timeline"]
    faults += _duration(draft, video, clip.seconds) if video else []
    late, photos = tuple(_stage_two(draft, clip)), tuple(_photos(video, clip, strict=strict))
    if strict:
        return Judgement((*faults, *late, *photos, *_studio(draft, clip)))
    return Judgement(tuple(faults), late, photos)


def _duration(draft: Mapping[str, Any], video: list[dict[str, Any]], wanted: float) -> Iterator[str]:
    """The draft's own duration, or that of its video segments; which of them counts is not documented."""
    known = [ms / 1000 for ms in (_ms(draft), sum(_ms(segment) for segment in video)) if ms]
    if known and all(abs(seconds - wanted) > TOLERANCE for seconds in known):
        yield f"it lasts {known[0]:g} s, {wanted:g} s were asked for"


def _stage_two(draft: Mapping[str, Any], clip: Clip) -> Iterator[str]:
    if clip.music and not _segments(draft, _AUDIO):
        yield "it has no music"
    if clip.title and not _segments(draft, _TEXT):
        yield "it has no title"


def _photos(video: list[dict[str, Any]], clip: Clip, *, strict: bool) -> Iterator[str]:
    used = len({str(_meta(segment).get("asset")) for segment in video}) if strict else len(video)
    shown = sum(photo.width > 0 for photo in clip.photos)  # sound has no picture
    if video and used < shown:
        yield f"it uses {used} of {shown} photos"


def _studio(draft: Mapping[str, Any], clip: Clip) -> Iterator[str]:
    texts = [_plain(str(_meta(segment).get("text", ""))) for segment in _segments(draft, _TEXT)]
    if clip.title and texts and not any(_plain(clip.title) in text for text in texts):
        yield f'its title is not "{clip.title}"'
    meta = object_in(draft.get("m"))
    canvas = (meta.get("width"), meta.get("height"))
    if canvas != clip.format.canvas:
        yield f"it is {canvas[0]}x{canvas[1]}, {clip.format.canvas[0]}x{clip.format.canvas[1]} was asked for"


def _segments(draft: Mapping[str, Any], kind: int) -> list[dict[str, Any]]:
    tracks = [object_in(track) for track in list_in(draft.get("t"))]
    return [object_in(segment) for track in tracks if track.get("tt") == kind for segment in list_in(track.get("sg"))]


def _ms(part: Mapping[str, Any]) -> float:
    value = part.get("d")
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else 0.0


def _meta(segment: Mapping[str, Any]) -> dict[str, Any]:
    return object_in(segment.get("m"))


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()
