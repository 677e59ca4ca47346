"""The table of cookies that people gave for sites: what they are called and where their sealed values lie.

The values are in a sealed blob, which only workers can open; a row is what references it. Cookies are in no
journal: after the loss of the catalogue they are given again.
"""

import json
from collections.abc import Collection
from typing import Any

import sqlalchemy as sa

from linkshot.catalogue.schema import in_values, insert_into, metadata
from linkshot.domain.model import SealedCookies
from linkshot.query import site_suffixes

site_cookies = sa.Table(
    "site_cookies",
    metadata,
    sa.Column("site", sa.String(255), primary_key=True),
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("bytes", sa.BigInteger, nullable=False),
    sa.Column("key_id", sa.String(16), nullable=False),
    sa.Column("cookies", sa.Text, nullable=False),
    sa.Column("imported_at", sa.BigInteger, nullable=False),
)
"""`site` in ASCII; `sha256` and `bytes` of the sealed blob, `key_id` of the key it was sealed for; `cookies` a JSON
list of names, domains, paths and flags without values; `imported_at` µs since 1970."""

s = site_cookies.c


def put(conn: sa.Connection, values: dict[str, Any]) -> str | None:
    """Keeps the row of a site in place of the one before; the sha256 of that one's blob."""
    before = conn.scalar(sa.select(s.sha256).where(s.site == values["site"]).with_for_update())
    fresh = insert_into(conn, site_cookies).values(**values)
    conn.execute(fresh.on_conflict_do_update(index_elements=["site"], set_=values))
    return before


def remove(conn: sa.Connection, site: str) -> str | None:
    """The sha256 of the removed row's blob; None when there was no row. Repeatable."""
    return conn.scalar(site_cookies.delete().where(s.site == site).returning(s.sha256))


def of_hosts(conn: sa.Connection, hosts: Collection[str]) -> dict[str, SealedCookies]:
    """Host → the cookies of its site, for the hosts that have some."""
    above = {host: [host] if host.startswith("[") else site_suffixes(host) for host in set(hosts)}
    wanted = sorted({one for names in above.values() for one in names})
    rows = conn.execute(sa.select(site_cookies).where(in_values(conn, s.site, wanted)))
    found = {row.site: _sealed(row) for row in rows}
    nearest = {
        host: next((found[name] for name in names if name in found), None)
        for host, names in above.items()
    }
    return {host: cookies for host, cookies in nearest.items() if cookies is not None}


def _sealed(row: Any) -> SealedCookies:
    return SealedCookies(site=row.site, sha256=row.sha256, bytes=row.bytes, key=row.key_id)


def decode_names(text: str) -> list[dict[str, Any]]:
    """The cookies of a row, without values."""
    found: list[dict[str, Any]] = json.loads(text)
    return found
