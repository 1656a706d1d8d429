"""The studio's draft: the documented short names, and what the studio itself keeps in them.

`t` tracks · `tt` track type (0 video, 1 audio, 7 text) · `sg` segments · `d` duration in ms · `s` start in ms ·
`m` metadata. Segments of the video track are contiguous: each starts where the one before ends, and the sum of
their `d` is the draft's; a draft that leaves these out (or says 0) is given them when it is read, and one that says
otherwise is none. A transition belongs to the segment that it leads into and takes its first milliseconds,
during which the segment before goes on moving.
"""

from enum import IntEnum, StrEnum
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

LONGEST = 600_000
"""Milliseconds that a draft may last."""


class TrackType(IntEnum):
    """`tt`."""

    VIDEO = 0
    AUDIO = 1
    TEXT = 7


class Motion(StrEnum):
    """How a photo moves while it is shown."""

    ZOOM_IN = "zoom_in"
    ZOOM_OUT = "zoom_out"
    PAN_LEFT = "pan_left"
    PAN_RIGHT = "pan_right"
    PAN_UP = "pan_up"
    PAN_DOWN = "pan_down"
    HOLD = "hold"


class TransitionKind(StrEnum):
    """How one photo gives way to the next."""

    CUT = "cut"
    CROSS_FADE = "cross_fade"
    DIP_BLACK = "dip_black"
    DIP_WHITE = "dip_white"
    SLIDE = "slide"
    PUSH = "push"
    WHIP = "whip"
    WIPE = "wipe"
    ZOOM = "zoom"
    BLUR = "blur"


class Direction(StrEnum):
    """Which way a slide, push, whip or wipe goes: to the left, the new photo comes from the right."""

    LEFT = "left"
    RIGHT = "right"
    UP = "up"
    DOWN = "down"


class Part(BaseModel):
    """Base of the draft's parts: what we do not know is kept, so that a draft goes back untouched."""

    model_config = ConfigDict(extra="allow", defer_build=True)


class Transition(Part):
    """A transition into a segment; *d* in ms."""

    kind: TransitionKind = TransitionKind.CUT
    direction: Direction = Direction.LEFT
    d: Annotated[int, Field(ge=0, le=5_000)] = 0


class VideoMeta(Part):
    """`m` of a video segment: the asset's id in the session, its file name, its motion.

    Attributes:
        start: where in a clip it begins, in ms.
        volume: of a clip's own sound, 0..1.
    """

    asset: str
    name: str = ""
    start: Annotated[int, Field(ge=0, le=36_000_000)] = 0
    volume: Annotated[float, Field(ge=0, le=1)] = 0.0
    motion: Motion = Motion.ZOOM_IN
    transition: Transition = Transition()


class AudioMeta(Part):
    """`m` of an audio segment: a synthesised bed, or a file of the session.

    Attributes:
        asset, name: the file's id in the session and its name; "" of a bed.
        start: where in the file it begins, in ms.
        mood, seed: of a bed.
        volume: 0..1.
    """

    source: Literal["synth", "asset"] = "synth"
    asset: str = ""
    name: str = ""
    start: Annotated[int, Field(ge=0, le=36_000_000)] = 0
    mood: str = "upbeat"
    seed: int = 0
    volume: Annotated[float, Field(ge=0, le=1)] = 0.35


class Role(StrEnum):
    """What a text is for."""

    TITLE = "title"
    SUBTITLE = "subtitle"
    LOWER_THIRD = "lower_third"
    PRICE = "price"
    CTA = "cta"
    CAPTION = "caption"
    END_CARD = "end_card"


class Style(StrEnum):
    """How a video's texts are designed."""

    CLEAN = "clean"
    BOLD = "bold"
    EDITORIAL = "editorial"
    PLAYFUL = "playful"


Position = Literal["top", "center", "bottom"]
Color = Annotated[str, Field(pattern=r"^#[0-9a-f]{6}$")]
"""sRGB, in lower-case hex: "#1a2b3c"."""


class TextMeta(Part):
    """`m` of a text segment; *old* is the price that a price tag strikes through."""

    text: Annotated[str, Field(max_length=500)]
    role: Role = Role.TITLE
    position: Position = "bottom"
    old: Annotated[str, Field(max_length=100)] = ""


Meta = TypeVar("Meta", bound=Part)


