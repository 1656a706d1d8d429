"""What went over the wire, fit to be shown to strangers: the shapes, and none of the contents. Pure.

A transcript can be attached to a bug report, or become a fixture: requests and answers stand in it as in
`tests/contract/fixtures`, with placeholders for whatever is somebody's own.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from nightreel import __version__
from nightreel.cli.doctor.findings import Finding
from nightreel.cli.doctor.forms import Forms
from nightreel.nemo import REDACTOR, Exchange, wire

_HEADERS_SENT = ("Accept", "Content-Type", wire.HEADER_SOURCE, wire.HEADER_VERSION, wire.HEADER_PLATFORM)
_HEADERS_ANSWERED = ("content-type", "retry-after", "server")
_PATHS = [path for name, path in vars(wire).items() if name.startswith("PATH_")]
_WORDS = frozenset(
    {"message", "detail", "error", "msg", "status", "file_type", "source_type", "task_name", "language"}
)
"""Fields whose texts are the service's own words, or ours: they are kept, cleaned."""

_AMOUNTS = {"available", "frozen", "total", "credits"}
"""Fields that say what somebody has."""

_OPAQUE = re.compile(r"https?://\S+|\b(?=[\w-]*\d)[\w-]{16,}\b|\b[0-9a-f]{8}-[0-9a-f-]{20,}\b")
"""What looks like a link or an id within words."""

_TIME = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)?")
_MOST_WORDS, _MOST_ITEMS, _DEEPEST = 200, 10, 12


def transcript(
    engine: str, findings: Iterable[Finding], forms: Forms, exchanges: Iterable[Exchange]
) -> dict[str, object]:
    """Return the whole record."""
    return {
        "made_by": f"nightreel {__version__} doctor",
        "engine": engine,
        "findings": [{"what": it.what, "state": it.state.value, "found": _nameless(it.found)} for it in findings],
        "forms": forms.model_dump(),
        "exchanges": [told(exchange) for exchange in exchanges],
    }


def told(exchange: Exchange) -> dict[str, object]:
    """Return one exchange without anything of anybody's."""
    sent = {name: exchange.headers.get(name, exchange.headers.get(name.lower(), "")) for name in _HEADERS_SENT}
    headers = {name: value for name, value in sent.items() if value}
    if "authorization" in exchange.headers:
        headers["Authorization"] = "Bearer {token}"
    if any(name.lower() == wire.HEADER_CLIENT_ID.lower() for name in exchange.headers):
        headers[wire.HEADER_CLIENT_ID] = "{client_id}"
    request = {
        "method": exchange.method,
        "path": _path(exchange.path),
        "headers": headers,
        "body": redacted(exchange.sent),
    }
    return {"request": request, "answer": _answer(exchange)}


def _answer(exchange: Exchange) -> dict[str, object]:
    if not exchange.status:
        return {"none": exchange.error}
    given = exchange.answered or {}
    headers = {name: _words(given[name]) for name in _HEADERS_ANSWERED if name in given}
    try:
        body = redacted(json.loads(exchange.body))
    except (ValueError, RecursionError):
        return {"status": exchange.status, "headers": headers, "bytes": len(exchange.body)}
    return {"status": exchange.status, "headers": headers, "body": body}


def _path(path: str) -> str:
    """Return the template that *path* was made from; its ids are somebody's."""
    for template in _PATHS:
        if re.fullmatch(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(template)), path):
            return template
    return "/…"


def redacted(value: Any, name: str = "", depth: int = 0) -> Any:  # noqa: ANN401 - JSON
    """Return JSON of the same shape: the service's words and most numbers stay, texts become placeholders."""
    if depth > _DEEPEST:
        return "{deeper}"
    if isinstance(value, dict):
        items = cast("Mapping[str, Any]", value).items()
        return {_key(key): redacted(inner, key, depth + 1) for key, inner in items}
    if isinstance(value, list):
        listed = cast("Sequence[Any]", value)
        return [redacted(inner, name, depth + 1) for inner in listed[:_MOST_ITEMS]]
    if name in _AMOUNTS:
        return 0
    return _text(value, name) if isinstance(value, str) else value


def _key(key: str) -> str:
    """Return a field's name; one that is an id itself is somebody's."""
    return "{key}" if _OPAQUE.fullmatch(key) else key[:_MOST_WORDS]


def _text(value: str, name: str) -> str:
    if not value or _TIME.fullmatch(value):
        return value
    if name in _WORDS:
        return _words(value)
    if value.startswith(("http://", "https://")):
        return "https://{url}"
    return f"{{{name or 'text'}}}"


def _nameless(found: str) -> str:
    """Return what was found, without the name of whoever's machine it is."""
    return _words(found.replace(str(Path.home()), "~"))


def _words(value: str) -> str:
    return _OPAQUE.sub("{…}", REDACTOR.clean(" ".join(value.split())))[:_MOST_WORDS]
