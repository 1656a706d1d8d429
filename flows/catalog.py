"""catalog_to_video: a night, from the catalog to the report."""

from collections.abc import Awaitable
from types import TracebackType
from typing import Self, cast

from prefect import flow
from prefect.client.schemas import State
from prefect.states import Completed, Failed

from flows import artifacts, events, shards
from flows.clips import make_clips
from flows.names import label, name_of
from flows.pictures import Shown
from flows.stopping import draining
from nightreel import nights
from nightreel.clips import Order
from nightreel.errors import NightreelError
from nightreel.models import Clip, Request
from nightreel.nights import Night
from nightreel.report import ClipStatus, RunReport
from nightreel.runtime import Runtime, open_runtime
from nightreel.settings import settings_of

EVERYTHING = Request()
"""Every parameter of a flow needs a default, or an automation's run silently fails."""


@flow(name="catalog-to-video", flow_run_name=name_of, retries=0, persist_result=False)
async def catalog_to_video(request: Request = EVERYTHING) -> State:
    """Make every video that the catalog asks for and the journal does not have yet.

    Plan, drop what is unchanged, make the rest in shards, report. A product whose photos changed meanwhile is planned
    again. The run is only green when every clip was made.
    """
    with _Ending(request) as ending:
        async with open_runtime(settings_of(request)) as runtime, draining(runtime.tools.stopping, outermost=True):
            started = runtime.clock.now()
            night = await nights.plan_night(request, runtime)
            _tell_plan(night)
            await artifacts.show_plan(night)
            await label(night.work)
            order = await nights.begin(night, runtime)
            interrupted = True
            try:
                night = await nights.gathered(night, order, runtime)
                async with artifacts.progress(order, len(night.work), runtime):
                    await _make_all(night.work, order, request, runtime)
                    night, changed = await nights.replanned(night, order, runtime)
                    await _make_all(changed, order, request, runtime)
                interrupted = runtime.tools.stopping.asked
            finally:  # whatever breaks off (a stop, Prefect's server): the journal tells what was made
                report = await nights.end(night, order, started, runtime, interrupted=interrupted)
                ending.report = report
                _tell_trouble(report, runtime)
            await artifacts.show_end(report, Shown.by(runtime.settings, order.out))
        return state_of(report)


async def _make_all(work: tuple[Clip, ...], order: Order, request: Request, runtime: Runtime) -> None:
    """Make *work*: by all workers, what they can; the rest here."""
    if runtime.settings.fan_out == "workers" and events.heard():
        anywhere, work = shards.parted(work, runtime.settings)
        await shards.hand_out(anywhere, order, request, runtime)
    await _make_here(work, order, request)


async def _make_here(work: tuple[Clip, ...], order: Order, request: Request) -> None:
    """Make *work*, shard by shard; one that breaks takes no other with it, one that says so is the last."""
    for shard in shards.cut(work):
        # Prefect's types say that an async flow's state is not awaited; it is.
        state = await cast("Awaitable[State]", make_clips(shard, order, request, return_state=True))
        if await state.aresult(raise_on_failure=False) is False:
            break


def _tell_plan(night: Night) -> None:
    """Ring the bell for whoever waits for the plan."""
    clips, credits_ = len(night.work), night.plan.credits
    words = f"{clips} to make, for {credits_} credits at most"
    events.tell(events.PLANNED, "catalog", night.request.source, words, clips=clips, credits=credits_)


def _tell_trouble(report: RunReport, runtime: Runtime) -> None:
    """Ring the bells for whoever is to be told of clips that need a person, and of low credits."""
    account, available = runtime.tools.account_id, report.credits.available
    for clip in report.clips:
        if clip.status is ClipStatus.NEEDS_PERSON:
            events.tell(events.NEEDS_PERSON, "clip", clip.name, f"{clip.name}: {clip.reason} {clip.hint}")
    if available is not None and available < runtime.settings.credits_low:
        events.tell(events.CREDITS_LOW, "account", account, f"{account} has {available} credits left.")


class _Ending:
    """Rings the bell when the run has ended, in whichever way: by its report, or by what broke it off before one."""

    def __init__(self, request: Request) -> None:
        self._source = request.source
        self.report: RunReport | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        report = self.report
        if report is not None:
            told = {"outcome": report.outcome, "run": report.run_id}
            events.tell(events.FINISHED, "catalog", self._source, nights.in_words(report), **told)
        else:
            said = str(error) if isinstance(error, NightreelError) else getattr(kind, "__name__", "")
            events.tell(
                events.FINISHED, "catalog", self._source, f"It broke off. {said}", outcome="broke off", run=""
            )


def state_of(report: RunReport) -> State:
    """Tell Prefect what happened: with clips that failed it is not green. A caller in this process gets *report*."""
    words = nights.in_words(report)
    return Failed(message=words, data=report) if report.exit_code else Completed(message=words, data=report)
