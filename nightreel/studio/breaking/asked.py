"""What a request asks for, and whose it is: from its path, and where that does not tell, from its body."""

import json
import re
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import Headers, QueryParams
from starlette.routing import compile_path
from starlette.types import Message, Receive, Scope

from nightreel.nemo import wire
from nightreel.nemo.parsed import object_in
from nightreel.studio.bodies import MAX_JSON
from nightreel.studio.faults import Endpoint


def _pattern(path: str) -> re.Pattern[str]:
    return compile_path(path)[0]


_ROUTES = (
    ("POST", _pattern(wire.PATH_TOKEN), Endpoint.TOKEN),
    ("POST", _pattern(wire.PATH_CLAIM), Endpoint.CLAIM),
    ("POST", _pattern(wire.PATH_SESSION), Endpoint.SESSION),
    ("POST", _pattern(wire.PATH_UPLOAD), Endpoint.UPLOAD),
    ("POST", _pattern(wire.PATH_RUN), Endpoint.RUN),
    ("GET", _pattern(wire.PATH_STATE), Endpoint.STATE),
    ("GET", _pattern(wire.PATH_BALANCE), Endpoint.BALANCE),
    ("POST", _pattern(wire.PATH_RENDER), Endpoint.SUBMIT),
    ("GET", _pattern(wire.PATH_RENDER_JOB), Endpoint.POLL),
    ("POST", _pattern(wire.PATH_RENDER_CANCEL), Endpoint.CANCEL),
    ("GET", _pattern(wire.PATH_RENDER_DOWNLOAD), Endpoint.DOWNLOAD),
)
MAX_NAME = 128
"""Letters of a name that count."""

_TOLD_BY_BODY = {Endpoint.CLAIM, Endpoint.SESSION, Endpoint.RUN, Endpoint.SUBMIT}


@dataclass(frozen=True)
class Asked:
    """A request to the service.

    Attributes:
        session, render: their ids, where it names them.
        name: what a session that it opens shall be called.
        token: its bearer.
    """

    endpoint: Endpoint
    session: str = ""
    render: str = ""
    name: str = ""
    token: str = ""


async def read(scope: Scope, receive: Receive) -> tuple[Asked | None, Receive]:
    """Return what is asked for (None: nothing that can go wrong), and a `receive` that misses nothing of the body."""
    if scope["type"] != "http":
        return None, receive
    for method, pattern, endpoint in _ROUTES:
        if scope["method"] == method and (found := pattern.match(scope["path"])):
            ids = found.groupdict()
            body, receive = await _peeked(receive) if endpoint in _TOLD_BY_BODY else ({}, receive)
            asked = Asked(
                _place(endpoint, scope),
                session=ids.get("session_id") or _text(body, "session_id", "sessionId"),
                render=ids.get("render_id") or _text(body, "id"),
                name=_text(body, "task_name")[:MAX_NAME],
                token=Headers(scope=scope).get("authorization", "").partition(" ")[2].strip(),
            )
            return asked, receive
    return None, receive


def _place(endpoint: Endpoint, scope: Scope) -> Endpoint:
    signed = endpoint is Endpoint.DOWNLOAD and "signature" in QueryParams(scope["query_string"])
    return Endpoint.LINK if signed else endpoint


async def _peeked(receive: Receive) -> tuple[dict[str, Any], Receive]:
    """Read a JSON body; return it ({} if it is none), and a `receive` that gives it out again."""
    messages: list[Message] = []
    size, more = 0, True
    while more and size <= MAX_JSON:
        messages.append(await receive())
        size += len(messages[-1].get("body", b""))
        more = bool(messages[-1].get("more_body", False))
    whole = b"".join(message.get("body", b"") for message in messages)

    async def again() -> Message:
        return messages.pop(0) if messages else await receive()

    try:
        return object_in(json.loads(whole)), again
    except (ValueError, RecursionError):
        return {}, again


def _text(body: dict[str, Any], *names: str) -> str:
    return next((value for name in names if isinstance(value := body.get(name), str)), "")
