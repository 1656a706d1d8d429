"""The plan as a machine reads it: `nightreel plan --json`."""

from nightreel.catalog import Column
from nightreel.catalog.planner import PlanItem, Status
from nightreel.models import Format, Value
from nightreel.nights.planning import Night


class Line(Value):
    """One line of the plan; as in PlanItem.

    Attributes:
        photos: the names of the photos that it would be made of, in order.
        deliver: it is made, and its files are put into the output folder again.
    """

    product: str
    format: Format | None
    status: Status
    reason: str
    credits: int
    beyond_budget: bool
    deliver: bool
    title: str
    photos: tuple[str, ...]


class FeedReport(Value):
    """What the feed's columns became."""

    dialect: str
    columns: tuple[Column, ...]


class Outlook(Value):
    """A planned night.

    Attributes:
        counts: lines of each status.
        to_make: clips that a run would make; *affordable* of them within the budget.
        credits: what they cost at most.
        seconds: how long a run would take, as far as can be told.
        budget_left: what may be spent now; None means no limit.
        feed: None where folders are the catalog.
        notes: what else people should know.
    """

    source: str
    counts: dict[str, int]
    to_make: int
    affordable: int
    deliver_again: int
    credits: int
    seconds: int
    budget_left: int | None
    items: tuple[Line, ...]
    feed: FeedReport | None
    notes: tuple[str, ...]


def outlook(night: Night) -> Outlook:
    """Return *night* as it is planned."""
    planned, catalog = night.plan, night.catalog
    again = {clip.name for clip in night.missing}
    return Outlook(
        source=night.request.source,
        counts=planned.counts,
        to_make=len(planned.clips),
        affordable=planned.affordable,
        deliver_again=len(night.missing),
        credits=planned.credits,
        seconds=round(planned.seconds),
        budget_left=planned.budget_left,
        items=tuple(_line(item, again) for item in planned.items),
        feed=FeedReport(dialect=catalog.feed, columns=catalog.columns) if catalog.feed else None,
        notes=catalog.notes,
    )


def _line(item: PlanItem, again: set[str]) -> Line:
    clip = item.clip
    return Line(
        product=item.product,
        format=item.format,
        status=item.status,
        reason=item.reason,
        credits=item.credits,
        beyond_budget=item.beyond,
        deliver=clip is not None and clip.name in again,
        title=clip.title if clip else "",
        photos=tuple(photo.name for photo in clip.photos) if clip else (),
    )
