"""A studio for a test: in process by ASGI, with bare httpx, and with a tiny renderer in real child processes."""

import asyncio
import io
import json
import os
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from PIL import Image

from nightreel.clock import SystemClock
from nightreel.studio import server
from nightreel.studio.app import app_of, create_app
from nightreel.studio.faults import Schedule
from nightreel.studio.options import StudioOptions
from nightreel.studio.studio import Studio, open_studio

TINY_RENDERER = '''
"""Speaks the renderer's protocol. A draft titled "hold" waits at its gate; "fail" fails; "crash" dies."""
import json, os, pathlib, sys, threading

def end_with_parent():
    while os.read(0, 4096):
        pass
    os._exit(3)

threading.Thread(target=end_with_parent, daemon=True).start()
job = json.loads(pathlib.Path(sys.argv[1]).read_text("utf-8"))
title = job["draft"]["m"]["title"]
out = pathlib.Path(job["out"])
started = pathlib.Path(os.environ["TINY_STARTED"])
(started / f"{title}.{os.getpid()}").write_text(json.dumps(job))
print("a library prints what it likes")
print(json.dumps({"progress": 0.45}), flush=True)
if title.startswith("hold"):
    open(os.environ["TINY_GATE"], "rb").read()
if title == "fail":
    print(json.dumps({"failed": "the photo is broken"}), flush=True)
    sys.exit(1)
if title == "crash":
    os.kill(os.getpid(), 9)
for path in job["assets"].values():
    assert pathlib.Path(path).stat().st_size > 0
part = out.with_name(out.name + ".part")
part.write_bytes(b"\\0\\0\\0\\x18ftypisom" + bytes(4096))
part.replace(out)
done = {"seconds": job["draft"]["d"] / 1000, "frames": 450, "size": out.stat().st_size}
print(json.dumps({"done": done}), flush=True)
'''

HEADERS = {"X-Skill-Source": "best-image-to-video", "X-Skill-Version": "1.0.0", "X-Skill-Platform": "unknown"}


class Api:
    """Bare httpx against one studio, in the words of the protocol."""

    def __init__(self, http: httpx.AsyncClient, token: str) -> None:
        self.http = http
        self.headers = {**HEADERS, "Authorization": f"Bearer {token}"}

    async def anonymous(self, client_id: str = "3f0c8a52-7d0e-4a51-9d0b-5b1f3c1f6a10") -> "Api":
        """Return the same studio, as an anonymous account."""
        answer = await self.http.post("/api/auth/anonymous-token", headers={**HEADERS, "X-Client-Id": client_id})
        return Api(self.http, answer.json()["data"]["token"])

    async def call(self, method: str, path: str, **named: Any) -> httpx.Response:  # noqa: ANN401 - as httpx has it
        """Send a request as this account."""
        return await self.http.request(method, path, headers=self.headers, **named)

    async def session(self, photos: int = 2, language: str = "en") -> str:
        """Open a session with *photos* uploaded photos."""
        opened = await self.call("POST", "/api/tasks/me/with-session/nemo_agent", json={"language": language})
        session = str(opened.json()["data"]["session_id"])
        if photos:
            files = [("files", (f"{n}.jpg", photo(n), "image/jpeg")) for n in range(photos)]
            uploaded = await self.call("POST", f"/api/upload-video/nemo_agent/me/{session}", files=files)
            assert uploaded.status_code == 200, uploaded.text
        return session

    async def prompt(self, session: str, text: str = "Create a 10-second video") -> httpx.Response:
        """Send a prompt and read its stream to the end."""
        body = {
            "app_name": "nemo_agent",
            "user_id": "me",
            "session_id": session,
            "new_message": {"parts": [{"text": text}]},
        }
        return await self.call("POST", "/run_sse", json=body)

    async def draft(self, session: str) -> dict[str, Any]:
        """Return the session's draft."""
        state = await self.call("GET", f"/api/state/nemo_agent/me/{session}/latest")
        return dict(state.json()["data"]["state"]["draft"])

    async def credits(self) -> tuple[int, int]:
        """Return what is available and what is frozen."""
        data = (await self.call("GET", "/api/credits/balance/simple")).json()["data"]
        assert data["total"] == data["available"] + data["frozen"]
        return data["available"], data["frozen"]

    async def made(self, title: str = "Urban Dreams", photos: int = 2) -> tuple[str, dict[str, Any]]:
        """Return a session with a finished draft of this title."""
        session = await self.session(photos)
        await self.prompt(session, f'Create a 10-second video. Title: "{title}"')
        await self.until(lambda: self._has_text(session))
        return session, await self.draft(session)

    async def submit(self, render: str, session: str, draft: dict[str, Any]) -> httpx.Response:
        """Submit an export."""
        body = {"id": render, "sessionId": session, "draft": draft, "output": {"format": "mp4", "quality": "high"}}
        return await self.call("POST", "/api/render/proxy/lambda", json=body)

    async def poll(self, render: str) -> dict[str, Any]:
        """Return a render's answer, without its wrapping."""
        answer = (await self.call("GET", f"/api/render/proxy/lambda/{render}")).json()
        return dict(answer.get("data", answer))

    async def ended(self, render: str) -> dict[str, Any]:
        """Wait for a render's end."""

        async def terminal() -> bool:
            return (await self.poll(render))["status"] in {"completed", "failed"}

        await self.until(terminal)
        return await self.poll(render)

    async def at_work(self, render: str) -> None:
        """Wait until a render shows its progress."""

        async def shown() -> bool:
            return (await self.poll(render)).get("progress") == 45

        await self.until(shown)

    async def until(self, condition: Callable[[], Awaitable[bool]]) -> None:
        """Ask again until *condition* holds, for 20 seconds at most."""
        clock = SystemClock()
        end = clock.monotonic() + 20
        while not await condition():
            assert clock.monotonic() < end, "it never came"
            await clock.sleep(0.01)

    async def _has_text(self, session: str) -> bool:
        return any(track["tt"] == 7 for track in (await self.draft(session))["t"])


