"""How many credits there were when spending was stopped: it goes on when there are more. Clips can be given up."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; an account that is stopped now goes on as it would have before. A status is new."""
    op.add_column(
        "account",
        sa.Column(
            "stopped_available",
            sa.BigInteger(),
            nullable=True,
            comment="credits that were available when spending was stopped",
        ),
    )
    if op.get_bind().dialect.name != "sqlite":  # which keeps no comments
        op.alter_column(
            "clip",
            "status",
            existing_type=sa.String(length=16),
            existing_nullable=False,
            comment="open, made, failed, person, given up",
        )
