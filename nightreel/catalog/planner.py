"""What a run would do and what it would cost: the catalog against the journal. Pure; nothing is sent."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Literal

from nightreel.catalog.clips import clips_of
from nightreel.catalog.products import Rejected
from nightreel.catalog.words import near
from nightreel.errors import ConfigurationError
from nightreel.models import RECIPE, Clip, Format, Made, Product, Tariff, Value

Status = Literal[
    "new", "changed", "unchanged", "older recipe", "remake", "unfit", "vanished", "unfinished", "given up"
]

MAKES: frozenset[Status] = frozenset({"new", "changed", "remake", "unfinished"})
"""Items that a run works on."""

_SENTENCE = re.compile(r"(?<=[.!?。！？])\s+")


class PlanItem(Value):
    """One line of the plan.

    Attributes:
        product: its id.
        format: None where the whole product is meant (unfit).
        status: what is to be done, or why nothing is.
        reason: in words: which photo or sentence changed, why the product is not fit.
        credits: what it costs at most; nothing where an unfinished clip is paid for already.
        clip: None where there is nothing to make.
        made: what the journal holds of it, or of the clip that it replaces.
    """

    product: str
    format: Format | None
    status: Status
    reason: str = ""
    credits: int = 0
    clip: Clip | None = None
    made: Made | None = None

    @property
    def makes(self) -> bool:
        """Whether a run works on it."""
        return self.clip is not None and self.status in MAKES


class Plan(Value):
    """What a run would do, in the catalog's order.

    Attributes:
        credits: what it costs at most.
        budget_left: what may be spent; None means no limit.
        affordable: how many of the clips to make the budget reaches for, at the full price.
    """

    items: tuple[PlanItem, ...] = ()
    credits: int = 0
    budget_left: int | None = None
    affordable: int = 0

    @property
    def clips(self) -> tuple[Clip, ...]:
        """The clips to make."""
        return tuple(item.clip for item in self.items if item.clip is not None and item.makes)

    @property
    def counts(self) -> dict[str, int]:
        """How many items there are of each status."""
        found: dict[str, int] = {}
        for item in self.items:
            found[item.status] = found.get(item.status, 0) + 1
        return found


def plan(
    products: Sequence[Product],
    rejected: Sequence[Rejected] = (),
    made: Mapping[str, Made] | None = None,
    tariff: Tariff | None = None,
    *,
    budget_left: int | None = None,
    remake: Collection[str] = (),
    only: Collection[str] = (),
) -> Plan:
    """Compare the catalog with what the journal knows.

    Args:
        products: fit to be made.
        rejected: not fit.
        made: the journal's clips of this engine and account, by key, older ones first.
        tariff: what a prompt costs.
        budget_left: credits that may be spent; None means no limit.
        remake: product ids or clip names ("NR-MUG-350 9x16") to be bought again, unless one is only begun.
        only: product ids; empty means all.

    Raises:
        BriefError: a template cannot be filled in.
        ConfigurationError: *remake* or *only* names what is not there.
    """
    journal = dict(made or {})
    costs = tariff or Tariff()
    kept = [product for product in products if not only or product.id in only]
    unfit = [item for item in rejected if not only or item.product in only]
    clips = [clip for product in kept for clip in clips_of(product)]
    _require_known(only, {product.id for product in products} | {item.product for item in rejected})
    named = {name for clip in clips for name in (clip.product, clip.name)}
    _require_known(remake, named | {item.product for item in unfit})
    items = [*_clip_items(clips, journal, costs, remake)]
    items += [PlanItem(product=item.product, format=None, status="unfit", reason=item.reason) for item in unfit]
    items += _vanished(clips, unfit, journal, only)
    total = sum(item.credits for item in items)
    return Plan(
        items=tuple(items), credits=total, budget_left=budget_left, affordable=_affordable(items, budget_left)
    )


def _clip_items(
    clips: Iterable[Clip], journal: Mapping[str, Made], tariff: Tariff, remake: Collection[str]
) -> Iterable[PlanItem]:
    latest = {(made.product, made.format): made for made in journal.values()}
    planned: dict[str, Clip] = {}
    for clip in clips:
        twin = planned.setdefault(clip.key, clip)
        if twin is not clip:
            reason = f"It would be the very same video as {twin.name}: same photos, same words."
            yield PlanItem(product=clip.product, format=clip.format, status="unfit", reason=reason)
            continue
        again = clip.product in remake or clip.name in remake
        known = journal.get(clip.key)
        status, reason = _verdict(clip, known, latest.get((clip.product, clip.format)), again=again)
        paid = known is not None and known.paid and status == "unfinished"
        yield PlanItem(
            product=clip.product,
            format=clip.format,
            status=status,
            reason=reason,
            credits=tariff.first_cut + tariff.export if status in MAKES and not paid else 0,
            clip=clip,
            made=known or latest.get((clip.product, clip.format)),
        )


def _verdict(clip: Clip, known: Made | None, latest: Made | None, *, again: bool) -> tuple[Status, str]:
    if known is None and latest is None:
        return "new", ""
    if known is None:
        return "changed", " ".join(changes(clip, latest)) if latest else ""
    if again and known.status != "open":
        return "remake", "Asked for again."
    if known.status != "made":
        return _NOT_MADE[known.status]
    if known.recipe < RECIPE:
        return "older recipe", f"Made by recipe {known.recipe}, now there is {RECIPE}; --remake buys it again."
    return "unchanged", "" if known.product == clip.product else f"Made as {known.product}."


_NOT_MADE: Mapping[str, tuple[Status, str]] = {
    "open": ("unfinished", "Begun and not ended; it is taken up where it stopped."),
    "failed": ("unfinished", "It failed the last time; it is tried again."),
    "person": ("unfinished", "Somebody has to decide what came of it: `nightreel reconcile`."),
    "given up": ("given up", "You gave it up; --remake buys it again."),
}


def changes(clip: Clip, before: Made) -> list[str]:
    """Say what differs between *clip* and what was made before, as sentences."""
    told = _photo_changes(clip, before)
    was = set(_SENTENCE.split(before.prompt))
    told += [f"Now asked: {part}" for part in _SENTENCE.split(clip.prompt) if part not in was]
    if not told and clip.prompt != before.prompt:
        told = ["The prompt is shorter or in another order."]
    return told or ["The language or the length changed."]


def _photo_changes(clip: Clip, before: Made) -> list[str]:
    now = tuple(photo.sha256 for photo in clip.photos)
    added = [photo.name for photo in clip.photos if photo.sha256 not in before.photos]
    gone = len(set(before.photos) - set(now))
    told: list[str] = []
    if added:
        told.append(f"New or changed: {', '.join(added)}.")
    if gone > len(added):
        told.append(f"{gone - len(added)} fewer of the photos before.")
    if not told and now != before.photos:
        told.append("The photos are in another order.")
    return told


def _vanished(
    clips: Sequence[Clip], unfit: Sequence[Rejected], journal: Mapping[str, Made], only: Collection[str]
) -> Iterable[PlanItem]:
    """Report what was made of products and formats that the catalog does not ask for any more."""
    keys = {clip.key for clip in clips}
    asked = {(clip.product, clip.format) for clip in clips}
    products = {clip.product for clip in clips}
    out = {item.product for item in unfit}
    latest = {(made.product, made.format): made for made in journal.values() if made.key not in keys}
    for (product, format_), made in latest.items():
        if (product, format_) in asked or product in out or (only and product not in only):
            continue
        reason = "The brief does not ask for this format." if product in products else "No longer in the catalog."
        yield PlanItem(product=product, format=format_, status="vanished", reason=reason, made=made)


def _affordable(items: Iterable[PlanItem], budget_left: int | None) -> int:
    count, left = 0, budget_left
    for item in items:
        if not item.makes:
            continue
        if left is not None:
            if item.credits > left:
                break
            left -= item.credits
        count += 1
    return count


def _require_known(asked: Collection[str], known: Collection[str]) -> None:
    for name in asked:
        if name not in known:
            hint = near(name, known) or "`nightreel plan` lists them."
            raise ConfigurationError(f"There is no {name} in the catalog.", hint=hint)
