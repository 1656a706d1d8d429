"""`nightreel social`: what is posted on the coming days, changed by hand, and dropped."""

import json
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from nightreel.cli import logs
from nightreel.cli.options import Budget, EngineChoice, Json, Map, Rehearse, Source, Verbose
from nightreel.cli.shell import Signals, err, out, run_async
from nightreel.cli.view import table
from nightreel.errors import ConfigurationError
from nightreel.models import Engine, Request
from nightreel.settings import Settings, load_settings

if TYPE_CHECKING:
    from nightreel.report import RunReport
    from nightreel.runtime import Runtime
    from nightreel.social import Book, Drop, Dropped, Planned, Shop

app = typer.Typer(no_args_is_help=True, help="What is posted when: plan it, change it, drop it.")

Day = Annotated[str, typer.Argument(metavar="DAY", help="2026-11-25, today, tomorrow, or a day of the week.")]
Product = Annotated[str, typer.Argument(metavar="PRODUCT", help="Its id.")]
RulesFile = Annotated[
    Path | None,
    typer.Option("--rules", metavar="FILE", help="The rules.", show_default="social.yaml beside the catalog"),
]
SlotName = Annotated[
    str,
    typer.Option("--slot", metavar="NAME", help="The slot that is meant.", show_default="the day's first, or all"),
]


class Place(NamedTuple):
    """Which catalog is meant, by which rules."""

    source: str
    rules: Path | None
    mapping: list[str] | None


_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_WEEK = 7


def register(to: typer.Typer) -> None:
    """Add the commands."""
    to.add_typer(app, name="social")


@app.command()
def plan(
    source: Source,
    days: Annotated[int, typer.Option("--days", metavar="N", min=1, max=366, help="So many, from today on.")] = 7,
    rules: RulesFile = None,
    mapping: Map = None,
    engine: EngineChoice = None,
    rehearse: Rehearse = False,
    as_json: Json = False,
) -> None:
    """What is posted on the coming days; sends nothing.

    The rules stand in `social.yaml` beside the catalog; without them two products a day come in turn.

        seed: spring                  # another word deals anew
        window: 30                    # days within which nothing comes twice while there are others
        timezone: Europe/Berlin
        slots:
          - days: [mon, wed, fri]
            time: "09:00"
            platforms: [tiktok, instagram-feed]
            count: 2
            pick: [new, sale, turn]   # in the order of preference; also: any
            tags: [gift]              # and categories, without: only products with these words
            stock: true               # only what can be had
            prompt: "Slow zooms."     # over the brief's
            weights: {sale: 3}

    Change it with `pin`, `skip`, `swap` and `reset`; what is changed here is kept, and wins over the rules.
    """
    run_async(_plan(Place(source, rules, mapping), days, _settings(engine, rehearse), as_json=as_json))


@app.command()
def pin(
    source: Source,
    day: Day,
    product: Product,
    slot: SlotName = "",
    rules: RulesFile = None,
    mapping: Map = None,
    engine: EngineChoice = None,
    rehearse: Rehearse = False,
) -> None:
    """Have a product come on that day, whosever turn it is."""

    async def change(book: "Book", on: date) -> None:
        await book.pin(on, product, slot)

    run_async(_change(Place(source, rules, mapping), day, _settings(engine, rehearse), change))


@app.command()
def skip(
    source: Source,
    day: Day,
    product: Annotated[str, typer.Argument(metavar="[PRODUCT]", help="Its id; without one, nothing comes.")] = "",
    slot: SlotName = "",
    rules: RulesFile = None,
    mapping: Map = None,
    engine: EngineChoice = None,
    rehearse: Rehearse = False,
) -> None:
    """Have a product not come on that day, and the next in its place; without a product, have nothing come."""

    async def change(book: "Book", on: date) -> None:
        await book.skip(on, product, slot)

    run_async(_change(Place(source, rules, mapping), day, _settings(engine, rehearse), change))


