"""A first snapshot is no change: links whose page has not changed have a key below all times."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

UNCHANGED = 2**61
"""As changekey.py."""
PAGE = " OR ".join(
    f"before.quality LIKE '%\"verdict\":{space}\"{verdict}\"%'"
    for verdict in ("good", "partial")
    for space in ("", " ")
)
CHANGED = f"""EXISTS (SELECT 1 FROM snapshots AS change
  WHERE change.link_id = links.link_id AND change.finished_at = links.changed_at
  AND (change.change LIKE '%"minor"%' OR change.change LIKE '%"major"%')
  AND EXISTS (SELECT 1 FROM snapshots AS before
    WHERE before.link_id = links.link_id AND before.finished_at < links.changed_at
    AND before.outcome = 'stored' AND ({PAGE})))"""  # noqa: S608  # nothing in it is given
"""`changed_at` is the end of the visit that found the change; before it there must be a snapshot that shows
the page."""


def upgrade() -> None:
    never = f"NOT purged AND by_changed > 0 AND NOT {CHANGED}"
    key = f"by_added - {UNCHANGED}"
    op.execute(sa.text(f"UPDATE links SET by_changed = {key} WHERE {never}".replace(":", "\\:")))  # noqa: S608


def downgrade() -> None:
    raise NotImplementedError("go back to an older linkshot with an older copy of the catalogue")
