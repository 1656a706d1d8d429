"""The composition root: from settings to an open client, journal and ledger.

One runtime a process and event loop: the command line, the flow and its tasks all ask :func:`open_runtime` for it,
the first to ask opens it, the last to leave closes it.
"""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

from nightreel import ledger
from nightreel.clips import Tools, Waits
from nightreel.clock import Clock, SystemClock
from nightreel.files import sweep
from nightreel.images import Intake
from nightreel.models import Engine, Progress, Sink
from nightreel.nemo import NemoClient, Observer, Patience
from nightreel.nemo.auth import TOKENS
from nightreel.settings import Settings, load_settings, make_home
from nightreel.studio.keeper import StudioKeeper, local_token
from nightreel.studio.rehearsal import open_clock
from nightreel.studio.typecase import Typecase

_BUSY = 3.0
"""Seconds, real ones, before which nothing is given up in a rehearsal."""


@dataclass
class Audience:
    """Whoever watches the clips of this process; progress reaches each of them."""

    sinks: list[Sink] = field(default_factory=list[Sink])

    def __call__(self, event: Progress) -> None:
        """Pass *event* on; a Sink."""
        for sink in self.sinks:
            sink(event)


@dataclass(frozen=True)
class Runtime:
    """Everything a run works with.

    Attributes:
        studio: keeps the local studio up; None where the service is elsewhere.
        intake: looks at photos and remembers them.
        tools: what the steps of a clip take.
        audience: who watches.
        typecase: what texts can be set; None where the service's fonts are not known.
    """

    settings: Settings
    clock: Clock
    studio: StudioKeeper | None
    intake: Intake
    tools: Tools
    audience: Audience
    typecase: Typecase | None = None

    @property
    def ledger(self) -> ledger.Ledger:
        """Journal and credits."""
        return self.tools.ledger

    async def warm_up(self) -> None:
        """Have the local studio running; a service elsewhere needs no warming."""
        if self.studio is not None:
            await self.studio.origin()


@dataclass
class _Shared:
    """The process's runtime, and how many use it."""

    runtime: Runtime | None = None
    users: int = 0
    stack: contextlib.AsyncExitStack = field(default_factory=contextlib.AsyncExitStack)
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)


_shared: WeakKeyDictionary[asyncio.AbstractEventLoop, _Shared] = WeakKeyDictionary()


@contextlib.asynccontextmanager
async def open_runtime(settings: Settings | None = None) -> AsyncGenerator[Runtime]:
    """Share the runtime of this process; *settings* count only where it is not open yet."""
    loop = asyncio.get_running_loop()
    shared = _shared.setdefault(loop, _Shared())
    async with shared.turn:
        runtime = shared.runtime or await _opened(shared, settings or load_settings())
        shared.users += 1
    try:
        yield runtime
    finally:
        async with shared.turn:
            shared.users -= 1
            if not shared.users:
                shared.runtime = None
                await shared.stack.aclose()


async def _opened(shared: _Shared, settings: Settings) -> Runtime:
    """Open the process's runtime; what was opened of one that fails is closed again."""
    async with contextlib.AsyncExitStack() as stack:
        shared.runtime = await _open(settings, stack)
        shared.stack = stack.pop_all()
    return shared.runtime


async def _open(settings: Settings, stack: contextlib.AsyncExitStack) -> Runtime:
    """Open everything; nothing is sent, no studio is started yet."""
    make_home(settings)
    for folder in (settings.masters, settings.photo_cache, settings.client_id_file.parent):
        sweep(folder)
    sweep(settings.home_dir, of=TOKENS)
    clock = _clock(settings)
    studio = _studio(settings, clock)
    if studio is not None:
        stack.push_async_callback(studio.close)
    nemo = await stack.enter_async_context(_client(settings, clock, studio))
    books = await stack.enter_async_context(ledger.open_ledger(settings, clock))
    intake = await stack.enter_async_context(Intake(settings.photo_cache))
    audience = Audience()
    tools = Tools(
        nemo=nemo,
        ledger=books,
        clock=clock,
        settings=settings,
        photos=intake,
        engine=settings.engine,
        account=settings.account_name,
        masters=settings.masters,
        tariff=settings.tariff,
        sink=audience,
        waits=_waits(clock) if settings.rehearse else None,
    )
    typecase = Typecase(settings.fonts) if settings.engine is Engine.LOCAL else None
    return Runtime(
        settings=settings,
        clock=clock,
        studio=studio,
        intake=intake,
        tools=tools,
        audience=audience,
        typecase=typecase,
    )


@contextlib.asynccontextmanager
async def open_service(settings: Settings, patience: Patience, observer: Observer) -> AsyncGenerator[NemoClient]:
    """Open the service alone, for whoever wants to see what is wrong with it."""
    clock = _clock(settings)
    async with contextlib.AsyncExitStack() as stack:
        studio = _studio(settings, clock)
        if studio is not None:
            stack.push_async_callback(studio.close)
        yield await stack.enter_async_context(_client(settings, clock, studio, patience, observer))


def _clock(settings: Settings) -> Clock:
    return open_clock(settings.studio_data, settings.rate) if settings.rehearse else SystemClock()


def _waits(clock: Clock) -> Waits:
    """Return a rehearsal's waits: the service's; a fast one leaves its studio what a busy machine needs.

    At rate 2000 fifteen minutes pass in half a second: a studio that gets no turn for so long would seem to have
    lost the prompt.
    """
    usual, least = Waits(), _BUSY / clock.real(1.0)
    return usual.model_copy(
        update={name: max(getattr(usual, name), least) for name in ("not_made", "stage_two", "unsure", "stalled")}
    )


def _studio(settings: Settings, clock: Clock) -> StudioKeeper | None:
    if settings.engine is not Engine.LOCAL or settings.api_url:
        return None
    options = ["--renders-at-once", str(settings.renders_at_once), "--fonts", str(settings.fonts)]
    return StudioKeeper(settings.studio_data, clock, options=options + ["--rehearse"] * settings.rehearse)


def _client(
    settings: Settings,
    clock: Clock,
    studio: StudioKeeper | None,
    patience: Patience | None = None,
    observer: Observer | None = None,
) -> NemoClient:
    origin = studio.origin if studio else None
    token = local_token(settings.studio_data) if studio else None
    return NemoClient(settings, clock=clock, origin=origin, token=token, patience=patience, observer=observer)
