"""watch_source: new and changed photos start a run, each for its product only."""

from prefect import flow, get_client
from prefect.client.schemas import State
from prefect.deployments import arun_deployment
from prefect.states import Completed
from pydantic import ValidationError

from flows import artifacts
from flows.catalog import EVERYTHING
from flows.names import name_of, tags_of, title
from flows.runs import under_way
from nightreel import nights
from nightreel.models import Clip, Request, digest
from nightreel.nights import Night
from nightreel.runtime import open_runtime
from nightreel.settings import settings_of

DEPLOYMENT = "catalog-to-video/on-demand"

STARTED = "watch-source"
"""Tag of the runs that a look has started."""

AT_MOST = 10
"""Runs that one look starts for single products; with more of them new, the rest are made together."""

TOGETHER = 2000
"""Products of one run at most: their names are its parameter, of which Prefect takes half a megabyte."""


@flow(name="watch-source", flow_run_name=name_of, retries=0, persist_result=False)
async def watch_source(request: Request = EVERYTHING) -> State:
    """Look at the catalog, and start a run for each product that is new or changed.

    The journal tells what is new, so a photo that nobody rang the bell for is found by the next look. What is still
    being copied is left to that, too. The same photos start one run a day, however often they are seen.
    With a budget, one run makes all of them within it.
    """
    async with open_runtime(settings_of(request)) as runtime:
        night = await nights.plan_settled(request, runtime)
        day = f"{runtime.clock.now():%Y-%m-%d}"
        account = runtime.tools.account_id
    products = _by_product(night)
    made = await _in_work(request) if products else set[str]()
    new = {product: clips for product, clips in products.items() if product not in made}
    if not new:
        return Completed(message="What is new is being made" if products else "Nothing is new")
    await artifacts.show_plan(night)
    for clips in runs_of(new, request.budget):
        await _start(request, clips, f"{account} {day}")
    return Completed(message=f"Started runs for {len(new)} products")


def _by_product(night: Night) -> dict[str, list[Clip]]:
    found: dict[str, list[Clip]] = {}
    for clip in night.work:
        found.setdefault(clip.product, []).append(clip)
    return found


async def _in_work(request: Request) -> set[str]:
    """Return the products that a run which an earlier look has started has still to make."""
    async with get_client() as client:
        runs = [run async for run in under_way(client, STARTED)]
    asked = [it for run in runs if (it := _asked(run.parameters)) is not None and _kind(it) == _kind(request)]
    return {product for each in asked for product in each.only}


def _asked(parameters: dict[str, object]) -> Request | None:
    try:
        return Request.model_validate(parameters.get("request"))
    except ValidationError:  # of another version of ours
        return None


def _kind(request: Request) -> tuple[object, ...]:
    """Return what two requests have in common that make the same videos."""
    return (request.source, str(request.out), request.engine, request.rehearse)


def runs_of(products: dict[str, list[Clip]], budget: int | None) -> list[list[Clip]]:
    """Return the clips of each run: a product's own, or, where there are many, the rest together.

    With a *budget* it is one run, which keeps it: shared out, it would leave a part of each run over.
    """
    each = list(products.values())
    alone = AT_MOST if budget is None else 0
    rest = [each[first : first + TOGETHER] for first in range(alone, len(each), TOGETHER)]
    together = [[clip for clips in some for clip in clips] for some in rest]
    return [*each[:alone], *together] if budget is None else together[:1]


async def _start(request: Request, clips: list[Clip], once: str) -> None:
    """Start a run for *clips*; a run for the same, with the same word *once*, is not started again."""
    only = request.model_copy(update={"only": tuple(dict.fromkeys(clip.product for clip in clips))})
    await arun_deployment(
        DEPLOYMENT,
        parameters={"request": only.model_dump(mode="json")},
        timeout=0,
        as_subflow=False,
        flow_run_name=title(only),
        tags=[STARTED, *tags_of(clips)],
        idempotency_key=digest([once, sorted(clip.key for clip in clips)]),
    )
