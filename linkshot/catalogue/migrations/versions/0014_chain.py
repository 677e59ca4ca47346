"""A snapshot has the hash of its manifest, by which the next manifest of its link names it."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("snapshots", sa.Column("manifest_sha256", sa.String(64), nullable=True))


def downgrade() -> None:
    op.drop_column("snapshots", "manifest_sha256")
