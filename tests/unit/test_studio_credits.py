"""The studio's credits: whatever happens in whatever order, nobody spends what is not there."""

import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from nightreel.models import Tariff
from nightreel.studio import accounts, bill, runs, sessions
from nightreel.studio.agent.cutting import Photo
from nightreel.studio.agent.editing import edit
from nightreel.studio.answers import Refused
from nightreel.studio.options import WEEK
from nightreel.studio.runs import Run
from nightreel.studio.store import connect, transaction

AT = datetime(2026, 1, 1, tzinfo=UTC)
PROMPTS = ["Create a 10-second video", "make it 20 seconds", "no music", "thanks"]


class Credits(RuleBasedStateMachine):
    """One account with 260 credits and two sessions; prompts begin, are done, fail and get lost in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.db = connect(Path(self.folder.name) / "studio.db")
        with transaction(self.db):
            self.account = accounts.grant_anonymous(self.db, "client", 260, 0, 0.0).account.id
            self.sessions = [sessions.open_session(self.db, self.account, "a", "en", 0.0).id for _ in range(2)]
        self.working: list[Run] = []

    def teardown(self) -> None:
        """Close the file."""
        self.db.close()
        self.folder.cleanup()

    @rule(session=st.integers(0, 1), prompt=st.sampled_from(PROMPTS))
    def begin(self, session: int, prompt: str) -> None:
        """Send a prompt; it may be refused."""
        try:
            with transaction(self.db):
                self.working.append(runs.begin(self.db, self.account, self.sessions[session], prompt, Tariff(), 0.0))
        except Refused as refused:
            assert refused.code in {2001, 429}  # noqa: PT017 - a refusal is one of two

    @rule(photos=st.integers(0, 2))
    def commit(self, photos: int) -> None:
        """Finish the oldest run; without photos nothing is made."""
        if self.working:
            run = self.working.pop(0)
            with transaction(self.db):
                scene = runs.scene(self.db, run)
                made = edit(run.prompt, scene.before, [Photo(asset=str(n)) for n in range(photos)], "en", run.seq)
                runs.commit(self.db, run, made, AT)

    @rule()
    def fail(self) -> None:
        """Give the oldest run up; twice, as a late failure does."""
        if self.working:
            run = self.working.pop(0)
            with transaction(self.db):
                runs.fail(self.db, run)
                runs.fail(self.db, run)

    @rule()
    def restart(self) -> None:
        """What is unfinished is known to the next studio, and second stages are shown."""
        with transaction(self.db):
            left = runs.unfinished(self.db)
            for run in left:
                if run.status == "cut":
                    runs.finish(self.db, run)
        assert {(run.session, run.seq) for run in left if run.status == "working"} == {
            (run.session, run.seq) for run in self.working
        }

    @invariant()
    def books_balance(self) -> None:
        """Charged is the sum of the bill, frozen that of the work in progress, and both never exceed the grant."""
        with transaction(self.db):
            account = accounts.read(self.db, self.account)
            charged = sum(line["credits"] for line in bill.read(self.db))
        assert account.charged == charged
        assert account.frozen == sum(run.price for run in self.working)
        assert account.charged + account.frozen <= account.granted == 260


Credits.TestCase.settings = settings(max_examples=25, stateful_step_count=30, deadline=None)
TestCredits = Credits.TestCase


@pytest.fixture
def db(tmp_path: Path) -> sqlite3.Connection:
    """Return an empty store's connection."""
    return connect(tmp_path / "studio.db")


def test_credits_are_given_once_a_week(db: sqlite3.Connection) -> None:
    """A client id has one account; a second token in the same week brings no credits, the next week does."""
    first = accounts.grant_anonymous(db, "client", 100, 0, 0.0)
    accounts.freeze(db, first.account.id, 70)
    accounts.charge(db, first.account.id, 70)
    again = accounts.grant_anonymous(db, "client", 100, 0, WEEK - 1)
    assert (again.account.id, again.account.available) == (first.account.id, 30)
    assert again.token != first.token
    later = accounts.grant_anonymous(db, "client", 100, 0, WEEK)
    assert (later.account.id, later.account.available) == (first.account.id, 100)
    with pytest.raises(Refused, match="token"):
        accounts.authenticate(db, first.token, WEEK)
    db.close()


def test_no_secret_is_kept(db: sqlite3.Connection) -> None:
    """Neither a token nor a client id stands in the database."""
    grant = accounts.grant_anonymous(db, "very-private-client", 100, 0, 0.0)
    dump = "\n".join(db.iterdump())
    assert grant.token not in dump
    assert "very-private-client" not in dump
    db.close()


def test_the_table_itself_refuses_an_overdraft(db: sqlite3.Connection) -> None:
    """Even a wrong statement cannot charge more than was granted."""
    account = accounts.grant_anonymous(db, "client", 100, 0, 0.0).account.id
    with pytest.raises(sqlite3.IntegrityError):
        db.execute("UPDATE accounts SET charged = 101 WHERE id = ?", (account,))
    db.close()
