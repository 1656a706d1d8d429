"""The bill: what was charged, for audits and tests. The product never reads it."""

import hashlib
import sqlite3
from datetime import datetime
from typing import Any


def prompt_hash(prompt: str) -> str:
    """Return the SHA-256 of the prompt's UTF-8 bytes, in hex."""
    return hashlib.sha256(prompt.encode()).hexdigest()


def write(db: sqlite3.Connection, account: str, run: tuple[str, int], prompt: str, amount: int, at: datetime) -> None:
    """Note that *run* (session, sequence number) was charged; a second charge for one run cannot be written."""
    db.execute(
        "INSERT INTO bill (account, session, seq, prompt_hash, credits, at) VALUES (?, ?, ?, ?, ?, ?)",
        (account, *run, prompt_hash(prompt), amount, at.isoformat()),
    )


def read(db: sqlite3.Connection) -> list[dict[str, Any]]:
    """Return every charge, oldest first."""
    rows = db.execute("SELECT session, seq, prompt_hash, credits, at FROM bill ORDER BY n")
    return [dict(row) for row in rows]
