"""The report's values. Their JSON is public: `report.schema.json` is made of them, and a test keeps the two equal."""

import re
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path, PurePosixPath
from typing import Annotated, Literal, cast

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BeforeValidator,
    ConfigDict,
    computed_field,
    model_validator,
)

from nightreel.errors import ClipClaimed, InputError, NeedsPerson, NightreelError, OutOfCredits, RunStopped
from nightreel.models import Check, Clip, Delivery, Engine, Format, Rendition, Value

_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_GRAVEST_FIRST = (2, 3, 4, 1)
_INTERRUPTED = frozenset({130, 143})


def _printable(value: object) -> object:
    """Replace what can stand in no file of text (control characters, halves of surrogate pairs)."""
    return _UNPRINTABLE.sub("\ufffd", value) if isinstance(value, str) else value


def _inside(value: str) -> str:
    """Let only a path below the report's own folder pass."""
    path = PurePosixPath(value)
    if path.is_absolute() or ".." in path.parts or "\\" in value:
        raise ValueError(f"{value!r} is no path inside the report's folder")
    return value


Words = Annotated[str, BeforeValidator(_printable)]
"""Text from outside, fit to be written."""

Inside = Annotated[Words, AfterValidator(_inside)]
"""A file below the report's folder, relative to it, with forward slashes; empty when there is none."""

Outcome = Literal["made", "nothing new", "some failed", "stopped", "out of credits", "needs a person", "interrupted"]


class Described(Value):
    """Base of the report's values: what is said of a field below it stands in the schema too."""

    model_config = ConfigDict(use_attribute_docstrings=True)


class ClipStatus(StrEnum):
    """What became of a clip in this run."""

    MADE = "made"
    RESTORED = "delivered again"
    UNCHANGED = "unchanged"
    FAILED = "failed"
    SKIPPED = "skipped"
    NEEDS_PERSON = "needs person"


class Review(StrEnum):
    """What a person decided about a video."""

    NONE = ""
    APPROVED = "approved"
    CHANGED = "changed"
    REJECTED = "rejected"


class ClipReport(Described):
    """One clip of the run, or a product of which no clip could be planned."""

    product: Words
    """The product's id."""
    title: Words = ""
    """The title shown in the video, or the product's name."""
    format: Format | None = None
    """The aspect; null where the whole product was left out."""
    status: ClipStatus
    """What became of it."""
    exit_code: int = 0
    """What it asks of the run's exit code."""
    reason: Words = ""
    """Why it was not made, as a sentence."""
    hint: Words = ""
    """What to do about it, as a sentence."""
    seconds: float | None = None
    """The video's length."""
    size: int | None = None
    """The video's size in bytes."""
    sha256: str = ""
    """The video's hash."""
    credits: int = 0
    """What it cost in this run; 0 when it was made in an earlier one."""
    took: float | None = None
    """How many seconds the run worked on it."""
    video: Inside = ""
    """The video, relative to the report."""
    cover: Inside = ""
    """Its cover, relative to the report."""
    record: Inside = ""
    """Its record, relative to the report."""
    checks: tuple[Check, ...] = ()
    """The checks of the finished file."""
    key: Words = ""
    """The clip's key in the journal; a review names it."""
    renditions: tuple[Rendition, ...] = ()
    """How the platforms that were asked for take it."""
    extras: tuple[Inside, ...] = ()
    """Captions and the post's text, relative to the report."""
    review: Review = Review.NONE
    """What a person decided about this very video."""

    @property
    def name(self) -> str:
        """What people call it."""
        return f"{self.product} {self.format.value}" if self.format else self.product


class PhotoWarning(Described):
    """Something about a photo that a person may want to know: repaired, small, rejected."""

    product: Words
    """The product's id."""
    photo: Words
    """The photo's name, relative to the source."""
    text: Words
    """What was noticed, as a sentence."""


class CreditsReport(Described):
    """Where the credits of the run went."""

    planned: int = 0
    """What the plan said the run would cost."""
    actual: int = 0
    """What was settled in this run."""
    reserved: int = 0
    """What is still reserved, because an outcome is unknown."""
    drift: int = 0
    """The account's balance minus what the ledger expects; 0 is right."""
    budget: int | None = None
    """The run's limit; null when it had none."""
    available: int | None = None
    """The account's balance after the run; null when it was not read."""
    spent_today: int = 0
    """What the ledger counts for the account on this day (UTC)."""
    spent_ever: int = 0
    """What the ledger counts for the account in all."""


