"""Rings Prefect's doorbell: a photo that comes or changes in a watched folder starts a look at the catalog at once.

The scheduled look stays the truth: it finds what is not heard of here (what was there before, a bucket's,
what another machine has, what came while the server was away).
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator, Iterator

from nightreel.cli.prefect_setup import entries
from nightreel.errors import NightreelError
from nightreel.models import Request
from nightreel.nights import Watcher
from nightreel.nights.watching import look
from nightreel.settings import Settings
from nightreel.sources.stores import is_bucket

log = logging.getLogger("nightreel.up")

DEPLOYMENT = "watch"

TOLD = 20
"""Products that an event names."""


@contextlib.asynccontextmanager
async def ringing(settings: Settings) -> AsyncGenerator[None]:
    """Ring within the block, for the catalogs in folders that are watched."""
    rings = [asyncio.create_task(_ring(request, settings)) for request in _watched()]
    try:
        yield
    finally:
        for ring in rings:
            ring.cancel()
        await asyncio.gather(*rings, return_exceptions=True)


def _watched() -> Iterator[Request]:
    """Yield what is watched: folders alone, in which something is heard to move."""
    for entry in entries():
        if entry["name"] == DEPLOYMENT:
            request = Request.model_validate(entry["parameters"]["request"])
            if not is_bucket(request.source):
                yield request


async def _ring(request: Request, settings: Settings) -> None:
    """Tell of the products whose photos come or change, when they stand still; for ever."""
    try:
        known = await asyncio.to_thread(_there, request, settings)
        async with Watcher(request, settings, lambda line: log.info("%s", line)) as watcher:
            while True:
                products = [product for product in await watcher.changed() if product not in known]
                known = frozenset[str]()
                if products:
                    await asyncio.to_thread(_tell, request.source, products)
    except Exception:
        log.exception("%s is not listened to any more; it is still looked at.", request.source)


def _there(request: Request, settings: Settings) -> frozenset[str]:
    """Return the products that are there already."""
    with contextlib.suppress(NightreelError):  # it may come later
        return frozenset(look(request, settings).products)
    return frozenset()


def _tell(source: str, products: list[str]) -> None:
    from flows import events

    said = f"Photos have come or changed: {', '.join(products[:TOLD])}"
    said += f" and {len(products) - TOLD} more" if len(products) > TOLD else ""
    events.tell(events.ARRIVED, "catalog", source, said, products=products[:TOLD])
