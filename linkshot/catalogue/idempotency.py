"""The table of Idempotency-Keys: which request body each came with, and what was answered."""

import sqlalchemy as sa

from linkshot.catalogue.schema import metadata

idempotency = sa.Table(
    "idempotency",
    metadata,
    sa.Column("key", sa.String(255), primary_key=True),
    sa.Column("body_sha256", sa.String(64), nullable=False),
    sa.Column("link_id", sa.String(32), nullable=False),
    sa.Column("existing", sa.Boolean, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("notices", sa.Text, nullable=False, server_default=""),  # codes, parted by spaces
)
