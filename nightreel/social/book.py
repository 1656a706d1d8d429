"""What is told to the journal of a catalog's posts, and read back."""

from collections.abc import Sequence
from datetime import date

from nightreel.catalog.words import near
from nightreel.clips import Tools
from nightreel.errors import ConfigurationError
from nightreel.social.planning import Planned, plan
from nightreel.social.record import Event, Post, Record, fold
from nightreel.social.shop import Shop

SUBJECT = "social"


class Book:
    """The part of the journal that is about one catalog's posts, on one account."""

    def __init__(self, tools: Tools, shop: Shop) -> None:
        self._tools = tools
        self._shop = shop

    async def read(self) -> Record:
        """Sum up what was told."""
        entries = await self._tools.ledger.diary.read(self._tools.account_id, SUBJECT, self._shop.id)
        return fold((entry.event, entry.body) for entry in entries)

    async def plan(self, today: date, days: int) -> tuple[Planned, ...]:
        """Return what comes on *today* and the days after."""
        return plan(self._shop.rules, self._shop.fit, await self.read(), today, days)

    async def tell(self, event: Event, **body: object) -> None:
        """Append an event."""
        tools = self._tools
        await tools.ledger.diary.tell(tools.engine, tools.account, SUBJECT, self._shop.id, event, **body)

    async def see(self, record: Record, today: date) -> None:
        """Tell which products were not there before."""
        new = [candidate.product for candidate in self._shop.fit if candidate.product not in record.seen]
        if new:
            await self.tell(Event.SEEN, day=today.isoformat(), products=new)

    async def picked(self, planned: Sequence[Planned], record: Record) -> None:
        """Tell what comes today: the same is not told twice."""
        for each in planned:
            products = [pick.product for pick in each.picks]
            if not each.off and record.picked.get((each.day, each.slot.name)) != tuple(products):
                await self.tell(Event.PICKED, day=each.day.isoformat(), slot=each.slot.name, products=products)

    async def put(self, post: Post) -> None:
        """Tell what was put into the outbox."""
        await self.tell(Event.PUT, **post.model_dump(mode="json"))

    async def withdrawn(self, post: Post, why: str) -> None:
        """Tell what was taken out of the outbox."""
        await self.tell(Event.WITHDRAWN, **post.model_dump(mode="json"), why=why)

    # ------------------------------------------------------------------ what a person changes

    async def pin(self, day: date, product: str, slot: str = "") -> None:
        """Have *product* come on *day*, whosever turn it is.

        Raises:
            ConfigurationError: there is no such product, or no such slot on that day.
        """
        self._require(day, product, slot)
        await self.tell(Event.PINNED, day=day.isoformat(), product=product, slot=slot)

    async def skip(self, day: date, product: str = "", slot: str = "") -> None:
        """Have *product* not come on *day*, the next in its place; without one, have nothing come.

        Raises:
            ConfigurationError: there is no such product, or no such slot on that day.
        """
        self._require(day, product, slot)
        await self.tell(Event.SKIPPED, day=day.isoformat(), product=product, slot=slot)

    async def swap(self, day: date, old: str, new: str) -> None:
        """Have *new* come in the place of *old*, in the slot that *old* is planned for.

        Raises:
            ConfigurationError: *old* does not come on that day, or there is no product *new*.
        """
        (planned, *_) = [*await self._of(day, old), None]
        if planned is None:
            raise ConfigurationError(
                f"{old} does not come on {day}.", hint="`nightreel social plan` tells what does."
            )
        slot = planned.slot.name
        self._require(day, new, slot)
        await self.tell(Event.SKIPPED, day=day.isoformat(), product=old, slot=slot)
        await self.tell(Event.PINNED, day=day.isoformat(), product=new, slot=slot)

    async def reset(self, day: date) -> None:
        """Forget what was changed of *day*."""
        await self.tell(Event.RESET, day=day.isoformat())

    async def _of(self, day: date, product: str) -> list[Planned]:
        """Return the slots of *day* that *product* is planned for."""
        today = self._tools.clock.now().astimezone(self._shop.rules.zone).date()
        days = max(1, (day - today).days + 1)
        planned = await self.plan(today, days)
        return [it for it in planned if it.day == day and product in {pick.product for pick in it.picks}]

    def _require(self, day: date, product: str, slot: str) -> None:
        if product and product not in self._shop.known:
            hint = near(product, self._shop.known) or "`nightreel plan` lists them."
            raise ConfigurationError(f"There is no product {product} in the catalog.", hint=hint)
        slots = [it.name for it in self._shop.rules.slots if it.on(day)]
        if not slots:
            raise ConfigurationError(f"Nothing is posted on {day:%A}, {day}.", hint="The rules' `days` say when.")
        if slot and slot not in slots:
            raise ConfigurationError(f"There is no slot {slot} on {day}.", hint=f"There are {', '.join(slots)}.")
