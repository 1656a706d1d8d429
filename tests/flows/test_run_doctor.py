"""`nightreel doctor` with everything that a run has: its own studio, its own Prefect server."""

import json
from typing import Any

User = Any


def test_a_machine_on_which_runs_succeed_is_well(owner: User) -> None:
    """Everything is started and found well, the last export's form included; nothing is bought, nothing is left."""
    done = owner.do("doctor", "--json", "--record", owner.folder / "talk.json")
    assert done.code == 0, done
    told = json.loads(done.out)
    states = {finding["what"]: finding["state"] for finding in told["findings"]}
    assert states.pop("event form") == "unknown"
    assert set(states.values()) <= {"well", "warning"}, states
    assert {"Prefect server", "database", "fonts", "codecs", "session", "state", "exports"} <= set(states)
    assert told["forms"]["renders"].startswith("wrapped")
    assert owner.token not in (owner.folder / "talk.json").read_text(encoding="utf-8") + done.out + done.err
    owner.alone()
    owner.books().once_each(2)


def test_a_prefect_server_that_does_not_answer_is_named(owner: User) -> None:
    """The one that PREFECT_API_URL names is not there: exit 2, and what to do about it."""
    done = owner.do("doctor", PREFECT_API_URL="http://127.0.0.1:9/api")
    assert done.code == 2, done
    assert "✗  Prefect server" in done.out
    assert "→ Start it, or unset PREFECT_API_URL" in done.out
    assert "Traceback" not in done.err
