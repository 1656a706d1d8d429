"""Runs: one a prompt. Every function is a piece of work for the store.

`working` → `cut` (the draft is written and the credits are charged, in one transaction) → `done` (music and title are
there, too). A run that is `working` when the studio ends is done again by the next one: it is not charged yet.
"""

import json
import sqlite3
from dataclasses import dataclass
from datetime import datetime

from nightreel.models import Tariff
from nightreel.nemo.wire import Code
from nightreel.studio import accounts, bill, sessions
from nightreel.studio.agent.cutting import Cut, Photo
from nightreel.studio.agent.editing import Edit
from nightreel.studio.answers import Refused


@dataclass(frozen=True)
class Run:
    """A prompt that was taken; *seq* counts from 1 in its session, *price* is held for it."""

    account: str
    session: str
    seq: int
    prompt: str
    price: int
    status: str


@dataclass(frozen=True)
class Scene:
    """What the agent needs to know for a run; *photos* are clips, too."""

    before: Cut | None
    photos: tuple[Photo, ...]
    sounds: tuple[Photo, ...]
    language: str


def begin(db: sqlite3.Connection, account: str, session: str, prompt: str, tariff: Tariff, now: float) -> Run:
    """Take a prompt: hold its price and note it, or neither.

    Raises:
        Refused: 1002 no such session; 429 another prompt is at work in it; 2001 too few credits.
    """
    found = sessions.find(db, account, session)
    if db.execute("SELECT 1 FROM runs WHERE session = ? AND status = 'working'", (session,)).fetchone():
        raise Refused(
            Code.RATE_LIMITED, "rate limited: another prompt is at work in this session", headers={"Retry-After": "5"}
        )
    _finish_cuts(db, session)
    price = tariff.edit if found.cut else tariff.first_cut
    accounts.freeze(db, account, price)
    seq = 1 + db.execute("SELECT count(*) FROM runs WHERE session = ?", (session,)).fetchone()[0]
    db.execute(
        "INSERT INTO runs (session, seq, prompt, price, status, created_at) VALUES (?, ?, ?, ?, 'working', ?)",
        (session, seq, prompt, price, now),
    )
    return Run(account, session, seq, prompt, price, "working")


def scene(db: sqlite3.Connection, run: Run) -> Scene:
    """Return what is there for *run*: what was asked for so far, and the session's photos, clips and sounds."""
    found = sessions.find(db, run.account, run.session)
    assets = [
        (
            asset.media.width is None,
            Photo(
                asset=asset.id,
                name=asset.name,
                seconds=asset.media.duration,
                loops=asset.media.family == "image",
                beats=asset.media.beats,
            ),
        )
        for asset in sessions.assets_of(db, run.session)
    ]
    return Scene(
        Cut.model_validate_json(found.cut) if found.cut else None,
        tuple(photo for is_sound, photo in assets if not is_sound),
        tuple(sound for is_sound, sound in assets if is_sound),
        found.language,
    )


def commit(db: sqlite3.Connection, run: Run, edit: Edit, at: datetime) -> None:
    """Write the edit's draft and charge for it; an edit that changes nothing is free."""
    if edit.cut is None or edit.first is None or edit.finished is None or not edit.changed:
        accounts.release(db, run.account, run.price)
        _settle(db, run, "done")
        return
    sessions.write_draft(db, run.session, json.dumps(edit.first.wire()), edit.cut.model_dump_json())
    accounts.charge(db, run.account, run.price)
    bill.write(db, run.account, (run.session, run.seq), run.prompt, run.price, at)
    _settle(db, run, "cut", json.dumps(edit.finished.wire()))


def finish(db: sqlite3.Connection, run: Run) -> None:
    """Show the second stage, if it is not shown yet."""
    row = db.execute(
        "SELECT finished FROM runs WHERE session = ? AND seq = ? AND status = 'cut'", (run.session, run.seq)
    ).fetchone()
    if row is not None:
        sessions.write_draft(db, run.session, row["finished"])
        _settle(db, run, "done")


def fail(db: sqlite3.Connection, run: Run) -> None:
    """Give up a run that is at work, and give its credits back."""
    if db.execute(
        "UPDATE runs SET status = 'failed' WHERE session = ? AND seq = ? AND status = 'working'",
        (run.session, run.seq),
    ).rowcount:
        accounts.release(db, run.account, run.price)


def unfinished(db: sqlite3.Connection) -> list[Run]:
    """Return the runs that an ended studio has left."""
    rows = db.execute(
        "SELECT account, session, seq, prompt, price, status FROM runs JOIN sessions ON sessions.id = runs.session "
        "WHERE status IN ('working', 'cut') ORDER BY runs.created_at, seq"
    )
    return [Run(*row) for row in rows]


def _finish_cuts(db: sqlite3.Connection, session: str) -> None:
    """Show a second stage that is still to come: the next edit builds on it."""
    for row in db.execute(
        "SELECT account, session, seq, prompt, price, status FROM runs JOIN sessions ON sessions.id = runs.session "
        "WHERE session = ? AND status = 'cut'",
        (session,),
    ).fetchall():
        finish(db, Run(*row))


def _settle(db: sqlite3.Connection, run: Run, status: str, finished: str = "") -> None:
    db.execute(
        "UPDATE runs SET status = ?, finished = ? WHERE session = ? AND seq = ?",
        (status, finished, run.session, run.seq),
    )