@app.command()
def swap(
    source: Source,
    day: Day,
    old: Annotated[str, typer.Argument(metavar="OLD", help="The product that was to come.")],
    new: Annotated[str, typer.Argument(metavar="NEW", help="The one that comes instead.")],
    rules: RulesFile = None,
    mapping: Map = None,
    engine: EngineChoice = None,
    rehearse: Rehearse = False,
) -> None:
    """Have another product come in the place of one that is planned."""

    async def change(book: "Book", on: date) -> None:
        await book.swap(on, old, new)

    run_async(_change(Place(source, rules, mapping), day, _settings(engine, rehearse), change))


@app.command()
def reset(
    source: Source,
    day: Day,
    rules: RulesFile = None,
    mapping: Map = None,
    engine: EngineChoice = None,
    rehearse: Rehearse = False,
) -> None:
    """Forget what was changed of that day."""

    async def change(book: "Book", on: date) -> None:
        await book.reset(on)

    run_async(_change(Place(source, rules, mapping), day, _settings(engine, rehearse), change))


@app.command()
def drop(
    source: Source,
    to: Annotated[
        Path | None,
        typer.Option(
            "--out",
            "-o",
            metavar="DIR",
            help="Where videos, the report and the outbox go.",
            show_default="out/social",
        ),
    ] = None,
    day: Annotated[str, typer.Option("--day", metavar="DAY", help="Whose turn it is.", show_default="today")] = "",
    only_withdraw: Annotated[
        bool, typer.Option("--only-withdraw", help="Take out what is on sale no more; make nothing.")
    ] = False,
    rules: RulesFile = None,
    mapping: Map = None,
    budget: Budget = None,
    engine: EngineChoice = None,
    rehearse: Rehearse = False,
    verbose: Verbose = False,
) -> None:
    """Make the day's posts and lay them out: `DIR/outbox/<day>/<platform>/`, for whoever posts them.

    Videos whose sale is over are moved to `DIR/outbox/withdrawn/`; the report tells. Again on the same day, nothing
    is made, bought or laid out twice.
    """
    from nightreel.social import Drop

    logs.set_up(verbose=verbose)
    settings = _settings(engine, rehearse)
    what = Drop(
        source=source,
        out=to or Path("rehearsal/social" if settings.rehearse else "out/social"),
        rules=rules,
        mapping=tuple(mapping or ()),
        engine=engine,
        budget=budget,
        only_withdraw=only_withdraw,
        rehearse=settings.rehearse,
    )
    signals = Signals()
    report = signals.run(_drop(what, day, settings, signals, verbose=verbose))
    raise typer.Exit(report.exit_code)


def _settings(engine: Engine | None, rehearse: bool) -> Settings:
    return load_settings(engine=engine, rehearse=rehearse or None)


@asynccontextmanager
async def _open(place: Place, settings: Settings) -> AsyncGenerator[tuple["Shop", "Book", "Runtime"]]:
    """Open the journal, and read the catalog with its rules."""
    from nightreel import social
    from nightreel.runtime import open_runtime

    async with open_runtime(settings) as runtime:
        with err.status("Reading the catalog…"):
            shop = await social.look(place.source, runtime, place.rules, place.mapping or ())
        yield shop, social.Book(runtime.tools, shop), runtime


async def _plan(place: Place, days: int, settings: Settings, *, as_json: bool) -> None:
    async with _open(place, settings) as (shop, book, runtime):
        planned = await book.plan(_today(shop, runtime), days)
    if as_json:
        out.print_json(json.dumps([_as_json(each) for each in planned]))
        return
    _show(planned)
    for note in shop.notes:
        err.print(note, style="yellow", markup=False)


