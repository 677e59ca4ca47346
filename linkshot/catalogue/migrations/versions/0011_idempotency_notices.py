"""A repeated answer has the notices of the first one; that of an older key has none."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "idempotency", sa.Column("notices", sa.Text(), nullable=False, server_default="")
    )


def downgrade() -> None:
    op.drop_column("idempotency", "notices")
