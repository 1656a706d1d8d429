"""Watch a source: which products have changed and stand still again."""

import asyncio
import contextlib
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from nightreel.catalog import Catalog, Named, Overrides, Plan, Rejected, list_products, parse_mapping
from nightreel.clock import Clock, SystemClock
from nightreel.errors import NightreelError, SourceError
from nightreel.models import Request
from nightreel.nights.planning import Night, plan_night
from nightreel.nights.putting import outbox_of
from nightreel.nights.stillness import Sight, Stillness, differences
from nightreel.runtime import Runtime
from nightreel.settings import Settings
from nightreel.sources import Bell, Bucket, Entry, Folder, is_bucket, open_source
from nightreel.sources.web import Web

LULL = 0.25
"""Seconds between two looks at least; and twice as long as a look takes, so that a long copy keeps no core busy."""

AT_ONCE = 200
"""Products of one run at most: their names are a flow's parameter, and Prefect bounds its size."""

TOLD = 5
"""So many of the products that failed are named."""


@dataclass(frozen=True)
class Look:
    """What a source shows at once: its products, and the folders in which they could change."""

    products: Mapping[str, Sight]
    folders: frozenset[Path] = frozenset()


def look(request: Request, settings: Settings) -> Look:
    """Look at the source of *request*: it is listed, and no photo is opened. Blocks.

    Raises:
        SourceError: it cannot be listed, or nothing is in it.
        BriefError: a brief that says something impossible.
    """
    source = open_source(request.source, settings)
    overrides = Overrides(formats=request.formats or None, prompt=request.prompt or None)
    web = Web(settings.photo_cache / "web", SystemClock(), bool)  # names photos; nothing is fetched to see them
    found = list(list_products(source, overrides, web=web, mapping=parse_mapping(request.mapping)).found)
    products = [named for named in found if isinstance(named, Named)]
    sights = {
        named.id: Sight(
            words=hashlib.sha256(f"{named.brief!r}{sorted(named.fields.items())!r}".encode()).hexdigest(),
            files={entry.name: entry.stamp for entry in named.photos[: named.brief.photos]},
        )
        for named in products
    }
    sights |= {one.product: Sight(problem=one.reason) for one in found if isinstance(one, Rejected)}
    if request.only:
        sights = {product: sight for product, sight in sights.items() if product in request.only}
    photos = (entry.path.parent for named in products for entry in named.photos if entry.fetch is None)
    folders = _folders(request.source)
    return Look(sights, folders | {*photos} if folders else folders)


def require(request: Request, settings: Settings) -> None:
    """See that there is something to watch, though it may be empty yet, and a place for the results. Blocks.

    Raises:
        SourceError: there is no such source, or no such bucket.
    """
    if (outbox := outbox_of(request, settings)) is not None:
        outbox.require()
    source = open_source(request.source, settings)
    if isinstance(source, Bucket):
        source.entries()
    elif not Path(source).expanduser().exists():
        raise SourceError(f"There is no folder or feed {source}.", hint="Check the path.")


def _folders(source: str) -> frozenset[Path]:
    """Return the folders on this machine in which something of *source* could move; none of a bucket's."""
    path = Path(source).expanduser().absolute()
    root = path.parent if path.is_file() else path
    if is_bucket(source) or not root.is_dir():
        return frozenset()
    inner: tuple[Entry, ...] = ()
    with contextlib.suppress(SourceError):  # it is told by who lists the products
        inner = Folder(root).entries()
    return frozenset({root, *(entry.path for entry in inner if entry.kind == "folder")})


class Watcher:
    """Sees what changes in a source; used as an async context manager.

    Photos come in real time, also in a rehearsal.

    Args:
        request: says which source.
        settings: say how long a file must stand still, and how often everything is looked at.
        tell: is given each thing that was seen, as a line.
        clock: of real time.
    """

    def __init__(
        self, request: Request, settings: Settings, tell: Callable[[str], None], clock: Clock | None = None
    ) -> None:
        self._request, self._settings, self._tell = request, settings, tell
        self._clock = clock or SystemClock()
        self._stillness = Stillness(settings.settle)
        self._bell = Bell()
        self._trouble = ""
        self._pause = LULL

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._bell.close()

    async def changed(self) -> tuple[str, ...]:
        """Wait until products have changed and stand still; return those that can be made."""
        while True:
            soon = await self._look()
            took = self._stillness.take(self._clock.monotonic())
            for product, (before, now) in took.items():
                self._tell(differences(product, before, now))
            if ready := tuple(product for product, (_, now) in took.items() if not now.problem):
                return ready
            await self._wait(soon=soon)

    def failed(self, products: tuple[str, ...]) -> None:
        """Have *products* come again some time later, though they do not change."""
        waits = self._stillness.failed(products, self._clock.monotonic())
        for product, seconds in list(waits.items())[:TOLD]:
            self._tell(f"{product} is tried again in {seconds / 60:.0f} minutes, or when it changes")
        if len(waits) > TOLD:
            self._tell(f"and so are {len(waits) - TOLD} more")

    async def _look(self) -> bool:
        """Look; return whether somebody should look again soon, since the bell was not hung yet."""
        self._bell.hush()
        began = self._clock.monotonic()
        try:
            seen = await asyncio.to_thread(look, self._request, self._settings)
        except NightreelError as error:  # half a brief, a network that is gone: it is told once, and looked at again
            if str(error) != self._trouble:
                self._tell(f"✗ {error}")
            self._trouble = str(error)
            return await self._bell.hang(await asyncio.to_thread(_folders, self._request.source))
        self._trouble = ""
        now = self._clock.monotonic()
        self._pause = max(LULL, 2 * (now - began))
        begun, gone = self._stillness.see(seen.products, now)
        for product in begun:
            self._tell(f"{product} is coming or changing…")
        for product in gone:
            self._tell(f"{product} is gone; its videos are kept")
        return await self._bell.hang(seen.folders)

    async def _wait(self, *, soon: bool) -> None:
        """Wait until something moves, or could be still; at most as long as everything may go without a look."""
        now = self._clock.monotonic()
        due = self._stillness.due(now)
        seconds = min(due or self._settings.scan_every, self._settings.scan_every)
        if soon:
            seconds = min(seconds, self._settings.settle)
        await self._clock.sleep(min(self._pause, seconds))
        left = max(0.0, now + seconds - self._clock.monotonic())
        waiting = [asyncio.ensure_future(self._bell.wait()), asyncio.ensure_future(self._clock.sleep(left))]
        try:
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in waiting:
                one.cancel()


async def plan_settled(request: Request, runtime: Runtime, clock: Clock | None = None) -> Night:
    """Plan a night as :func:`plan_night` does, of those products alone that stand still.

    The source is looked at twice, `settle` seconds apart: what differs is still being copied, and is left to the next
    call. Nothing is remembered between two calls: the journal tells what is new.

    Raises:
        SourceError: it cannot be listed, or nothing is in it.
        BriefError: a brief that says something impossible.
    """
    before = await asyncio.to_thread(look, request, runtime.settings)
    await (clock or SystemClock()).sleep(runtime.settings.settle)
    now = await asyncio.to_thread(look, request, runtime.settings)
    still = tuple(
        product
        for product, sight in now.products.items()
        if sight == before.products.get(product) and not sight.problem
    )
    asked = request.model_copy(update={"only": still})
    return await plan_night(asked, runtime) if still else Night(request=asked, catalog=Catalog(), plan=Plan())
