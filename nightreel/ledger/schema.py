"""The tables of journal and ledger, as they are at the newest migration.

Two tables are never changed, by triggers on both databases: `ledger_entry` (credits) and `journal_entry` (what
happened). The others hold the present state; each change of theirs stands in one transaction with its journal entry.
Amounts are whole credits. Times are aware and in UTC.
"""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.types import TypeDecorator, TypeEngine


class Moment(TypeDecorator[datetime]):
    """A time in UTC: `timestamptz`, or on SQLite a text that sorts."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Write *value* in UTC."""
        if value is None:
            return None
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Read *value* as an aware time in UTC."""
        del dialect
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

_NUMBER: TypeEngine[int] = BigInteger().with_variant(Integer(), "sqlite")


def _id() -> Column[Any]:
    return Column("id", String(64), primary_key=True)


def _number() -> Column[Any]:
    return Column("id", _NUMBER, primary_key=True, autoincrement=True)


def _to(name: str, target: str, *, null: bool = False, index: bool = True) -> Column[Any]:
    kind = _NUMBER if target == "ledger_entry" else String(64)
    return Column(name, kind, ForeignKey(f"{target}.id"), nullable=null, index=index)


def _text(name: str) -> Column[Any]:
    return Column(name, Text, nullable=False, default="", server_default="")


def _at(name: str, *, null: bool = False) -> Column[Any]:
    return Column(name, Moment, nullable=null)


account = Table(
    "account",
    metadata,
    Column("id", String(64), primary_key=True, comment="<engine>:<name>"),
    Column("engine", String(16), nullable=False),
    Column("name", String(48), nullable=False),
    _at("created_at"),
    _at("stopped_at", null=True),
    _text("stopped_reason"),
    Column("stopped_available", BigInteger, comment="credits that were available when spending was stopped"),
    Column("balance", BigInteger, comment="available + held at the last quiet reading"),
    Column("balance_spent", BigInteger, comment="what the ledger said was spent at that reading"),
    Column("balance_run", String(64), comment="the run that was going on at that reading"),
    _at("balance_at", null=True),
    UniqueConstraint("engine", "name"),
)

budget = Table(
    "budget",
    metadata,
    _id(),
    _to("account_id", "account", index=False),
    Column("scope", String(8), nullable=False, comment="run, day or account"),
    Column("name", String(64), nullable=False, comment="the run's id, or empty"),
    Column("credits", BigInteger, nullable=False),
    _at("set_at"),
    UniqueConstraint("account_id", "scope", "name"),
    CheckConstraint("credits >= 0", name="credits"),
    CheckConstraint("scope IN ('run', 'day', 'account')", name="scope"),
)

run = Table(
    "run",
    metadata,
    _id(),
    _to("account_id", "account"),
    _text("source"),
    _text("out"),
    Column("options", JSON, nullable=False),
    Column("planned", BigInteger, nullable=False, comment="credits the plan asked for"),
    _at("started_at"),
    _at("ended_at", null=True),
    _text("outcome"),
)

session = Table(
    "session",
    metadata,
    _id(),
    _to("account_id", "account"),
    Column("remote_id", String(256), comment="the service's session id; null until it answered"),
    Column("task_id", String(256), comment="the service's project"),
    Column("language", String(35), nullable=False),
    Column("status", String(16), nullable=False, comment="opening, open, abandoned, gone"),
    _text("note"),
    _at("created_at"),
)

clip = Table(
    "clip",
    metadata,
    _id(),
    _to("account_id", "account", index=False),
    Column("key", String(64), nullable=False),
    Column("take", Integer, nullable=False, comment="1, and one more for each remake"),
    Column("product", Text, nullable=False),
    Column("format", String(8), nullable=False),
    Column("recipe", Integer, nullable=False),
    Column("prompt", Text, nullable=False),
    Column("photos", JSON, nullable=False, comment="hashes of the photos, in order"),
    Column("status", String(16), nullable=False, comment="open, made, failed, person, given up"),
    Column("step", String(16), nullable=False, comment="the last step that was done"),
    _text("error"),
    _text("hint"),
    _to("session_id", "session", null=True),
    _to("run_id", "run", null=True),
    Column("owner", String(200)),
    _at("lease_until", null=True),
    Column("fence", BigInteger, nullable=False),
    Column("master_sha256", String(64)),
    Column("master_size", BigInteger),
    Column("checks", JSON),
    Column("video", Text),
    Column("cover", Text),
    Column("record", Text),
    Column("seconds", Float()),
    _at("created_at"),
    _at("made_at", null=True),
    UniqueConstraint("account_id", "key", "take"),
    Index(None, "account_id", "product", "format"),
    CheckConstraint("take >= 1", name="take"),
)

asset = Table(
    "asset",
    metadata,
    _id(),
    _to("session_id", "session", index=False),
    Column("position", Integer, nullable=False),
    Column("photo_sha256", String(64), nullable=False, comment="of the bytes in the source"),
    Column("sent_sha256", String(64), nullable=False, comment="of the bytes that were sent"),
    Column("name", Text, nullable=False),
    Column("media_type", String(64), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("status", String(16), nullable=False, comment="sending, sent, failed"),
    _text("remote_name"),
    _at("created_at"),
    UniqueConstraint("session_id", "position"),
)

purchase = Table(
    "purchase",
    metadata,
    _id(),
    _to("account_id", "account"),
    _to("session_id", "session", index=False),
    _to("clip_id", "clip", null=True),
    _to("run_id", "run", null=True),
    Column("seq", Integer, nullable=False, comment="1 for the first prompt in the session"),
    Column("attempt", Integer, nullable=False, comment="1 for the clip's first; clocks jump, this does not"),
    Column("kind", String(16), nullable=False, comment="first_cut or edit"),
    Column("prompt", Text, nullable=False),
    Column("prompt_hash", String(64), nullable=False),
    Column("credits", BigInteger, nullable=False, comment="reserved for it"),
    Column("status", String(16), nullable=False, comment="intent, unknown, person, done, failed, unsent, not_made"),
    Column("before", JSON, nullable=False, comment="fingerprint of the state before the prompt, and the balance"),
    Column("draft", JSON, comment="the draft as read back"),
    Column("verified", Boolean, nullable=False),
    _text("reply"),
    _text("note"),
    Column("by_person", Boolean, nullable=False, comment="a person decided what came of it"),
    _at("sent_at"),
    _at("ended_at", null=True),
    UniqueConstraint("session_id", "seq"),
    CheckConstraint("credits >= 0", name="credits"),
)

render = Table(
    "render",
    metadata,
    Column("id", String(64), primary_key=True, comment="ours; sent to the service"),
    _to("account_id", "account"),
    _to("session_id", "session"),
    _to("clip_id", "clip", null=True),
    _to("run_id", "run", null=True),
    Column("attempt", Integer, nullable=False, comment="1 for the clip's first; clocks jump, this does not"),
    Column("draft_hash", String(64), nullable=False),
    Column("credits", BigInteger, nullable=False, comment="reserved for it"),
    Column("status", String(16), nullable=False, comment="intent, unknown, taken, completed, failed, unsent, lost"),
    _text("note"),
    _at("created_at"),
    _at("ended_at", null=True),
)

ledger_entry = Table(
    "ledger_entry",
    metadata,
    _number(),
    _to("account_id", "account", index=False),
    _to("run_id", "run", null=True),
    _to("purchase_id", "purchase", null=True),
    _to("render_id", "render", null=True),
    Column("reservation_id", _NUMBER, ForeignKey("ledger_entry.id"), unique=True, comment="what this entry closes"),
    Column("kind", String(8), nullable=False, comment="reserve, settle, release, adjust"),
    Column("reserved", BigInteger, nullable=False, comment="change of what is reserved"),
    Column("spent", BigInteger, nullable=False, comment="change of what is spent"),
    Column("day", String(10), nullable=False, comment="of the reservation, UTC"),
    _text("note"),
    _at("at"),
    CheckConstraint(
        "(kind = 'reserve' AND reservation_id IS NULL AND reserved >= 0 AND spent = 0)"
        " OR (kind = 'settle' AND reservation_id IS NOT NULL AND reserved <= 0 AND spent BETWEEN 0 AND -reserved)"
        " OR (kind = 'release' AND reservation_id IS NOT NULL AND reserved <= 0 AND spent = 0)"
        " OR (kind = 'adjust' AND reservation_id IS NULL AND reserved = 0)",
        name="kind",
    ),
    Index(None, "account_id", "day"),
)
Index(
    "uq_ledger_entry_reserve_purchase_id",
    ledger_entry.c.purchase_id,
    unique=True,
    sqlite_where=ledger_entry.c.kind == "reserve",
    postgresql_where=ledger_entry.c.kind == "reserve",
)

journal_entry = Table(
    "journal_entry",
    metadata,
    _number(),
    _at("at"),
    Column("account_id", String(64), nullable=False),
    Column("run_id", String(64)),
    Column("clip_id", String(64), index=True),
    Column("subject", String(16), nullable=False, comment="account, run, clip, session, asset, purchase, render"),
    Column("subject_id", String(64), nullable=False),
    Column("event", String(24), nullable=False, comment="the status that the subject took, or what was noted"),
    Column("owner", String(200)),
    Column("fence", BigInteger),
    Column("body", JSON, nullable=False),
    Index(None, "subject", "subject_id"),
)
