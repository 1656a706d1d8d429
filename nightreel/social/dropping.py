"""A day's drop: whose sale is over goes, whose turn it is is made and laid out for whoever posts.

Every step may be done again: what was picked is in the journal before anything is bought, what is made is not made
twice, and what lies in the outbox stays.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, NamedTuple

from pydantic import Field

from nightreel.catalog import clips_of
from nightreel.clips.files import plain_errors
from nightreel.delivery import Parcel, made_for
from nightreel.models import Clip, Engine, Format, Product, Rendition, Request, Value
from nightreel.platforms import fitted
from nightreel.report import ClipReport, Review, RunReport, write_report
from nightreel.runtime import Runtime
from nightreel.settings import Settings
from nightreel.social.book import Book
from nightreel.social.planning import Planned
from nightreel.social.record import Post
from nightreel.social.rules import Slot
from nightreel.social.shelf import Shelf
from nightreel.social.shop import Shop, look
from nightreel.social.telling import Told, merged
from nightreel.social.withdrawing import Withdrawal, over, unplanned

Make = Callable[[Request], Awaitable[RunReport | None]]
"""Makes a night's videos, and tells of them; None when it broke off without a word."""


class Drop(Value):
    """What a day's drop is."""

    source: Annotated[
        str,
        Field(
            title="Catalog",
            description="A folder of product folders, one with a feed, a feed file, or a bucket. "
            "Its social.yaml says what is posted when.",
        ),
    ] = "data/catalog"
    out: Annotated[Path, Field(title="Output folder", description="Where videos, the report and the outbox go.")] = (
        Path("out/social")
    )
    rules: Annotated[
        Path | None, Field(title="Rules", description="A file instead of the catalog's own social.yaml.")
    ] = None
    mapping: Annotated[
        tuple[str, ...],
        Field(title="Columns", description="FIELD=COLUMN, for the columns of a feed that is of no known kind."),
    ] = ()
    engine: Annotated[
        Engine | None, Field(title="Made by", description="Nothing: as the settings of the worker say.")
    ] = None
    budget: Annotated[int | None, Field(ge=0, title="Budget", description="Credits, at most.")] = None
    day: Annotated[
        date | None, Field(title="Day", description="Whose turn it is. Nothing: today, in the rules' time zone.")
    ] = None
    only_withdraw: Annotated[
        bool, Field(title="Withdraw only", description="Take out what is on sale no more; make nothing.")
    ] = False
    rehearse: Annotated[
        bool, Field(title="Rehearsal", description="Try it for nothing: the videos are placeholders.")
    ] = False


@dataclass
class Dropped:
    """What came of a drop.

    Attributes:
        planned: today's slots.
        posts: what lies in the outbox for them.
        new: how many of those were laid out now.
        withdrawn: taken out, with the reason.
        missing: picks that could not be made: "MUG 9x16".
        waiting: picks that nobody has approved yet, where that is asked for.
        reports: of the nights that made them.
        notes: about the catalog, as sentences.
    """

    day: date
    planned: tuple[Planned, ...] = ()
    posts: list[Post] = field(default_factory=list[Post])
    new: int = 0
    withdrawn: list[Withdrawal] = field(default_factory=list[Withdrawal])
    missing: list[str] = field(default_factory=list[str])
    waiting: list[str] = field(default_factory=list[str])
    reports: list[RunReport] = field(default_factory=list[RunReport])
    notes: tuple[str, ...] = ()

    @property
    def told(self) -> Told:
        """What there is to say of it."""
        return Told(self.planned, self.posts, self.withdrawn, self.missing, self.waiting, self.notes)


class _Batch(NamedTuple):
    """Products that one request makes, for the slots that want them."""

    request: Request
    wanted: tuple[tuple[Slot, str], ...]


async def drop(what: Drop, runtime: Runtime, make: Make, shelf: Shelf) -> tuple[Dropped, RunReport]:
    """Withdraw, pick, make and lay out; return what came of it, and the report as it was written.

    Raises:
        SourceError: there is no such catalog, or nothing in it.
        ConfigurationError: the rules say something impossible, or the outbox cannot be written to.
    """
    started = runtime.clock.now()
    shop = await look(what.source, runtime, what.rules, what.mapping)
    book = Book(runtime.tools, shop)
    done = Dropped(what.day or started.astimezone(shop.rules.zone).date())
    gone = over((await book.read()).posts.values(), shop.known, started)
    if not what.only_withdraw:
        done.planned = await _pick(book, done.day, started.astimezone(shop.rules.zone).date())
        gone += unplanned((await book.read()).posts.values(), done.planned, done.day)
    await _withdraw(gone, done, book, shelf)
    placing = _Placing(shelf, shop, what.out.absolute(), started, runtime.settings)
    for batch in _batches(done.planned, what):
        report = await make(_within(batch.request, done.reports))
        if report is not None:
            done.reports.append(report)
        await _lay_out(batch, report, done, book, placing)
    done.notes = shop.notes
    report = merged(done.reports, done.told, what.source, runtime, started)
    await asyncio.to_thread(_write, report, what.out.absolute())
    return done, report


async def _pick(book: Book, day: date, today: date) -> tuple[Planned, ...]:
    """Decide what comes on *day*, and write it down before anything is made."""
    await book.see(await book.read(), today)
    planned = await book.plan(day, 1)
    await book.picked(planned, await book.read())
    return planned


