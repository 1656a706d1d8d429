"""The evening: what a night would do, and its beginning."""

import asyncio
import gc
import shutil
import tempfile
from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager
from pathlib import Path

from nightreel.catalog import Catalog, Overrides, Plan, PlanItem, parse_mapping, plan, read_catalog
from nightreel.clips import Order, folders_of, places_of, stands
from nightreel.clips.files import plain_errors
from nightreel.delivery import base_of
from nightreel.errors import DiskFull, ExportForbidden, OutOfCredits, SettingsError, StudioError, TokenRejected
from nightreel.files import write_whole
from nightreel.models import Clip, Made, Request, Value
from nightreel.nights.handing import hook_of
from nightreel.nights.lettering import readable
from nightreel.nights.pace import Pace, paces
from nightreel.nights.putting import REHEARSAL_MARK, outbox_of, require_kind, travels_by
from nightreel.runtime import Runtime
from nightreel.sources import open_source
from nightreel.sources.stores import is_bucket

REHEARSED = "The videos in this folder are a rehearsal's: placeholders, made without rendering.\n"

FREE_BYTES = 256 * 1024 * 1024
"""Less than this on the output's disk, and nothing is begun."""

STOPS = (OutOfCredits, DiskFull, TokenRejected, ExportForbidden, SettingsError, StudioError)
"""Errors that the next clip would meet as well: nothing new is begun after one."""


class Night(Value):
    """A planned night.

    Attributes:
        missing: made clips whose files are not in the output folder, or not what they were made as: another key's
            (the catalog was changed and changed back), another account's, cut off. Delivered again, at no cost.
    """

    request: Request
    catalog: Catalog
    plan: Plan
    missing: tuple[Clip, ...] = ()

    @property
    def work(self) -> tuple[Clip, ...]:
        """What there is to do: first what is paid for, then what was begun, then the rest in the catalog's order."""
        items = [item for item in self.plan.items if item.makes]
        items.sort(key=lambda item: item.turn)
        return (*self.missing, *(item.clip for item in items if item.clip is not None))


async def plan_night(request: Request, runtime: Runtime) -> Night:
    """Read the catalog and compare it with the journal; nothing is sent.

    Raises:
        SourceError: there is no such catalog, or nothing in it.
        BriefError: a brief that says something impossible.
        ConfigurationError: the request names what is not there, a folder whose videos are of the other kind, or no
            bucket; or the settings a webhook or an address of videos that will not do.
    """
    await asyncio.to_thread(_require_kind, request.out, rehearse=runtime.settings.rehearse)
    outbox_of(request, runtime.settings)
    hook_of(runtime.settings, runtime)
    if runtime.settings.base_url:
        base_of(runtime.settings.base_url)
    with _uncollected():
        return await _planned(request, runtime)


