"""Which clip is to be looked at."""

from pathlib import Path
from typing import Annotated

from pydantic import Field

from nightreel import nights
from nightreel.catalog import PlanItem
from nightreel.clips import Order
from nightreel.cuts.answers import Silence
from nightreel.errors import ConfigurationError, ProductRejected
from nightreel.models import Clip, Engine, Format, Request, Value
from nightreel.runtime import Runtime


class Review(Value):
    """A clip, and how it is reviewed."""

    source: Annotated[
        str,
        Field(
            title="Catalog",
            description="A folder of product folders, one with a feed, a feed file, or a bucket.",
        ),
    ] = "data/catalog"
    product: Annotated[str, Field(title="Product", description="Its id; the video of this one is reviewed.")] = ""
    format: Annotated[
        Format | None, Field(title="Format", description="Nothing: the first that its brief asks for.")
    ] = None
    out: Annotated[
        Path, Field(title="Output folder", description="Where the video goes; previews stand in its folder `review`.")
    ] = Path("out")
    engine: Annotated[
        Engine | None, Field(title="Made by", description="Nothing: as the settings of the worker say.")
    ] = None
    budget: Annotated[
        int | None,
        Field(ge=0, title="Budget", description="Credits for the rough cut and all changes. Nothing: no limit."),
    ] = None
    hours: Annotated[float, Field(gt=0, le=24 * 30, title="Wait at most", description="Hours, for each answer.")] = 24
    silence: Annotated[
        Silence, Field(title="If nobody answers", description="Keep waiting, approve the cut, or reject it.")
    ] = Silence.WAIT
    rehearse: Annotated[
        bool, Field(title="Rehearsal", description="Try it for nothing: the videos are placeholders.")
    ] = False


async def choose(review: Review, runtime: Runtime) -> tuple[Clip, Order]:
    """Return the clip that is meant, and the order to make it by: the same one each time, with its budget.

    Raises:
        ConfigurationError: no product is named, or it has no such format.
        ProductRejected: it is not fit.
    """
    if not review.product:
        raise ConfigurationError("No product was named.", hint="Say which product's video is to be reviewed.")
    request = Request(
        source=review.source,
        out=review.out,
        engine=review.engine,
        formats=(review.format,) if review.format else (),
        budget=review.budget,
        only=(review.product,),
        rehearse=review.rehearse,
    )
    night = await nights.plan_night(request, runtime)
    item = next((item for item in night.plan.items if item.status != "vanished"), None)
    clip = _fit(item, review.product)
    return clip, await nights.begin(night, runtime, run_id=f"review_{clip.key[:40]}")


def _fit(item: PlanItem | None, product: str) -> Clip:
    if item is None or item.clip is None:
        reason = item.reason if item else "Nothing is asked for."
        raise ProductRejected(f"{product}: {reason}", hint="See `nightreel plan`.")
    return item.clip
