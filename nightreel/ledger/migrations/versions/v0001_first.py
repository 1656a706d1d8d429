"""The first schema.

Triggers keep `ledger_entry` and `journal_entry` as they were written.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_IMMUTABLE = ("ledger_entry", "journal_entry")


def upgrade() -> None:
    """Make all tables and the triggers."""
    op.create_table(
        "account",
        sa.Column("id", sa.String(length=64), nullable=False, comment="<engine>:<name>"),
        sa.Column("engine", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=48), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stopped_reason", sa.Text(), server_default="", nullable=False),
        sa.Column("balance", sa.BigInteger(), nullable=True, comment="available + held at the last quiet reading"),
        sa.Column(
            "balance_spent", sa.BigInteger(), nullable=True, comment="what the ledger said was spent at that reading"
        ),
        sa.Column(
            "balance_run", sa.String(length=64), nullable=True, comment="the run that was going on at that reading"
        ),
        sa.Column("balance_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("engine", "name", name=op.f("uq_account_engine_name")),
    )
    op.create_table(
        "journal_entry",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("account_id", sa.String(length=64), nullable=False),
        sa.Column("run_id", sa.String(length=64), nullable=True),
        sa.Column("clip_id", sa.String(length=64), nullable=True),
        sa.Column(
            "subject",
            sa.String(length=16),
            nullable=False,
            comment="account, run, clip, session, asset, purchase, render",
        ),
        sa.Column("subject_id", sa.String(length=64), nullable=False),
        sa.Column(
            "event",
            sa.String(length=24),
            nullable=False,
            comment="the status that the subject took, or what was noted",
        ),
        sa.Column("owner", sa.String(length=200), nullable=True),
        sa.Column("fence", sa.BigInteger(), nullable=True),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journal_entry")),
    )
    op.create_index(op.f("ix_journal_entry_clip_id"), "journal_entry", ["clip_id"], unique=False)
    op.create_index(
        op.f("ix_journal_entry_subject_subject_id"), "journal_entry", ["subject", "subject_id"], unique=False
    )
    op.create_table(
        "budget",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.String(length=64), nullable=False),
        sa.Column("scope", sa.String(length=8), nullable=False, comment="run, day or account"),
        sa.Column("name", sa.String(length=64), nullable=False, comment="the run's id, or empty"),
        sa.Column("credits", sa.BigInteger(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("scope IN ('run', 'day', 'account')", name=op.f("ck_budget_scope")),
        sa.CheckConstraint("credits >= 0", name=op.f("ck_budget_credits")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_budget_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_budget")),
        sa.UniqueConstraint("account_id", "scope", "name", name=op.f("uq_budget_account_id_scope_name")),
    )
    op.create_table(
        "run",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.String(length=64), nullable=False),
        sa.Column("source", sa.Text(), server_default="", nullable=False),
        sa.Column("out", sa.Text(), server_default="", nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("planned", sa.BigInteger(), nullable=False, comment="credits the plan asked for"),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_run_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_run")),
    )
    op.create_index(op.f("ix_run_account_id"), "run", ["account_id"], unique=False)
    op.create_table(
        "session",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.String(length=64), nullable=False),
        sa.Column(
            "remote_id",
            sa.String(length=256),
            nullable=True,
            comment="the service's session id; null until it answered",
        ),
        sa.Column("task_id", sa.String(length=256), nullable=True, comment="the service's project"),
        sa.Column("language", sa.String(length=35), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False, comment="opening, open, abandoned, gone"),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_session_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session")),
    )
    op.create_index(op.f("ix_session_account_id"), "session", ["account_id"], unique=False)
    op.create_table(
        "asset",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("session_id", sa.String(length=64), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("photo_sha256", sa.String(length=64), nullable=False, comment="of the bytes in the source"),
        sa.Column("sent_sha256", sa.String(length=64), nullable=False, comment="of the bytes that were sent"),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("media_type", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False, comment="sending, sent, failed"),
        sa.Column("remote_name", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["session_id"], ["session.id"], name=op.f("fk_asset_session_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_asset")),
        sa.UniqueConstraint("session_id", "position", name=op.f("uq_asset_session_id_position")),
    )
    op.create_table(
        "clip",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("take", sa.Integer(), nullable=False, comment="1, and one more for each remake"),
        sa.Column("product", sa.Text(), nullable=False),
        sa.Column("format", sa.String(length=8), nullable=False),
        sa.Column("recipe", sa.Integer(), nullable=False),
        sa.Column("prompt", sa.Text(), nullable=False),
        sa.Column("photos", sa.JSON(), nullable=False, comment="hashes of the photos, in order"),
        sa.Column("status", sa.String(length=16), nullable=False, comment="open, made, failed, person"),
        sa.Column("step", sa.String(length=16), nullable=False, comment="the last step that was done"),
        sa.Column("error", sa.Text(), server_default="", nullable=False),
        sa.Column("hint", sa.Text(), server_default="", nullable=False),
        sa.Column("session_id", sa.String(length=64), nullable=True),
        sa.Column("run_id", sa.String(length=64), nullable=True),
        sa.Column("owner", sa.String(length=200), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fence", sa.BigInteger(), nullable=False),
        sa.Column("master_sha256", sa.String(length=64), nullable=True),
        sa.Column("master_size", sa.BigInteger(), nullable=True),
        sa.Column("checks", sa.JSON(), nullable=True),
        sa.Column("video", sa.Text(), nullable=True),
        sa.Column("cover", sa.Text(), nullable=True),
        sa.Column("record", sa.Text(), nullable=True),
        sa.Column("seconds", sa.Float(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("take >= 1", name=op.f("ck_clip_take")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_clip_account_id")),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_clip_run_id")),
        sa.ForeignKeyConstraint(["session_id"], ["session.id"], name=op.f("fk_clip_session_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clip")),
        sa.UniqueConstraint("account_id", "key", "take", name=op.f("uq_clip_account_id_key_take")),
    )
    op.create_index(
        op.f("ix_clip_account_id_product_format"), "clip", ["account_id", "product", "format"], unique=False
    )
    op.create_index(op.f("ix_clip_run_id"), "clip", ["run_id"], unique=False)
    op.create_index(op.f("ix_clip_session_id"), "clip", ["session_id"], unique=False)
    op.create_table(
        "purchase",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.String(length=64), nullable=False),
        sa.Column("session_id", sa.String(length=64), nullable=False),
        sa.Column("clip_id", sa.String(length=64), nullable=True),
        sa.Column("run_id", sa.String(length=64), nullable=True),
        sa.Column("seq", sa.Integer(), nullable=False, comment="1 for the first prompt in the session"),
        sa.Column(
            "attempt", sa.Integer(), nullable=False, comment="1 for the clip's first; clocks jump, this does not"
        ),
        sa.Column("kind", sa.String(length=16), nullable=False, comment="first_cut or edit"),
        sa.Column("prompt", sa.Text(), nullable=False),
        sa.Column("prompt_hash", sa.String(length=64), nullable=False),
        sa.Column("credits", sa.BigInteger(), nullable=False, comment="reserved for it"),
        sa.Column(
            "status",
            sa.String(length=16),
            nullable=False,
            comment="intent, unknown, person, done, failed, unsent, not_made",
        ),
        sa.Column(
            "before", sa.JSON(), nullable=False, comment="fingerprint of the state before the prompt, and the balance"
        ),
        sa.Column("draft", sa.JSON(), nullable=True, comment="the draft as read back"),
        sa.Column("verified", sa.Boolean(), nullable=False),
        sa.Column("reply", sa.Text(), server_default="", nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("by_person", sa.Boolean(), nullable=False, comment="a person decided what came of it"),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("credits >= 0", name=op.f("ck_purchase_credits")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_purchase_account_id")),
        sa.ForeignKeyConstraint(["clip_id"], ["clip.id"], name=op.f("fk_purchase_clip_id")),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_purchase_run_id")),
        sa.ForeignKeyConstraint(["session_id"], ["session.id"], name=op.f("fk_purchase_session_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_purchase")),
        sa.UniqueConstraint("session_id", "seq", name=op.f("uq_purchase_session_id_seq")),
    )
    op.create_index(op.f("ix_purchase_account_id"), "purchase", ["account_id"], unique=False)
    op.create_index(op.f("ix_purchase_clip_id"), "purchase", ["clip_id"], unique=False)
    op.create_index(op.f("ix_purchase_run_id"), "purchase", ["run_id"], unique=False)
    op.create_table(
        "render",
        sa.Column("id", sa.String(length=64), nullable=False, comment="ours; sent to the service"),
        sa.Column("account_id", sa.String(length=64), nullable=False),
        sa.Column("session_id", sa.String(length=64), nullable=False),
        sa.Column("clip_id", sa.String(length=64), nullable=True),
        sa.Column("run_id", sa.String(length=64), nullable=True),
        sa.Column(
            "attempt", sa.Integer(), nullable=False, comment="1 for the clip's first; clocks jump, this does not"
        ),
        sa.Column("draft_hash", sa.String(length=64), nullable=False),
        sa.Column("credits", sa.BigInteger(), nullable=False, comment="reserved for it"),
        sa.Column(
            "status",
            sa.String(length=16),
            nullable=False,
            comment="intent, unknown, taken, completed, failed, unsent, lost",
        ),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_render_account_id")),
        sa.ForeignKeyConstraint(["clip_id"], ["clip.id"], name=op.f("fk_render_clip_id")),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_render_run_id")),
        sa.ForeignKeyConstraint(["session_id"], ["session.id"], name=op.f("fk_render_session_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_render")),
    )
    op.create_index(op.f("ix_render_account_id"), "render", ["account_id"], unique=False)
    op.create_index(op.f("ix_render_clip_id"), "render", ["clip_id"], unique=False)
    op.create_index(op.f("ix_render_run_id"), "render", ["run_id"], unique=False)
    op.create_index(op.f("ix_render_session_id"), "render", ["session_id"], unique=False)
    op.create_table(
        "ledger_entry",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("account_id", sa.String(length=64), nullable=False),
        sa.Column("run_id", sa.String(length=64), nullable=True),
        sa.Column("purchase_id", sa.String(length=64), nullable=True),
        sa.Column("render_id", sa.String(length=64), nullable=True),
        sa.Column(
            "reservation_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
            comment="what this entry closes",
        ),
        sa.Column("kind", sa.String(length=8), nullable=False, comment="reserve, settle, release, adjust"),
        sa.Column("reserved", sa.BigInteger(), nullable=False, comment="change of what is reserved"),
        sa.Column("spent", sa.BigInteger(), nullable=False, comment="change of what is spent"),
        sa.Column("day", sa.String(length=10), nullable=False, comment="of the reservation, UTC"),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(kind = 'reserve' AND reservation_id IS NULL AND reserved >= 0 AND spent = 0)"
            " OR (kind = 'settle' AND reservation_id IS NOT NULL AND reserved <= 0 AND spent BETWEEN 0 AND -reserved)"
            " OR (kind = 'release' AND reservation_id IS NOT NULL AND reserved <= 0 AND spent = 0)"
            " OR (kind = 'adjust' AND reservation_id IS NULL AND reserved = 0)",
            name=op.f("ck_ledger_entry_kind"),
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_ledger_entry_account_id")),
        sa.ForeignKeyConstraint(["purchase_id"], ["purchase.id"], name=op.f("fk_ledger_entry_purchase_id")),
        sa.ForeignKeyConstraint(["render_id"], ["render.id"], name=op.f("fk_ledger_entry_render_id")),
        sa.ForeignKeyConstraint(["reservation_id"], ["ledger_entry.id"], name=op.f("fk_ledger_entry_reservation_id")),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_ledger_entry_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_entry")),
        sa.UniqueConstraint("reservation_id", name=op.f("uq_ledger_entry_reservation_id")),
    )
    op.create_index(op.f("ix_ledger_entry_account_id_day"), "ledger_entry", ["account_id", "day"], unique=False)
    op.create_index(op.f("ix_ledger_entry_purchase_id"), "ledger_entry", ["purchase_id"], unique=False)
    op.create_index(op.f("ix_ledger_entry_render_id"), "ledger_entry", ["render_id"], unique=False)
    op.create_index(op.f("ix_ledger_entry_run_id"), "ledger_entry", ["run_id"], unique=False)
    op.create_index(
        "uq_ledger_entry_reserve_purchase_id",
        "ledger_entry",
        ["purchase_id"],
        unique=True,
        sqlite_where=sa.text("kind = 'reserve'"),
        postgresql_where=sa.text("kind = 'reserve'"),
    )

    for table in _IMMUTABLE:
        _protect(table)


def _protect(table: str) -> None:
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is immutable'); END"
            )
        return
    op.execute(
        f"CREATE FUNCTION {table}_immutable() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{table} is immutable' USING ERRCODE = 'restrict_violation'; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {table}_immutable BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_immutable()"
    )
