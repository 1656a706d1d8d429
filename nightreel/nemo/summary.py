"""A session's draft as people read it.

Built from the documented short names (`t`, `tt`, `sg`, `d`, `m.title`); the studio's own keys of `m` and its `s` make
labels, details and places better where they are there, and nothing depends on them.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from nightreel.models import Segment, Timeline, Track
from nightreel.nemo import wire
from nightreel.nemo.parsed import list_in, object_in

Kind = Literal["video", "audio", "text", "other"]

_KINDS: Mapping[int, Kind] = {0: "video", 1: "audio", 7: "text"}
_NAMES: Mapping[str, str] = {"video": "Video", "audio": "BGM", "text": "Title", "other": "Track"}
_LABELS: Mapping[Kind, tuple[str, ...]] = {
    "video": ("title", "name"),
    "audio": ("title", "mood", "name"),
    "text": ("text", "title"),
    "other": ("title", "name"),
}
_MOST_LABELS = 3
_MS = 1000.0


def summarise(state: wire.State) -> Timeline:
    """Return *state*'s draft as a timeline."""
    draft = state.draft
    tracks = tuple(_track(object_in(track)) for track in list_in(draft.get("t")))
    return Timeline(tracks=tracks, seconds=_length(draft, tracks), title=_text(object_in(draft.get("m")), "title"))


def describe(timeline: Timeline) -> str:
    """Return *timeline* on one line: `Timeline (2 tracks): 1. Video: mug.jpg (0-10s) 2. BGM: Lo-fi (0-10s, 35%)`."""
    filled = [track for track in timeline.tracks if track.segments]
    if not filled:
        return "Timeline: nothing in it yet."
    lines = " ".join(f"{number}. {_line(track)}" for number, track in enumerate(filled, 1))
    return f"Timeline ({len(filled)} track{'s' if len(filled) > 1 else ''}): {lines}"


def segments_of(state: wire.State) -> Iterator[tuple[Kind, float, float, Mapping[str, Any]]]:
    """Yield each segment's kind, start and duration in seconds, and its `m` as it came."""
    for track in list_in(state.draft.get("t")):
        told = _track(object_in(track))
        for segment, item in zip(told.segments, list_in(object_in(track).get("sg")), strict=True):
            yield told.kind, segment.start, segment.duration, object_in(object_in(item).get("m"))


def _line(track: Track) -> str:
    start = min(segment.start for segment in track.segments)
    end = max(segment.start + segment.duration for segment in track.segments)
    details = dict.fromkeys(segment.detail for segment in track.segments if segment.detail)
    place = ", ".join((f"{_number(start)}-{_number(end)}s", *details))
    return f"{_NAMES[track.kind]}: {_labels(track.kind, track.segments)} ({place})"


def _labels(kind: str, segments: tuple[Segment, ...]) -> str:
    """Return what the segments are called; how many there are where they have no names."""
    labels = [f'"{segment.label}"' if kind == "text" else segment.label for segment in segments if segment.label]
    if not labels:
        return f"{len(segments)} segment{'s' if len(segments) > 1 else ''}"
    more = f" and {len(labels) - _MOST_LABELS} more" if len(labels) > _MOST_LABELS else ""
    return ", ".join(labels[:_MOST_LABELS]) + more


def _track(track: Mapping[str, Any]) -> Track:
    number = track.get("tt")
    kind = _KINDS.get(number, "other") if isinstance(number, int) else "other"
    segments: list[Segment] = []
    end = 0.0
    for item in list_in(track.get("sg")):
        segment = _segment(kind, object_in(item), end)
        end = segment.start + segment.duration
        segments.append(segment)
    return Track(kind=kind, segments=tuple(segments))


def _segment(kind: Kind, segment: Mapping[str, Any], end: float) -> Segment:
    """Read one segment; without a place of its own it stands where the one before ends."""
    meta = object_in(segment.get("m"))
    start = _ms(segment.get("s"))
    return Segment(
        label=next((text for name in _LABELS[kind] if (text := _text(meta, name))), ""),
        start=end if start is None else start,
        duration=_ms(segment.get("d")) or 0.0,
        detail=_detail(kind, meta),
    )


def _detail(kind: Kind, meta: Mapping[str, Any]) -> str:
    volume = meta.get("volume")
    if kind == "audio" and isinstance(volume, int | float) and not isinstance(volume, bool):
        return f"{volume:.0%}"
    return ""


def _length(draft: Mapping[str, Any], tracks: tuple[Track, ...]) -> float:
    """Return the timeline's length: the draft's own `d`, else the video's durations, else the longest track's."""
    if own := _ms(draft.get("d")):
        return own
    lengths = {"video": 0.0, "rest": 0.0}
    for track in tracks:
        kind = "video" if track.kind == "video" else "rest"
        lengths[kind] = max(lengths[kind], sum(segment.duration for segment in track.segments))
    return lengths["video"] or lengths["rest"]


def _ms(value: object) -> float | None:
    """Return milliseconds as seconds; None for what is no duration."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < float("inf"):
        return None
    return value / _MS


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _text(meta: Mapping[str, Any], name: str) -> str:
    value = meta.get(name)
    return value.strip() if isinstance(value, str) else ""
