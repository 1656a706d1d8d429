"""Faults as records: requests are counted, what happened is written down. Every function is work for the store.

Counts and lost sessions outlive a restart: a studio that is started again goes on with its schedule.
"""

import sqlite3
from datetime import datetime
from typing import Any

from nightreel.studio.faults import Endpoint, Fault


def count(db: sqlite3.Connection, endpoint: Endpoint, subject: str) -> int:
    """Count one more request of *subject* at *endpoint*; return which it is, from 1."""
    row = db.execute(
        "INSERT INTO requests VALUES (?, ?, 1) ON CONFLICT DO UPDATE SET n = n + 1 RETURNING n", (endpoint, subject)
    ).fetchone()
    return int(row[0])


def note(db: sqlite3.Connection, endpoint: Endpoint, subject: str, n: int, fault: Fault, at: datetime) -> None:
    """Write down that the *n*-th request of *subject* at *endpoint* met *fault*."""
    db.execute(
        "INSERT INTO incidents (endpoint, subject, n, fault, at) VALUES (?, ?, ?, ?, ?)",
        (endpoint, subject, n, fault, at.isoformat()),
    )


def read(db: sqlite3.Connection) -> list[dict[str, Any]]:
    """Return everything that happened, oldest first."""
    rows = db.execute("SELECT endpoint, subject, n, fault, at FROM incidents ORDER BY id")
    return [dict(row) for row in rows]


def lose(db: sqlite3.Connection, session: str) -> None:
    """Let a session be gone; one that never was cannot be."""
    db.execute("INSERT INTO vanished SELECT id FROM sessions WHERE id = ? ON CONFLICT DO NOTHING", (session,))


def is_lost(db: sqlite3.Connection, session: str) -> bool:
    """Whether a session is gone."""
    return db.execute("SELECT 1 FROM vanished WHERE session = ?", (session,)).fetchone() is not None


def name_of(db: sqlite3.Connection, session: str, render: str) -> str:
    """Return the name of a session, or of a render's; "" where there is none."""
    row = db.execute(
        "SELECT name FROM sessions WHERE id = coalesce((SELECT session FROM renders WHERE id = ?), ?)",
        (render, session),
    ).fetchone()
    return "" if row is None else str(row[0])
