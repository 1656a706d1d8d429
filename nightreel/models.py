"""Frozen values that every layer speaks: photos, products, briefs, clips, timelines, credits.

They are pydantic models so that a flow can take them as parameters and a worker on another machine reads the same.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

RECIPE = 1
"""Our way of making a clip. A newer one never makes a clip "changed": the plan says "older recipe"."""

MAX_FILE_BYTES = 200 * 1024 * 1024
"""What the service takes a file (protocol.md)."""

Background = Annotated[str, StringConstraints(pattern=r"^(#[0-9a-f]{6})?$")]
"""What shows through transparent parts of photos; empty means white."""

Colour = tuple[int, int, int]
"""Red, green, blue, 0..255."""

Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class Value(BaseModel):
    """Base of all frozen values."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class Engine(StrEnum):
    """Which video service makes the clips."""

    LOCAL = "local"
    CLOUD = "cloud"


class Quality(StrEnum):
    """How well a video is encoded; `draft` is a fast preview at half the size."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    DRAFT = "draft"


class Format(StrEnum):
    """A clip's aspect, named as width x height."""

    VERTICAL = "9x16"
    PORTRAIT = "4x5"
    SQUARE = "1x1"
    WIDE = "16x9"

    @property
    def canvas(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return _CANVAS[self]

    @property
    def words(self) -> str:
        """The aspect as a prompt says it: "9:16"."""
        return self.value.replace("x", ":")


_CANVAS = {
    Format.VERTICAL: (1080, 1920),
    Format.PORTRAIT: (1080, 1350),
    Format.SQUARE: (1080, 1080),
    Format.WIDE: (1920, 1080),
}


class Platform(StrEnum):
    """Where videos are shown; each has a preset of checks by its name."""

    TIKTOK = "tiktok"
    REELS = "reels"
    INSTAGRAM_FEED = "instagram-feed"
    STORIES = "stories"
    FACEBOOK_REELS = "facebook-reels"
    SHORTS = "shorts"
    YOUTUBE = "youtube"
    X = "x"
    LINKEDIN = "linkedin"
    PINTEREST = "pinterest"
    MERCHANT = "merchant"


class Step(StrEnum):
    """The steps of a clip, in their order."""

    OPEN = "open session"
    UPLOAD = "upload"
    GENERATE = "generate"
    VERIFY = "verify"
    EXPORT = "export"
    INSPECT = "inspect"
    DELIVER = "deliver"


class Outcome(StrEnum):
    """What came of a request that was sent."""

    DONE = "done"
    FAILED = "failed"
    UNKNOWN = "unknown"


class Decision(StrEnum):
    """What a person says of a prompt of which nothing tells what came."""

    MADE = "made after all"
    NOT_MADE = "not made, try again"
    GIVE_UP = "give up"


class Photo(Value):
    """One photo of a product, as it was probed.

    Attributes:
        path: the file, absolute; for a bucket, the local copy.
        name: its name relative to the source, for people.
        sha256: hash of the bytes as they stand in the source.
        size: bytes.
        kind: the content's type: jpeg, png, webp, heic, gif, mp4, mp3…
        width, height: pixels, after the orientation is applied; 0 of sound.
        warnings: what was noticed and repaired, as sentences.
        alpha: whether parts of it are transparent.
        about: of clips and sound, how long they are and what is in them.
        fingerprint: its look, in hexadecimal, for those that compare photos here; not sent along.
    """

    path: Path
    name: str
    sha256: Sha256
    size: int
    kind: str
    width: int
    height: int
    warnings: tuple[str, ...] = ()
    alpha: bool = False
    about: str = ""
    fingerprint: str = Field(default="", exclude=True, repr=False)


class Brief(Value):
    """What is asked for. Prompt, title, subtitle and cta are templates over the product's fields.

    Attributes:
        template: of the library, whose keys hold where the brief says nothing; empty means none.
        seconds: duration asked for.
        formats: one clip is made in each.
        platforms: where the videos go; a format is added for one that takes none of *formats*.
        post: template of the text that goes with a video there.
        hashtags: template of words for its hashtags, with commas between them.
        prompt: template of the prompt; empty means ours, built of the fields below.
        title, subtitle, cta: templates; empty means none. The last is the call to action: "Shop now".
        transitions, music: words for the prompt ("smooth", "lo-fi"; "none" asks for none).
        style, colors, font: how texts look: a design's name, the brand's colours, a font family's name.
        price, brand, captions: templates: a price tag (with the old price struck through, where there is one), the
            card at the end, and texts that are shown in turn.
        language: BCP 47 code of the session's language.
        locale: BCP 47 code that prices and dates are written by; empty means the language's.
        currency: ISO 4217 code of prices that name none.
        cutout: photos keep their transparent parts, and are sent as PNG.
        background: what shows through transparent parts otherwise, as "#rrggbb"; empty means white.
        photos: at most so many of a product's photos, in order.
    """

    prompt: str = ""
    language: str = "en"
    formats: tuple[Format, ...] = (Format.VERTICAL,)
    platforms: tuple[Platform, ...] = ()
    post: str = "{{ title }}{% if price %} · {{ price }}{% endif %}"
    hashtags: str = "{{ brand }}, {{ product_type }}"
    seconds: Annotated[float, Field(ge=3, le=180)] = 15.0
    title: str = "{{ title | short }}"
    subtitle: str = "{{ price }}"
    transitions: str = "smooth"
    music: str = "upbeat"
    style: Literal["", "clean", "bold", "editorial", "playful"] = ""
    colors: tuple[Annotated[str, StringConstraints(pattern=r"^#[0-9a-f]{6}$")], ...] = ()
    font: Annotated[str, Field(max_length=100)] = ""
    price: str = ""
    brand: str = ""
    captions: tuple[str, ...] = ()
    template: str = ""
    photos: Annotated[int, Field(ge=1, le=100)] = 20
    cta: str = ""
    locale: str = ""
    currency: Annotated[str, StringConstraints(pattern=r"^([A-Z]{3})?$")] = ""
    cutout: bool = False
    background: Background = ""


class Product(Value):
    """One thing to advertise: an id, its fields, its photos in order and the brief that applies to it."""

    id: str
    fields: Mapping[str, str] = Field(default_factory=dict[str, str])
    photos: tuple[Photo, ...]
    brief: Brief = Brief()


class Clip(Value):
    """One video to make: a product in one format.

    Attributes:
        prompt: the rendered prompt, as it will be sent.
        title: the rendered title ("" for none): what verification looks for.
        seconds: duration asked for.
        music: whether music was asked for.
        language: of the session.
        cutout, background: how photos with transparent parts are sent; as in Brief.
        recipe: version of our own way of making it; not part of the key.
        folder: what its files are called after; "" means after the product. Not part of the key.
        platforms, post, hashtags: where it goes, and the text that goes with it. Not part of the key.
    """

    product: str
    format: Format
    photos: tuple[Photo, ...]
    prompt: str
    title: str = ""
    seconds: float = 15.0
    music: bool = True
    language: str = "en"
    cutout: bool = False
    background: Background = ""
    recipe: int = RECIPE
    folder: str = ""
    platforms: tuple[Platform, ...] = ()
    post: str = ""
    hashtags: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """What people call it: "NR-MUG-350 9x16"."""
        return f"{self.product} {self.format.value}"

    @property
    def behind(self) -> Colour | None:
        """What shows through transparent parts of its photos; None keeps them."""
        return behind_of(cutout=self.cutout, background=self.background)

    @property
    def key(self) -> str:
        """Hash of what decides the result: photo contents in order, the rendered brief, the format."""
        decides: dict[str, object] = {
            "photos": [photo.sha256 for photo in self.photos],
            "prompt": self.prompt,
            "title": self.title,
            "seconds": self.seconds,
            "music": self.music,
            "language": self.language,
            "format": self.format.value,
        }
        later = {"cutout": self.cutout, "background": self.background}  # a key without them is as old as ours
        return digest(decides | {name: value for name, value in later.items() if value})


MadeBy = Annotated[
    Engine | None,
    Field(
        title="Made by",
        description="local: the studio on this machine, free. cloud: the NemoVideo service. "
        "Nothing: as the settings of the worker say.",
    ),
]
"""Which engine, as a form asks for it."""


class Request(Value):
    """What a run is asked to do."""  # shown in the form of Prefect, as titles and descriptions are

    source: Annotated[
        str,
        Field(
            title="Catalog",
            description="A folder of product folders, a folder with a feed at its top, a feed file (.csv, .tsv, "
            ".xml), or a bucket.",
        ),
    ] = "data/catalog"
    out: Annotated[Path, Field(title="Output folder", description="Where videos and the report go.")] = Path("out")
    engine: MadeBy = None
    formats: Annotated[
        tuple[Format, ...],
        Field(title="Formats", description="One video in each, over the brief's. None: the brief's."),
    ] = ()
    platforms: Annotated[
        tuple[Platform, ...] | None,
        Field(title="Platforms", description="Where the videos go, over the brief's. Nothing: the brief's."),
    ] = None
    prompt: Annotated[
        str,
        Field(
            title="Prompt",
            description="Over the brief's; may hold {{ title }}, {{ price }} and other fields. Empty: the brief's.",
        ),
    ] = ""
    budget: Annotated[
        int | None,
        Field(ge=0, title="Budget", description="Credits that this run may spend at most. Nothing: no limit."),
    ] = None
    only: Annotated[
        tuple[str, ...], Field(title="Only these products", description="Their ids. None: the whole catalog.")
    ] = ()
    remake: Annotated[
        tuple[str, ...],
        Field(title="Buy again", description="Ids of products whose videos are bought again though nothing changed."),
    ] = ()
    mapping: Annotated[
        tuple[str, ...],
        Field(title="Columns", description="FIELD=COLUMN, for the columns of a feed that is of no known kind."),
    ] = ()
    put: Annotated[
        str,
        Field(title="Put into", description="A bucket, where the results are put as well. Empty: nowhere."),
    ] = ""
    rehearse: Annotated[
        bool,
        Field(
            title="Rehearsal",
            description="Try it for nothing: the videos are placeholders, in a folder of their own.",
        ),
    ] = False
    rate: Annotated[
        float | None,
        Field(gt=0, title="Speed of the rehearsal", description="At 60 a minute passes in a second."),
    ] = None


class Made(Value):
    """A clip as the journal knows it: what the planner compares with.

    Attributes:
        key: the clip's key; with engine and account, its identity.
        status: `open` (begun, not ended), `made`, `failed`, `person` (somebody has to decide) or `given up`.
        photos: hashes of the photos that it was made of, in order.
        video: where it was delivered; None if it was not.
        paid: its prompt was made, or may have been: to go on with it costs nothing more.
        take: 1, and one more for each remake.
        source: the place of the catalog that it was last made from; "" where nobody knows.
        aside: its format was asked for over the brief's: by `--format`, or by a slot of a social plan.
    """

    key: str
    product: str
    format: Format
    recipe: int
    status: Literal["open", "made", "failed", "person", "given up"]
    photos: tuple[Sha256, ...]
    prompt: str
    video: Path | None = None
    paid: bool = False
    take: int = 1
    source: str = ""
    aside: bool = False


class Credits(Value):
    """An account's balance, in credits. *held* is what the service calls frozen: work in progress."""

    available: int
    held: int
    total: int


class Tariff(Value):
    """What a prompt costs, in credits (protocol.md, "Credits"); an account's own, as data.

    Attributes:
        first_cut: the first prompt in a session.
        edit: each later one.
        export: each render.
    """

    first_cut: int = 100
    edit: int = 50
    export: int = 0


class Segment(Value):
    """One piece of a track, in seconds."""

    label: str
    start: float
    duration: float
    detail: str = ""


class Track(Value):
    """One track of a timeline."""

    kind: Literal["video", "audio", "text", "other"]
    segments: tuple[Segment, ...] = ()


class Timeline(Value):
    """A draft as people read it; made from the documented short names alone where there is no more.

    Attributes:
        seconds: where the last segment ends.
    """

    tracks: tuple[Track, ...] = ()
    seconds: float = 0.0
    title: str = ""

    @property
    def ready(self) -> bool:
        """Whether some track has a segment: then the draft can be exported."""
        return any(track.segments for track in self.tracks)

    def of(self, kind: str) -> tuple[Segment, ...]:
        """Return the segments of all tracks of *kind*."""
        return tuple(segment for track in self.tracks if track.kind == kind for segment in track.segments)


class Check(Value):
    """One check of a finished file.

    Attributes:
        name: what was looked at: "duration", "codec", "moov first".
        ok: whether it holds.
        found, wanted: both as people read them, with their unit.
        mend: how what it found can be mended without paying: "remux", "loudness", "size"; "" where it cannot.
    """

    name: str
    ok: bool
    found: str
    wanted: str
    mend: str = ""


class Rendition(Value):
    """A clip as one platform takes it, or why it does not.

    Attributes:
        file: its name beside the master; the master's own where that passes, "" where nothing does.
        how: what was done for it: "as it is", "packed anew", "made louder or quieter", "encoded smaller", "not fit".
        checks: those of the platform's that fail still.
        post: what is amiss with the post's text there; "" where nothing is.
    """

    platform: Platform
    ok: bool
    file: Annotated[str, StringConstraints(pattern=r"^[^/\\\\]*$")] = ""
    how: str = "as it is"
    size: int = 0
    sha256: str = ""
    checks: tuple[Check, ...] = ()
    post: str = ""


class Progress(Value):
    """What a clip is doing, for whoever watches.

    Attributes:
        clip: its name.
        state: of the step.
        fraction: 0..1 of the step, where it is known.
        note: a few words: "waiting for the studio", the error.
    """

    clip: str
    step: Step
    state: Literal["started", "progress", "done", "failed", "stopped"]
    fraction: float | None = None
    note: str = ""


Sink = Callable[[Progress], None]
"""Where progress goes; must not block and must not raise."""


class Delivery(Value):
    """A finished clip as it stands in the output folder.

    Attributes:
        video, cover, record: absolute paths.
        seconds: the video's length.
        size: bytes of the video.
        sha256: its hash.
        credits: what the clip cost.
        renditions: for the platforms that were asked for.
        extras: captions and the post's text, beside the video.
    """

    clip: str
    video: Path
    cover: Path
    record: Path
    seconds: float
    size: int
    sha256: Sha256
    credits: int
    checks: tuple[Check, ...] = ()
    renditions: tuple[Rendition, ...] = ()
    extras: tuple[Path, ...] = ()


def behind_of(*, cutout: bool, background: str) -> Colour | None:
    """Return what shows through transparent parts of photos; None keeps them."""
    if cutout:
        return None
    red, green, blue = bytes.fromhex(background.removeprefix("#") or "ffffff")
    return red, green, blue


def digest(value: object) -> str:
    """Return the SHA-256 of *value* as canonical JSON, in hex."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()
