"""What a doctor keeps of the wire: the shape, and nothing of anybody's."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightreel.cli.doctor.forms import forms_of
from nightreel.cli.doctor.transcript import redacted, told
from nightreel.nemo import Exchange, wire

FIXTURES = Path(__file__).parents[1] / "contract" / "fixtures"
CANARY = "Canary0Canary1Canary2"

_NAMES = st.sampled_from(["message", "status", "session_id", "cdn_url", "t", "text", "anything", "data"])
_LEAF = st.sampled_from(
    [CANARY, f"https://x.example/{CANARY}?sig={CANARY}", f"nmv_usr_{CANARY}", "", 7, 0.5, None, True]
)
_JSON = st.recursive(
    _LEAF, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_NAMES, inner, max_size=4), max_leaves=12
)


@given(_JSON)
def test_nothing_of_anybodys_is_left(value: object) -> None:
    """Wherever an id, a link or a token stands, it is gone; what was an object, a list or a number is one still."""
    found = redacted(value)
    assert CANARY not in json.dumps(found)
    assert _shape(found) == _shape(value)


def _shape(value: Any) -> object:  # noqa: ANN401 - JSON
    if isinstance(value, dict):
        return {name: _shape(inner) for name, inner in value.items()}  # pyright: ignore[reportUnknownVariableType]
    if isinstance(value, list):
        return [_shape(inner) for inner in value]  # pyright: ignore[reportUnknownVariableType]
    return "text" if isinstance(value, str) else value


def test_ids_in_paths_and_secrets_in_headers_are_placeholders() -> None:
    """A path becomes its template, the bearer and the client id their names; other headers are left out."""
    headers = {"authorization": f"Bearer {CANARY}", "x-client-id": CANARY, "x-strange": CANARY}
    path = wire.PATH_STATE.format(session_id=CANARY)
    kept = told(Exchange("GET", path, headers, answered={"set-cookie": CANARY}, status=502, body=CANARY.encode()))
    assert CANARY not in json.dumps(kept)
    assert kept["request"] == {
        "method": "GET",
        "path": wire.PATH_STATE,
        "headers": {"Authorization": "Bearer {token}", "X-Client-Id": "{client_id}"},
        "body": None,
    }
    assert kept["answer"] == {"status": 502, "headers": {}, "bytes": len(CANARY)}


def _exchange(path: str, answer: dict[str, Any]) -> Exchange:
    return Exchange("GET", path, {}, status=answer["status"], body=json.dumps(answer.get("body")).encode())


@pytest.mark.parametrize(("form", "said"), [("flat", "flat"), ("wrapped", "wrapped")])
def test_the_form_of_an_exports_status_is_told(form: str, said: str) -> None:
    """Each documented answer is recognised for what it is."""
    answers: dict[str, Any] = json.loads((FIXTURES / "render_poll.json").read_bytes())["answers"]
    answer = next(answers[name] for name in answers if name.startswith(form))
    path = wire.PATH_RENDER_JOB.format(render_id="r1")
    assert forms_of([_exchange(path, answer)]).renders.startswith(said)


def test_the_form_of_errors_is_told() -> None:
    """A status alone, a code under 200, and both."""
    forms: dict[str, Any] = json.loads((FIXTURES / "errors.json").read_bytes())["1002"]["forms"]
    met = {name: forms_of([_exchange("/x", answer)]).errors for name, answer in forms.items()}
    assert met == {
        "http-status": "an HTTP status alone",
        "code-under-200": "a code under HTTP 200",
        "both": "an HTTP status and a code",
    }
