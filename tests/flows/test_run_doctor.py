"""`nightreel doctor`: what is wrong and how to mend it, without a prompt and without a secret in what it writes."""

import json
from typing import Any

import pytest

User = Any


def _signs(done: Any) -> dict[str, str]:  # noqa: ANN401 - a command that has ended
    return {finding["about"]: finding["sign"] for finding in json.loads(done.out)}


@pytest.mark.parametrize(
    ("dialect", "failures"),
    [
        ("both-errors", "an HTTP status and a code"),
        ("http-errors", "an HTTP status alone"),
        ("envelope-errors", "an HTTP status and a code"),
    ],
)
def test_the_way_to_the_service_is_proved_without_a_prompt(new_user: Any, dialect: str, failures: str) -> None:  # noqa: ANN401
    """Token, balance, session, state and export are asked for; the forms that were met are told; nothing is paid."""
    user = new_user()
    with user.studio("--dialect", dialect) as url:
        given = {"NEMO_API_URL": url, "NEMO_TOKEN": user.token}
        done = user.do("doctor", "--engine", "cloud", "--json", "--record", user.folder / "talk.json", **given)
    assert done.code == 0, done
    assert set(_signs(done).values()) == {"good"}
    told = {finding["about"]: finding["found"] for finding in json.loads(done.out)}
    assert told["form of failures"] == failures
    talk = (user.folder / "talk.json").read_text(encoding="utf-8")
    assert [each["request"]["path"] for each in json.loads(talk)][:2] == [
        "/api/credits/balance/simple",
        "/api/tasks/me/with-session/nemo_agent",
    ]
    assert user.token not in talk + done.out + done.err
    assert "sess_" not in talk
    assert user.books().bill == []


def test_what_is_wrong_is_named_with_its_mend(new_user: Any) -> None:  # noqa: ANN401
    """A token that is refused and a Prefect server that is not there: exit 2, and what to do about each."""
    user = new_user()
    with user.studio() as url:
        given = {"NEMO_API_URL": url, "NEMO_TOKEN": "nmv_usr_wrong", "PREFECT_API_URL": "http://127.0.0.1:9/api"}
        done = user.do("doctor", "--engine", "cloud", **given)
    assert done.code == 2, done
    assert "✗" in done.out
    assert "→ token:" in done.out
    assert "→ Prefect: Start it" in done.out
    assert "Traceback" not in done.err