class RunReport(Described):
    """What one run did."""

    schema_version: Literal[1] = 1
    """Of this form; a change that breaks readers counts it up."""
    run_id: Words
    """The run's id in the journal."""
    engine: Engine
    """Which video service worked."""
    source: Words
    """The catalog, as it was given."""
    started: AwareDatetime
    """When the run began."""
    ended: AwareDatetime
    """When it ended."""
    exit_code: int
    """What the command exits with."""
    clips: tuple[ClipReport, ...] = ()
    """Every clip that the run planned, in the catalog's order."""
    credits: CreditsReport = CreditsReport()
    """Where the credits went."""
    photo_warnings: tuple[PhotoWarning, ...] = ()
    """What was noticed about photos."""
    notes: tuple[Words, ...] = ()
    """Anything else worth a sentence."""

    @model_validator(mode="before")
    @classmethod
    def _drop_outcome(cls, data: object) -> object:
        """Let `report.json` be read back: the outcome follows from the exit code."""
        if not isinstance(data, dict):
            return data
        return {key: value for key, value in cast("dict[str, object]", data).items() if key != "outcome"}

    @computed_field
    @property
    def outcome(self) -> Outcome:
        """The exit code in words."""
        if self.exit_code in _INTERRUPTED:
            return "interrupted"
        told: dict[int, Outcome] = {1: "some failed", 2: "stopped", 3: "out of credits", 4: "needs a person"}
        fine: Outcome = "made" if self.count(ClipStatus.MADE, ClipStatus.RESTORED) else "nothing new"
        return told.get(self.exit_code, "some failed") if self.exit_code else fine

    def count(self, *statuses: ClipStatus) -> int:
        """Return how many clips ended as one of *statuses*."""
        return sum(clip.status in statuses for clip in self.clips)


def exit_code_of(clips: Iterable[ClipReport]) -> int:
    """Return the run's exit code: the first that holds of 2, 3, 4 and 1, else 0."""
    codes = {clip.exit_code for clip in clips}
    return next((code for code in _GRAVEST_FIRST if code in codes), 0)


def made(
    clip: Clip,
    delivery: Delivery,
    out: Path,
    *,
    status: ClipStatus = ClipStatus.MADE,
    took: float | None = None,
    review: Review = Review.NONE,
) -> ClipReport:
    """Tell of a clip that stands in *out*: made in this run, or (unchanged, delivered again) in an earlier one."""
    earlier = status is not ClipStatus.MADE
    return ClipReport(
        product=clip.product,
        title=clip.title,
        format=clip.format,
        status=status,
        seconds=delivery.seconds,
        size=delivery.size,
        sha256=delivery.sha256,
        credits=0 if earlier else delivery.credits,
        took=None if earlier else took,
        video=delivery.video.relative_to(out).as_posix(),
        cover=delivery.cover.relative_to(out).as_posix(),
        record=delivery.record.relative_to(out).as_posix(),
        checks=delivery.checks,
        key=clip.key,
        renditions=delivery.renditions,
        extras=tuple(path.relative_to(out).as_posix() for path in delivery.extras),
        review=review,
    )


def not_made(
    product: str,
    kind: type[NightreelError],
    reason: str,
    hint: str = "",
    *,
    title: str = "",
    format: Format | None = None,  # noqa: A002 - the field's name
    spent: int = 0,
) -> ClipReport:
    """Tell of a clip, or a whole product, that was not made: an error of *kind*; *spent* credits went into it."""
    return ClipReport(
        product=product,
        title=title,
        format=format,
        status=_status_of(kind),
        exit_code=kind.exit_code,
        reason=reason,
        hint=hint,
        credits=spent,
    )


def left_out(clip: Clip, reason: str) -> ClipReport:
    """Tell of a clip that nobody wants any more: nothing about it is amiss."""
    return ClipReport(
        product=clip.product, title=clip.title, format=clip.format, status=ClipStatus.SKIPPED, reason=reason
    )


_LEFT_OUT = (InputError, OutOfCredits, ClipClaimed, RunStopped)


def _status_of(kind: type[NightreelError]) -> ClipStatus:
    """Tell a clip that was left out before anything was sent from one that failed."""
    if issubclass(kind, NeedsPerson):
        return ClipStatus.NEEDS_PERSON
    return ClipStatus.SKIPPED if issubclass(kind, _LEFT_OUT) else ClipStatus.FAILED