async def _withdraw(gone: Sequence[Withdrawal], done: Dropped, book: Book, shelf: Shelf) -> None:
    for it in {it.post.place: it for it in reversed(gone)}.values():
        await shelf.withdraw(it.post.files)
        await book.withdrawn(it.post, it.why)
        done.withdrawn.append(it)


def _batches(planned: Sequence[Planned], what: Drop) -> Iterator[_Batch]:
    """Yield what is to be made: products that want the same formats and words go together."""
    wanted: dict[tuple[str, str], list[Slot]] = {}
    for each in planned:
        for pick in each.picks:
            wanted.setdefault((each.slot.prompt, pick.product), []).append(each.slot)
    groups: dict[tuple[str, tuple[Format, ...]], list[str]] = {}
    for (prompt, product), slots in wanted.items():
        formats = {format_ for slot in slots for format_ in slot.formats}
        groups.setdefault((prompt, tuple(sorted(formats))), []).append(product)
    for (prompt, formats), products in groups.items():
        request = Request(
            source=what.source,
            out=what.out,
            engine=what.engine,
            formats=formats,
            platforms=(),  # laid out here, day by day, whatever the brief says
            prompt=prompt,
            budget=what.budget,
            only=tuple(products),
            mapping=what.mapping,
            rehearse=what.rehearse,
        )
        yield _Batch(request, tuple((slot, it) for it in products for slot in wanted[prompt, it]))


def _within(request: Request, before: Sequence[RunReport]) -> Request:
    """Leave *request* what the drop's earlier ones have left of its budget."""
    if request.budget is None:
        return request
    spent = sum(report.credits.actual + report.credits.reserved for report in before)
    return request.model_copy(update={"budget": max(0, request.budget - spent)})


class _Placing(NamedTuple):
    """What laying out goes by."""

    shelf: Shelf
    shop: Shop
    out: Path
    now: datetime
    settings: Settings

    def waits(self, told: ClipReport) -> bool:
        """Whether somebody has to approve the video before it goes out."""
        return self.settings.review_first and told.review not in {Review.APPROVED, Review.CHANGED}

    async def renditions(self, clip: Clip, told: ClipReport) -> tuple[Rendition, ...]:
        """Return the video as each of the clip's platforms takes it."""
        with plain_errors(self.out):
            return await asyncio.to_thread(made_for, clip, self.out / told.video, rehearsed=self.settings.rehearse)


async def _lay_out(batch: _Batch, report: RunReport | None, done: Dropped, book: Book, by: _Placing) -> None:
    """Put each clip of *batch* that was made where it is posted from; what lies there as it is is not told again."""
    made = {(clip.product, clip.format): clip for clip in report.clips if clip.video} if report else {}
    known = (await book.read()).posts
    for slot, product in batch.wanted:
        for clip in posted(by.shop.products[product], slot):
            told = made.get((product, clip.format))
            if told is None:
                done.missing += [f"{clip.name} for {platform}" for platform in clip.platforms]
                continue
            if by.waits(told):
                done.waiting.append(clip.name)
                continue
            for rendition in await by.renditions(clip, told):
                before = known.get((done.day, rendition.platform.value, product, clip.name))
                post = await _put(slot, clip, told, rendition, before, done, by)
                if post is not None and post != before:
                    done.new += 1
                    await book.put(post)


async def _put(
    slot: Slot, clip: Clip, told: ClipReport, rendition: Rendition, before: Post | None, done: Dropped, by: _Placing
) -> Post | None:
    """Lay one clip out for one platform; None where the platform does not take it.

    What was laid out *before* is not laid out again: whoever posts may have taken it away.
    """
    if not rendition.ok:
        why = "; ".join(f"{check.name} is {check.found}, not {check.wanted}" for check in rendition.checks)
        done.missing.append(f"{clip.name} for {rendition.platform} ({why})")
        return None
    video = by.out / told.video
    parcel = Parcel(
        day=done.day.isoformat(),
        platform=rendition.platform,
        name=video.parent.name,
        video=video.with_name(rendition.file),
        cover=by.out / told.cover,
        text=fitted(rendition.platform, clip.post, clip.hashtags)[0],
    )
    there = before if before is not None and before.sha256 == rendition.sha256 else None
    files = there.files if there else await by.shelf.put(parcel)
    post = _post(slot, clip, rendition, files, done.day, by)
    done.posts.append(post)
    return post


def posted(product: Product, slot: Slot) -> tuple[Clip, ...]:
    """Return the clips of *product* that *slot* posts, each with its platforms and their text. Pure."""
    changed = {"formats": slot.formats, "platforms": slot.platforms}
    return clips_of(product, product.brief.model_copy(update=changed))


def _post(slot: Slot, clip: Clip, rendition: Rendition, files: tuple[str, ...], day: date, by: _Placing) -> Post:
    sale = by.shop.known[clip.product].sale
    shown = sale is not None and sale.on(by.now)
    return Post(
        day=day,
        slot=slot.name,
        platform=rendition.platform,
        product=clip.product,
        clip=clip.name,
        sha256=rendition.sha256,
        files=files,
        sale=shown,
        ends=sale.ends if sale is not None and shown else None,
    )


def _write(report: RunReport, out: Path) -> None:
    with plain_errors(out):
        out.mkdir(parents=True, exist_ok=True)
        write_report(report, out)
