"""Records requests and answers without what is nobody's business: for a bug report, or as a fixture.

Kept are methods, paths, statuses, content types, and the shapes of bodies: names, types, codes and statuses. Ids,
tokens, texts, links and amounts are not; an id in a path is its name in the protocol.
"""

import json
import re
from dataclasses import dataclass, field
from typing import Any, cast

import httpx

from nightreel.nemo import wire
from nightreel.nemo.parsed import object_in

_PLACES = tuple(
    (re.compile(re.sub(r"\{\w+\}", "[^/]+", path) + "$"), path)
    for name, path in vars(wire).items()
    if name.startswith("PATH_")
)
_TOLD = {"code", "status", "success", "source_type", "app_name", "format", "quality", "file_type"}
"""Names whose values are words of the protocol."""

_MOST = 1024 * 1024


@dataclass
class Recorder(httpx.AsyncBaseTransport):
    """A transport that passes everything on, and remembers it.

    Attributes:
        inner: what really sends.
        records: one for each request, in order.
    """

    inner: httpx.AsyncBaseTransport = field(default_factory=httpx.AsyncHTTPTransport)
    records: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send *request*; read its answer whole."""
        asked = {"method": request.method, "path": _path(request.url.path), "body": _body(await request.aread())}
        try:
            answer = await self.inner.handle_async_request(request)
            content = await answer.aread()
        except httpx.HTTPError as error:
            self.records.append({"request": asked, "error": type(error).__name__})
            raise
        kind = answer.headers.get("content-type", "")
        told = {"status": answer.status_code, "content_type": kind, "body": _body(content)}
        self.records.append({"request": asked, "answer": told})
        return httpx.Response(answer.status_code, headers=answer.headers, content=content)

    async def aclose(self) -> None:
        """Close all connections."""
        await self.inner.aclose()


def _path(path: str) -> str:
    return next((place for pattern, place in _PLACES if pattern.match(path)), "/…")


def _body(content: bytes) -> Any:  # noqa: ANN401 - parsed JSON
    if not content:
        return None
    try:
        return shape_of(json.loads(content[:_MOST]))
    except (ValueError, RecursionError):
        return f"{len(content)} bytes"


def shape_of(value: object, name: str = "") -> Any:  # noqa: ANN401 - parsed JSON
    """Return the shape of parsed JSON: names and types; values only of what the protocol has words for."""
    if isinstance(value, dict):
        return {key: shape_of(each, key) for key, each in object_in(value).items()}
    if isinstance(value, list):
        items = cast("list[object]", value)
        return [shape_of(items[0]), f"{len(items)} in all"] if items else []
    if value is None or isinstance(value, bool) or name in _TOLD:
        return value
    return "text" if isinstance(value, str) else "number"


def forms_of(records: list[dict[str, Any]]) -> dict[str, str]:
    """Return which documented forms the answers had: of a success, and of a failure, where there was one."""
    found: dict[str, str] = {}
    for record in records:
        answer = object_in(record.get("answer"))
        body, status = object_in(answer.get("body")), answer.get("status", 0)
        if status >= 400:  # noqa: PLR2004 - HTTP
            found["failures"] = "an HTTP status and a code" if body.get("code") else "an HTTP status alone"
        elif body.get("code"):
            found["failures"] = "a code under HTTP 200"
        elif "code" in body:
            found["answers"] = "an envelope of code, message and data"
        else:
            found.setdefault("answers", "data without an envelope")
    return found
