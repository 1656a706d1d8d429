"""What every step is given: the tools, the order, the job."""

import asyncio
import functools
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

from nightreel.clips.service import Photos, Service
from nightreel.clips.stopping import Exports, Stopping
from nightreel.clock import Clock
from nightreel.errors import CreditsExhausted, NightreelError, RunStopped, Transient, Unknown
from nightreel.ledger import Claim, Ledger
from nightreel.ledger.notes import LEASE
from nightreel.ledger.records import PurchaseRecord, PurchaseStatus
from nightreel.models import Clip, Engine, Progress, Sink, Step, Tariff, Value
from nightreel.nemo.redact import REDACTOR
from nightreel.settings import Settings

P = ParamSpec("P")
T = TypeVar("T")


class Waits(Value):
    """How long things are waited for, in seconds of the clock.

    Attributes:
        look, look_again: after a prompt of unknown outcome: before the first look at the state, between later ones.
        not_made: since the send, before "not made" may be concluded (protocol.md).
        give_up: beyond that, while the state cannot be read at all; and while an export's status cannot.
        stage_two, stage_poll: for music and title to arrive, and between looks.
        unsure: for them where nobody knows whether they will come: three times and more what they were seen to take.
        poll, stalled: between looks at an export, and without any progress of it.
    """

    look: float = 30
    look_again: float = 60
    not_made: float = 15 * 60
    give_up: float = 10 * 60
    stage_two: float = 5 * 60
    stage_poll: float = 10
    unsure: float = 3 * 60
    poll: float = 30
    stalled: float = 30 * 60


EDIT = "edit"
"""The kind of a purchase that changes what an earlier one made."""

QUICK = {Step.INSPECT, Step.DELIVER}
"""Steps that are begun although the run was asked to stop: they finish a clip."""

LOCAL = Waits(look=2, look_again=5, stage_two=60, stage_poll=0.5, unsure=10, poll=0.5)
"""The studio is near, and does not mind being looked at."""


@dataclass(frozen=True)
class Tools:
    """What the steps work with.

    Attributes:
        photos: the intake; normalises.
        tariff: what prompts and exports are reserved and settled at.
        engine, account: the scope of clips and credits.
        masters: where downloaded videos are kept (`home/masters`).
        sink: told how the steps go on.
        waits: by default the engine's.
        stopping: whether the run was asked to stop.
        exports: whether the plan forbids them.
    """

    nemo: Service
    ledger: Ledger
    photos: Photos
    clock: Clock
    settings: Settings
    engine: Engine
    account: str
    masters: Path
    tariff: Tariff = field(default_factory=Tariff)
    sink: Sink = lambda _progress: None
    waits: Waits | None = None
    stopping: Stopping = field(default_factory=Stopping)
    exports: Exports = field(default_factory=Exports)

    @property
    def patience(self) -> Waits:
        """The waits, or the engine's own."""
        return self.waits or (LOCAL if self.engine is Engine.LOCAL else Waits())

    @property
    def account_id(self) -> str:
        """The account as the ledger names it."""
        return f"{self.engine.value}:{self.account}"


class Order(Value):
    """What a run wants of its clips.

    Attributes:
        run_id: the run; begun when it is not yet.
        out: the output folder.
        budget: credits that the run may spend; None leaves what `begin_run` set.
        remake: keys of clips that are made again although another run made them.
        source: the bucket that photos are in; whoever does not have them downloads them.
        put: the bucket that results travel by, where *out* is another machine's folder; "" where it is this one's.
    """

    run_id: str
    out: Path
    budget: int | None = None
    remake: tuple[str, ...] = ()
    source: str = ""
    put: str = ""


class Job(Value):
    """A clip that is ours to make; can be handed from task to task."""

    clip: Clip
    order: Order
    claim: Claim

    @property
    def clip_id(self) -> str:
        """The journal's id of the clip."""
        return self.claim.clip_id or ""

    @property
    def owner(self) -> str:
        """Who holds it."""
        return self.claim.owner

    @property
    def fence(self) -> int:
        """Which claim of the clip this is."""
        return self.claim.fence


async def claim(clip: Clip, order: Order, tools: Tools) -> Job:
    """Claim *clip* for this runner.

    Raises:
        ClipClaimed: another runner is making it.
    """
    journal = tools.ledger.journal
    if not await journal.has_run(order.run_id):
        await journal.begin_run(
            tools.engine,
            tools.account,
            run_id=order.run_id,
            budget=order.budget,
            budget_per_day=tools.settings.budget_per_day,
            budget_in_all=tools.settings.budget,
        )
    remake = clip.key in order.remake
    held = await tools.ledger.claims.claim(clip, tools.engine, tools.account, order.run_id, remake=remake)
    return Job(clip=clip, order=order, claim=held)