async def _change(place: Place, day: str, settings: Settings, change: Any) -> None:  # noqa: ANN401 - a function of this module
    """Change one day, and show what comes then."""
    async with _open(place, settings) as (shop, book, runtime):
        today = _today(shop, runtime)
        on = parse_day(day, today)
        await change(book, on)
        _show([each for each in await book.plan(today, (on - today).days + 1) if each.day == on])


async def _drop(what: "Drop", day: str, settings: Settings, signals: Signals, *, verbose: bool) -> "RunReport":
    from nightreel import nights, social
    from nightreel.cli.prefect_api import PrefectApi
    from nightreel.cli.run import make_night, tell_rehearsal

    prefect = PrefectApi(settings.shared_dir, verbose=verbose)

    async def make(request: Request) -> "RunReport":
        night = await nights.plan_night(request, runtime)
        return await make_night(night, runtime, prefect, signals)

    try:
        async with _open(Place(what.source, what.rules, list(what.mapping)), settings) as (shop, _, runtime):
            tell_rehearsal(runtime)
            on = parse_day(day, _today(shop, runtime)) if day else None
            what = what.model_copy(update={"day": on})
            done, report = await social.drop(what, runtime, make, social.FolderShelf.of(settings, what.out))
    finally:
        prefect.drop_unused()
    _tell(done, report, what)
    return report


def _tell(done: "Dropped", report: "RunReport", what: "Drop") -> None:
    from nightreel.social import in_words

    for note in report.notes:
        out.print(note, markup=False, soft_wrap=True)
    out.print(f"\n{in_words(done.told, done.new)}", markup=False)
    out.print(f"Report: {what.out / 'report.html'}", markup=False)


def _today(shop: "Shop", runtime: "Runtime") -> date:
    return runtime.clock.now().astimezone(shop.rules.zone).date()


def parse_day(text: str, today: date) -> date:
    """Read a day: a date, "today", "tomorrow", or the next day of the week of that name.

    Raises:
        ConfigurationError: it is none, or is over.
    """
    word = text.strip().lower()
    if word in {"today", "tomorrow"}:
        return today + timedelta(days=word == "tomorrow")
    named = [number for number, name in enumerate(_DAYS) if len(word) >= len("mon") and name.startswith(word)]
    if named:
        return today + timedelta(days=(named[0] - today.weekday()) % _WEEK)
    try:
        day = date.fromisoformat(word)
    except ValueError:
        raise ConfigurationError(f"{text} is no day.", hint="Say 2026-11-25, today, tomorrow or monday.") from None
    if day < today:
        raise ConfigurationError(f"{day} is over; today is {today}.", hint="Only coming days can be changed.")
    return day


def _show(planned: "Sequence[Planned]") -> None:
    rows: list[tuple[str, ...]] = []
    for each in planned:
        head = (f"{each.day:%a %Y-%m-%d}", f"{each.at:%H:%M}", each.slot.name, ", ".join(each.slot.platforms))
        picks = [(pick.product, pick.why) for pick in each.picks] or [("–", "left out" if each.off else "no product")]
        rows += [(*(head if first else ("",) * len(head)), *pick) for first, pick in _first(picks)]
    out.print(table("", ("day", "time", "slot", "platforms", "product", "why"), rows))
    for each in planned:
        for note in each.notes:
            err.print(f"{each.day}: {note}", style="yellow", markup=False)


def _first(picks: "Sequence[tuple[str, str]]") -> list[tuple[bool, tuple[str, str]]]:
    return [(number == 0, pick) for number, pick in enumerate(picks)]


def _as_json(each: "Planned") -> dict[str, Any]:
    """Return a slot as it is printed for a machine."""
    return {
        "day": each.day.isoformat(),
        "at": each.at.isoformat(),
        "slot": each.slot.name,
        "platforms": list(each.slot.platforms),
        "formats": [format_.value for format_ in each.slot.formats],
        "picks": [pick.model_dump() for pick in each.picks],
        "notes": list(each.notes),
        "off": each.off,
        "dropped": each.dropped,
    }
