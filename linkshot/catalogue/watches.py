"""The table of schedules."""

import sqlalchemy as sa

from linkshot.catalogue.schema import metadata

watches = sa.Table(
    "watches",
    metadata,
    sa.Column(
        "link_id",
        sa.String(32),
        sa.ForeignKey("links.link_id", ondelete="CASCADE"),
        primary_key=True,
    ),
    sa.Column("every", sa.String(40), nullable=False),
    sa.Column("every_s", sa.BigInteger, nullable=False),
    sa.Column("next_at", sa.BigInteger, nullable=False),
    sa.Column("created_at", sa.BigInteger, nullable=False),
)
"""`every` as typed, `every_s` in seconds. A change of a watch raises the link's rev: the journal
and the index have `watched` with the link."""

sa.Index(None, watches.c.next_at)
