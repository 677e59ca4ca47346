"""The table of stored objects that were found damaged, by the link they belong to."""

import sqlalchemy as sa

from linkshot.catalogue.schema import metadata

damages = sa.Table(
    "damages",
    metadata,
    sa.Column("link_id", sa.String(32), primary_key=True),
    sa.Column("key", sa.String(200), primary_key=True),
    sa.Column("role", sa.String(20), nullable=False),
    sa.Column("fault", sa.String(20), nullable=False),
    sa.Column("found_at", sa.BigInteger, nullable=False),
    sa.Column("checked_at", sa.BigInteger, nullable=False),
)
"""`role` is that of the artifact, `fault` a model.Fault. A row goes when the object is whole again."""
