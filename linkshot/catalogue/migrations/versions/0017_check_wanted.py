"""That a snapshot is to be checked stands in a column of its own.

It was a reason (`check`), which a dispatch of before does not know: it could send nothing any more.
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "links",
        sa.Column("check_wanted", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    links = sa.table("links", sa.column("reason"), sa.column("check_wanted"))
    wanted = sa.update(links).where(links.c.reason == "check")
    op.execute(wanted.values(reason="manual", check_wanted=sa.true()))


def downgrade() -> None:
    op.drop_column("links", "check_wanted")
