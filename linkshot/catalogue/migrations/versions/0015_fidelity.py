"""A snapshot has the scores of its check: how well what is stored of it shows the page."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("snapshots", sa.Column("fidelity", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("snapshots", "fidelity")
