"""From what is wanted to a draft: lengths, motions, transitions, music and titles."""

import hashlib
from collections.abc import Sequence
from typing import Annotated, cast

from pydantic import BaseModel, ConfigDict, Field, model_validator

from nightreel.studio.agent.lettering import Text, covered, lay_out
from nightreel.studio.audio.cuts import accents_of_beats, on_accents
from nightreel.studio.audio.score import accents
from nightreel.studio.draft import (
    AudioMeta,
    AudioTrack,
    Direction,
    Draft,
    DraftMeta,
    Motion,
    Role,
    Segment,
    Style,
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

LEAST = 500
"""Milliseconds that a photo without a length of its own has at least, where others have theirs."""


class Photo(BaseModel):
    """A photo of the session, or a clip or an animation, and what was asked for it alone.

    Attributes:
        seconds: how long it plays; None of a photo.
        loops: whether it begins again at its end, as animated images do.
        look: decides its motion and its transition's length; None takes its place, so that whoever moves it fixes it.
        length: milliseconds that it shall be shown; None shares out what is left.
        motion: how it shall move; None as all do.
        transition: into it; None as all are.
        beats: of a sound: in ms, from the first of a bar on.
    """

    model_config = ConfigDict(frozen=True)

    asset: str
    name: str = ""
    seconds: float | None = None
    loops: bool = False
    look: int | None = None
    length: Annotated[int, Field(gt=0, le=180_000)] | None = None
    motion: Motion | None = None
    transition: TransitionKind | None = None
    beats: tuple[int, ...] = ()

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
        each: seconds that each photo was asked to have; None where the whole's length was.
        direction: which way those transitions go that go one.
        lead: milliseconds that each takes; 0 leaves it to the seed.
        motions: how photos move, in turn; none leaves it to the seed.
        music: a mood; "" for none.
        track: the file that is played instead, by its id; "" for none.
        volume: of the music, 0..1; None as it is made.
        clips: how loud the clips' own sound is, 0..1.
        past, future: what an undo and a redo bring back; the nearest last.
    """

    model_config = ConfigDict(frozen=True)

    photos: tuple[Photo, ...]
    seconds: Annotated[float, Field(ge=SHORTEST, le=LONGEST)] = 15.0
    each: float | None = None
    canvas: tuple[int, int] = (1080, 1920)
    transitions: tuple[TransitionKind, ...] = (TransitionKind.CROSS_FADE,)
    direction: Direction = Direction.LEFT
    lead: Annotated[int, Field(ge=0, le=5_000)] = 0
    motions: tuple[Motion, ...] = ()
    music: str = "upbeat"
    track: str = ""
    track_name: str = ""
    track_seconds: float | None = None
    track_beats: tuple[int, ...] = ()
    volume: Annotated[float, Field(ge=0, le=1)] | None = None
    clips: Annotated[float, Field(ge=0, le=1)] = 0.0
    texts: tuple[Text, ...] = ()
    style: Style = Style.CLEAN
    colors: tuple[str, ...] = ()
    font: str = ""
    language: str = "en"
    seed: int = 0
    past: tuple["Cut", ...] = ()
    future: tuple["Cut", ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _of_old(cls, data: object) -> object:
        """Read a session of an older studio: texts by role, one position, a switch for still photos."""
        if not isinstance(data, dict):
            return data
        kept = cast("dict[str, object]", data)
        if not isinstance(kept.get("texts"), dict):
            return kept
        position = kept.get("position", "bottom")
        said = cast("dict[str, str]", kept["texts"])
        texts = [{"role": role, "text": text, "position": position} for role, text in said.items()]
        return {**kept, "texts": texts} | ({"motions": [Motion.HOLD]} if kept.get("still") else {})

    def of(self, role: Role) -> tuple[Text, ...]:
        """Return the texts of *role*."""
        return tuple(text for text in self.texts if text.role is role)


def build(cut: Cut, *, second_stage: bool = True) -> Draft:
    """Return the draft of *cut*; without the second stage, the picture alone."""
    total = round(cut.seconds * 1000)
    tracks = [VideoTrack(sg=_video(cut, total))]
    title = next((text.text for text in cut.of(Role.TITLE)), "")
    draft = Draft(
        d=total,
        m=DraftMeta(
            title=title if second_stage else "",
            width=cut.canvas[0],
            height=cut.canvas[1],
            language=cut.language,
            seed=cut.seed,
            style=cut.style,
            colors=cut.colors,
            font=cut.font,
        ),
        t=[*tracks],
    )
    if second_stage and (cut.music or cut.track):
        draft.t.append(AudioTrack(sg=[Segment[AudioMeta](d=total, s=0, m=_sound(cut))]))
    if second_stage and cut.texts:
        draft.t.append(TextTrack(sg=lay_out(cut.texts, total)))
    return draft


def _sound(cut: Cut) -> AudioMeta:
    loud = {} if cut.volume is None else {"volume": cut.volume}
    if cut.track:
        return AudioMeta.model_validate({"source": "asset", "asset": cut.track, "name": cut.track_name, **loud})
    return AudioMeta.model_validate({"mood": cut.music, "seed": _bed(cut), **loud})


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


def _bed(cut: Cut) -> int:
    """Return the music's seed."""
    return _pick(cut.seed, "bed", 0, 2**31)


def timed(total: int, photos: Sequence[Photo]) -> list[int]:
    """Share *total* ms out to *photos*: those with a length of their own have it, the others share what is left.

    Where too little is left, or all have their own, these are scaled so that all are seen and the sum is *total*.
    """
    own = {place: photo.length for place, photo in enumerate(photos) if photo.length is not None}
    if not own:
        return shares(total, [photo.longest for photo in photos])
    others = [place for place in range(len(photos)) if place not in own]
    least = min(LEAST, total // len(photos)) * len(others)
    if (sum(own.values()) > total - least) or (not others and sum(own.values()) != total):
        own = _scaled(own, total - least)
    rest = shares(total - sum(own.values()), [photos[place].longest for place in others]) if others else []
    own |= dict(zip(others, rest, strict=True))
    return [own[place] for place in range(len(photos))]


def lengths_of(cut: Cut, total: int) -> list[int]:
    """Return the shots' lengths in ms, in order; their sum is *total*.

    With music they are bent so that cuts fall on its beats, and with an end card all are seen before it comes, unless
    somebody has said how long a photo is shown.
    """
    if cut.each is not None or any(photo.length for photo in cut.photos):
        return timed(total, cut.photos)
    hidden = covered(cut.texts, total)
    shown = timed(total - hidden, cut.photos)
    found = {at: weight for at, weight in _accents(cut, total).items() if at < total - hidden}
    if found and min(shown) > 0:
        shown = on_accents(shown, [photo.longest for photo in cut.photos], found)
    return [*shown[:-1], shown[-1] + hidden]


def _accents(cut: Cut, total: int) -> dict[int, float]:
    """Return where the music is struck, and how good a place to cut that is; nothing without music."""
    if cut.track:
        return accents_of_beats(cut.track_beats, cut.track_seconds, 0, total)
    return dict(accents(cut.music, _bed(cut), total)) if cut.music else {}


def _scaled(own: dict[int, int], total: int) -> dict[int, int]:
    """Scale lengths so that their sum is *total*; each boundary is rounded, so nothing adds up."""
    whole, run, made, before = sum(own.values()), 0, dict[int, int](), 0
    for place, length in own.items():
        run += length
        edge = max(before + 1, run * total // whole)
        made[place], before = edge - before, edge
    last = next(reversed(made))
    made[last] += total - before
    return made


def _video(cut: Cut, total: int) -> list[Segment[VideoMeta]]:
    segments: list[Segment[VideoMeta]] = []
    start = 0
    for place, length in enumerate(lengths_of(cut, total)):
        photo = cut.photos[place]
        look = place if photo.look is None else photo.look
        meta = VideoMeta(
            asset=photo.asset,
            name=photo.name,
            volume=cut.clips if photo.seconds is not None and not photo.loops else 0.0,
            motion=_motion(cut, photo, place, look),
            transition=_transition(cut, place, look, length),
        )
        segments.append(Segment[VideoMeta](d=length, s=start, m=meta))
        start += length
    return segments


def _motion(cut: Cut, photo: Photo, place: int, look: int) -> Motion:
    """Return how a photo moves: its own way, else all photos', else from a seeded round of each family in turn."""
    if photo.moves:
        return Motion.HOLD
    if photo.motion is not None:
        return photo.motion
    if cut.motions:
        return cut.motions[place % len(cut.motions)]
    rounds = [sorted(family, key=lambda motion: _digest(cut.seed, "motion", motion.value)) for family in _MOTIONS]
    first = _pick(cut.seed, "family", 0, 2)
    return rounds[(first + look) % 2][look // 2 % 3]


def _transition(cut: Cut, place: int, look: int, length: int) -> Transition:
    kind = cut.photos[place].transition or cut.transitions[(look - 1) % len(cut.transitions)]
    if place == 0 or kind is TransitionKind.CUT:
        return Transition()
    wanted = cut.lead or _LENGTHS[_pick(cut.seed, "transition", look, len(_LENGTHS))]
    return Transition(kind=kind, direction=cut.direction, d=min(wanted, length // 2))


def _pick(seed: int, purpose: str, place: int, count: int) -> int:
    """Return a number below *count* that hangs on nothing but the arguments."""
    return int.from_bytes(_digest(seed, purpose, place)[:8], "big") % count


def _digest(*parts: object) -> bytes:
    return hashlib.sha256(repr(parts).encode()).digest()
