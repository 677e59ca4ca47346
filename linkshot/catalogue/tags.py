"""How are tags and who carries them kept in the catalogue?"""

import sqlalchemy as sa

from linkshot.catalogue.schema import metadata

tags = sa.Table(
    "tags",
    metadata,
    sa.Column("tag_id", sa.String(36), primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("key", sa.Text, unique=True),
    sa.Column("parent_id", sa.String(36), sa.ForeignKey("tags.tag_id")),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("rev", sa.BigInteger, nullable=False),
    sa.Column("journalled_rev", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("deleted_at", sa.BigInteger),
)
"""`name` is the full path as first spelt, `key` the path under NFKC and casefold (at most 2,000
bytes); a removed tag keeps its row, with `key` NULL, until the journal has it."""

sa.Index(None, tags.c.parent_id)
sa.Index(
    "ix_tags_journal",
    tags.c.rev,
    sqlite_where=tags.c.rev > tags.c.journalled_rev,
    postgresql_where=tags.c.rev > tags.c.journalled_rev,
)

link_tags = sa.Table(
    "link_tags",
    metadata,
    sa.Column(
        "link_id",
        sa.String(32),
        sa.ForeignKey("links.link_id", ondelete="CASCADE"),
        primary_key=True,
    ),
    sa.Column(
        "tag_id", sa.String(36), sa.ForeignKey("tags.tag_id", ondelete="CASCADE"), primary_key=True
    ),
    sqlite_with_rowid=False,
)

sa.Index("ix_link_tags_tag", link_tags.c.tag_id, link_tags.c.link_id)
