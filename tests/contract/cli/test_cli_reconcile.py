"""`nightreel reconcile` and `nightreel credits`, on a journal that was left in the middle of a night."""

import asyncio
import gzip
import io
import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from nightreel.ledger import open_ledger
from nightreel.settings import load_settings

Command = Callable[..., Any]
Serve = Callable[..., AbstractContextManager[str]]
KEPT = Path(__file__).parents[2] / "unit" / "clips" / "journals" / "0001" / "nightreel.db.gz"


@pytest.fixture(autouse=True)
def night(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Have a journal of the local engine, and a studio that knows nothing of its sessions."""
    with serve():
        monkeypatch.setenv("NIGHTREEL_ENGINE", "local")
        home = load_settings().home_dir
        home.mkdir(parents=True)
        (home / "nightreel.db").write_bytes(gzip.decompress(KEPT.read_bytes()))
        yield


def _listed(command: Command) -> dict[str, dict[str, Any]]:
    return {case["clip"]: case for case in json.loads(command("reconcile", "--json").out)}


def test_what_is_open_is_listed_with_its_evidence(command: Command) -> None:
    """Prompt, times, state and balance of each; exit code 4, for one waits for somebody."""
    done = command("reconcile")
    assert done.code == 4
    for said in ("person 9x16", "waits for     you", "Show person.", "9700 before", "the session is gone"):
        assert said in done.out
    cases = _listed(command)
    assert {name: case["waits"] for name, case in cases.items()} == {
        "cut-unseen 9x16": False,
        "prompt-lost 9x16": False,
        "person 9x16": True,
    }
    assert cases["person 9x16"]["choices"] == ["made after all", "not made, try again", "give up"]
    assert cases["person 9x16"]["evidence"]["balance_before"] == 9700


@pytest.mark.parametrize(
    ("decision", "after", "spent"),
    [
        ("--made", "The next run checks the draft and exports it; it buys nothing.", 300),
        ("--not-made", "The next run buys it again, for 100 credits.", 200),
        ("--give-up", "nightreel run --remake person", 200),
    ],
)
def test_a_script_decides_by_the_beginning_of_an_id(command: Command, decision: str, after: str, spent: int) -> None:
    """What is decided is carried out, and what the next run will do is said."""
    short = _listed(command)["person 9x16"]["id"][:12]
    done = command("reconcile", short, decision)
    assert done.code == 0, done
    assert after in done.err
    assert "person 9x16" not in _listed(command)
    assert json.loads(command("credits", "--offline", "--json").out)["ledger"]["spent"] == spent


def test_a_person_is_asked_on_a_terminal(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only what waits for a person is asked about; an answer that is none is asked again."""

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr("sys.stdin", Terminal("perhaps\nn\n"))
    done = command("reconcile")
    assert done.code == 0, done
    assert done.err.count("[m] made after all · [n] not made, try again · [g] give up · [s] skip") == 2
    assert "The next run buys it again" in done.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--made"], "name what you decide about"),
        (["buy_", "--made"], "3 things are called buy_"),
        (["nothing", "--made"], "Nothing open is called nothing"),
        (["person 9x16", "--made", "--give-up"], "exclude each other"),
        (["cut-unseen 9x16", "--made"], "can still be looked up"),
    ],
)
def test_a_decision_that_makes_no_sense_changes_nothing(command: Command, arguments: list[str], said: str) -> None:
    """It is refused in words, with exit code 2."""
    done = command("reconcile", *arguments)
    assert done.code == 2
    assert said in done.err
    assert len(_listed(command)) == 3


def test_the_credits_are_told_with_budgets_and_entries(command: Command) -> None:
    """Balance, reservations, spending, drift, budgets with what sets them, and the last entries."""
    done = command("credits", "--last", "2")
    assert done.code == 0, done
    for said in ("available    1000000", "reserved", "NIGHTREEL_BUDGET_PER_DAY", "--budget", "Last entries"):
        assert said in done.out
    told = json.loads(command("credits", "--json").out)
    assert told["balance"] == {"available": 1000000, "held": 0, "total": 1000000}
    assert (told["ledger"]["reserved"], told["ledger"]["spent"]) == (300, 200)
    assert [budget["scope"] for budget in told["budgets"]] == ["account", "day", "run"]


def test_spending_is_let_go_on_by_a_command(command: Command) -> None:
    """What was stopped by a 2001 is said, and `--resume` lets it go on."""

    async def stop() -> None:
        async with open_ledger(load_settings()) as ledger:
            await ledger.credits.stop("local:studio", "too few credits", available=2_000_000)

    asyncio.run(stop())
    assert "It goes on when more than 2000000 are available" in command("credits").out
    assert "stopped" not in command("credits", "--resume").out
