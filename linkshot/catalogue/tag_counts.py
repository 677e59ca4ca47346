"""Counts the links of tags: of each tag itself, and of each tag with all below it.

Of what is counted the smaller part is looked at: the links meant, or, where these are most of all, the
others, which are taken from what all links have. That is remembered until the next edit.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from weakref import WeakKeyDictionary

import sqlalchemy as sa

from linkshot.catalogue.clock import clocks
from linkshot.catalogue.links import links
from linkshot.catalogue.tags import link_tags, tags
from linkshot.domain.tag_tree import TagTree

TAGS_PER_STATEMENT = 5_000
"""Tags named in one statement."""

Where = sa.ColumnElement[bool]
Subtrees = Mapping[str, Sequence[str]]
"""Tag → tags of its subtree."""

pair = link_tags.c


@dataclass(frozen=True, slots=True)
class TagIndex:
    """All tags as they are at a time."""

    stamp: tuple[object, ...]
    """Differs whenever a tag does."""
    tree: TagTree
    numbers: Mapping[str, int]
    """Tag → its number in the catalogue."""
    ids: Mapping[int, str]
    """And back."""


@dataclass(frozen=True, slots=True)
class TotalCounts:
    """What was counted over all links, those in the trash too."""

    stamp: tuple[object, ...]
    own: dict[str, int]
    """Tag → links that carry it."""
    distinct: dict[str, int]
    """Tag → links that carry it or one below it, as far as somebody asked."""


_totals: "WeakKeyDictionary[sa.Engine, TotalCounts]" = WeakKeyDictionary()
_indexes: "WeakKeyDictionary[sa.Engine, TagIndex]" = WeakKeyDictionary()


def tree_of(conn: sa.Connection) -> TagTree:
    """The tree of tags as it is now; for transactions that only read."""
    return _tag_index(conn).tree


def _tag_index(conn: sa.Connection) -> TagIndex:
    """Read again when a tag has changed: many thousands of tags take some milliseconds."""
    live = tags.c.deleted_at.is_(None)
    state = sa.select(sa.func.max(tags.c.rev), sa.func.count()).where(live)
    stamp = tuple(conn.execute(state).one())
    known = _indexes.get(conn.engine)
    if known is None or known.stamp != stamp:
        columns = sa.select(tags.c.tag_id, tags.c.parent_id, tags.c.tag_no)
        rows = conn.execute(columns.where(live).order_by(tags.c.key)).all()
        tree = TagTree({row.tag_id: row.parent_id for row in rows})
        numbers = {row.tag_id: row.tag_no for row in rows}
        known = TagIndex(stamp, tree, numbers, {number: tag for tag, number in numbers.items()})
        _indexes[conn.engine] = known
    return known


class TagCounting:
    """Counts tags of the links that a condition means; for transactions that only read."""

    def __init__(self, conn: sa.Connection, where: Where, *, most: bool) -> None:
        """`most`: more than half of all links are meant."""
        self._conn = conn
        self._where = where
        self._is_majority = most
        self._known = _tag_index(conn)

    @property
    def tree(self) -> TagTree:
        """Which tag lies below which."""
        return self._known.tree

    def own(self) -> Counter[str]:
        """Tag → how many of the links carry it."""
        looked_at = Counter({tag: len(of) for tag, of in self._links_by_tag.items()})
        if not self._is_majority:
            return looked_at
        found = Counter(self._totals.own)
        found.subtract(looked_at)
        return found

    def distinct(self, several: Subtrees) -> dict[str, int]:
        """Tag → how many of the links carry one of its tags; see TagTree.count()."""
        if not self._is_majority:
            return self._distinct_in_part(several)
        whole = {tag: self.tree.members[tag] for tag in several}
        missing = {tag: below for tag, below in whole.items() if tag not in self._totals.distinct}
        self._totals.distinct.update(self._distinct_in_all(missing))
        return {
            tag: self._totals.distinct[tag] - n for tag, n in self._distinct_in_part(whole).items()
        }

    def _distinct_in_part(self, several: Subtrees) -> dict[str, int]:
        carrying = self._links_by_tag
        return {
            tag: len(set().union(*(carrying[one] for one in below if one in carrying)))
            for tag, below in several.items()
        }

    @cached_property
    def _links_by_tag(self) -> dict[str, list[str]]:
        """Tag → the links that carry it (their numbers, written out), of the part that is looked at.

        One text for each tag: as rows the pairs would take twice the time.
        """
        part = sa.not_(self._where) if self._is_majority else self._where
        text = sa.func.aggregate_strings(sa.cast(pair.link_no, sa.Text), ",")
        rows = self._conn.execute(
            sa.select(pair.tag_no, text)
            .where(pair.link_no.in_(sa.select(links.c.link_no).where(part)))
            .group_by(pair.tag_no)
        )
        ids = self._known.ids
        return {ids[row[0]]: row[1].split(",") for row in rows if row[0] in ids}

    @cached_property
    def _totals(self) -> "TotalCounts":
        """Of all links; counted again after an edit: each one mints a revision."""
        rev = self._conn.execute(sa.select(clocks.c.value).where(clocks.c.kind == "rev")).scalar()
        stamp = (self._known.stamp, rev)
        totals = _totals.get(self._conn.engine)
        if totals is None or totals.stamp != stamp:
            counts = sa.select(pair.tag_no, sa.func.count()).group_by(pair.tag_no)
            ids, rows = self._known.ids, self._conn.execute(counts)
            totals = TotalCounts(stamp, {ids[row[0]]: row[1] for row in rows if row[0] in ids}, {})
            _totals[self._conn.engine] = totals
        return totals

    def _distinct_in_all(self, several: Subtrees) -> dict[str, int]:
        """Tag → how many of all links carry one of its tags, from the index of pairs alone."""
        found: dict[str, int] = {}
        numbers = self._known.numbers
        for part in _parts({tag: [numbers[o] for o in below] for tag, below in several.items()}):
            queries = []
            for place, below in enumerate(part.values()):
                listed = ",".join(map(str, below))  # the numbers are ours, so they need no quoting
                which = f"SELECT DISTINCT link_no FROM link_tags WHERE tag_no IN ({listed})"  # noqa: S608
                queries.append(f"SELECT {place}, count(*) FROM ({which}) AS each_{place}")  # noqa: S608
            rows = self._conn.execute(sa.text(" UNION ALL ".join(queries)))
            names = list(part)
            found |= {names[row[0]]: row[1] for row in rows}
        return found


def _parts(several: Mapping[str, list[int]]) -> Iterator[dict[str, list[int]]]:
    """So many of them that a statement names about TAGS_PER_STATEMENT tags."""
    part: dict[str, list[int]] = {}
    for tag, below in several.items():
        part[tag] = below
        # SQLite joins 500 queries at most (SQLITE_MAX_COMPOUND_SELECT).
        if len(part) == 500 or sum(map(len, part.values())) >= TAGS_PER_STATEMENT:
            yield part
            part = {}
    if part:
        yield part
