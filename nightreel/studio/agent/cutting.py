"""From what is wanted to a draft: lengths, motions, transitions, music and titles."""

import hashlib
from collections.abc import Sequence
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from nightreel.studio.audio.cuts import on_accents
from nightreel.studio.audio.score import accents
from nightreel.studio.draft import (
    AudioMeta,
    AudioTrack,
    Direction,
    Draft,
    DraftMeta,
    Motion,
    Segment,
    TextMeta,
    TextTrack,
    Transition,
    TransitionKind,
    VideoMeta,
    VideoTrack,
)

SHORTEST, LONGEST = 1.0, 180.0
"""Seconds that a video may last."""

_LENGTHS = (400, 450, 500, 550, 600, 650, 700)
"""Milliseconds that a transition may take."""

_MOTIONS = (
    (Motion.ZOOM_IN, Motion.PAN_RIGHT, Motion.PAN_UP),
    (Motion.ZOOM_OUT, Motion.PAN_LEFT, Motion.PAN_DOWN),
)
"""Motions in two families: where a photo has no room for a pan, it gets its family's zoom."""

_ENTER, _LEAVE = 300, 300
"""Milliseconds at the start and at the end without a title."""


class Photo(BaseModel):
    """A photo of the session, or a clip or an animation.

    Attributes:
        seconds: how long it plays; None of a photo.
        loops: whether it begins again at its end, as animated images do.
    """

    model_config = ConfigDict(frozen=True)

    asset: str
    name: str = ""
    seconds: float | None = None
    loops: bool = False

    @property
    def moves(self) -> bool:
        """Whether it moves by itself."""
        return self.seconds is not None

    @property
    def longest(self) -> int | None:
        """How many milliseconds it can be shown without standing still; None if for ever."""
        return None if self.seconds is None or self.loops else max(1, int(self.seconds * 1000))


class Cut(BaseModel):
    """Everything that decides a draft. Later edits change it and the draft is made anew.

    Attributes:
        direction: which way those transitions go that go one.
        lead: milliseconds that each takes; 0 leaves it to the seed.
        music: a mood; "" for none.
        texts: role → text, never empty ones.
    """

    model_config = ConfigDict(frozen=True)

    photos: tuple[Photo, ...]
    seconds: Annotated[float, Field(ge=SHORTEST, le=LONGEST)] = 15.0
    canvas: tuple[int, int] = (1080, 1920)
    transitions: tuple[TransitionKind, ...] = (TransitionKind.CROSS_FADE,)
    direction: Direction = Direction.LEFT
    lead: Annotated[int, Field(ge=0, le=5_000)] = 0
    music: str = "upbeat"
    texts: dict[str, str] = Field(default_factory=dict[str, str])
    position: str = "bottom"
    still: bool = False
    language: str = "en"
    seed: int = 0


def build(cut: Cut, *, second_stage: bool = True) -> Draft:
    """Return the draft of *cut*; without the second stage, the picture alone."""
    total = round(cut.seconds * 1000)
    tracks = [VideoTrack(sg=_video(cut, total))]
    draft = Draft(
        d=total,
        m=DraftMeta(
            title=cut.texts.get("title", "") if second_stage else "",
            width=cut.canvas[0],
            height=cut.canvas[1],
            language=cut.language,
            seed=cut.seed,
        ),
        t=[*tracks],
    )
    if second_stage and cut.music:
        bed = AudioMeta(mood=cut.music, seed=_bed(cut))
        draft.t.append(AudioTrack(sg=[Segment[AudioMeta](d=total, s=0, m=bed)]))
    if second_stage and cut.texts:
        draft.t.append(TextTrack(sg=_text(cut, total)))
    return draft


def lengths(total: int, count: int) -> list[int]:
    """Share *total* ms out evenly to *count* segments: they differ by 1 ms at most and their sum is *total*."""
    return [total * (place + 1) // count - total * place // count for place in range(count)]


def shares(total: int, longest: Sequence[int | None]) -> list[int]:
    """Share *total* ms out as evenly as clips allow that are over sooner: what they leave goes to the others.

    Where all are clips that are too short together, they are shared out evenly, and each is held at its end.
    """
    given: dict[int, int] = {}
    while len(given) < len(longest):
        rest = [place for place in range(len(longest)) if place not in given]
        even = dict(zip(rest, lengths(total - sum(given.values()), len(rest)), strict=True))
        short = {place: most for place in rest if (most := longest[place]) is not None and most < even[place]}
        given |= short or even
    return (
        [given[place] for place in range(len(longest))]
        if sum(given.values()) == total
        else lengths(total, len(longest))
    )


def _video(cut: Cut, total: int) -> list[Segment[VideoMeta]]:
    segments: list[Segment[VideoMeta]] = []
    start = 0
    motions = _motions(cut)
    for place, length in enumerate(_lengths(cut, total)):
        photo = cut.photos[place]
        meta = VideoMeta(
            asset=photo.asset,
            name=photo.name,
            motion=Motion.HOLD if photo.moves else motions[place],
            transition=_transition(cut, place, length),
        )
        segments.append(Segment[VideoMeta](d=length, s=start, m=meta))
        start += length
    return segments


def _lengths(cut: Cut, total: int) -> list[int]:
    """Return the shots' lengths: shared out evenly, and with music bent so that cuts fall on its beats."""
    longest = [photo.longest for photo in cut.photos]
    even = shares(total, longest)
    if not cut.music or min(even) <= 0:
        return even
    return on_accents(even, longest, accents(cut.music, _bed(cut), total))


def _bed(cut: Cut) -> int:
    """Return the music's seed."""
    return _pick(cut.seed, "bed", 0, 2**31)


def _motions(cut: Cut) -> list[Motion]:
    """Return a motion a photo, from a seeded round of each family in turn: no two neighbours move alike."""
    if cut.still:
        return [Motion.HOLD] * len(cut.photos)
    rounds = [sorted(family, key=lambda motion: _digest(cut.seed, "motion", motion.value)) for family in _MOTIONS]
    first = _pick(cut.seed, "family", 0, 2)
    return [rounds[(first + place) % 2][place // 2 % 3] for place in range(len(cut.photos))]


def _transition(cut: Cut, place: int, length: int) -> Transition:
    kind = cut.transitions[(place - 1) % len(cut.transitions)]
    if place == 0 or kind is TransitionKind.CUT:
        return Transition()
    wanted = cut.lead or _LENGTHS[_pick(cut.seed, "transition", place, len(_LENGTHS))]
    return Transition(kind=kind, direction=cut.direction, d=min(wanted, length // 2))


def _text(cut: Cut, total: int) -> list[Segment[TextMeta]]:
    start = min(_ENTER, total // 4)
    length = max(1, total - start - min(_LEAVE, total // 4))
    return [
        Segment[TextMeta].model_validate(
            {"d": length, "s": start, "m": {"text": cut.texts[role], "role": role, "position": cut.position}}
        )
        for role in ("title", "subtitle", "cta", "caption")
        if cut.texts.get(role)
    ]


def _pick(seed: int, purpose: str, place: int, count: int) -> int:
    """Return a number below *count* that hangs on nothing but the arguments."""
    return int.from_bytes(_digest(seed, purpose, place)[:8], "big") % count


def _digest(*parts: object) -> bytes:
    return hashlib.sha256(repr(parts).encode()).digest()
