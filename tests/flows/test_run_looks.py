"""Looks at a catalog and shards that are handed out, at a real Prefect server at which nobody works."""

import asyncio
import shutil
import subprocess
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote
from uuid import UUID

import httpx
import pytest
from prefect import get_client
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas import State
from prefect.client.schemas.filters import DeploymentFilter, DeploymentFilterId
from prefect.client.schemas.objects import FlowRun
from prefect.states import Completed, Running

from flows.catalog import catalog_to_video
from flows.shards import Handed, Handing
from flows.watch import watch_source
from nightreel.clips import Order
from nightreel.clock import SystemClock
from nightreel.ledger import owner
from nightreel.models import Clip, Format, Request
from nightreel.nights import watching
from nightreel.runtime import open_runtime
from nightreel.settings import settings_of

PATIENCE = 60.0
pytestmark = pytest.mark.filterwarnings(
    # Prefect's client leaves some open
    "ignore:Exception ignored in. <socket:pytest.PytestUnraisableExceptionWarning"
)

User = Any


@pytest.fixture
def shop(shop: User, monkeypatch: pytest.MonkeyPatch) -> User:
    """Give somebody whose photos need to stand still for but a moment."""
    monkeypatch.setenv("NIGHTREEL_SETTLE", "0.1")
    return shop


@pytest.fixture
def request_of(shop: User) -> Request:
    """Give a look at the shop's catalog."""
    return Request(source=str(shop.catalog), out=shop.folder / "out", rehearse=True, rate=600)


class Started:
    """The runs of a deployment, which no worker takes."""

    def __init__(self, client: PrefectClient, deployment: UUID) -> None:
        self.client, self.deployment = client, deployment

    async def runs(self) -> list[FlowRun]:
        """Return them, in the order of their products."""
        mine = DeploymentFilter(id=DeploymentFilterId(any_=[self.deployment]))
        found = await self.client.read_flow_runs(deployment_filter=mine)
        return sorted(found, key=lambda run: str(run.parameters["request"]["only"]))

    async def asked(self) -> list[tuple[list[str], int | None]]:
        """Return which products each makes, and within which budget."""
        asked = [run.parameters["request"] for run in await self.runs()]
        return [(it["only"], it["budget"]) for it in asked]


@asynccontextmanager
async def deployed(flow: str, name: str) -> AsyncGenerator[Started]:
    """Have a deployment for the block."""
    async with get_client() as client:
        deployment = await client.create_deployment(await client.create_flow_from_name(flow), name)
        try:
            yield Started(client, deployment)
        finally:
            await client.delete_deployment(deployment)


async def looked(request: Request) -> str:
    """Look; return what the run says."""
    # Prefect's types say that an async flow's state is not awaited; it is.
    state = await cast("Awaitable[State]", watch_source(request, return_state=True))
    return str(state.message)


