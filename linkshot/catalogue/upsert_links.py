"""Upserts checked links, one or many: new ones, known ones, and those that come back from the trash."""

import hashlib
from collections.abc import Collection, Container, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import sqlalchemy as sa
from uuid_utils import uuid7

from linkshot.catalogue.clock import unique_us, unused_us
from linkshot.catalogue.links import PRIORITY_OF, links
from linkshot.catalogue.revisions import next_revision
from linkshot.catalogue.schema import in_values, insert_many
from linkshot.catalogue.site_rules import load_snapshot_rules
from linkshot.catalogue.tags import attach_tags, ensure_tags, tag_ids_of
from linkshot.catalogue.visits import make_hosts_due
from linkshot.domain.change_key import has_changed, unchanged_key
from linkshot.domain.link_merge import MergedLink, section
from linkshot.domain.model import LinkId, Reason
from linkshot.domain.site_rules import NO_SNAPSHOT, SiteRules
from linkshot.domain.tag_paths import MAX_TAGS, TagPath
from linkshot.domain.urls import KEY_VERSION

Row = sa.Row[Any]
IN_TRASH = ("trash.kept",)
"""Notices of a candidate of which nothing was taken."""

NEW_LINK_COLUMNS = (
    "link_id", "key_hash", "url_key", "key_version", "url", "url_given",
    "host", "title_given", "note", "unread",
    "added_at", "by_added", "changed_at", "by_changed", "rev",
    "announce_class", "due_at", "priority", "reason",
)  # fmt: skip
"""What a new link brings; everything else begins as the table says."""


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A link that passed every check."""

    url: str
    url_key: str
    host: str
    derived_id: str
    """The link_id it gets when it is new and the id is free."""
    url_given: str
    tags: tuple[TagPath, ...] = ()
    title: str = ""
    note: str = ""
    unread: bool = False
    added_at: int | None = None
    """µs since 1970, not in the future; None = now."""
    by_added: int | None = None
    """Requested sorting key; made unique. None = now."""

    @cached_property
    def key_hash(self) -> str:
        """What identity is compared by."""
        return key_hash(self.url_key)


@dataclass(frozen=True, slots=True, kw_only=True)
class UpsertContext:
    """Under which circumstances links come in."""

    now: int
    """µs since 1970."""
    reason: Reason
    take_dates: bool = False
    """A known link takes an earlier date …"""
    created: Container[int] = ()
    """… and so do those with these numbers, which came in with the same import."""
    skip_trashed: bool = False
    """A link in the trash stays there as it is."""
    key_version: int = KEY_VERSION
    rules: SiteRules = field(default_factory=lambda: SiteRules(()))
    """Those that keep links from being visited, as they are in the same transaction."""

    @property
    def priority(self) -> int:
        """For the visit and for announcing."""
        return PRIORITY_OF[self.reason]


@dataclass(frozen=True, slots=True, kw_only=True)
class UpsertResult:
    """What became of a candidate."""

    link_id: LinkId
    existing: bool
    notices: tuple[str, ...] = ()
    """Codes of what was not taken as it was given: `date.kept`, those of link_merge.py, and `site.no_snapshot`."""


def key_hash(url_key: str) -> str:
    """First 128 bits of the normal form's sha256, 32 hex digits."""
    return hashlib.sha256(url_key.encode()).hexdigest()[:32]


def upsert_links(
    conn: sa.Connection, batch: Sequence[Candidate], context: UpsertContext
) -> list[UpsertResult]:
    """All of them are in the catalogue: one answer per candidate, in order.

    A fixed number of statements for a batch of any size; the clock's row is held, so no other
    transaction adds links meanwhile.
    """
    rev = unique_us(conn, "rev", now=context.now)  # first: this takes the clock's row
    context = replace(context, rules=load_snapshot_rules(conn))
    wanted = in_values(conn, links.c.key_hash, {item.key_hash for item in batch})
    known = {row.key_hash: row for row in conn.execute(sa.select(links).where(wanted))}
    words = {digest: words_of(row) for digest, row in known.items()}
    answers = [answer(item, known.get(item.key_hash), words, context) for item in batch]
    ids = {digest: row.link_id for digest, row in known.items()}
    ids |= _insert(conn, _fresh(batch, known, words), context, rev)
    taken = [item for item, (_, notices) in zip(batch, answers, strict=True) if notices != IN_TRASH]
    tagged = _tag(conn, taken, ids, {row.link_id for row in known.values()}, context, rev)
    _merge(conn, taken, known, words, tagged, context, rev)
    return [
        UpsertResult(link_id=LinkId(ids[item.key_hash]), existing=existing, notices=notices)
        for item, (existing, notices) in zip(batch, answers, strict=True)
    ]


