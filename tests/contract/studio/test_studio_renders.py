"""Exports: real child processes, a fair queue, cancelling, restarts, and links that expire."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nightreel.clock import ManualClock
from nightreel.nemo.wire import RenderStatus
from nightreel.studio.options import Dialect
from nightreel.studio.renders import Render, choose

Studio = Callable[..., Any]
Gate = Callable[[], None]


def alive(pid: int) -> bool:
    """Whether a process of this id runs."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def pids(started: Path, title: str) -> list[int]:
    """Return the processes that have rendered drafts of this title."""
    return [int(file.suffix[1:]) for file in started.glob(f"{title}.*")]


async def test_a_render_shows_its_progress_and_ends_with_a_video(studio: Studio, gate: Gate, started: Path) -> None:
    """The child gets the draft and its photos, its progress is shown, and the video is served whole and in ranges."""
    async with studio() as api:
        session, draft = await api.made("hold")
        await api.submit("render_1", session, draft)
        await api.at_work("render_1")
        assert (await api.call("GET", "/api/render/proxy/render_1/download")).status_code == 404
        (note,) = started.glob("hold.*")
        job = json.loads(note.read_text("utf-8"))
        assert job["draft"] == draft
        assert set(job["assets"]) == {segment["m"]["asset"] for segment in draft["t"][0]["sg"]}
        assert (Path(job["out"]).is_absolute(), job["quality"]) == (True, "high")
        assert (Path(job["cache"]).name, job["cache_bytes"]) == ("segments", 2 * 1024**3)
        gate()
        done = await api.ended("render_1")
        assert (done["status"], done["progress"]) == ("completed", 100)
        whole = (await api.http.get(done["outputUrl"])).content
        part = await api.http.get(done["outputUrl"], headers={"Range": "bytes=4-7"})
        assert (part.status_code, part.content, whole[4:8]) == (206, b"ftyp", b"ftyp")
        assert await api.credits() == (999_900, 0)


@pytest.mark.parametrize(
    ("title", "reason"), [("fail", "the photo is broken"), ("crash", "exit code -9"), ("foreign", "was not uploaded")]
)
async def test_a_failed_render_says_why(studio: Studio, title: str, reason: str, tmp_path: Path) -> None:
    """A child that fails, one that dies, and a draft with a foreign photo end as failed with their reason."""
    async with studio() as api:
        session, draft = await api.made(title)
        if title == "foreign":
            draft["t"][0]["sg"][0]["m"]["asset"] = "asset_of_somebody"
        await api.submit("render_1", session, draft)
        ended = await api.ended("render_1")
        assert ended["status"] == "failed"
        assert reason in ended["error"]
        assert not list((tmp_path / "studio" / "videos").iterdir())


async def test_an_unready_draft_and_a_bad_id_are_refused(studio: Studio) -> None:
    """A draft without a segment, an id that could be a path, and a format that is not MP4 are no exports."""
    async with studio() as api:
        session, draft = await api.made()
        assert (await api.submit("render_1", session, {"t": [{"tt": 0, "sg": []}]})).status_code == 422
        assert (await api.submit("../render", session, draft)).status_code == 422
        body = {"id": "a", "sessionId": session, "draft": draft, "output": {"format": "gif"}}
        assert (await api.call("POST", "/api/render/proxy/lambda", json=body)).status_code == 422


async def test_a_session_exports_one_at_a_time(studio: Studio, gate: Gate) -> None:
    """A session's second export waits as pending while another session's goes ahead of it."""
    async with studio(renders_at_once=2) as api:
        session, draft = await api.made("hold")
        other, quick = await api.made("quick")
        await api.submit("first", session, draft)
        await api.submit("second", session, draft)
        await api.submit("third", other, quick)
        await api.at_work("first")
        assert (await api.ended("third"))["status"] == "completed"
        assert (await api.poll("second"))["status"] == "pending"
        gate()
        assert (await api.ended("first"))["status"] == "completed"
        await api.at_work("second")
        gate()
        assert (await api.ended("second"))["status"] == "completed"


