"""Accounts, their tokens and their credits. Every function is a piece of work for the store.

Credits are granted, frozen while work is in progress, and charged when it is done: charged + frozen never pass
granted (the table says so, too). Of a token and of a client id only the hash is kept.
"""

import hashlib
import secrets
import sqlite3
from dataclasses import dataclass

from nightreel.nemo.wire import Code
from nightreel.studio.answers import Refused
from nightreel.studio.options import WEEK

LOCAL = "local"
"""Id of the local default account."""


@dataclass(frozen=True)
class Account:
    """An account as it stands; amounts in credits."""

    id: str
    granted: int
    charged: int
    frozen: int

    @property
    def available(self) -> int:
        """What may still be spent."""
        return self.granted - self.charged - self.frozen


@dataclass(frozen=True)
class Grant:
    """A new token; *expires_at* in seconds since the epoch."""

    token: str
    account: Account
    expires_at: float


def open_local(db: sqlite3.Connection, token: str, credits_: int, now: float) -> None:
    """Make the local default account, once, and let *token* alone be its bearer."""
    db.execute(
        "INSERT INTO accounts (id, granted, granted_at, created_at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
        (LOCAL, credits_, now, now),
    )
    db.execute("DELETE FROM tokens WHERE account = ?", (LOCAL,))
    db.execute("INSERT INTO tokens (hash, account) VALUES (?, ?)", (_hash(token), LOCAL))


def grant_anonymous(db: sqlite3.Connection, client_id: str, credits_: int, a_week: int, now: float) -> Grant:
    """Give *client_id* a token for a week: to the account that it has, or to a new one.

    A week's credits are given once a week: an account that asks again earlier gets a token and no credits.

    Raises:
        Refused: 429, *a_week* new accounts were made within a week.
    """
    client = _hash(client_id)
    row = db.execute("SELECT * FROM accounts WHERE client = ?", (client,)).fetchone()
    if row is None:
        _within_limit(db, a_week, now)
        identity = f"anon_{secrets.token_hex(8)}"
        db.execute(
            "INSERT INTO accounts (id, client, granted, granted_at, created_at) VALUES (?, ?, ?, ?, ?)",
            (identity, client, credits_, now, now),
        )
    else:
        identity = str(row["id"])
        if now >= row["granted_at"] + WEEK:
            _renew(db, _account(row), credits_, now)
    token = f"nmv_usr_{secrets.token_urlsafe(32)}"
    db.execute("DELETE FROM tokens WHERE expires_at <= ?", (now,))
    db.execute("INSERT INTO tokens VALUES (?, ?, ?)", (_hash(token), identity, now + WEEK))
    return Grant(token, read(db, identity), now + WEEK)


def authenticate(db: sqlite3.Connection, token: str, now: float) -> Account:
    """Return the account whose bearer *token* is.

    Raises:
        Refused: 1001.
    """
    row = db.execute(
        "SELECT accounts.* FROM tokens JOIN accounts ON accounts.id = tokens.account "
        "WHERE hash = ? AND (expires_at IS NULL OR expires_at > ?)",
        (_hash(token), now),
    ).fetchone()
    if row is None:
        raise Refused(Code.TOKEN_REJECTED)
    return _account(row)


def revoke(db: sqlite3.Connection, token: str) -> None:
    """Let *token* expire now; one that never expires stays."""
    db.execute("DELETE FROM tokens WHERE hash = ? AND expires_at IS NOT NULL", (_hash(token),))


def read(db: sqlite3.Connection, account: str) -> Account:
    """Return the account as it stands."""
    return _account(db.execute("SELECT * FROM accounts WHERE id = ?", (account,)).fetchone())


def freeze(db: sqlite3.Connection, account: str, amount: int) -> None:
    """Hold *amount* for work that begins.

    Raises:
        Refused: 2001, there is not so much.
    """
    held = db.execute(
        "UPDATE accounts SET frozen = frozen + :n WHERE id = :id AND granted - charged - frozen >= :n",
        {"n": amount, "id": account},
    )
    if held.rowcount != 1:
        raise Refused(Code.OUT_OF_CREDITS)


def charge(db: sqlite3.Connection, account: str, amount: int) -> None:
    """Take *amount* that was held: the work is done."""
    db.execute(
        "UPDATE accounts SET frozen = frozen - :n, charged = charged + :n WHERE id = :id",
        {"n": amount, "id": account},
    )


def release(db: sqlite3.Connection, account: str, amount: int) -> None:
    """Give back *amount* that was held: nothing was made."""
    db.execute("UPDATE accounts SET frozen = frozen - ? WHERE id = ?", (amount, account))


def _renew(db: sqlite3.Connection, account: Account, credits_: int, now: float) -> None:
    """Begin a new week: what is left of the old one is not added up."""
    missing = max(0, credits_ - account.available)
    db.execute("UPDATE accounts SET granted = granted + ?, granted_at = ? WHERE id = ?", (missing, now, account.id))


def _within_limit(db: sqlite3.Connection, a_week: int, now: float) -> None:
    made = db.execute(
        "SELECT count(*), min(created_at) FROM accounts WHERE client IS NOT NULL AND created_at > ?", (now - WEEK,)
    ).fetchone()
    if a_week and made[0] >= a_week:
        raise Refused(Code.RATE_LIMITED, headers={"Retry-After": str(max(1, round(made[1] + WEEK - now)))})


def _account(row: sqlite3.Row) -> Account:
    return Account(row["id"], row["granted"], row["charged"], row["frozen"])


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
