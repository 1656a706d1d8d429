"""A person reviews a clip in Prefect, through its real API: change, approve, reject, silence; and a killed review."""

import asyncio
import json
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
from prefect.client.schemas import State
from prefect.flow_runs import apause_flow_run
from prefect.settings import PREFECT_API_URL, temporary_settings

from flows import asking
from flows.review import review_clip
from nightreel.clock import SystemClock
from nightreel.cuts import Review
from nightreel.models import Engine
from nightreel.runtime import open_runtime
from nightreel.settings import load_settings

ROOT = Path(__file__).parents[2]
PATIENCE = 120.0

pytestmark = pytest.mark.filterwarnings(
    # Prefect's client leaves some open
    "ignore:Exception ignored in. <socket:pytest.PytestUnraisableExceptionWarning"
)

User = Any


@pytest.fixture
def review(new_user: Callable[[], User], prefect_api: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Review]:
    """Give a review of a mug, in a rehearsal; its flow runs here, its server elsewhere."""
    user = new_user()
    user.product("MUG")
    monkeypatch.setenv("NIGHTREEL_HOME", str(user.home))
    monkeypatch.setenv("NIGHTREEL_RATE", "600")
    monkeypatch.setattr(asking, "apause_flow_run", partial(apause_flow_run, poll_interval=1))
    with temporary_settings({PREFECT_API_URL: prefect_api}):
        yield Review(source=str(user.catalog), out=user.folder / "out", product="MUG", rehearse=True)


class Desk:
    """Where a person sits: sees the runs that wait, and answers."""

    def __init__(self, api: str) -> None:
        self._api = api
        self._answered: set[str] = set()

    async def question(self) -> str:
        """Wait until a run waits that was not answered; return its id."""
        return await _until(self._paused)

    async def say(self, verdict: str, words: str = "") -> None:
        """Answer the run that waits."""
        run = await self.question()
        self._answered.add(self._mark)
        await self._ask(f"flow_runs/{run}/resume", run_input={"verdict": verdict, "words": words})

    async def artifacts(self) -> list[str]:
        """Return what reviews have shown, newest first."""
        found = await self._ask(
            "artifacts/filter", artifacts={"key": {"any_": ["nightreel-review"]}}, sort="CREATED_DESC"
        )
        return [str(one["data"]) for one in found]

    async def _paused(self) -> str:
        runs = await self._ask("flow_runs/filter", flow_runs={"state": {"type": {"any_": ["PAUSED"]}}})
        for run in runs:
            self._mark = f"{run['id']} {run['state']['id']}"
            if self._mark not in self._answered:
                return str(run["id"])
        return ""

    async def _ask(self, path: str, **body: Any) -> Any:  # noqa: ANN401 - JSON
        async with httpx.AsyncClient() as client:
            return (await client.post(f"{self._api}/{path}", json=body)).raise_for_status().json()


@pytest.fixture
def desk(prefect_api: str) -> Desk:
    """Give the person's desk."""
    return Desk(prefect_api)


async def _until(condition: Callable[[], Awaitable[Any]]) -> Any:  # noqa: ANN401 - what the condition gives
    clock = SystemClock()
    end = clock.monotonic() + PATIENCE
    while not (found := await condition()):
        assert clock.monotonic() < end, f"waited {PATIENCE:.0f} s in vain"
        await clock.sleep(0.2)
    return found


@asynccontextmanager
async def under_way(review: Review) -> AsyncGenerator["asyncio.Task[State]"]:
    """Have the review run while the block does."""
    run = asyncio.create_task(_state(review))
    try:
        yield run
        await run
    finally:
        run.cancel()
        await asyncio.gather(run, return_exceptions=True)


async def _state(review: Review) -> State:
    # Prefect's types say that an async flow's state is not awaited; it is.
    return await cast("Awaitable[State]", review_clip(review, return_state=True))


async def _clip() -> tuple[str, int, int]:
    """Return the clip's status, what was spent, what is reserved."""
    async with open_runtime(load_settings(engine=Engine.LOCAL, rehearse=True)) as runtime:
        (clip,) = await runtime.ledger.journal.clips("local", runtime.tools.account)
        sums = await runtime.ledger.credits.summary(runtime.tools.account_id)
        return clip.status.value, sums.spent, sums.reserved


async def test_a_cut_is_changed_and_approved(review: Review, desk: Desk) -> None:
    """The rough cut is shown, a change bought in its session, the next cut shown; approved, it is the clip's video."""
    async with under_way(review) as run:
        await desk.question()
        (rough,) = review.out.glob("review/MUG_1x1/cut-1-*.mp4")
        report = json.loads((rough.parent / "report.json").read_bytes())
        assert report["clips"][0]["video"] == rough.name
        assert report["clips"][0]["status"] == "needs person"
        (shown, *_) = await desk.artifacts()
        assert "rough cut" in shown
        assert "data:image/jpeg;base64," in shown
        await desk.say("change", "make it 4 seconds")
        await desk.question()
        assert list(rough.parent.glob("cut-2-*.mp4"))
        assert "make it 4 seconds" in (await desk.artifacts())[0]
        await desk.say("approve")
    state = run.result()
    assert state.is_completed(), state
    assert state.message == "MUG 1x1 approved by a person: 150 credits"
    record = json.loads((review.out / "MUG" / "MUG_1x1.json").read_bytes())
    assert record["video"]["seconds"] == pytest.approx(4, abs=0.5)
    assert await _clip() == ("made", 150, 0)
