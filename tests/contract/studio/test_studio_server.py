"""The studio as a process on a real port: its lock, its port, its end, and what survives a kill."""

import contextlib
import json
import os
import signal
import socket
import subprocess
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from nightreel import tether

MODULE = "nightreel.studio.server"
Serve = Callable[..., AbstractAsyncContextManager[tuple[subprocess.Popen[bytes], Any]]]


@pytest.fixture
def serve(tmp_path: Path, api: type[Any]) -> Serve:
    """Return `serve(*arguments)`: a studio process on a tether, and a bare client on its port."""

    @asynccontextmanager
    async def start(*arguments: str) -> AsyncGenerator[tuple[subprocess.Popen[bytes], Any], None]:
        data = tmp_path / "studio"
        given = ["--data", str(data), "--render-module", "tiny_renderer", "--pace", "0.05", "--tethered", *arguments]
        child = tether.start(MODULE, given, log=tmp_path / "log")
        try:
            url = await child.ready()
            endpoint = json.loads((data / "endpoint.json").read_text("utf-8"))
            assert (endpoint["url"], endpoint["pid"]) == (url, child.process.pid), child.last_words()
            token = Path(endpoint["token_file"]).read_text("ascii")
            async with httpx.AsyncClient(base_url=endpoint["url"], timeout=60) as http:
                yield child.process, api(http, token)
        finally:
            child.release()

    return start


async def test_it_serves_on_loopback_and_ends_with_its_parent(serve: Serve, tmp_path: Path) -> None:
    """It says where it listens, keeps its token to its owner, answers, and takes its notice away when it ends."""
    async with serve() as (child, api):
        assert (await api.http.get("/studio/health")).json()["ok"] is True
        assert await api.credits() == (1_000_000, 0)
        token = tmp_path / "studio" / "token"
        assert token.stat().st_mode & 0o777 == 0o600
    assert child.returncode == 0
    assert not (tmp_path / "studio" / "endpoint.json").exists()
    assert token.read_text("ascii") not in (tmp_path / "log").read_text("utf-8")


async def test_a_signal_ends_it_cleanly(serve: Serve, tmp_path: Path) -> None:
    """SIGTERM closes the store and takes the notice away; the exit code is 0."""
    async with serve() as (child, _):
        child.send_signal(signal.SIGTERM)
        assert child.wait(10) == 0
        assert not (tmp_path / "studio" / "endpoint.json").exists()
        assert not (tmp_path / "studio" / "studio.db-wal").exists()


async def test_one_studio_a_data_folder_and_one_program_a_port(serve: Serve, tmp_path: Path) -> None:
    """A second studio on the folder ends with 75, one on a taken port with 2; both say what is wrong."""
    async with serve():
        log = tmp_path / "second"
        second = tether.start(MODULE, ["--data", str(tmp_path / "studio")], log=log)
        assert await second.ready() == ""
        assert second.process.wait(20) == 75
        second.release()
        assert "Another studio is using" in log.read_text("utf-8")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        third = tether.start(MODULE, ["--data", str(tmp_path / "other"), "--port", port], log=log)
        assert await third.ready() == ""
        assert third.process.wait(20) == 2
        third.release()
    assert f"Port {port}" in log.read_text("utf-8")
    assert "Traceback" not in log.read_text("utf-8")


async def test_a_cut_stream_does_not_stop_the_run(serve: Serve) -> None:
    """A client that goes away after the first bytes finds the whole edit in the state, charged once."""
    async with serve("--pace", "0.5") as (_, api):
        session = await api.session()
        body = {"session_id": session, "new_message": {"parts": [{"text": 'Create a 10-second video. Title: "Cup"'}]}}
        async with api.http.stream("POST", "/run_sse", headers=api.headers, json=body) as stream:
            await anext(stream.aiter_raw())
        assert await api.draft(session) == {}

        async def made() -> bool:
            return len((await api.draft(session)).get("t", [])) == 3

        await api.until(made)
        assert await api.credits() == (999_900, 0)


async def test_a_killed_studio_is_taken_over(serve: Serve, gate: Callable[[], None], started: Path) -> None:
    """After kill -9 in the middle of a render no renderer is left; the next studio, on another port, finishes it."""
    async with serve() as (child, api):
        session, draft = await api.made("hold")
        await api.submit("render_1", session, draft)
        await api.at_work("render_1")
        child.kill()
        child.wait()
        (note,) = started.iterdir()

        async def gone() -> bool:
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(note.suffix[1:]), 0)
                return False
            return True

        await api.until(gone)
    async with serve() as (_, api):
        await api.at_work("render_1")
        gate()
        done = await api.ended("render_1")
        assert done["outputUrl"].startswith(str(api.http.base_url))
        assert (await api.http.get(done["outputUrl"])).content[4:8] == b"ftyp"
        assert len((await api.call("GET", "/studio/bill")).json()) == 1
