"""What a run would do and what it would cost: the catalog against the journal. Pure; nothing is sent."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Literal, NamedTuple

from nightreel.catalog.changes import changes
from nightreel.catalog.clips import clips_of
from nightreel.catalog.products import Rejected
from nightreel.catalog.words import near
from nightreel.errors import ConfigurationError
from nightreel.models import RECIPE, Brief, Clip, Format, Made, Product, Tariff, Value
from nightreel.sources import is_place

Status = Literal[
    "new", "changed", "unchanged", "older recipe", "remake", "unfit", "vanished", "unfinished", "given up"
]

MAKES: frozenset[Status] = frozenset({"new", "changed", "remake", "unfinished"})
"""Items that a run works on."""


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
        beyond: the budget does not reach for it, once all that comes before it is paid at the full price.
    """

    product: str
    format: Format | None
    status: Status
    reason: str = ""
    credits: int = 0
    clip: Clip | None = None
    made: Made | None = None
    beyond: bool = False

    @property
    def turn(self) -> int:
        """When its turn comes: first what is paid for, then what was begun, then the rest."""
        if self.status != "unfinished":
            return 2
        return 0 if self.made is not None and self.made.paid else 1

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
        seconds: how long it will take, in real time, as far as can be told; of what the budget reaches for.
    """

    items: tuple[PlanItem, ...] = ()
    credits: int = 0
    budget_left: int | None = None
    affordable: int = 0
    seconds: float = 0.0

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


def plan(  # noqa: PLR0913 - what decides a plan
    products: Sequence[Product],
    rejected: Sequence[Rejected] = (),
    made: Mapping[str, Made] | None = None,
    tariff: Tariff | None = None,
    *,
    budget_left: int | None = None,
    remake: Collection[str] = (),
    only: Collection[str] = (),
    source: str = "",
    aside: bool = False,
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
        source: the catalog's place: what vanished is told of clips that were made from there.
        aside: formats are asked for over the brief's: that others are not asked for says nothing.

    Raises:
        BriefError: a template cannot be filled in.
        ConfigurationError: *remake* or *only* names what is not there.
    """
    journal = dict(made or {})
    kept = [product for product in products if not only or product.id in only]
    unfit = [item for item in rejected if not only or item.product in only]
    _require_known(only, {product.id for product in products} | {item.product for item in rejected})
    asked = [_Asked(clip, clip.key, product.brief) for product in kept for clip in clips_of(product)]
    named = {name for one in asked for name in (one.clip.product, one.clip.name)}
    _require_known(remake, named | {item.product for item in unfit})
    items = [*_clip_items(asked, journal, tariff or Tariff(), remake)]
    items += [PlanItem(product=item.product, format=None, status="unfit", reason=item.reason) for item in unfit]
    ours = [made for made in journal.values() if is_place(made.source, source)]
    items += _vanished(asked, unfit, [made for made in ours if not only or made.product in only], aside=aside)
    beyond = _beyond(items, budget_left)
    return Plan(
        items=tuple(item.model_copy(update={"beyond": True}) if id(item) in beyond else item for item in items),
        credits=sum(item.credits for item in items),
        budget_left=budget_left,
        affordable=sum(item.makes for item in items) - len(beyond),
    )


class _Asked(NamedTuple):
    """A clip that the catalog asks for, its key, and the brief that it is made by."""

    clip: Clip
    key: str
    brief: Brief


def _clip_items(
    asked: Iterable[_Asked], journal: Mapping[str, Made], tariff: Tariff, remake: Collection[str]
) -> Iterable[PlanItem]:
    latest = {(made.product, made.format): made for made in journal.values()}
    planned: dict[str, Clip] = {}
    for one in asked:
        clip, twin = one.clip, planned.setdefault(one.key, one.clip)
        if twin is not clip:
            reason = f"It would be the very same video as {twin.name}: same photos, same words."
            yield PlanItem(product=clip.product, format=clip.format, status="unfit", reason=reason)
            continue
        again = clip.product in remake or clip.name in remake
        known, before = journal.get(one.key), latest.get((clip.product, clip.format))
        status, reason = _verdict(one, known, before, again=again)
        paid = known is not None and known.paid and status == "unfinished"
        yield PlanItem(
            product=clip.product,
            format=clip.format,
            status=status,
            reason=reason,
            credits=tariff.first_cut + tariff.export if status in MAKES and not paid else 0,
            clip=clip,
            made=known or before,
        )


def _verdict(one: _Asked, known: Made | None, latest: Made | None, *, again: bool) -> tuple[Status, str]:
    if known is None and latest is None:
        return "new", ""
    if known is None:
        return "changed", " ".join(changes(one.clip, latest, one.brief)) if latest else ""
    if again and known.status != "open":
        return "remake", "Asked for again."
    if known.status != "made":
        return _NOT_MADE[known.status]
    if known.recipe < RECIPE:
        return "older recipe", f"Made by recipe {known.recipe}, now there is {RECIPE}; --remake buys it again."
    return "unchanged", "" if known.product == one.clip.product else f"Made as {known.product}."


_NOT_MADE: Mapping[str, tuple[Status, str]] = {
    "open": ("unfinished", "Begun and not ended; it is taken up where it stopped."),
    "failed": ("unfinished", "It failed the last time; it is tried again."),
    "person": ("unfinished", "Somebody has to decide what came of it: `nightreel reconcile`."),
    "given up": ("given up", "You gave it up; --remake buys it again."),
}


def _vanished(
    planned: Sequence[_Asked], unfit: Sequence[Rejected], ours: Iterable[Made], *, aside: bool
) -> Iterable[PlanItem]:
    """Report what was made of products and formats that the catalog does not ask for any more."""
    keys = {one.key for one in planned}
    asked = {(one.clip.product, one.clip.format) for one in planned}
    products = {one.clip.product for one in planned}
    out = {item.product for item in unfit}
    latest = {(made.product, made.format): made for made in ours if made.key not in keys}
    for (product, format_), made in latest.items():
        if (product, format_) in asked or product in out or (product in products and (aside or made.aside)):
            continue
        reason = "The brief does not ask for this format." if product in products else "No longer in the catalog."
        yield PlanItem(product=product, format=format_, status="vanished", reason=reason, made=made)


def _beyond(items: Iterable[PlanItem], budget_left: int | None) -> set[int]:
    """Return which of *items*, by `id`, the budget does not reach for: from the first that is too dear, all."""
    if budget_left is None:
        return set()
    left, beyond = budget_left, set[int]()
    for item in sorted((item for item in items if item.makes), key=lambda item: item.turn):
        if item.credits > left or (beyond and item.credits):
            beyond.add(id(item))
        else:
            left -= item.credits
    return beyond


def _require_known(asked: Collection[str], known: Collection[str]) -> None:
    for name in asked:
        if name not in known:
            hint = near(name, known) or "`nightreel plan` lists them."
            raise ConfigurationError(f"There is no {name} in the catalog.", hint=hint)
