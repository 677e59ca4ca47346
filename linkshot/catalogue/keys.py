"""Recomputes the keys of links after the rule of identity has changed.

A rule that separates what an older one held for the same gives each link its own key and loses nothing.
Where a new key is taken already, both links stay: the one that had the key first keeps it, the other
is found by its id, its words and its tags, and an address leads to the first.
"""

from collections.abc import Collection, Mapping

import sqlalchemy as sa

from linkshot.catalogue.links import links
from linkshot.catalogue.meta import get_meta, set_meta
from linkshot.catalogue.schema import chunks, in_values
from linkshot.catalogue.upsert_links import key_hash
from linkshot.domain.urls import KEY_VERSION, identity

BATCH_SIZE = 5_000
REKEYED_UP_TO = "keys_renewed"
"""Meta: `<KEY_VERSION>:<link_no>`, up to which link all keys are of that rule."""

NAMES = ("url_key", "key_hash")
NEW_KEYS = sa.Table(
    "given_keys",
    sa.MetaData(),
    sa.Column("link_no", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("url_key", sa.Text, nullable=False),
    sa.Column("key_hash", sa.String(32)),
    prefixes=["TEMPORARY"],
)
"""Known to one connection: thousands of keys are given by one statement."""

c = links.c


def rekey(conn: sa.Connection, after: int = 0) -> int:
    """Gives every link of an older rule behind `after` (its link_no) its key; how many changed.

    Most keys are the same under both rules; their rows are not written. Runs where nobody adds links
    meanwhile: in a migration or an edit().
    """
    newest = _newest(conn)
    old = (c.link_no > after) & (c.key_version < KEY_VERSION)
    kept = sa.select(c.link_no, c.url, c.url_key).where(old, c.purged.is_(sa.false()))
    rows = conn.execute(kept, execution_options={"yield_per": BATCH_SIZE})
    keys = {row.link_no: key for row in rows if (key := identity(row.url)) != row.url_key}
    for part in chunks(keys.items(), BATCH_SIZE):
        _assign(conn, dict(part))
    set_meta(conn, REKEYED_UP_TO, f"{KEY_VERSION}:{newest}")
    return len(keys)


def first_unchecked(conn: sa.Connection) -> int | None:
    """The link_no behind which links may be of an older rule; None = none are."""
    version, _, seen = (get_meta(conn, REKEYED_UP_TO) or "").partition(":")
    after = int(seen) if version == str(KEY_VERSION) else 0
    return None if _newest(conn) == after else after


def rekey_unchecked(conn: sa.Connection) -> int:
    """rekey() for links that a process of an older version has added since the last call."""
    after = first_unchecked(conn)
    return 0 if after is None else rekey(conn, after)


def _newest(conn: sa.Connection) -> int:
    return conn.execute(sa.select(sa.func.max(c.link_no))).scalar() or 0


def unused_hashes(conn: sa.Connection, digests: Collection[str]) -> set[str]:
    """Those key hashes that no link has."""
    return set(digests) - set(
        conn.scalars(sa.select(c.key_hash).where(in_values(conn, c.key_hash, digests)))
    )


def _assign(conn: sa.Connection, keys: Mapping[int, str]) -> None:
    """The first of several with the same key, in order of link_no, has it."""
    wanted = {key_hash(key) for key in keys.values()}
    left = unused_hashes(conn, wanted)
    # A key may be taken by a link of this batch that is about to have another one.
    if left != wanted:
        conn.execute(
            links.update().where(in_values(conn, c.link_no, list(keys))).values(key_hash=None)
        )
        left = unused_hashes(conn, wanted)
    rows = []
    for number, key in sorted(keys.items()):
        digest = key_hash(key)
        rows.append(
            {"link_no": number, "url_key": key, "key_hash": digest if digest in left else None}
        )
        left.discard(digest)
    NEW_KEYS.create(conn)
    conn.execute(NEW_KEYS.insert(), rows)
    mine = NEW_KEYS.c.link_no == c.link_no
    values = {name: sa.select(NEW_KEYS.c[name]).where(mine).scalar_subquery() for name in NAMES}
    meant = c.link_no.in_(sa.select(NEW_KEYS.c.link_no))
    conn.execute(links.update().where(meant).values(key_version=KEY_VERSION, **values))
    NEW_KEYS.drop(conn)
