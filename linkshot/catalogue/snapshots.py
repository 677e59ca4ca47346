"""How are visits and the distinct texts of a link kept in the catalogue?"""

import sqlalchemy as sa

from linkshot.catalogue.schema import metadata

snapshots = sa.Table(
    "snapshots",
    metadata,
    sa.Column("snapshot_id", sa.String(36), primary_key=True),
    sa.Column("link_id", sa.String(32), sa.ForeignKey("links.link_id"), nullable=False),
    sa.Column("outcome", sa.String(10), nullable=False),
    sa.Column("reason", sa.String(10), nullable=False),
    sa.Column("started_at", sa.BigInteger),
    sa.Column("finished_at", sa.BigInteger, nullable=False),
    sa.Column("taken_at", sa.BigInteger),
    sa.Column("final_url", sa.Text),
    sa.Column("http_status", sa.Integer),
    sa.Column("title", sa.Text),
    sa.Column("language", sa.String(35)),
    sa.Column("text_sha256", sa.String(64)),
    sa.Column("source_text_sha256", sa.String(64)),
    sa.Column("etag", sa.Text),
    sa.Column("last_modified", sa.Text),
    sa.Column("change", sa.Text),
    sa.Column("quality", sa.Text),
    sa.Column("manifest", sa.Text),
    sa.Column("artifacts", sa.Text, nullable=False, server_default="[]"),
    sa.Column("failure", sa.Text),
    sa.Column("dropped", sa.Boolean, nullable=False, server_default=sa.false()),
)
"""One row per request that ended. `change`, `quality`, `failure` (one object each) and
`artifacts` (a list) are JSON as in messages.py. `dropped`: came in for a tombstone."""

sa.Index("ix_snapshots_link", snapshots.c.link_id, snapshots.c.finished_at)

versions = sa.Table(
    "versions",
    metadata,
    sa.Column("link_id", sa.String(32), sa.ForeignKey("links.link_id"), primary_key=True),
    sa.Column("text_sha256", sa.String(64), primary_key=True),
    sa.Column("text_key", sa.Text, nullable=False),
    sa.Column("seen_from", sa.BigInteger, nullable=False),
    sa.Column("seen_to", sa.BigInteger, nullable=False),
)
"""Each distinct text of a link once, with the times it was first and last seen."""
