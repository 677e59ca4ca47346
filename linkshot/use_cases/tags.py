"""What is done with tags: listing, naming, moving, removing, putting them on links."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import sqlalchemy as sa

from linkshot.app import App
from linkshot.catalogue.clock import to_us, unique_us
from linkshot.catalogue.link_rows import VISIBLE, links_by_id
from linkshot.catalogue.links import links
from linkshot.catalogue.revisions import bump_revision
from linkshot.catalogue.schema import bind_values, in_parameter, in_values
from linkshot.catalogue.tag_counts import TagCounting
from linkshot.catalogue.tags import (
    LINKS_WITH_TAGS,
    attach_tags,
    detach_all,
    detach_tags,
    ensure_tags,
    group_by_link,
    select_subtrees,
    tag_pairs,
    tags,
    tags_by_key,
    to_tag,
)
from linkshot.domain.error_texts import ERROR_MESSAGES
from linkshot.domain.model import Link, Tag, TagId
from linkshot.domain.tag_paths import MAX_TAGS, TagPath, tag_path, tag_paths
from linkshot.errors import Conflict, InvalidTag, NotFound
from linkshot.use_cases import link_resolver
from linkshot.use_cases.paging import Facets, FacetValue

c = tags.c

NOT_REMOVED = c.deleted_at.is_(None)


def list_tags(app: App) -> list[Tag]:
    """All tags in order of their full names, with how many links they have."""
    with app.catalogue.read() as conn:
        return _counted(conn, NOT_REMOVED)


def suggest(app: App, prefix: str, limit: int = 10) -> list[Tag]:
    """Tags whose full name or last level begins so, most used first."""
    try:
        key = tag_path(prefix).key
    except InvalidTag:
        key = ""
    starts = c.key.startswith(key, autoescape=True) | c.key.contains(f"/{key}", autoescape=True)
    with app.catalogue.read() as conn:
        found = _counted(conn, NOT_REMOVED & starts)
    return sorted(found, key=lambda tag: -tag.count)[: max(limit, 0)]


def _counted(conn: sa.Connection, where: sa.ColumnElement[bool]) -> list[Tag]:
    """These tags in order of their full names."""
    counting = TagCounting(conn, VISIBLE, most=True)
    own = counting.own()
    counts = counting.tree.count(own, counting.distinct)
    statement: sa.Select[Any] = (
        sa.select(c.tag_id, c.name, c.parent_id).where(where).order_by(c.key)
    )
    return [
        to_tag(row, counts.get(row.tag_id, 0), own[row.tag_id]) for row in conn.execute(statement)
    ]


def _get(app: App, tag_id: str) -> Tag:
    """The tag as it is after an edit; NotFound when somebody has removed it since."""
    with app.catalogue.read() as conn:
        found = _counted(conn, NOT_REMOVED & (c.tag_id == tag_id))
    if not found:
        raise NotFound(ERROR_MESSAGES["tag.not_found"], code="tag.not_found", field="tags")
    return found[0]


def add(app: App, name: str) -> Tag:
    """The tag with this name, created when it is missing, its parents too. InvalidTag."""
    path = tag_path(name)
    now = to_us(app.now())
    with app.catalogue.edit() as conn:
        rev = unique_us(conn, "rev", now=now)
        tag_id = ensure_tags(conn, [path], now, rev)[path.key]
    return _get(app, tag_id)


def rename(app: App, old: str, new: str) -> Tag:
    """Rename or move a tag with all below it; links and their documents stay as they are.

    NotFound, InvalidTag; Conflict `tag.exists` when the new name is another tag's.
    """
    path = tag_path(new)
    now = to_us(app.now())
    with app.catalogue.edit() as conn:
        rev = unique_us(conn, "rev", now=now)
        tag_id = _existing(conn, old)
        subtree = _subtree(conn, tag_id)
        _refuse_taken(conn, path, tag_id, subtree)
        parent = path.up_to(len(path.keys) - 1)
        parents = ensure_tags(conn, [parent], now, rev) if parent.keys else {}
        _move(conn, tag_id, subtree, path, parents.get(parent.key), rev)
    return _get(app, tag_id)


def _existing(conn: sa.Connection, name: str) -> str:
    path = tag_path(name)
    found = tags_by_key(conn, [path.key])
    if path.key not in found:
        raise NotFound(f"There is no tag {path.name!r} here.", code="tag.not_found", field="tags")
    return found[path.key][0]


def _subtree(conn: sa.Connection, tag_id: str) -> list[sa.Row[Any]]:
    tree = select_subtrees([tag_id]).subquery()
    statement = sa.select(c.tag_id, c.name, c.key).join(tree, tree.c.tag_id == c.tag_id)
    return [*conn.execute(statement.order_by(sa.func.length(c.key)))]


def _refuse_taken(
    conn: sa.Connection, path: TagPath, tag_id: str, subtree: Sequence[sa.Row[Any]]
) -> None:
    own = {row.key: row.tag_id for row in subtree}
    for step in path.ancestors:
        inside = step.key in own and step.key != path.key
        if inside or own.get(path.key, tag_id) != tag_id:
            raise Conflict("A tag cannot be moved below itself.", code="tag.cycle", field="tags")
    taken = tags_by_key(conn, [path.key])
    if path.key in taken and taken[path.key][0] != tag_id:
        raise Conflict(
            f"There is a tag {taken[path.key][1]!r} already.", code="tag.exists", field="tags"
        )


def _move(
    conn: sa.Connection,
    tag_id: str,
    subtree: Sequence[sa.Row[Any]],
    path: TagPath,
    parent_id: str | None,
    rev: int,
) -> None:
    """New full names for the tag and all below; checked again, they may be too long now."""
    (root,) = [row for row in subtree if row.tag_id == tag_id]
    depth = len(root.name.split("/"))
    head = path.name
    if parent_id is not None:  # the parent keeps its own spelling
        parent = conn.execute(sa.select(c.name).where(c.tag_id == parent_id)).scalar_one()
        head = f"{parent}/{path.names[-1]}"
    for row in subtree:
        moved = tag_path("/".join([head, *row.name.split("/")[depth:]]))
        values = {"name": moved.name, "key": moved.key, "rev": rev}
        if row.tag_id == tag_id:
            values["parent_id"] = parent_id
        conn.execute(tags.update().where(c.tag_id == row.tag_id).values(**values))


@dataclass(frozen=True, slots=True, kw_only=True)
class RemovedFrom:
    """How many links carried a tag that was removed, or one below it."""

    links: int
    """As list_tags() counts."""
    trashed: int
    """Others, in the trash: they come back without the tag."""


def remove(app: App, name: str) -> RemovedFrom:
    """Remove a tag and all below it from all links."""
    with app.catalogue.edit() as conn:
        now = to_us(app.now())
        rev = unique_us(conn, "rev", now=now)
        ids = [row.tag_id for row in _subtree(conn, _existing(conn, name))]
        columns = sa.select(links.c.link_id, links.c.deleted_at).select_from(LINKS_WITH_TAGS)
        carrying = conn.execute(columns.where(in_values(conn, c.tag_id, ids)).distinct()).all()
        link_ids = [row.link_id for row in carrying]
        bump_revision(conn, link_ids, now)
        detach_all(conn, tag_ids=ids)
        # The rows stay until the journal has them; without keys their names are free at once.
        gone = tags.update().where(c.tag_id.in_(ids))
        conn.execute(gone.values(key=None, deleted_at=now, rev=rev))
    trashed = sum(row.deleted_at is not None for row in carrying)
    return RemovedFrom(links=len(carrying) - trashed, trashed=trashed)


def resolve(app: App, names: Sequence[str]) -> dict[str, frozenset[TagId]]:
    """Typed name → ids of that tag and all below it, empty for unknown ones; two queries at most."""
    if not names:
        return {}
    keys: dict[str, str] = {}
    for name in names:
        try:
            keys[name] = tag_path(name).key
        except InvalidTag:  # no tag can have this name
            keys[name] = ""
    with app.catalogue.read() as conn:
        known = tags_by_key(conn, [key for key in keys.values() if key])
        trees: dict[str, set[TagId]] = {}
        for row in conn.execute(select_subtrees([tag_id for tag_id, _ in known.values()])):
            trees.setdefault(row.root, set()).add(TagId(row.tag_id))
    return {
        name: frozenset(trees[known[key][0]]) if key in known else frozenset()
        for name, key in keys.items()
    }


def add_to(
    app: App, link_refs: Sequence[str], names: Sequence[str], *, replace: bool = False
) -> list[Link]:
    """These links carry these tags: too, or nothing else; missing tags are created.

    Only links whose tags really change get a new revision.
    """
    paths = tag_paths(names)
    now = to_us(app.now())
    with app.catalogue.edit() as conn:
        rev = unique_us(conn, "rev", now=now)
        ids = link_resolver.link_ids(app, conn, link_refs)
        known = ensure_tags(conn, paths, now, rev)
        wanted = {(link_id, known[path.key]) for link_id in ids for path in paths}
        have = tag_pairs(conn, ids)
        surplus = have - wanted if replace else set()
        _refuse_too_many(have - surplus | wanted)
        _change(conn, sorted(wanted - have), sorted(surplus), now)
        return links_by_id(conn, ids)


def remove_from(app: App, link_refs: Sequence[str], names: Sequence[str]) -> list[Link]:
    """These links do not carry these tags any more; unknown names change nothing."""
    keys = [path.key for path in tag_paths(names)]
    with app.catalogue.edit() as conn:
        ids = link_resolver.link_ids(app, conn, link_refs)
        known = {tag_id for tag_id, _ in tags_by_key(conn, keys).values()}
        surplus = {pair for pair in tag_pairs(conn, ids) if pair[1] in known}
        _change(conn, [], sorted(surplus), to_us(app.now()))
        return links_by_id(conn, ids)


def _change(
    conn: sa.Connection,
    new: Sequence[tuple[str, str]],
    surplus: Sequence[tuple[str, str]],
    now: int,
) -> None:
    changed = dict.fromkeys(link_id for link_id, _ in [*new, *surplus])
    if changed:
        bump_revision(conn, list(changed), now)
    attach_tags(conn, group_by_link(new))
    detach_tags(conn, surplus)


def _refuse_too_many(pairs: set[tuple[str, TagId]] | set[tuple[str, str]]) -> None:
    counts: dict[str, int] = {}
    for link_id, _ in pairs:
        counts[link_id] = counts.get(link_id, 0) + 1
    if max(counts.values(), default=0) > MAX_TAGS:
        raise InvalidTag(
            f"A link carries at most {MAX_TAGS} tags.", code="tags.too_many", field="tags"
        )


@cache
def _names(dialect: str) -> sa.Select[Any]:
    """Id and name of given tags; made once, because making it costs as much as asking."""
    return sa.select(c.tag_id, c.name).where(in_parameter(dialect, c.tag_id), NOT_REMOVED)


def labelled(conn: sa.Connection, counted: Mapping[str, Mapping[str, int]]) -> Facets:
    """Facets as people see them: tag ids become full names; vanished tags drop out."""
    dialect = conn.dialect.name
    ids = {"values": bind_values(dialect, counted.get("tag", {}))}
    names = {row.tag_id: row.name for row in conn.execute(_names(dialect), ids)}
    found = {}
    for facet, values in counted.items():
        pairs = [(names.get(v) if facet == "tag" else v, count) for v, count in values.items()]
        found[facet] = tuple(
            FacetValue(value=value, label=value, count=count)
            for value, count in pairs
            if value is not None
        )
    return found
