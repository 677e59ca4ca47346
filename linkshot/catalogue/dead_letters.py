"""The table of dead letters, as `dispatch` records them from the dead-letter topic."""

import sqlalchemy as sa

from linkshot.catalogue.schema import metadata

dead_letters = sa.Table(
    "dead_letters",
    metadata,
    sa.Column("dead_id", sa.String(36), primary_key=True),
    sa.Column("topic", sa.String(100), nullable=False),
    sa.Column("origin", sa.String(200), nullable=False, unique=True),
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("reason", sa.String(60), nullable=False),
    sa.Column("detail", sa.Text, nullable=False, server_default=""),
    sa.Column("value_base64", sa.Text, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("requeued_at", sa.BigInteger),
    sa.Column("bytes", sa.BigInteger),
    sa.Column("sha256", sa.String(64)),
    sa.Column("cut", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("original", sa.String(200)),
)
"""`origin` is DeadLetter.where: the same letter twice is one row. `bytes` and `sha256` are those of the
whole message; when it was `cut`, `original` is its key in the store."""
