"""A link has the verdict of its current snapshot, so that `is:partial` and `is:doubtful` find it."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

VERDICTS = ("good", "partial", "empty", "blocked", "http_error")
"""Those of snapshots that older versions took."""


def upgrade() -> None:
    op.add_column(
        "links", sa.Column("verdict", sa.String(12), server_default="", nullable=False)
    )
    for verdict in VERDICTS:
        named = " OR ".join(
            f"shown.quality LIKE '%\"verdict\":{space}\"{verdict}\"%'" for space in ("", " ")
        )
        shown = f"SELECT shown.snapshot_id FROM snapshots AS shown WHERE {named}"  # noqa: S608  # nothing in it is given
        update = f"UPDATE links SET verdict = '{verdict}' WHERE current_snapshot_id IN ({shown})"  # noqa: S608
        op.execute(sa.text(update.replace(":", "\\:")))


def downgrade() -> None:
    op.drop_column("links", "verdict")
