"""Reviews and drops at a real Prefect server: a person answers by its API, silence counts, a kill costs nothing."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
from prefect.client.schemas import State
from prefect.flow_runs import apause_flow_run
from prefect.settings import PREFECT_API_URL

from flows import asking
from flows.review import review_clip
from flows.social import social_drop
from nightreel.clock import SystemClock
from nightreel.cuts import Review, Silence
from nightreel.models import Engine
from nightreel.runtime import open_runtime
from nightreel.settings import load_settings
from nightreel.social import Drop

ROOT = Path(__file__).parents[2]
PATIENCE = 120.0
BUSY = 503

REVIEW = """
import asyncio, sys
from flows.review import Review, review_clip
asyncio.run(review_clip(Review.model_validate_json(sys.argv[1])))
"""

pytestmark = pytest.mark.filterwarnings(
    # Prefect's client leaves some open
    "ignore:Exception ignored in. <socket:pytest.PytestUnraisableExceptionWarning"
)

User = Any


@pytest.fixture
def shop(shop: User, monkeypatch: pytest.MonkeyPatch) -> User:
    """Give somebody for whom ten minutes pass in a second."""
    monkeypatch.setenv("NIGHTREEL_RATE", "600")
    return shop


@pytest.fixture
def review(shop: User, monkeypatch: pytest.MonkeyPatch) -> Review:
    """Give a review of the mug."""
    monkeypatch.setattr(asking, "apause_flow_run", partial(apause_flow_run, poll_interval=1))
    return Review(source=str(shop.catalog), out=shop.folder / "out", product="MUG", rehearse=True)


class Desk:
    """Where a person sits: sees the runs that wait, and answers."""

    def __init__(self, api: str, source: str) -> None:
        self._api, self._source = api, source
        self._answered: set[str] = set()
        self._mark = ""

    async def question(self) -> str:
        """Wait until a run waits that was not answered; return its id."""
        return await _until(self._paused)

    async def say(self, verdict: str, words: str = "") -> None:
        """Answer the run that waits."""
        run = await self.question()
        self._answered.add(self._mark)
        await self._ask(f"flow_runs/{run}/resume", run_input={"verdict": verdict, "words": words})

    async def leave(self) -> None:
        """Leave the question that waits to itself."""
        await self.question()
        self._answered.add(self._mark)

    async def state(self) -> str:
        """Return the state of the newest run."""
        return str((await self._runs())[0]["state_type"])

    async def artifacts(self) -> list[str]:
        """Return what reviews have shown, newest first."""
        found = await self._ask(
            "artifacts/filter", artifacts={"key": {"any_": ["nightreel-review"]}}, sort="CREATED_DESC"
        )
        return [str(one["data"]) for one in found]

    async def _paused(self) -> str:
        for run in await self._runs():
            self._mark = f"{run['id']} {run['state']['id']}"
            if run["state_type"] == "PAUSED" and self._mark not in self._answered:
                return str(run["id"])
        return ""

    async def _runs(self) -> list[dict[str, Any]]:
        """Return the reviews of this catalog, newest first."""
        runs = await self._ask("flow_runs/filter", sort="START_TIME_DESC", flows={"name": {"any_": ["review-clip"]}})
        return [run for run in runs if run["parameters"]["review"]["source"] == self._source]

    async def _ask(self, path: str, **body: Any) -> Any:  # noqa: ANN401 - JSON
        async with httpx.AsyncClient(timeout=30) as client:

            async def answer() -> httpx.Response | None:
                told = await client.post(f"{self._api}/{path}", json=body)
                busy = told.status_code == BUSY  # its SQLite is locked: not done
                return None if busy else told.raise_for_status()

            return (await _until(answer)).json()


@pytest.fixture
def desk(prefect_api: str, review: Review) -> Desk:
    """Give the person's desk."""
    return Desk(prefect_api, review.source)


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
    """The rough cut is shown, a change bought in its session, the next shown; approved, it is the clip's video."""
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
    told = json.loads((rough.parent / "report.json").read_bytes())["clips"][0]
    assert (told["status"], told["review"]) == ("made", "approved")
    assert await _clip() == ("made", 150, 0)


