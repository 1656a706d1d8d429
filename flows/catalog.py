"""catalog_to_video: a night, from the catalog to the report."""

from collections.abc import Awaitable
from typing import cast

from prefect import flow
from prefect.client.schemas import State
from prefect.states import Completed, Failed

from flows.clips import make_clips, shards
from nightreel import nights
from nightreel.clips import Order
from nightreel.models import Clip, Request
from nightreel.report import RunReport
from nightreel.runtime import open_runtime
from nightreel.settings import settings_of

EVERYTHING = Request()
"""Every parameter of a flow needs a default, or an automation's run silently fails."""


@flow(name="catalog-to-video", flow_run_name="{request.source}", retries=0, persist_result=False)
async def catalog_to_video(request: Request = EVERYTHING) -> State:
    """Make every video that the catalog asks for and the journal does not have yet.

    Plan, drop what is unchanged, make the rest in shards, report. A product whose photos changed meanwhile is planned
    again. The run is only green when every clip was made.
    """
    async with open_runtime(settings_of(request)) as runtime:
        runtime.tools.stopping.listen()
        started = runtime.clock.now()
        night = await nights.plan_night(request, runtime)
        order = await nights.begin(night, runtime)
        interrupted = True
        try:
            await _make_all(night.work, order)
            night, changed = await nights.replanned(night, order, runtime)
            await _make_all(changed, order)
            interrupted = runtime.tools.stopping.asked
        finally:  # whatever breaks off (a stop, Prefect's server): the journal tells what was made
            report = await nights.end(night, order, started, runtime, interrupted=interrupted)
    return state_of(report)


async def _make_all(work: tuple[Clip, ...], order: Order) -> None:
    """Make *work*, shard by shard; one that breaks takes no other with it, one that says so is the last."""
    for shard in shards(work):
        # Prefect's types say that an async flow's state is not awaited; it is.
        state = await cast("Awaitable[State]", make_clips(shard, order, return_state=True))
        if await state.aresult(raise_on_failure=False) is False:
            break


def state_of(report: RunReport) -> State:
    """Tell Prefect what happened: with clips that failed it is not green. A caller in this process gets *report*."""
    words = nights.in_words(report)
    return Failed(message=words, data=report) if report.exit_code else Completed(message=words, data=report)