@contextmanager
def _uncollected() -> Generator[None]:
    """Leave the collector out of it: thousands of values without cycles are made, and it would walk them all."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


async def _planned(request: Request, runtime: Runtime) -> Night:
    overrides = Overrides(formats=request.formats or None, prompt=request.prompt or None, platforms=request.platforms)
    source = open_source(request.source, runtime.settings)
    catalog = await read_catalog(
        source,
        overrides,
        runtime.intake,
        clock=runtime.clock,
        only=request.only,
        mapping=parse_mapping(request.mapping),
    )
    catalog = await asyncio.to_thread(readable, catalog, runtime.typecase)
    known = await runtime.ledger.journal.made(runtime.tools.engine, runtime.tools.account)
    left = await _budget_left(request, runtime)
    return await asyncio.to_thread(_compared, request, catalog, known, left, await paces(runtime), runtime)


def _compared(
    request: Request, catalog: Catalog, known: Mapping[str, Made], left: int | None, pace: Pace, runtime: Runtime
) -> Night:
    planned = plan(
        catalog.products,
        catalog.rejected,
        known,
        runtime.tools.tariff,
        budget_left=left,
        remake=request.remake,
        only=request.only,
    )
    planned = _with_folders(planned, known)
    missing = missing_of(planned.items, request.out.absolute(), runtime.tools.account_id)
    planned = planned.model_copy(update={"seconds": pace.of(planned.affordable, len(missing))})
    return Night(request=request, catalog=catalog, plan=planned, missing=missing)


async def _budget_left(request: Request, runtime: Runtime) -> int | None:
    """Return what a run may spend now: the least that is left of its own budget, the day's and the account's."""
    settings = runtime.settings
    limits: list[int | None] = [request.budget]
    for budget in await runtime.ledger.credits.budgets(runtime.tools.account_id):
        if budget.scope == "day" and settings.budget_per_day:
            limits.append(settings.budget_per_day - budget.used)
        if budget.scope == "account":
            limit = budget.credits if settings.budget is None else settings.budget
            limits.append(limit - budget.used if limit else None)
    return min((max(0, limit) for limit in limits if limit is not None), default=None)


def _with_folders(planned: Plan, known: Mapping[str, Made]) -> Plan:
    """Say in each clip where it will stand: that is decided here, over the whole catalog and all that was made."""
    clips = [item.clip for item in planned.items if item.clip is not None]
    folders = folders_of(clips, known.values())

    def placed(item: PlanItem) -> PlanItem:
        if item.clip is None:
            return item
        clip = item.clip.model_copy(update={"folder": folders[item.clip.product]})
        return item.model_copy(update={"clip": clip})

    return planned.model_copy(update={"items": tuple(placed(item) for item in planned.items)})


def missing_of(items: Iterable[PlanItem], out: Path, account_id: str) -> tuple[Clip, ...]:
    """Return the made clips that do not stand in *out* as they were made."""
    kept = (item for item in items if item.status in {"unchanged", "older recipe"})
    return tuple(
        item.clip
        for item in kept
        if item.clip is not None
        and item.made is not None
        and not stands(places_of(item.clip, out), item.made.key, item.made.take, account_id, item.clip)
    )


async def begin(night: Night, runtime: Runtime, *, run_id: str = "") -> Order:
    """Record the beginning of the run, with its budgets; return the order that its clips are made by.

    With *run_id*, a run of that id is gone on with, if there is one: its budget holds over all of it.

    Raises:
        ConfigurationError: the output folder cannot be written to, or the bucket does not answer.
        DiskFull: there is too little space to begin anything.
    """
    request = night.request
    out = request.out.absolute()
    await asyncio.to_thread(_require_folder, out, rehearse=runtime.settings.rehearse)
    if (outbox := outbox_of(request, runtime.settings)) is not None:
        await require_kind(outbox, out, rehearse=runtime.settings.rehearse)
    if night.work:
        await asyncio.to_thread(_require_space, out)
    tools = runtime.tools
    run_id = await runtime.ledger.journal.begin_run(
        tools.engine,
        tools.account,
        source=request.source,
        out=str(out),
        planned=night.plan.credits,
        budget=request.budget,
        budget_per_day=runtime.settings.budget_per_day,
        budget_in_all=runtime.settings.budget,
        options=request.model_dump(mode="json"),
        run_id=run_id,
    )
    return Order(
        run_id=run_id,
        out=out,
        budget=request.budget,
        remake=_remakes(night.plan),
        source=request.source if is_bucket(request.source) else "",
        put=travels_by(request, runtime.settings),
    )


def _remakes(planned: Plan) -> tuple[str, ...]:
    return tuple(item.clip.key for item in planned.items if item.clip is not None and item.status == "remake")


def _require_folder(out: Path, *, rehearse: bool) -> None:
    """Find out that nothing can be delivered before anything is bought."""
    with plain_errors(out):
        out.mkdir(parents=True, exist_ok=True)
        _require_kind(out, rehearse=rehearse)
        if rehearse and not (out / REHEARSAL_MARK).exists():
            write_whole(out / REHEARSAL_MARK, REHEARSED.encode())
        with tempfile.TemporaryFile(dir=out):
            pass


def _require_kind(out: Path, *, rehearse: bool) -> None:
    """See that placeholders never take the place of videos, nor pass for them: a rehearsal marks its folder."""
    mark = out / REHEARSAL_MARK
    if mark.exists() and not rehearse:
        raise SettingsError(
            f"{out} holds a rehearsal's placeholders.", hint="Name another folder with --out, or remove this one."
        )
    if rehearse and not mark.exists() and out.is_dir() and any(out.iterdir()):
        raise SettingsError(
            f"{out} is not empty, and holds no rehearsal.", hint="Name a folder of its own with --out."
        )


def _require_space(out: Path) -> None:
    free = shutil.disk_usage(out).free
    if free < FREE_BYTES:
        raise DiskFull(
            f"{out} has {free // 2**20} MB left; a run needs {FREE_BYTES // 2**20} MB.",
            hint="Make room, or name another folder with --out.",
        )