async def test_a_change_that_cannot_be_paid_is_told_and_the_clip_rejected(review: Review, desk: Desk) -> None:
    """The budget is for all of it: what is refused changes nothing, and is told with the next question."""
    async with under_way(review.model_copy(update={"budget": 100})) as run:
        await desk.say("change", "make it 4 seconds")
        await desk.question()
        assert "budget of 100 credits does not allow 50 more" in (await desk.artifacts())[0]
        await desk.say("reject", "too dull")
    assert run.result().message == "MUG 1x1 rejected by a person"
    assert await _clip() == ("given up", 100, 0)
    assert not (review.out / "MUG").exists()


async def test_silence_counts_as_was_set(review: Review, desk: Desk) -> None:
    """Nobody answers in time: the cut is approved, by whom the run says; and Prefect takes it for completed."""
    silent = review.model_copy(update={"hours": 2 / 3600, "silence": Silence.APPROVE})
    async with under_way(silent) as run:
        pass
    assert run.result().message == "MUG 1x1 approved by silence, after 0.000555556 hours: 100 credits"
    assert await desk.state() == "COMPLETED"


async def test_a_review_that_is_killed_goes_on(review: Review, desk: Desk) -> None:
    """Killed while it waits, it shows the same cut again: nothing is bought twice, nothing rendered twice."""
    told = review.model_dump_json()
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PREFECT_API_URL": str(PREFECT_API_URL.value())}
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", REVIEW, told, env=environment)
    await desk.leave()
    process.kill()
    await process.wait()
    (preview,) = review.out.glob("review/MUG_1x1/cut-1-*.mp4")
    before = preview.stat().st_mtime_ns
    async with under_way(review) as run:
        await desk.question()
        assert preview.stat().st_mtime_ns == before
        await desk.say("approve")
    assert run.result().is_completed()
    assert await _clip() == ("made", 100, 0)


async def test_a_drop_is_made_once_and_shown(shop: User, prefect_api: str) -> None:
    """Two formats of one product for three platforms, by one night; again, nothing is made; the UI has a table."""
    rules = "slots:\n  - {platforms: [tiktok, reels, instagram-feed], pick: any}\n"
    (shop.catalog / "social.yaml").write_text(rules, encoding="utf-8")
    drop = Drop(source=str(shop.catalog), out=shop.folder / "posts", rehearse=True)
    assert (await _dropped(drop)).message == "3 posts in the outbox, 3 of them new"
    again = await _dropped(drop)
    assert again.is_completed(), again
    assert again.message == "3 posts in the outbox, 0 of them new"
    posted = sorted(it.relative_to(drop.out / "outbox").as_posix() for it in (drop.out / "outbox").rglob("*.mp4"))
    assert [it.partition("/")[2] for it in posted] == ["instagram-feed/MUG.mp4", "reels/MUG.mp4", "tiktok/MUG.mp4"]
    assert {it.name for it in drop.out.glob("MUG/*.mp4")} == {"MUG_9x16.mp4", "MUG_4x5.mp4"}
    table = await _artifact(prefect_api)
    assert '"product": "MUG"' in table
    assert '"why": "by lot"' in table or '"why": "picked"' in table


async def _dropped(drop: Drop) -> State:
    # Prefect's types say that an async flow's state is not awaited; it is.
    return await cast("Awaitable[State]", social_drop(drop, return_state=True))


async def _artifact(api: str) -> str:
    chosen = {"artifacts": {"key": {"any_": ["nightreel-social"]}}, "sort": "CREATED_DESC"}
    async with httpx.AsyncClient(timeout=30) as client:
        found = (await client.post(f"{api}/artifacts/filter", json=chosen)).raise_for_status().json()
    return str(found[0]["data"])
