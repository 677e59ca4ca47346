"""Rules for sites; and a retry remembers why the visit that it repeats was asked for."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "site_rules",
        sa.Column("site", sa.String(500), nullable=False),
        sa.Column("snapshot", sa.Boolean(), nullable=True),
        sa.Column("delay_s", sa.Float(), nullable=True),
        sa.Column("user_agent", sa.Text(), nullable=True),
        sa.Column("consent", sa.String(10), nullable=True),
        sa.Column("viewport_width", sa.Integer(), nullable=True),
        sa.Column("viewport_height", sa.Integer(), nullable=True),
        sa.Column("robots", sa.String(10), nullable=True),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("rev", sa.BigInteger(), nullable=False),
        sa.Column("journalled_rev", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("deleted_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("site", name=op.f("pk_site_rules")),
    )
    op.add_column("links", sa.Column("retry_of", sa.String(10), nullable=True))


def downgrade() -> None:
    op.drop_column("links", "retry_of")
    op.drop_table("site_rules")