def answer(
    item: Candidate, row: Row | None, words: dict[str, MergedLink], context: UpsertContext
) -> tuple[bool, tuple[str, ...]]:
    """Whether it was there, and the notices; adds it to `words`. A dry run asks the same, and writes nothing."""
    if row and row.deleted_at is not None and context.skip_trashed:
        return True, IN_TRASH
    notices: tuple[str, ...] = ()
    mine = words.get(item.key_hash)
    if mine is None:
        words[item.key_hash] = MergedLink(item.title, item.note, section(item.url))
    else:
        notices = mine.add(item.title, item.note, section(item.url))
    if row and _is_earlier(item, row.added_at) and not _takes_earlier_date(row, context):
        notices = ("date.kept", *notices)
    if context.rules and context.rules.without_snapshot(item.url):
        notices = (*notices, NO_SNAPSHOT)
    return mine is not None, notices


def words_of(row: Row) -> MergedLink:
    """Of a link in the catalogue."""
    return MergedLink(
        title=row.title_given or row.title,
        note=row.note,
        section=section(row.url),
        in_trash=row.deleted_at is not None,
    )


def _is_earlier(item: Candidate, added_at: int) -> bool:
    """Whether it says that its link was added before this instant (µs)."""
    return item.added_at is not None and item.added_at < added_at


def _takes_earlier_date(row: Row, context: UpsertContext) -> bool:
    return context.take_dates or row.link_no in context.created


def _fresh(
    batch: Sequence[Candidate], known: Collection[str], words: dict[str, MergedLink]
) -> list[Candidate]:
    """The new ones, each once, with the title and note that all given for it make."""
    found = []
    for digest, item in _deduplicated(item for item in batch if item.key_hash not in known).items():
        title, note = words[digest].title, words[digest].note
        # A copy costs, and nearly always there is nothing to change.
        same = (item.title, item.note) == (title, note)
        found.append(item if same else replace(item, title=title, note=note))
    return found


def _deduplicated(batch: Iterable[Candidate]) -> dict[str, Candidate]:
    """Equal ones folded into the first, with the earliest date."""
    found: dict[str, Candidate] = {}
    for item in batch:
        digest = item.key_hash
        found[digest] = _merged(found[digest], item) if digest in found else item
    return found


def _merged(first: Candidate, later: Candidate) -> Candidate:
    dated = later.added_at is not None and (first.added_at or later.added_at + 1) > later.added_at
    return replace(
        first,
        added_at=later.added_at if dated else first.added_at,
        by_added=later.by_added if dated else first.by_added,
    )


def _insert(
    conn: sa.Connection, fresh: Sequence[Candidate], context: UpsertContext, rev: int
) -> dict[str, str]:
    """New rows, due at once; key hash → link id."""
    if not fresh:
        return {}
    derived = in_values(conn, links.c.link_id, [item.derived_id for item in fresh])
    taken = set(conn.scalars(sa.select(links.c.link_id).where(derived)))
    # A tombstone or a link of an older rule may have the id that the URL gives.
    ids = [uuid7().hex if item.derived_id in taken else item.derived_id for item in fresh]
    wanted = [context.now if item.by_added is None else item.by_added for item in fresh]
    added = unused_us(conn, "added", links.c.by_added, wanted)
    rows = [
        _row(item, context, link_id, rev, by_added)
        for item, link_id, by_added in zip(fresh, ids, added, strict=True)
    ]
    rows.sort()  # by link_id and so by key_hash: pages of an index are met in order
    insert_many(conn, _new_links, NEW_LINK_COLUMNS, rows)
    visited = [item for item in fresh if _is_visited(item.url, context)]
    make_hosts_due(conn, {item.host for item in visited}, context.now, context.priority)
    return {item.key_hash: link_id for item, link_id in zip(fresh, ids, strict=True)}