async def test_cancelling_kills_the_child_and_starts_the_next(studio: Studio, started: Path) -> None:
    """A cancelled render is failed for good, its process is gone, and its place is taken; an ended one stays."""
    async with studio(renders_at_once=1) as api:
        session, draft = await api.made("hold")
        other, quick = await api.made("quick")
        for render, which, what in (("first", session, draft), ("waiting", session, draft), ("third", other, quick)):
            await api.submit(render, which, what)
        await api.at_work("first")
        await api.call("POST", "/api/render/proxy/lambda/waiting/cancel")
        cancelled = await api.call("POST", "/api/render/proxy/lambda/first/cancel")
        assert cancelled.json()["data"] == {"id": "first", "status": "failed", "progress": 0, "error": "cancelled"}
        assert [alive(pid) for pid in pids(started, "hold")] == [False]
        assert (await api.ended("third"))["status"] == "completed"
        await api.call("POST", "/api/render/proxy/lambda/third/cancel")
        statuses = [(await api.poll(name))["status"] for name in ("first", "waiting", "third")]
        assert statuses == ["failed", "failed", "completed"]
        assert (await api.call("POST", "/api/render/proxy/lambda/nobody/cancel")).status_code == 404


async def test_renders_go_on_after_a_restart(studio: Studio, gate: Gate, started: Path, tmp_path: Path) -> None:
    """A studio that ends in the middle of a render leaves no process; the next one renders it and what waited."""
    async with studio(renders_at_once=1) as api:
        session, draft = await api.made("hold")
        await api.submit("first", session, draft)
        await api.submit("second", session, draft)
        await api.at_work("first")
    assert [alive(pid) for pid in pids(started, "hold")] == [False]
    (tmp_path / "studio" / "videos" / "1.1.mp4.part").write_bytes(b"half")
    async with studio(renders_at_once=1) as api:
        for render in ("first", "second"):
            await api.at_work(render)
            gate()
            assert (await api.ended(render))["status"] == "completed"
    assert len(list((tmp_path / "studio" / "videos").iterdir())) == 2
    async with studio() as api:
        assert (await api.poll("first"))["status"] == "completed"


async def test_a_signed_link_serves_without_a_bearer_until_it_expires(studio: Studio) -> None:
    """A link serves one video for its time; changed, moved to another render, or too old, it serves nothing."""
    clock = ManualClock()
    async with studio(clock=clock, link_seconds=600.0, dialects=frozenset({Dialect.FLAT_RENDER})) as api:
        session, draft = await api.made()
        for render in ("one", "two"):
            await api.submit(render, session, draft)
            await api.ended(render)
        url: str = (await api.poll("one"))["output"]["url"]
        assert (await api.http.get(url)).status_code == 200
        assert api.headers["Authorization"].removeprefix("Bearer ") not in url
        late = url.replace("expires=", "expires=9")
        for wrong in (url.replace("/one/", "/two/"), late, url[:-1], url.replace("expires=", "expires=²")):
            assert (await api.http.get(wrong)).status_code == 403, wrong
        assert (await api.http.get(url.partition("?")[0])).status_code == 401
        clock.advance(601)
        assert (await api.http.get(url)).status_code == 403
        fresh: str = (await api.poll("one"))["output"]["url"]
        assert (await api.http.get(fresh)).status_code == 200


async def test_the_free_plan_blocks_the_export(studio: Studio, fixture: Any) -> None:  # noqa: ANN401
    """Where anonymous accounts may not export, theirs answers 402, and the local account's goes on."""
    async with studio(anonymous_exports=False) as api:
        poor = await api.anonymous()
        session, draft = await poor.made()
        answer = await poor.submit("render_1", session, draft)
        wanted = fixture("errors")["402"]["forms"]["both"]
        assert (answer.status_code, answer.json()) == (wanted["status"], wanted["body"])
        mine, own = await api.made()
        assert (await api.submit("render_2", mine, own)).status_code == 200


def test_the_queue_is_fair() -> None:
    """The idler account comes first, then the session served longest ago, then the oldest; a busy session waits."""

    def render(n: int, account: str, session: str) -> Render:
        return Render(n, str(n), account, session, {}, "high", RenderStatus.PENDING, 0, "", "")

    running = [render(1, "a", "a1")]
    waiting = [render(2, "a", "a1"), render(3, "a", "a2"), render(4, "b", "b1"), render(5, "b", "b2")]
    assert choose(waiting, running, ["b1", "a1"]) == waiting[3]
    assert choose(waiting[:3], running, ["b1"]) == waiting[2]
    assert choose(waiting[:2], running, []) == waiting[1]
    assert choose(waiting[:1], running, []) is None
