"""Which documented form a service speaks, told from what it answered. Pure."""

import json
from collections.abc import Iterable, Mapping
from typing import Any, cast

from nightreel.models import Value
from nightreel.nemo import Exchange, wire
from nightreel.nemo.asks import path_of

NOT_TOLD = "cannot be told without a prompt"


class Forms(Value):
    """The documented alternatives, each as it was met, in words; "" where none of it was.

    Attributes:
        answers: of successes.
        errors: of failures.
        renders: of an export's status.
        events: of a prompt's stream.
    """

    answers: str = ""
    errors: str = ""
    renders: str = ""
    events: str = NOT_TOLD


def forms_of(exchanges: Iterable[Exchange]) -> Forms:
    """Return the forms that the service spoke."""
    met: dict[str, str] = {}
    for exchange in exchanges:
        body = _object(exchange.body)
        if _failed(exchange.status, body):
            met.setdefault("errors", _error_form(exchange.status, body))
        elif _is_render(exchange.path):
            met["renders"] = _render_form(body)
        elif exchange.status:
            met["answers"] = "envelope: code, message, data" if "code" in body else "no envelope"
    return Forms(**met)


def _object(body: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return cast("dict[str, Any]", found) if isinstance(found, dict) else {}


def _failed(status: int, body: Mapping[str, Any]) -> bool:
    return status >= 400 or body.get("code") not in {0, None}  # noqa: PLR2004 - where HTTP's errors begin


def _error_form(status: int, body: Mapping[str, Any]) -> str:
    coded = isinstance(body.get("code"), int)
    if status < 400:  # noqa: PLR2004 - where HTTP's errors begin
        return "a code under HTTP 200"
    return "an HTTP status and a code" if coded else "an HTTP status alone"


def _render_form(body: Mapping[str, Any]) -> str:
    if "data" in body:
        return "wrapped: success, data.outputUrl"
    return "flat: id, status, output.url" if "id" in body else "unlike both documented forms"


def _is_render(path: str) -> bool:
    return path.startswith(path_of(wire.PATH_RENDER_JOB, render_id="x")[:-1])
