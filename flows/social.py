"""social_drop: every day a few products, in turn, in the format of the feeds."""

from collections.abc import Awaitable, Sequence
from datetime import date
from pathlib import Path
from typing import Annotated, cast

from prefect import flow
from prefect.client.schemas import State
from prefect.states import Completed
from pydantic import BaseModel, Field

from flows.catalog import catalog_to_video
from nightreel.catalog import Overrides, read_catalog
from nightreel.models import Engine, Format, Request
from nightreel.runtime import Runtime, open_runtime
from nightreel.settings import load_settings


class Drop(BaseModel):
    """What a day's drop is."""

    source: Annotated[
        str, Field(title="Catalog", description="A folder of product folders, one with a feed, or a feed file.")
    ] = "data/catalog"
    out: Annotated[Path, Field(title="Output folder", description="Where videos and the report go.")] = Path(
        "out/social"
    )
    products: Annotated[int, Field(ge=1, le=100, title="Products a day", description="The next ones in turn.")] = 2
    formats: Annotated[tuple[Format, ...], Field(title="Formats", description="One video in each.")] = (
        Format.VERTICAL,
    )
    engine: Annotated[
        Engine | None, Field(title="Made by", description="Nothing: as the settings of the worker say.")
    ] = None
    budget: Annotated[int | None, Field(ge=0, title="Budget", description="Credits, at most.")] = None
    day: Annotated[date | None, Field(title="Day", description="Whose turn it is. Nothing: today's, by UTC.")] = None


DAILY = Drop()


@flow(name="social-drop", retries=0, persist_result=False)
async def social_drop(drop: Drop = DAILY) -> State:
    """Pick the day's products, in turn, and make their videos; what is made already costs nothing."""
    async with open_runtime(load_settings(engine=drop.engine)) as runtime:
        chosen = pick(await _products(drop, runtime), drop.day or runtime.clock.now().date(), drop.products)
    if not chosen:
        return Completed(message="The catalog has no product")
    request = Request(
        source=drop.source, out=drop.out, engine=drop.engine, formats=drop.formats, budget=drop.budget, only=chosen
    )
    # Prefect's types say that an async flow's state is not awaited; it is.
    return await cast("Awaitable[State]", catalog_to_video(request, return_state=True))


async def _products(drop: Drop, runtime: Runtime) -> list[str]:
    catalog = await read_catalog(drop.source, Overrides(), runtime.intake, clock=runtime.clock)
    return [product.id for product in catalog.products]


def pick(products: Sequence[str], day: date, count: int) -> tuple[str, ...]:
    """Return *count* of *products* for *day*: by their ids, in turn, so that after a round each had its day.

    The same for the same day, however often it is asked.
    """
    ids = sorted(set(products))
    count = min(count, len(ids))
    first = day.toordinal() * count
    return tuple(ids[(first + turn) % len(ids)] for turn in range(count))