Open = Callable[..., AbstractAsyncContextManager[Api]]


@pytest.fixture
def studio(tmp_path: Path) -> Open:
    """Return `studio(**options)`: an open studio in this test's own data folder, without waits."""

    @asynccontextmanager
    async def open_(**options: Any) -> AsyncGenerator[Api, None]:  # noqa: ANN401 - options of any type
        given: dict[str, Any] = {
            "data": tmp_path / "studio",
            "pace": 0.0,
            "render_module": "tiny_renderer",
            **options,
        }
        app = create_app(StudioOptions(**given))
        async with app.router.lifespan_context(app):
            transport = httpx.ASGITransport(app=app)
            async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as http:
                yield Api(http, (tmp_path / "studio" / "token").read_text())

    return open_


@dataclass
class Wired:
    """A studio on a socket, with its faults, and a way past them.

    Attributes:
        url: where it listens.
        clean: reaches it past the faults, in process.
        broken: reaches it over the socket, each request over a connection of its own.
    """

    studio: Studio
    url: str
    clean: Api
    broken: Api


@pytest.fixture
def wired(tmp_path: Path) -> Callable[..., AbstractAsyncContextManager[Wired]]:
    """Return `wired(schedule, **options)`: an open, rehearsing studio, served as its own process would serve it."""

    @asynccontextmanager
    async def open_(due: Schedule | None, **options: Any) -> AsyncGenerator[Wired, None]:  # noqa: ANN401 - of any type
        given: dict[str, Any] = {"data": tmp_path / "studio", "rehearse": True, **options}
        async with open_studio(StudioOptions(**given, faults=due)) as opened, _served(opened) as url:
            token = (given["data"] / "token").read_text("ascii")
            past = httpx.ASGITransport(app=app_of(opened))
            alone = httpx.Limits(max_keepalive_connections=0)
            async with (
                httpx.AsyncClient(transport=past, base_url=url) as clean,
                httpx.AsyncClient(base_url=url, limits=alone, timeout=60) as broken,
            ):
                yield Wired(opened, url, Api(clean, token), Api(broken, token))

    return open_


@asynccontextmanager
async def _served(opened: Studio) -> AsyncGenerator[str, None]:
    with server.listen(0) as sock:
        serving = uvicorn.Server(server.config_of(opened))
        task = asyncio.create_task(serving.serve(sockets=[sock]))
        try:
            yield f"http://127.0.0.1:{sock.getsockname()[1]}"
        finally:
            serving.should_exit = True
            await task


@pytest.fixture
def api() -> type[Api]:
    """Return the helper's class, for a studio that a test reaches by itself."""
    return Api


@pytest.fixture
def gate(tmp_path: Path) -> Callable[[], None]:
    """Return what lets all renders titled "hold…" pass."""
    return lambda: (tmp_path / "gate").open("wb").close()


@pytest.fixture
def started(tmp_path: Path) -> Path:
    """Return the folder where each renderer notes its job, as `<title>.<pid>`."""
    return tmp_path / "started"


@pytest.fixture(autouse=True)
def tiny_renderer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put the tiny renderer on the path of child processes."""
    (tmp_path / "started").mkdir()
    os.mkfifo(tmp_path / "gate")
    (tmp_path / "tiny_renderer.py").write_text(TINY_RENDERER)
    path = f"{tmp_path}{os.pathsep}{os.environ.get('PYTHONPATH', '')}"
    monkeypatch.setenv("PYTHONPATH", path)
    monkeypatch.setenv("TINY_GATE", str(tmp_path / "gate"))
    monkeypatch.setenv("TINY_STARTED", str(tmp_path / "started"))


@pytest.fixture
def fixtures() -> Path:
    """Return the folder of the hand-written cases of the protocol."""
    return Path(__file__).parent.parent / "fixtures"


@pytest.fixture
def fixture(fixtures: Path) -> Callable[[str], dict[str, Any]]:
    """Return `fixture(name)`: one case."""
    return lambda name: json.loads((fixtures / f"{name}.json").read_text("utf-8"))


@pytest.fixture
def picture() -> Callable[..., bytes]:
    """Return `picture(width, height, kind)`: the bytes of a photo."""
    return photo_of


def photo(seed: int) -> bytes:
    """Return a small JPEG, different for each seed."""
    return photo_of(32, 48, "JPEG", (seed * 40 % 256, 90, 120))


def photo_of(width: int, height: int, kind: str = "JPEG", colour: tuple[int, int, int] = (200, 90, 40)) -> bytes:
    """Return a one-coloured photo."""
    file = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(file, kind)
    return file.getvalue()
