"""The tables of tags and of the links that carry them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from uuid_utils import uuid7

from linkshot.catalogue.links import links
from linkshot.catalogue.schema import (
    AUTOINCREMENT,
    Condition,
    in_values,
    insert_into,
    insert_many,
    metadata,
    storable,
)
from linkshot.domain.model import Tag, TagId
from linkshot.domain.tag_paths import TagPath

tags = sa.Table(
    "tags",
    metadata,
    sa.Column("tag_no", AUTOINCREMENT, primary_key=True),
    sa.Column("tag_id", sa.String(36), nullable=False, unique=True),
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

link_tags = sa.Table(
    "link_tags",
    metadata,
    sa.Column("link_no", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("tag_no", sa.BigInteger, primary_key=True, autoincrement=False),
)
"""By number: with ids, 300,000 pairs were a third of the catalogue and more than half of what an
import writes. No foreign keys: neither links nor tags ever lose their rows, and an import would
pay for checking each pair."""

sa.Index(None, link_tags.c.tag_no, link_tags.c.link_no)
"""With both columns, so that finding and counting the links of a tag reads no row."""

LINKS_WITH_TAGS = links.join(link_tags, link_tags.c.link_no == links.c.link_no).join(
    tags, tags.c.tag_no == link_tags.c.tag_no
)
"""Links beside the tags they carry."""


def to_tag(row: sa.Row[Any], count: int = 0, own: int = 0) -> Tag:
    """The noun from its row."""
    parent = None if row.parent_id is None else TagId(row.parent_id)
    return Tag(tag_id=TagId(row.tag_id), name=row.name, parent_id=parent, count=count, own=own)


def ensure_tags(
    conn: sa.Connection, paths: Iterable[TagPath], now: int, rev: int
) -> dict[str, TagId]:
    """Key → id of these tags; those that are missing are created, parents too."""
    wanted = {step.key: step for path in paths for step in path.ancestors}
    known = tags_by_key(conn, list(wanted))
    missing = [path for key, path in wanted.items() if key not in known]
    for path in sorted(missing, key=lambda path: len(path.keys)):  # parents before their children
        known[path.key] = _create(conn, path, known, now, rev)
    return {key: TagId(row_id) for key, (row_id, _name) in known.items()}


def tags_by_key(conn: sa.Connection, keys: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Key → (id, name) of those that exist."""
    columns = sa.select(tags.c.key, tags.c.tag_id, tags.c.name)
    rows = conn.execute(columns.where(in_values(conn, tags.c.key, keys)))
    return {row.key: (row.tag_id, row.name) for row in rows}


def _create(
    conn: sa.Connection, path: TagPath, known: dict[str, tuple[str, str]], now: int, rev: int
) -> tuple[str, str]:
    """A new tag below a parent that exists; the parent's spelling stays."""
    parent = known.get(path.up_to(len(path.keys) - 1).key) if len(path.keys) > 1 else None
    name = storable(path.names[-1] if parent is None else f"{parent[1]}/{path.names[-1]}")
    values = {"name": name, "key": path.key, "created_at": now, "rev": rev}
    parent_id = None if parent is None else parent[0]
    tag_id = str(uuid7())  # rises with time, so new entries go to the end of the index
    conn.execute(tags.insert().values(tag_id=tag_id, parent_id=parent_id, **values))
    return tag_id, name


def attach_tags(conn: sa.Connection, given: Mapping[str, Collection[str]]) -> None:
    """Link id → ids of tags that it carries from now on, too; unknown ids are left out."""
    wanted = set().union(*given.values())
    if not wanted:
        return
    link_nos = _numbers_of(conn, links.c.link_id, links.c.link_no, list(given))
    tag_nos = _numbers_of(conn, tags.c.tag_id, tags.c.tag_no, wanted)
    pairs = [
        (link_no, tag_nos[tag_id])
        for link_id, link_no in link_nos.items()
        for tag_id in given[link_id]
        if tag_id in tag_nos
    ]
    # Sorted: each page of the table is met once.
    insert_many(conn, _new_pairs, ("link_no", "tag_no"), sorted(pairs))


def _numbers_of(
    conn: sa.Connection, column: sa.Column[str], number: sa.Column[int], ids: Collection[str]
) -> dict[str, int]:
    rows = conn.execute(sa.select(column, number).where(in_values(conn, column, ids)))
    return {row[0]: row[1] for row in rows}


def _new_pairs(conn: sa.Connection) -> sa.Insert:
    return insert_into(conn, link_tags).on_conflict_do_nothing()


def tag_pairs(conn: sa.Connection, link_ids: Collection[str]) -> set[tuple[str, str]]:
    """(link id, tag id) as they are now."""
    pairs = sa.select(links.c.link_id, tags.c.tag_id).select_from(LINKS_WITH_TAGS)
    rows = conn.execute(pairs.where(in_values(conn, links.c.link_id, link_ids)))
    return {(row.link_id, row.tag_id) for row in rows}


def tag_ids_of(conn: sa.Connection, link_ids: Collection[str]) -> dict[str, list[str]]:
    """Link id → ids of its tags in order; links without tags are not in it."""
    return group_by_link(sorted(tag_pairs(conn, link_ids)))


def group_by_link(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """(link id, tag id) pairs as link id → ids of tags. (pure)"""
    found: dict[str, list[str]] = {}
    for link_id, tag_id in pairs:
        found.setdefault(link_id, []).append(tag_id)
    return found


def detach_tags(conn: sa.Connection, pairs: Iterable[tuple[str, str]]) -> None:
    """(link id, tag id) pairs belong together no more."""
    by_tag: dict[str, list[str]] = {}
    for link_id, tag_id in pairs:
        by_tag.setdefault(tag_id, []).append(link_id)
    for tag_id, link_ids in by_tag.items():
        conn.execute(link_tags.delete().where(_of_tags(conn, [tag_id]), _of_links(conn, link_ids)))


def detach_all(
    conn: sa.Connection, *, tag_ids: Collection[str] = (), link_ids: Collection[str] = ()
) -> None:
    """No link carries these tags any more, these links carry none."""
    either = _of_tags(conn, tag_ids) | _of_links(conn, link_ids)
    conn.execute(link_tags.delete().where(either))


def _of_links(conn: sa.Connection, ids: Collection[str]) -> Condition:
    numbers = sa.select(links.c.link_no).where(in_values(conn, links.c.link_id, ids))
    return link_tags.c.link_no.in_(numbers)


def _of_tags(conn: sa.Connection, ids: Collection[str]) -> Condition:
    numbers = sa.select(tags.c.tag_no).where(in_values(conn, tags.c.tag_id, ids))
    return link_tags.c.tag_no.in_(numbers)


def select_subtrees(tag_ids: Sequence[str]) -> sa.Select[tuple[str, str]]:
    """(root, id) of each of these tags and everything below it."""
    root = tags.alias("root")
    tree = (
        sa.select(root.c.tag_id.label("root"), root.c.tag_id)
        .where(root.c.tag_id.in_(tag_ids))
        .cte("tree", recursive=True)
    )
    child = tags.alias("child")
    step = sa.select(tree.c.root, child.c.tag_id).join(child, child.c.parent_id == tree.c.tag_id)
    tree = tree.union(step)
    return sa.select(tree.c.root, tree.c.tag_id)
