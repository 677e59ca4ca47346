"""Logins outlive the process that gave them."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "logins",
        sa.Column("id_sha256", sa.String(length=64), nullable=False),
        sa.Column("door", sa.String(length=36), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id_sha256", name=op.f("pk_logins")),
    )


def downgrade() -> None:
    op.drop_table("logins")