def report(job: Job, tools: Tools, step: Step, fraction: float | None = None, note: str = "") -> None:
    """Tell whoever watches how far a step is."""
    tools.sink(Progress(clip=job.clip.name, step=step, state="progress", fraction=fraction, note=note))


@asynccontextmanager
async def held(claim: Claim, tools: Tools) -> AsyncGenerator[Callable[[], None], None]:
    """Keep hold of the clip through a transfer that may outlast its lease, for as long as bytes move.

    Yields what is called whenever some have moved: it returns at once, and extends the lease now and then. A transfer
    that stands still holds nothing. Whether the clip was lost on the way, the next write says.
    """
    pause = LEASE.total_seconds() / 4
    due = tools.clock.monotonic() + pause
    extending: asyncio.Task[None] | None = None

    async def extend() -> None:
        with suppress(NightreelError):
            await tools.ledger.claims.extend(claim)

    def moved() -> None:
        nonlocal due, extending
        if tools.clock.monotonic() >= due and (extending is None or extending.done()):
            due = tools.clock.monotonic() + pause
            extending = asyncio.create_task(extend())

    try:
        yield moved
    finally:
        if extending is not None:
            await extending


def step(
    which: Step,
) -> Callable[
    [Callable[Concatenate[Job, Tools, P], Awaitable[T]]], Callable[Concatenate[Job, Tools, P], Awaitable[T]]
]:
    """Make a step of a function: its beginning and end are told to the sink, and its end to the journal.

    It is not begun when the run was asked to stop, unless it is a quick one.
    """

    def wrap(
        work: Callable[Concatenate[Job, Tools, P], Awaitable[T]],
    ) -> Callable[Concatenate[Job, Tools, P], Awaitable[T]]:
        @functools.wraps(work)
        async def told(job: Job, tools: Tools, /, *args: P.args, **kwargs: P.kwargs) -> T:
            name = job.clip.name
            tools.sink(Progress(clip=name, step=which, state="started"))
            try:
                if which not in QUICK:
                    tools.stopping.check()
                done = await work(job, tools, *args, **kwargs)
            except RunStopped:
                tools.sink(Progress(clip=name, step=which, state="stopped", note="stopped"))
                raise
            except Exception as error:
                note = str(REDACTOR.clean_error(error))  # Prefect keeps what it says
                tools.sink(Progress(clip=name, step=which, state="failed", note=note))
                raise
            if which is not Step.DELIVER:  # which has given the clip back
                await tools.ledger.journal.stepped(job.claim, which.value)
            tools.sink(Progress(clip=name, step=which, state="done", fraction=1.0))
            return done

        return told

    return wrap


async def stop_spending(tools: Tools, error: CreditsExhausted, available: int | None = None) -> None:
    """Stop all spending on the account, at once and in all runners: the service said 2001.

    *available* is what was seen before; what there is now is read afterwards, if it can be.
    """
    credits_ = tools.ledger.credits
    await credits_.stop(tools.account_id, error.message, available)
    with suppress(NightreelError):
        await credits_.stop(tools.account_id, error.message, (await tools.nemo.credits()).available)


async def looked(reading: Awaitable[T], *, last: bool) -> T | None:
    """Return what *reading* reads; None if it cannot be read now, and that was not the *last* try.

    Raises:
        NightreelError: it cannot be read, and later it would be the same.
    """
    try:
        return await reading
    except NightreelError as error:
        if last or not isinstance(error, Transient | Unknown):
            raise
        return None


async def bought(job: Job, tools: Tools) -> PurchaseRecord | None:
    """Return the purchase that the clip is made of: its last that was carried out or may have been, else its last."""
    purchases = await tools.ledger.purchases.of(clip_id=job.clip_id)
    counting = [one for one in purchases if one.status.open or one.status is PurchaseStatus.DONE]
    return next(iter([*reversed(counting), *reversed(purchases)]), None)


async def paid(job: Job, tools: Tools) -> bool:
    """Whether a prompt of the clip was made or may have been: then its session is not replaced by another."""
    last = await bought(job, tools)
    return last is not None and (last.status.open or last.status is PurchaseStatus.DONE)
