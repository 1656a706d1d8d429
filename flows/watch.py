"""watch_source: new and changed photos start a run, each for its product only."""

from prefect import flow
from prefect.client.schemas import State
from prefect.deployments import arun_deployment
from prefect.states import Completed

from flows import artifacts, events
from flows.catalog import EVERYTHING
from flows.names import name_of, tags_of, title
from nightreel import nights
from nightreel.models import Clip, Request, digest
from nightreel.nights import Night
from nightreel.runtime import open_runtime
from nightreel.settings import settings_of

DEPLOYMENT = "catalog-to-video/on-demand"

AT_MOST = 10
"""Runs that one look starts for single products; with more of them new, one run makes the rest."""


@flow(name="watch-source", flow_run_name=name_of, retries=0, persist_result=False)
async def watch_source(request: Request = EVERYTHING) -> State:
    """Look at the catalog, and start a run for each product that is new or changed.

    The journal tells what is new, so a photo that nobody rang the bell for is found by the next look. What is still
    being copied is left to that, too. The same photos start one run a day, however often they are seen.
    """
    async with open_runtime(settings_of(request)) as runtime:
        night = await nights.plan_settled(request, runtime)
        day = f"{runtime.clock.now():%Y-%m-%d}"
        account = runtime.tools.account_id
    if not night.work:
        return Completed(message="Nothing is new")
    await artifacts.show_plan(night)
    products = _by_product(night)
    for clips in _runs(products):
        await _start(request, clips, f"{account} {day}")
    events.tell(events.PLANNED, "catalog", request.source, f"{len(products)} products are new", new=len(products))
    return Completed(message=f"Started runs for {len(products)} products")


def _by_product(night: Night) -> dict[str, list[Clip]]:
    found: dict[str, list[Clip]] = {}
    for clip in night.work:
        found.setdefault(clip.product, []).append(clip)
    return found


def _runs(products: dict[str, list[Clip]]) -> list[list[Clip]]:
    """Return the clips of each run: a product's own, or, where there are many, the rest in one."""
    each = list(products.values())
    rest = [clip for clips in each[AT_MOST:] for clip in clips]
    return [*each[:AT_MOST], *([rest] if rest else [])]


async def _start(request: Request, clips: list[Clip], once: str) -> None:
    """Start a run for *clips*; a run for the same, with the same word *once*, is not started again."""
    only = request.model_copy(update={"only": tuple(dict.fromkeys(clip.product for clip in clips))})
    await arun_deployment(
        DEPLOYMENT,
        parameters={"request": only.model_dump(mode="json")},
        timeout=0,
        as_subflow=False,
        flow_run_name=title(only),
        tags=tags_of(clips),
        idempotency_key=digest([once, sorted(clip.key for clip in clips)]),
    )
