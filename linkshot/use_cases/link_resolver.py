"""Resolves what a person typed (an id, a unique prefix of one, or a URL) to a link id."""

import re
from collections.abc import Sequence

import sqlalchemy as sa

from linkshot.app import App
from linkshot.catalogue.link_rows import NOT_PURGED, VISIBLE
from linkshot.catalogue.links import links
from linkshot.catalogue.schema import chunks
from linkshot.catalogue.upsert_links import key_hash
from linkshot.domain import urls
from linkshot.errors import Conflict, InvalidURL, NotFound

FULL = re.compile(r"[0-9a-f]{32}")
PREFIX = re.compile(r"[0-9a-f]{6,31}")

c = links.c


def is_id(ref: str) -> bool:
    """Whether this is an id or the beginning of one, rather than an address."""
    return FULL.fullmatch(ref.strip()) is not None or PREFIX.fullmatch(ref.strip()) is not None


def link_ids(
    app: App,  # noqa: ARG001  # the shape of every use case
    conn: sa.Connection,
    refs: Sequence[str],
    where: sa.ColumnElement[bool] = VISIBLE,
) -> list[str]:
    """The link each of them names, each link once, in order.

    NotFound when one names nothing, with a code that says whether it is in the trash (`link.trashed`) or not in
    the trash (`link.not_trashed`); Conflict `link.ambiguous` when it names several.
    """
    full = [ref.strip() for ref in refs if FULL.fullmatch(ref.strip())]
    there: set[str] = set()
    for part in chunks(full):
        there |= set(conn.scalars(sa.select(c.link_id).where(c.link_id.in_(part), where)))
    return list(dict.fromkeys(_one(conn, ref.strip(), there, where) for ref in refs))


def link_id(
    app: App, conn: sa.Connection, ref: str, where: sa.ColumnElement[bool] = VISIBLE
) -> str:
    """The link it names; see link_ids()."""
    return link_ids(app, conn, [ref], where)[0]


def _one(conn: sa.Connection, ref: str, there: set[str], where: sa.ColumnElement[bool]) -> str:
    if ref in there:
        return ref
    found = _named(conn, ref, where)
    if len(found) > 1:
        raise Conflict(f"Several links begin with {ref}; give more digits.", code="link.ambiguous")
    if not found:
        raise _not_found(conn, ref)
    return found[0]


def _not_found(conn: sa.Connection, ref: str) -> NotFound:
    """The answer when nothing that was asked for is named so; alike for purged and never known."""
    elsewhere = _named(conn, ref, NOT_PURGED)
    if len(elsewhere) != 1:
        return NotFound(f"There is no link {ref[:100]!r} here.", code="link.not_found")
    trashed = conn.scalar(sa.select(c.deleted_at).where(c.link_id == elsewhere[0])) is not None
    if not trashed:
        return NotFound(f"The link {ref[:100]!r} is not in the trash.", code="link.not_trashed")
    return NotFound(
        f"The link {ref[:100]!r} is in the trash; `linkshot trash restore {elsewhere[0][:10]}` "
        "brings it back.",
        code="link.trashed",
    )


def _named(conn: sa.Connection, ref: str, where: sa.ColumnElement[bool]) -> list[str]:
    """The links with this id, with an id that begins so (two of them at most), or with this address."""
    if FULL.fullmatch(ref):
        return list(conn.scalars(sa.select(c.link_id).where(c.link_id == ref, where)))
    if PREFIX.fullmatch(ref):
        # A range, because the index serves it on both databases; "g" follows the last hex digit.
        between = (c.link_id >= ref) & (c.link_id < ref + "g")
        found = list(conn.scalars(sa.select(c.link_id).where(between, where).limit(2)))
        if found:
            return found
    try:
        url = urls.normalize(ref, scheme_default=True)
    except InvalidURL:
        return []
    return ids_of_url(conn, url.key, where)


def ids_of_url(conn: sa.Connection, key: str, where: sa.ColumnElement[bool] = VISIBLE) -> list[str]:
    """The link whose address has this key (urls.identity()), if there is one."""
    same = c.key_hash == key_hash(key)
    return list(conn.scalars(sa.select(c.link_id).where(same, where)))