async def test_a_look_leaves_what_is_still_being_copied(
    shop: User, request_of: Request, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of two products one gets a photo between two looks: the other is made, and that one by the next look, whole."""
    lamp: Path = shop.product("LAMP")

    class Copying(SystemClock):
        async def sleep(self, seconds: float) -> None:
            await super().sleep(seconds)
            shutil.copy(lamp / "0.jpg", lamp / "9.jpg")

    async with deployed("catalog-to-video", "on-demand") as started:
        with monkeypatch.context() as patch:
            patch.setattr(watching, "SystemClock", Copying)
            assert await looked(request_of) == "Started runs for 1 products"
        assert await started.asked() == [(["MUG"], None)]
        assert await looked(request_of) == "Started runs for 1 products"
        assert await started.asked() == [(["LAMP"], None), (["MUG"], None)]
        assert await looked(request_of) == "What is new is being made"


async def test_a_budget_is_that_of_all_that_a_look_starts(shop: User, request_of: Request) -> None:
    """Three new products are one run, which has it; what that run still makes is left to it by the next look."""
    shop.product("LAMP")
    shop.product("BOWL")
    asked = request_of.model_copy(update={"budget": 100})
    async with deployed("catalog-to-video", "on-demand") as started:
        assert await looked(asked) == "Started runs for 3 products"
        assert await started.asked() == [(["BOWL", "LAMP", "MUG"], 100)]
        shop.product("VASE")
        assert await looked(asked) == "Started runs for 1 products"
        assert await started.asked() == [(["BOWL", "LAMP", "MUG"], 100), (["VASE"], 100)]


async def test_what_a_run_has_left_is_looked_at_again(shop: User, request_of: Request) -> None:
    """A run that has ended holds nothing back: a photo that changed meanwhile is seen."""
    async with deployed("catalog-to-video", "on-demand") as started:
        await looked(request_of)
        (run,) = await started.runs()
        await started.client.set_flow_run_state(run.id, Completed(), force=True)
        (shop.catalog / "MUG" / "1.png").unlink()
        assert await looked(request_of) == "Started runs for 1 products"
        assert len(await started.runs()) == 2


async def test_a_run_tells_of_its_plan_and_of_its_end_in_whichever_way(
    shop: User, owner: User, prefect_api: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that finds everything made, and one that has a plan and nowhere to put it: both are heard to the end."""
    nowhere = Request(source=str(shop.catalog), out=shop.catalog / "brief.yaml", rehearse=True)
    assert (await made(nowhere)).is_failed()
    assert await heard(prefect_api, nowhere, "nightreel.plan.made") == "1 to make, for 100 credits at most"
    said = await heard(prefect_api, nowhere, "nightreel.batch.finished")
    assert said.startswith("It broke off. ")
    assert "brief.yaml" in said
    monkeypatch.setenv("NIGHTREEL_HOME", str(owner.home))
    again = Request(source=str(owner.catalog), out=owner.out)
    assert (await made(again)).is_completed()
    assert await heard(prefect_api, again, "nightreel.plan.made") == "0 to make, for 0 credits at most"
    assert "unchanged" in await heard(prefect_api, again, "nightreel.batch.finished")


async def made(request: Request) -> State:
    """Run a night; return its state."""
    # Prefect's types say that an async flow's state is not awaited; it is.
    return await cast("Awaitable[State]", catalog_to_video(request, return_state=True))


async def heard(api: str, request: Request, event: str) -> str:
    """Wait for an event about a catalog; return its words."""
    resource = {"id": [f"nightreel.catalog.{quote(request.source, safe='')}"]}
    wanted = {"filter": {"event": {"name": [event]}, "resource": resource}}
    clock = SystemClock()
    end = clock.monotonic() + PATIENCE
    async with httpx.AsyncClient(timeout=30) as asking:
        while True:
            answer = (await asking.post(f"{api}/events/filter", json=wanted)).raise_for_status().json()
            if answer["events"]:
                (one,) = answer["events"]
                return str(one["payload"]["words"])
            assert clock.monotonic() < end, f"waited {PATIENCE:.0f} s in vain for {event}"
            await clock.sleep(0.2)


async def test_a_stopped_night_does_not_wait_for_the_dead(
    request_of: Request, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker of a shard is no more when the night is stopped: its run is called crashed, and the night ends."""
    clip = Clip(product="MUG", format=Format.SQUARE, photos=(), prompt="Show it.")
    async with open_runtime(settings_of(request_of)) as runtime, deployed("make-clips", "shard") as started:
        tools, journal = runtime.tools, runtime.ledger.journal
        run_id = await journal.begin_run(tools.engine, tools.account, source="", out="", planned=100)
        with monkeypatch.context() as patch:
            patch.setattr(owner, "name", _of_the_dead())
            await runtime.ledger.claims.claim(clip, tools.engine, tools.account, run_id)
        run = await started.client.create_flow_run_from_deployment(started.deployment, state=Running())
        order = Order(run_id=run_id, out=request_of.out)
        shard = Handed((clip,), run=run.id)
        tools.stopping.ask()
        async with asyncio.timeout(PATIENCE):
            await Handing(order, request_of, runtime, started.client, [], [shard]).all()
        state = (await started.client.read_flow_run(run.id)).state
    assert state is not None
    assert state.is_crashed(), state


def _of_the_dead() -> Callable[[], str]:
    """Return what names an owner in a process that is no more."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    machine = owner.name().rpartition("/")[0].rpartition("/")[0]
    return lambda: f"{machine}/{process.pid}/dead"
