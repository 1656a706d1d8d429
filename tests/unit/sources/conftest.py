"""A real S3 server on loopback (moto's), that remembers what it was asked and fails when it is told to."""

import threading
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.s3.models import s3_backends
from PIL import Image
from werkzeug.serving import BaseWSGIServer, make_server

from nightreel.settings import Settings, load_settings
from nightreel.sources import Bucket, open_source

NAME = "shop-photos"

_SIGNED = "AWS4-HMAC-SHA256 Credential=key/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0"
"""Google's clients bring a token or nothing; moto gives nothing to who does not sign."""

App = Callable[[dict[str, Any], Any], Iterable[bytes]]
Fault = Callable[[App, dict[str, Any], Any], Iterable[bytes]]


@dataclass
class Server:
    """The server, seen from its inside.

    Attributes:
        asked: each request, as method and path with query.
        faults: taken one at a time, each instead of answering a request that *when* holds for.
        when: which requests meet faults.
    """

    url: str = ""
    asked: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    faults: list[Fault] = field(default_factory=list[Fault])
    when: Callable[[str, str], bool] = lambda method, path: method == "GET" and "list-type" not in path

    @property
    def backend(self) -> Any:  # noqa: ANN401 - moto has no types
        """Moto's own store, to look into and to fill without requests."""
        return s3_backends[DEFAULT_ACCOUNT_ID]["aws"]

    def fill(self, files: dict[str, bytes]) -> None:
        """Put objects there, without a request."""
        for key, data in files.items():
            self.backend.put_object(NAME, key, data)

    def read(self, key: str) -> bytes:
        """Return an object's content."""
        return bytes(self.backend.get_object(NAME, key).value)

    def keys(self) -> set[str]:
        """Return the keys that are there."""
        return set(self.backend.buckets[NAME].keys)

    def downloads(self) -> list[str]:
        """Return the paths of the objects that were asked for."""
        return [path for method, path in self.asked if method == "GET" and "list-type" not in path]

    def app(self, inner: App) -> App:
        """Return moto's application with our ears and faults before it."""
        lock = threading.Lock()

        def answer(environ: dict[str, Any], start: Any) -> Iterable[bytes]:  # noqa: ANN401 - WSGI's start_response
            query = environ.get("QUERY_STRING", "")
            method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"] + (f"?{query}" if query else "")
            if not environ.get("HTTP_AUTHORIZATION", "").startswith("AWS4"):
                environ["HTTP_AUTHORIZATION"] = _SIGNED
            with lock:
                self.asked.append((method, path))
                fault = self.faults.pop(0) if self.faults and self.when(method, path) else None
            return fault(inner, environ, start) if fault else inner(environ, start)

        return answer


def busy(_inner: App, environ: dict[str, Any], start: Any) -> Iterable[bytes]:  # noqa: ANN401 - WSGI's start_response
    """Answer 503 SlowDown."""
    environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    body = b"<Error><Code>SlowDown</Code></Error>"
    start("503 Slow Down", [("Content-Length", str(len(body)))])
    return [body]


def forbidden(_inner: App, environ: dict[str, Any], start: Any) -> Iterable[bytes]:  # noqa: ANN401 - as above
    """Answer 403, and quote the key and the secret of the request as some servers do."""
    environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    body = b"<Error><Code>AccessDenied</Code><Key>canary-key</Key><Secret>canary-secret</Secret></Error>"
    start("403 Forbidden", [("Content-Length", str(len(body)))])
    return [body]


def cut(inner: App, environ: dict[str, Any], start: Any) -> Iterable[bytes]:  # noqa: ANN401 - as above
    """Answer with the first third of the body, and hang up."""
    data = b"".join(inner(environ, start))
    return [data[: len(data) // 3]]


@pytest.fixture(scope="session")
def s3_process() -> Iterator[tuple[Server, BaseWSGIServer]]:
    """Start moto once."""
    with serving() as served:
        yield served


@contextmanager
def serving() -> Generator[tuple[Server, BaseWSGIServer]]:
    """Serve moto on a port of its own."""
    server = Server()
    moto = import_module("moto.moto_server.werkzeug_app")  # it has no types
    app = server.app(moto.DomainDispatcherApplication(moto.create_backend_app))
    web = make_server("127.0.0.1", 0, app, threaded=True)
    server.url = f"http://127.0.0.1:{web.server_port}"
    thread = threading.Thread(target=web.serve_forever, daemon=True)
    thread.start()
    try:
        yield server, web
    finally:
        web.shutdown()
        thread.join()
        web.server_close()


@pytest.fixture
def s3(s3_process: tuple[Server, BaseWSGIServer], monkeypatch: pytest.MonkeyPatch) -> Server:
    """Give the server, with one empty bucket, and settings that lead there."""
    server = s3_process[0]
    server.backend.reset()
    server.backend.create_bucket(NAME, "us-east-1")
    server.asked.clear()
    server.faults.clear()
    monkeypatch.setenv("NIGHTREEL_BUCKET_ENDPOINT", server.url)
    monkeypatch.setenv("NIGHTREEL_BUCKET_KEY", "canary-key")
    monkeypatch.setenv("NIGHTREEL_BUCKET_SECRET", "canary-secret")
    return server


@pytest.fixture
def settings(s3: Server, own_home: Path) -> Settings:  # noqa: ARG001 - both set what is read here
    """Give the settings of the test's home."""
    return load_settings()


@pytest.fixture
def bucket(settings: Settings) -> Callable[[], Bucket]:
    """Open the bucket's catalog, as it is at the time of the call."""

    def opened() -> Bucket:
        source = open_source(f"s3://{NAME}/catalog", settings)
        assert isinstance(source, Bucket)
        return source

    return opened


def picture(shade: int = 90, side: int = 300) -> bytes:
    """Return a small JPEG."""
    file = BytesIO()
    Image.effect_noise((side, side), shade).convert("RGB").save(file, "JPEG")
    return file.getvalue()
