"""What Prefect is told: the run's final state says what happened, at whichever server is named."""

import json
import urllib.request
from collections.abc import Awaitable, Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from prefect.client.schemas import State
from prefect.settings import PREFECT_API_URL
from prefect.testing.utilities import prefect_test_harness

from flows.catalog import catalog_to_video
from nightreel.models import Request

pytestmark = pytest.mark.filterwarnings(
    # Prefect's client leaves some open
    "ignore:Exception ignored in. <socket:pytest.PytestUnraisableExceptionWarning"
)

User = Any


@pytest.fixture(scope="module")
def harness() -> Iterator[str]:
    """Run a Prefect server for this module, which phones nobody; gives where it listens."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PREFECT_SERVER_ANALYTICS_ENABLED", "false")
        patch.setenv("DO_NOT_TRACK", "1")
        with prefect_test_harness(server_startup_timeout=120):
            yield str(PREFECT_API_URL.value())


@pytest.fixture
def request_of(owner: User, monkeypatch: pytest.MonkeyPatch, harness: str) -> Request:
    """Give a request for a catalog that is made, whose mug has to be delivered again; in this process."""
    assert harness
    monkeypatch.setenv("NIGHTREEL_HOME", str(owner.home))
    _remove(owner.video("MUG").parent)
    return Request(source=str(owner.catalog), out=owner.out)


async def test_a_good_run_ends_completed(request_of: Request) -> None:
    """When every clip stands where it was asked for, the flow run is green and says how many."""
    state = await _final_state(request_of)
    assert state.is_completed(), state
    assert (request_of.out / "MUG" / "MUG_1x1.mp4").is_file()


async def test_a_run_with_a_clip_that_failed_ends_failed(request_of: Request, owner: User) -> None:
    """One clip cannot be delivered: the run is not green, says so, and the other clip is there."""
    (owner.out / "MUG").write_text("in the way", encoding="utf-8")
    _remove(owner.out / "LAMP")
    state = await _final_state(request_of)
    assert state.is_failed(), state
    assert "1 failed" in str(state.message)
    assert owner.video("LAMP").is_file()


def test_the_prefect_server_that_is_named_is_used(owner: User, harness: str) -> None:
    """With PREFECT_API_URL the run and its seven tasks stand at that server, and no server of ours is started."""
    owner.product("BOWL")
    before = {path.name for path in (owner.home / "prefect").rglob("*")}
    done = owner.run("--only", "BOWL", PREFECT_API_URL=harness)
    assert done.code == 0, done
    runs = {run["name"]: run["state_type"] for run in _ask(f"{harness}/flow_runs/filter")}
    assert runs["catalog: BOWL"] == "COMPLETED"
    tasks = {run["name"].removesuffix(" BOWL 1x1") for run in _ask(f"{harness}/task_runs/filter")}
    assert {"open session", "upload", "generate", "verify", "export", "inspect", "deliver"} <= tasks
    assert {path.name for path in (owner.home / "prefect").rglob("*")} == before
    owner.books().once_each(3)


async def _final_state(request: Request) -> State:
    # Prefect's types say that an async flow's state is not awaited; it is.
    return await cast("Awaitable[State]", catalog_to_video(request, return_state=True))


def _ask(url: str) -> list[dict[str, Any]]:
    request = urllib.request.Request(url, b"{}", {"Content-Type": "application/json"})  # noqa: S310 - loopback
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - loopback
        return json.load(answer)


def _remove(folder: Path) -> None:
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()
