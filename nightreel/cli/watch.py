"""`nightreel watch`: keep watching."""

import logging
from typing import TYPE_CHECKING, Annotated

import typer

from nightreel.cli import logs
from nightreel.cli.options import (
    Budget,
    EngineChoice,
    Formats,
    Map,
    Only,
    Out,
    Prompt,
    Put,
    Rate,
    Rehearse,
    Source,
    Verbose,
    request_of,
)
from nightreel.cli.plan import in_words
from nightreel.cli.prefect_api import PrefectApi
from nightreel.cli.run import make_night, show, tell_rehearsal
from nightreel.cli.shell import Signals, Stopped, complain, err, out
from nightreel.errors import NightreelError, TokenRejected
from nightreel.models import Request
from nightreel.settings import Settings, settings_of

if TYPE_CHECKING:
    from nightreel.nights import Watcher
    from nightreel.report import RunReport
    from nightreel.runtime import Runtime

log = logging.getLogger("nightreel.cli")

EXHAUSTED = 3

Settle = Annotated[
    float | None,
    typer.Option(
        "--settle",
        metavar="SECONDS",
        min=0.1,
        max=3600,
        help="Take a file for whole when its size and time have stood still for so long.",
        show_default="2, or NIGHTREEL_SETTLE",
    ),
]
Interval = Annotated[
    float | None,
    typer.Option(
        "--interval",
        metavar="SECONDS",
        min=0.1,
        max=86400,
        help="Look through everything at least so often; a bucket is seen to change in no other way.",
        show_default="60, or NIGHTREEL_SCAN_EVERY",
    ),
]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(watch)


def watch(
    source: Source,
    to: Out = None,
    engine: EngineChoice = None,
    formats: Formats = None,
    prompt: Prompt = "",
    budget: Budget = None,
    only: Only = None,
    mapping: Map = None,
    put: Put = "",
    settle: Settle = None,
    interval: Interval = None,
    rehearse: Rehearse = False,
    rate: Rate = None,
    verbose: Verbose = False,
) -> None:
    """Keep watching SOURCE: photos that come in become videos, a replaced one makes its product's video anew.

    First it makes what `nightreel run` would make; then it waits. A product counts when nothing of it has changed for
    a while (`--settle`), so photos that are still being copied never enter, and what comes together is made together.
    What fails is told, and tried again some time later; `DIR/report.html` tells of the last run.

    `--budget` holds for the whole watch, which ends with exit code 3 when it is used up. Ctrl-C ends it: what is paid
    for is finished first, twice stops at once.
    """
    logs.set_up(verbose=verbose)
    request = request_of(
        source,
        to,
        engine,
        formats,
        prompt,
        budget,
        only,
        None,
        rehearse=rehearse,
        rate=rate,
        put=put,
        mapping=mapping,
    )
    given = {"settle": settle, "scan_every": interval}
    settings = settings_of(request).model_copy(update={key: value for key, value in given.items() if value})
    signals = Signals()
    raise typer.Exit(signals.run(_watch(request, settings, signals, verbose=verbose)))


async def _watch(request: Request, settings: Settings, signals: Signals, *, verbose: bool) -> int:
    """Make what has changed, again and again; return the exit code of a watch that ends by itself."""
    import asyncio

    from nightreel import nights
    from nightreel.runtime import open_runtime

    await asyncio.to_thread(nights.require_source, request, settings)
    prefect = PrefectApi(settings.shared_dir, verbose=verbose)
    try:
        async with open_runtime(settings) as runtime, nights.Watcher(request, settings, _say) as watcher:
            tell_rehearsal(runtime)
            _say(f"Watching {request.source}; Ctrl-C ends it.")
            session = _Session(request, runtime, prefect, signals)
            while not session.over:
                await session.make(await watcher.changed(), watcher)
            return session.exit_code
    finally:
        prefect.drop_unused()


class _Session:
    """One watch, from its first run to its last."""

    def __init__(self, request: Request, runtime: "Runtime", prefect: PrefectApi, signals: Signals) -> None:
        self._request, self._runtime, self._prefect, self._signals = request, runtime, prefect, signals
        self._left = request.budget
        self.exit_code = 0

    @property
    def over(self) -> bool:
        """Whether nothing more is made."""
        return bool(self.exit_code)

    async def make(self, products: tuple[str, ...], watcher: "Watcher") -> None:
        """Make what there is to make of *products*, a few hundred at once; whatever fails comes again later."""
        from nightreel import nights

        for start in range(0, len(products), nights.AT_ONCE):
            batch = products[start : start + nights.AT_ONCE]
            try:
                failed = await self._run(batch)
            except (TokenRejected, Stopped):
                raise
            except NightreelError as error:
                complain(error)
                failed = batch
            except Exception as error:  # a watch goes on, whatever comes
                log.info("unforeseen", exc_info=error)
                said = f"The run failed of something unforeseen ({type(error).__name__})."
                complain(NightreelError(said, hint="-v shows more."))
                failed = batch
            if self.over:
                break
            watcher.failed(failed)

    async def _run(self, batch: tuple[str, ...]) -> tuple[str, ...]:
        """Plan *batch*, run it as `nightreel run` would, and return the products that failed."""
        from nightreel import nights

        request = self._request.model_copy(update={"only": batch, "budget": self._left})
        night = await nights.plan_night(request, self._runtime)
        for item in night.plan.items:
            if item.status == "unfit":
                _say(f"✗ {item.product}: {item.reason}")
        if not night.work:
            _say(f"{len(night.plan.items)} looked at: nothing to make.")
            return ()
        err.print(in_words(night), markup=False)
        report = await make_night(night, self._runtime, self._prefect, self._signals)
        show(report, request.out)
        self._account(report)
        begun = {clip.product for clip in night.work}
        return tuple({clip.product for clip in report.clips if not clip.video} & begun)

    def _account(self, report: "RunReport") -> None:
        """Take what the run cost off what is left; end the watch when nothing is, or when it was asked to stop."""
        if self._signals.exit_code:
            raise Stopped(self._signals.exit_code)
        if self._left is not None:
            self._left = max(0, self._left - report.credits.actual - report.credits.reserved)
            if report.exit_code == EXHAUSTED:
                err.print(
                    f"The budget of this watch is used up: {self._left} of {self._request.budget} credits left."
                )
                self.exit_code = EXHAUSTED


def _say(line: str) -> None:
    """Print one line with the time of day."""
    from nightreel.clock import SystemClock

    out.print(f"{SystemClock().now().astimezone():%H:%M:%S} {line}", markup=False, soft_wrap=True)
