"""The keys of links under the current rule of identity, also after the rule has changed.

A rule that parts what an older one held for the same gives each link its own key and loses nothing.
Where a new key is taken already, both links stay: the one that had the key first keeps it, the other
is found by its id, its words and its tags, and an address leads to the first.
"""

from collections.abc import Collection, Mapping
from typing import Any

import sqlalchemy as sa

from linkshot.catalogue.care import get_meta, set_meta
from linkshot.catalogue.intake import key_hash
from linkshot.catalogue.links import links
from linkshot.catalogue.schema import among, chunks
from linkshot.urls import KEY_VERSION, identity

AT_A_TIME = 5_000
RENEWED = "keys_renewed"
"""Meta: `<KEY_VERSION>:<link_no>`, up to which link all keys are of that rule."""

c = links.c


def renew(conn: sa.Connection, after: int = 0) -> int:
    """Gives every link of an older rule behind `after` (its link_no) its key; how many changed.

    Runs where nobody adds links meanwhile: in a migration or an edit().
    """
    old = (c.link_no > after) & (c.key_version < KEY_VERSION)
    kept = sa.select(c.link_no, c.url, c.url_key).where(old, c.purged.is_(sa.false()))
    rows = conn.execute(kept, execution_options={"yield_per": AT_A_TIME})
    keys = {row.link_no: key for row in rows if (key := identity(row.url)) != row.url_key}
    for part in chunks(keys.items(), AT_A_TIME):
        _give(conn, dict(part))
    conn.execute(links.update().where(old).values(key_version=KEY_VERSION))
    return len(keys)


def unseen(conn: sa.Connection) -> tuple[int, int] | None:
    """(link_no, link_no) after and up to which links may be of an older rule; None = none are."""
    version, _, seen = (get_meta(conn, RENEWED) or "").partition(":")
    after = int(seen) if version == str(KEY_VERSION) else 0
    newest = conn.execute(sa.select(sa.func.max(c.link_no))).scalar() or 0
    return None if newest == after else (after, newest)


def renew_unseen(conn: sa.Connection) -> int:
    """renew() for links that a process of an older version has added since the last call."""
    found = unseen(conn)
    if found is None:
        return 0
    changed = renew(conn, found[0])
    set_meta(conn, RENEWED, f"{KEY_VERSION}:{found[1]}")
    return changed


def free(conn: sa.Connection, digests: Collection[str]) -> set[str]:
    """Those key hashes that no link has."""
    return set(digests) - set(
        conn.scalars(sa.select(c.key_hash).where(among(conn, c.key_hash, digests)))
    )


def _give(conn: sa.Connection, keys: Mapping[int, str]) -> None:
    """The first of several with the same key, in order of link_no, has it."""
    conn.execute(links.update().where(among(conn, c.link_no, list(keys))).values(key_hash=None))
    left = free(conn, {key_hash(key) for key in keys.values()})
    values = []
    for number, key in sorted(keys.items()):
        digest = key_hash(key)
        values.append({"of": number, "key": key, "digest": digest if digest in left else None})
        left.discard(digest)
    given: dict[str, Any] = {
        "url_key": sa.bindparam("key"),
        "key_hash": sa.bindparam("digest"),
    }
    conn.execute(links.update().where(c.link_no == sa.bindparam("of")).values(**given), values)