class Segment(Part, Generic[Meta]):
    """One piece of a track; *d* and *s* in ms."""

    d: Annotated[int, Field(gt=0, le=LONGEST)]
    s: Annotated[int, Field(ge=0, le=LONGEST)] = 0
    m: Meta


class VideoTrack(Part):
    """Photos in order."""

    tt: Literal[TrackType.VIDEO] = TrackType.VIDEO
    sg: list[Segment[VideoMeta]] = Field(default_factory=list[Segment[VideoMeta]])


class AudioTrack(Part):
    """Music."""

    tt: Literal[TrackType.AUDIO] = TrackType.AUDIO
    sg: list[Segment[AudioMeta]] = Field(default_factory=list[Segment[AudioMeta]])


class TextTrack(Part):
    """Titles."""

    tt: Literal[TrackType.TEXT] = TrackType.TEXT
    sg: list[Segment[TextMeta]] = Field(default_factory=list[Segment[TextMeta]])


Track = Annotated[VideoTrack | AudioTrack | TextTrack, Field(discriminator="tt")]


class DraftMeta(Part):
    """`m` of the draft; *width* and *height* in pixels.

    Attributes:
        language: BCP 47 code of its texts.
        style: the design of its texts.
        colors: the brand's, the first for accents; empty leaves them to the style.
        font: a family's name; "" leaves it to the style.
    """

    title: str = ""
    width: Annotated[int, Field(ge=64, le=3840, multiple_of=2)] = 1080
    height: Annotated[int, Field(ge=64, le=3840, multiple_of=2)] = 1920
    fps: Annotated[int, Field(ge=10, le=60)] = 30
    language: str = "en"
    seed: int = 0
    style: Style = Style.CLEAN
    colors: Annotated[tuple[Color, ...], Field(max_length=4)] = ()
    font: Annotated[str, Field(max_length=100)] = ""


class Draft(Part):
    """A whole timeline; *d* in ms."""

    d: Annotated[int, Field(ge=0, le=LONGEST)] = 0
    m: DraftMeta = DraftMeta()
    t: list[Track] = Field(default_factory=list[Track])

    @property
    def video(self) -> list[Segment[VideoMeta]]:
        """All video segments, in order."""
        return [segment for track in self.t if isinstance(track, VideoTrack) for segment in track.sg]

    @property
    def audio(self) -> list[Segment[AudioMeta]]:
        """All audio segments, in order."""
        return [segment for track in self.t if isinstance(track, AudioTrack) for segment in track.sg]

    @property
    def text(self) -> list[Segment[TextMeta]]:
        """All text segments, in order."""
        return [segment for track in self.t if isinstance(track, TextTrack) for segment in track.sg]

    @property
    def assets(self) -> dict[str, str]:
        """The files that a render of it needs, shown or heard: what each is called, by its id."""
        music = (segment.m for segment in self.audio if segment.m.source == "asset" and segment.m.volume > 0)
        names: dict[str, str] = {}
        for meta in (*(segment.m for segment in self.video), *music):
            names[meta.asset] = names.get(meta.asset) or meta.name
        return names

    def wire(self) -> dict[str, Any]:
        """Return the draft as it stands in a state answer."""
        return self.model_dump(mode="json")


def read_draft(wire: dict[str, Any]) -> Draft:
    """Read a draft that the studio wrote.

    Raises:
        ValueError: it makes no sense; names the place.
    """
    try:
        draft = Draft.model_validate(wire)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise ValueError(f"draft.{place}: {first['msg']}") from None
    end = _lined_up(draft)
    if end and draft.d not in {0, end}:
        raise ValueError(f"draft.d: {draft.d}, but its video segments last {end} ms")
    draft.d = end or draft.d
    return draft


def _lined_up(draft: Draft) -> int:
    """Give each video segment its start; return where the last one ends, in ms.

    Raises:
        ValueError: one says that it starts elsewhere.
    """
    end = 0
    for number, track in enumerate(draft.t):
        for place, segment in enumerate(track.sg if isinstance(track, VideoTrack) else ()):
            if segment.s not in {0, end}:
                raise ValueError(f"draft.t.{number}.sg.{place}.s: {segment.s}, but it comes on at {end} ms")
            segment.s, end = end, end + segment.d
            if end > LONGEST:
                raise ValueError(f"draft.t.{number}.sg.{place}.d: {segment.d}, which makes more than {LONGEST} ms")
    return end
