"""Sessions and their assets. Every function is a piece of work for the store."""

import hashlib
import json
import secrets
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from nightreel.nemo.wire import Code
from nightreel.studio.answers import Refused
from nightreel.studio.media import Media
from nightreel.studio.options import WEEK


@dataclass(frozen=True)
class Session:
    """An editing session.

    Attributes:
        cut: what was asked for so far, as the agent keeps it; "" before the first cut.
        draft: the timeline, as it stands on the wire.
    """

    id: str
    task: str
    account: str
    language: str
    cut: str
    draft: dict[str, Any]


@dataclass(frozen=True)
class Asset:
    """An uploaded file; its bytes stand in the data folder under *file*."""

    id: str
    name: str
    media: Media

    @property
    def file(self) -> str:
        """Its name in the folder of assets."""
        return f"{self.id}.{self.media.kind}"


def new_asset(name: str, media: Media) -> Asset:
    """Give an id that nobody can guess to a file that was received."""
    return Asset(f"asset_{secrets.token_hex(16)}", name, media)


def open_session(db: sqlite3.Connection, account: str, name: str, language: str, now: float) -> Session:
    """Open an empty session."""
    identity, task = f"sess_{secrets.token_hex(16)}", f"task_{secrets.token_hex(16)}"
    db.execute(
        "INSERT INTO sessions (id, task, account, name, language, created_at) VALUES (?, ?, ?, ?, ?, ?)",
        (identity, task, account, name, language, now),
    )
    return find(db, account, identity)


def find(db: sqlite3.Connection, account: str, session: str) -> Session:
    """Return the account's own session.

    Raises:
        Refused: 1002, it has no such session.
    """
    row = db.execute("SELECT * FROM sessions WHERE id = ? AND account = ?", (session, account)).fetchone()
    if row is None:
        raise Refused(Code.SESSION_NOT_FOUND)
    return Session(row["id"], row["task"], row["account"], row["language"], row["cut"], json.loads(row["draft"]))


def claim(db: sqlite3.Connection, account: str, task: str, session: str, now: float) -> str:
    """Return a token, good for a week, that lets a browser take the session over.

    Raises:
        Refused: 1002, the account has no such session, or it is of another task.
    """
    if find(db, account, session).task != task:
        raise Refused(Code.SESSION_NOT_FOUND)
    token = f"clm_{secrets.token_urlsafe(24)}"
    db.execute("DELETE FROM claims WHERE expires_at <= ?", (now,))
    db.execute(
        "INSERT INTO claims VALUES (?, ?, ?)", (hashlib.sha256(token.encode()).hexdigest(), session, now + WEEK)
    )
    return token


def add_assets(db: sqlite3.Connection, account: str, session: str, assets: Sequence[Asset]) -> None:
    """Add *assets* to the session's, all of them, in this order, after those that are there.

    Raises:
        Refused: 1002, the account has no such session.
    """
    find(db, account, session)
    start = db.execute("SELECT count(*) FROM assets WHERE session = ?", (session,)).fetchone()[0]
    db.executemany(
        "INSERT INTO assets VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (
                asset.id,
                session,
                start + place,
                asset.name,
                asset.media.family,
                asset.media.kind,
                asset.media.size,
                asset.media.sha256,
                asset.media.width,
                asset.media.height,
                asset.media.duration,
                asset.media.fps,
                " ".join(map(str, asset.media.beats)),
            )
            for place, asset in enumerate(assets)
        ],
    )


def assets_of(db: sqlite3.Connection, session: str) -> list[Asset]:
    """Return the session's assets, in the order of their upload."""
    rows = db.execute("SELECT * FROM assets WHERE session = ? ORDER BY position", (session,))
    return [_asset(row) for row in rows]


def asset(db: sqlite3.Connection, identity: str) -> Asset | None:
    """Return one asset by its id."""
    row = db.execute("SELECT * FROM assets WHERE id = ?", (identity,)).fetchone()
    return None if row is None else _asset(row)


def write_draft(db: sqlite3.Connection, session: str, draft: str, cut: str | None = None) -> None:
    """Show *draft* in the session's state; with *cut*, keep also what it was made from."""
    db.execute("UPDATE sessions SET draft = ? WHERE id = ?", (draft, session))
    if cut is not None:
        db.execute("UPDATE sessions SET cut = ? WHERE id = ?", (cut, session))


def _asset(row: sqlite3.Row) -> Asset:
    media = Media(
        family=row["family"],
        kind=row["kind"],
        size=row["size"],
        sha256=row["sha256"],
        width=row["width"],
        height=row["height"],
        duration=row["duration"],
        fps=row["fps"],
        beats=tuple(map(int, row["beats"].split())),
    )
    return Asset(row["id"], row["name"], media)
