"""How are tags and who carries them kept in the catalogue?"""

from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa
from uuid_utils import uuid7

from linkshot.catalogue.schema import among, insert_into, insert_many, metadata, storable
from linkshot.model import Tag, TagId
from linkshot.tagpath import TagPath

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

link_tags = sa.Table(
    "link_tags",
    metadata,
    sa.Column("link_id", sa.String(32), primary_key=True),
    sa.Column("tag_id", sa.String(36), primary_key=True),
)
"""No foreign keys: neither links nor tags ever lose their rows, and an import would pay for
checking 300,000 pairs."""

sa.Index(None, link_tags.c.tag_id)


def to_tag(row: sa.Row[Any], count: int = 0) -> Tag:
    """The noun from its row."""
    parent = None if row.parent_id is None else TagId(row.parent_id)
    return Tag(tag_id=TagId(row.tag_id), name=row.name, parent_id=parent, count=count)


def ensure_tags(
    conn: sa.Connection, paths: Iterable[TagPath], now: int, rev: int
) -> dict[str, TagId]:
    """Key → id of these tags; those that are missing are created, parents too."""
    wanted = {step.key: step for path in paths for step in path.ancestors}
    known = tags_by_key(conn, list(wanted))
    missing = [path for key, path in wanted.items() if key not in known]
    for path in sorted(missing, key=lambda path: len(path.keys)):
        known[path.key] = _create(conn, path, known, now, rev)
    return {key: TagId(row_id) for key, (row_id, _name) in known.items()}


def tags_by_key(conn: sa.Connection, keys: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Key → (id, name) of those that exist."""
    columns = sa.select(tags.c.key, tags.c.tag_id, tags.c.name)
    rows = conn.execute(columns.where(among(conn, tags.c.key, keys)))
    return {row.key: (row.tag_id, row.name) for row in rows}


def _create(
    conn: sa.Connection, path: TagPath, known: dict[str, tuple[str, str]], now: int, rev: int
) -> tuple[str, str]:
    """A new tag below a parent that exists; the parent's spelling stays."""
    parent = known.get(path.up_to(len(path.keys) - 1).key) if len(path.keys) > 1 else None
    name = storable(path.names[-1] if parent is None else f"{parent[1]}/{path.names[-1]}")
    values = {"name": name, "key": path.key, "created_at": now, "rev": rev}
    parent_id = None if parent is None else parent[0]
    tag_id = str(uuid7())
    conn.execute(tags.insert().values(tag_id=tag_id, parent_id=parent_id, **values))
    return tag_id, name


def attach_tags(conn: sa.Connection, pairs: Sequence[tuple[str, str]]) -> None:
    """(link id, tag id) pairs from now on belong together."""
    insert_many(conn, _new_pairs, ("link_id", "tag_id"), pairs)


def _new_pairs(conn: sa.Connection) -> sa.Insert:
    return insert_into(conn, link_tags).on_conflict_do_nothing()


def tag_pairs(conn: sa.Connection, link_ids: Sequence[str]) -> set[tuple[str, str]]:
    """(link id, tag id) as they are now."""
    rows = conn.execute(sa.select(link_tags).where(among(conn, link_tags.c.link_id, link_ids)))
    return {(row.link_id, row.tag_id) for row in rows}


def below(tag_ids: Sequence[str]) -> sa.Select[tuple[str, str]]:
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
