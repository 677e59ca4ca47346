"""The table of uploaded pages of which no snapshot has been made yet.

A row is the promise that the upload becomes a snapshot: it stays until the result is recorded, and as
long as it is there its blob is referenced. It has a lease of its own, because an upload waits for no
host and may be under way beside a visit of the same link.
"""

from collections.abc import Sequence

import sqlalchemy as sa

from linkshot.catalogue.schema import metadata

uploads = sa.Table(
    "uploads",
    metadata,
    sa.Column("upload_id", sa.String(36), primary_key=True),
    sa.Column("link_id", sa.String(32), sa.ForeignKey("links.link_id"), nullable=False, index=True),
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("bytes", sa.BigInteger, nullable=False),
    sa.Column("media_type", sa.String(40), nullable=False),
    sa.Column("url", sa.Text, nullable=False),
    sa.Column("received_at", sa.BigInteger, nullable=False),
    sa.Column("sent_at", sa.BigInteger),
    sa.Column("lease_until", sa.BigInteger, nullable=False, server_default="0"),
)
"""`upload_id` is the id of the request and of the snapshot. All times µs since 1970; a lease that is over
(0: never sent) means that the request is published, again under the same id."""

u = uploads.c


def lease_due(conn: sa.Connection, now: int, until: int, most: int) -> list[str]:
    """Ids of uploads to publish now, oldest first, with a short lease until then."""
    due = sa.select(u.upload_id).where(u.lease_until <= now).order_by(u.upload_id).limit(most)
    ids = list(conn.scalars(due))
    conn.execute(uploads.update().where(u.upload_id.in_(ids)).values(lease_until=until))
    return ids


def mark_sent(conn: sa.Connection, ids: Sequence[str], now: int, until: int) -> None:
    """The queue has these requests; their leases become long ones."""
    sent = uploads.update().where(u.upload_id.in_(ids))
    conn.execute(sent.values(sent_at=now, lease_until=until))


def expire_leases(conn: sa.Connection, which: sa.ColumnElement[bool]) -> int:
    """These are published again at once, under their ids; how many."""
    return conn.execute(uploads.update().where(which).values(lease_until=0)).rowcount


def end(conn: sa.Connection, upload_id: str) -> None:
    """Its result is recorded. Repeatable."""
    conn.execute(uploads.delete().where(u.upload_id == upload_id))