def _is_visited(url: str, context: UpsertContext) -> bool:
    return not context.rules or context.rules.without_snapshot(url) is None


def _new_links(_conn: sa.Connection) -> sa.Insert:
    return links.insert()


def _row(
    item: Candidate, context: UpsertContext, link_id: str, rev: int, by_added: int
) -> tuple[Any, ...]:
    """Values in the order of NEW_LINK_COLUMNS."""
    added_at = context.now if item.added_at is None else item.added_at
    name = (link_id, item.key_hash, item.url_key, context.key_version, item.url, item.url_given)
    given = (item.host, item.title, item.note, item.unread)
    times = (added_at, by_added, added_at, unchanged_key(by_added), rev)
    return (
        *name,
        *given,
        *times,
        context.priority,
        context.now if _is_visited(item.url, context) else None,
        context.priority,
        context.reason.value,
    )


def _tag(
    conn: sa.Connection,
    batch: Sequence[Candidate],
    ids: dict[str, str],
    known: Collection[str],
    context: UpsertContext,
    rev: int,
) -> set[str]:
    """Attach tags up to the limit; ids of links that got one they had not."""
    paths = {path.key: path for item in batch for path in item.tags}
    if not paths:
        return set()
    tag_ids = ensure_tags(conn, paths.values(), context.now, rev)
    have = tag_ids_of(conn, known)
    wanted: dict[str, dict[str, None]] = {}
    for item in batch:
        if item.tags:
            of_link = wanted.setdefault(ids[item.key_hash], {})
            of_link.update((tag_ids[path.key], None) for path in item.tags)
    new: dict[str, list[str]] = {}
    for link_id, of_link in wanted.items():
        carried = have.get(link_id, ())
        # Over the limit the link is kept and its last tags are not.
        mine = [tag_id for tag_id in of_link if tag_id not in carried]
        new[link_id] = mine[: MAX_TAGS - len(carried)]
    attach_tags(conn, new)
    return {link_id for link_id, mine in new.items() if mine}


def _merge(
    conn: sa.Connection,
    batch: Sequence[Candidate],
    known: dict[str, Row],
    words: dict[str, MergedLink],
    tagged: set[str],
    context: UpsertContext,
    rev: int,
) -> None:
    """Known links: back from the trash, a title where there is none, notes joined; an earlier date only as
    agreed."""
    for digest, item in _deduplicated(item for item in batch if item.key_hash in known).items():
        row, merged = known[digest], words[digest]
        values = _dated_columns(conn, row, item, context)
        if merged.note != row.note:
            values["note"] = merged.note
        if merged.title and not row.title_given and not row.title:
            values["title_given"] = merged.title
        if row.deleted_at is not None:
            values["deleted_at"] = None
            # The visit of one that was never visited was cancelled when it went to the trash.
            unseen = row.last_snapshot_id is None and row.open_request_id is None
            if unseen and _is_visited(row.url, context):
                values |= {
                    "due_at": context.now,
                    "priority": context.priority,
                    "reason": context.reason.value,
                }
        if values or row.link_id in tagged:
            announce_class = context.priority
            if row.rev > row.announced_rev:  # what waits already is not put back
                announce_class = min(row.announce_class, announce_class)
            values |= {"rev": next_revision(rev), "announce_class": announce_class}
            conn.execute(links.update().where(links.c.link_id == row.link_id).values(**values))
        if "due_at" in values:
            make_hosts_due(conn, [row.host], context.now, context.priority)


def _dated_columns(
    conn: sa.Connection, row: Row, item: Candidate, context: UpsertContext
) -> dict[str, Any]:
    values: dict[str, Any] = {}
    if (
        item.added_at is not None
        and _is_earlier(item, row.added_at)
        and _takes_earlier_date(row, context)
    ):
        wanted = item.added_at if item.by_added is None else item.by_added
        values["added_at"] = item.added_at
        (values["by_added"],) = unused_us(conn, "added", links.c.by_added, [wanted])
        if not has_changed(row.by_changed):
            values["by_changed"] = unchanged_key(values["by_added"])
    return values
