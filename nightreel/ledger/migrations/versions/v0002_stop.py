"""How many credits there were when spending was stopped: it goes on when there are more."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; an account that is stopped now goes on as it would have before."""
    op.add_column(
        "account",
        sa.Column(
            "stopped_available",
            sa.BigInteger(),
            nullable=True,
            comment="credits that were available when spending was stopped",
        ),
    )
