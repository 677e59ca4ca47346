"""Raises the revision of edited links, by which the index and the journal find them."""

from collections.abc import Sequence

import sqlalchemy as sa

from linkshot.catalogue.clock import unique_us
from linkshot.catalogue.links import PEOPLE, links
from linkshot.catalogue.schema import chunks


def bump_revision(conn: sa.Connection, link_ids: Sequence[str], now: int) -> int:
    """These links were edited by a person: a greater rev, announced first. The rev.

    Mints, so it comes before other changes of the transaction.
    """
    rev = unique_us(conn, "rev", now=now)
    for part in chunks(link_ids):
        touched = links.update().where(links.c.link_id.in_(part))
        conn.execute(touched.values(rev=next_revision(rev), announce_class=PEOPLE))
    return rev


def next_revision(rev: int) -> sa.ColumnElement[int]:
    """The new rev of a row: this one, or one more than it has."""
    return sa.case((links.c.rev >= rev, links.c.rev + 1), else_=sa.literal(rev, sa.BigInteger))
