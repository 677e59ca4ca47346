"""A dead letter says how large its message was, and where the whole lies when it was cut."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("dead_letters", sa.Column("bytes", sa.BigInteger()))
    op.add_column("dead_letters", sa.Column("sha256", sa.String(64)))
    op.add_column(
        "dead_letters",
        sa.Column("cut", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.add_column("dead_letters", sa.Column("original", sa.String(200)))


def downgrade() -> None:
    for name in ("original", "cut", "sha256", "bytes"):
        op.drop_column("dead_letters", name)
