"""Where a process may die: before and after each commit, along each request, before each change of a file.

Armed in the victim's own process, once, before it begins. Points are counted across all kinds and threads; the n-th
ends the process with SIGKILL, as a power cut or the kernel would: no `finally`, no `atexit`, no flush.
"""

import os
import signal
import sys
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from threading import Lock
from typing import Any

import httpx

from nightreel.ledger.store import Store, Transaction

_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_CHANGES = {"os.rename", "os.remove", "os.link", "os.mkdir", "os.rmdir", "os.truncate", "os.chmod"}
_STAGES = (
    "send_request_headers.started",
    "send_request_body.complete",
    "receive_response_headers.complete",
    "response_closed.complete",
)
"""Of a request: before its first byte, all of it sent, the answer's head read, all of it read (httpcore's events)."""


class Points:
    """Counts the points that are passed, and dies at the *fatal* one (0: at none), or the first that is called *at*.

    Attributes:
        passed: their names, in order.
    """

    def __init__(self, fatal: int = 0, at: str = "") -> None:
        self.passed: list[str] = []
        self._fatal, self._at = fatal, at
        self._turn = Lock()

    def reach(self, name: str) -> None:
        """Pass a point, or die there."""
        with self._turn:
            self.passed.append(name)
            if len(self.passed) == self._fatal or name == self._at:
                os.kill(os.getpid(), signal.SIGKILL)


def arm(points: Points, *folders: Path) -> None:
    """Have this process pass *points*; of files, those in *folders* count."""
    _arm_commits(points)
    _arm_requests(points)
    _arm_files(points, tuple(str(folder) for folder in folders))


def _arm_commits(points: Points) -> None:
    write = Store.write

    @asynccontextmanager
    async def counted(self: Store) -> AsyncGenerator[Transaction, None]:
        async with write(self) as tx:
            yield tx
            points.reach("before a commit")
        points.reach("after a commit")

    Store.write = counted


def _arm_requests(points: Points) -> None:
    send = httpx.AsyncHTTPTransport.handle_async_request

    async def counted(self: httpx.AsyncHTTPTransport, request: httpx.Request) -> httpx.Response:
        what = f"{request.method} {request.url.path.removeprefix('/api')}"
        inner: Callable[[str, Mapping[str, Any]], Any] | None = request.extensions.get("trace")

        async def trace(name: str, info: Mapping[str, Any]) -> None:
            if inner is not None:
                await inner(name, info)
            if name.partition(".")[2] in _STAGES:
                points.reach(f"{name.partition('.')[2]} of {what}")

        request.extensions = {**request.extensions, "trace": trace}
        return await send(self, request)

    httpx.AsyncHTTPTransport.handle_async_request = counted


def _arm_files(points: Points, folders: tuple[str, ...]) -> None:
    def watch(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            path, mode, flags = arguments
            changes = bool(set(mode or "") & set("wax+")) or bool((flags or 0) & _WRITES)
        elif event in _CHANGES:
            path, changes = arguments[0], True
        else:
            return
        name = str(path)  # a descriptor's number is nobody's path
        if changes and name.startswith(folders):
            points.reach(f"{event} {Path(name).suffix or 'of a folder'}")

    sys.addaudithook(watch)
