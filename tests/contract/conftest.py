"""A studio on a real socket, in a thread of its own: the cloud of whoever asks for it."""

import contextlib
import socket
import threading
from collections.abc import Callable, Generator
from pathlib import Path

import pytest
import uvicorn

from nightreel.studio.app import create_app
from nightreel.studio.keeper import local_token
from nightreel.studio.options import Dialect, StudioOptions

Serve = Callable[..., contextlib.AbstractContextManager[str]]


@pytest.fixture
def serve(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Serve:
    """Give what serves a studio, and makes it the cloud of the commands, whose token is the local account's."""

    @contextlib.contextmanager
    def serving(*dialects: Dialect, bearer: str = "") -> Generator[str]:
        options = StudioOptions(data=tmp_path / "studio", dialects=frozenset(dialects), pace=0)
        options.data.mkdir(exist_ok=True)
        with socket.create_server(("127.0.0.1", 0)) as listener, _running(options, listener):
            url = f"http://127.0.0.1:{listener.getsockname()[1]}"
            monkeypatch.setenv("NIGHTREEL_ENGINE", "cloud")
            monkeypatch.setenv("NEMO_API_URL", url)
            monkeypatch.setenv("NEMO_TOKEN", bearer or local_token(options.data).get_secret_value())
            yield url

    return serving


@contextlib.contextmanager
def _running(options: StudioOptions, listener: socket.socket) -> Generator[None]:
    up = threading.Event()

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets=sockets)
            up.set()

    server = Server(uvicorn.Config(create_app(options), log_config=None, access_log=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        assert up.wait(30)
        yield
    finally:
        server.should_exit = True
        thread.join()
