"""Answers a query from one state of a tantivy index."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import tantivy
from tantivy import Occur, Order, Query

from linkshot.adapters import index_tantivy_schema as docs
from linkshot.adapters.index_tantivy_query import (
    FEW_VALUES,
    Translation,
    any_of,
    constant_score,
    one_of,
)
from linkshot.adapters.index_terms import LINK, TITLE_WEIGHT, TOP_FACETS, VERSION
from linkshot.ports import FACETS, Hit, Hits, PageRequest
from linkshot.query import And, Sort, Text, at_range, phrases
from linkshot.query import Query as Tree
from linkshot.text.tokens import phrase

SORT_FIELDS = {Sort.NEWEST: "by_added", Sort.OLDEST: "by_added", Sort.CHANGED: "by_changed"}
ALL_VALUES = 1_000_000
"""Values counted in each segment: the counts are exact when none is cut off."""
MAX_BUCKETS = 60_000
"""Values in one answer; tantivy gives at most 65,000."""
DIGITS = 4
"""Scores that differ less are equal."""
MAX_TIED = 2000
"""Of more hits with the same score some are not ordered by date."""
Facets = dict[str, dict[str, int]]


@dataclass(frozen=True, slots=True)
class Row:
    """A document found, before its fields are read."""

    score: float
    place: Any
    added: int
    key: int
    """By the sort; the `before` of the next page."""
    seen_to: int = 0


class Search:
    """One query against one state of the index."""

    def __init__(self, searcher: tantivy.Searcher, tree: Tree, page: PageRequest) -> None:
        self._searcher = searcher
        self._tree = tree
        self._page = page
        self._by_score = page.sort is Sort.RELEVANCE
        self._key = SORT_FIELDS.get(page.sort, "by_added")
        self._versions = at_range(tree) is not None
        self._translation = Translation(searcher)
        kind = docs.term("kind", VERSION if self._versions else LINK)
        parts = [(Occur.Must, self._translation.of(tree)), (Occur.Must, constant_score(kind))]
        if page.exclude:
            parts.append((Occur.MustNot, any_of("link", sorted(page.exclude))))
        self._query = Query.boolean_query(parts)

    def hits(self) -> Hits:
        """Total, the page, facets."""
        if self._versions:
            return self._version_hits()
        rows = self._rows() if self._page.limit > 0 else ()
        total, facets = self._counted(self._query)
        return Hits(total=total, hits=tuple(self._hit(row) for row in rows), facets=facets)

    def _rows(self) -> Sequence[Row]:
        """The page, in order."""
        limit, offset = self._page.limit, self._page.offset
        if not self._by_score:
            return self._by_date(self._beyond_last(), limit)
        if not phrases(self._tree):
            return self._by_date(self._query, limit, offset)
        if (beginning := _only_beginning(self._tree)) is not None:
            return self._title_first(beginning, limit, offset)
        return self._by_relevance()

    def _by_date(self, query: Query, limit: int, offset: int = 0, score: float = 0.0) -> list[Row]:
        found = self._searcher.search(
            query,
            limit=limit,
            count=False,
            order_by_field=self._key,
            offset=offset,
            order=Order.Asc if self._page.sort is Sort.OLDEST else Order.Desc,
        )
        return [Row(score, place, int(key), int(key)) for key, place in found.hits]

    def _title_first(self, beginning: Text, limit: int, offset: int) -> list[Row]:
        """The beginning of a word alone: all that hold it are alike, but for the title."""
        title = self._translation.of(Text(beginning.text, "title", beginning.prefix))
        if beginning.field not in (None, "title"):
            title = Query.empty_query()
        within = docs.both(self._query, title)
        rest = Query.boolean_query([(Occur.Must, self._query), (Occur.MustNot, title)])
        # Two lists, one behind the other: the offset may lie in either.
        count = self._count(within)
        rows = self._by_date(within, limit, offset, TITLE_WEIGHT) if offset < count else []
        if left := limit - len(rows):
            rows += self._by_date(rest, left, max(0, offset - count), 1.0)
        return rows

    def _by_relevance(self) -> list[Row]:
        """Equal scores are ordered by date, so all that equal the page's last are looked at."""
        start, end = self._page.offset, self._page.offset + self._page.limit
        limit = end + 1
        rows = self._best(limit)
        while len(rows) == limit < MAX_TIED and rows[-1].score == rows[end - 1].score:
            limit = min(limit * 4, MAX_TIED)
            rows = self._best(limit)
        rows.sort(key=lambda row: (-row.score, -row.added))
        return rows[start:end]

    def _best(self, limit: int) -> list[Row]:
        found = self._searcher.search(self._query, limit=limit, count=False).hits
        added = self._column("by_added", found)
        keys = added if self._key == "by_added" else self._column(self._key, found)
        seen = self._column("seen_to", found) if self._versions else added
        return [
            Row(round(score, DIGITS), place, *columns)
            for (score, place), *columns in zip(found, added, keys, seen, strict=True)
        ]

    def _column(self, name: str, found: Sequence[tuple[Any, Any]]) -> list[int]:
        values = self._searcher.fast_field_values(name, [place for _, place in found])
        return [int(value or 0) for value in values]

    def _beyond_last(self) -> Query:
        before = self._page.before
        if before is None:
            return self._query
        if self._page.sort is Sort.OLDEST:
            return docs.both(self._query, docs.between(self._key, before + 1, docs.MAX_INTEGER))
        return docs.both(self._query, docs.between(self._key, -docs.MAX_INTEGER, before))

    def _version_hits(self) -> Hits:
        """Of each link the version that answers best; then the page of them."""
        best: dict[int, Row] = {}  # by by_added, which is unique: it tells the links apart
        for row in self._best(max(self._count(self._query), 1)):
            known = best.get(row.added)
            if known is None or self._rank(known) < self._rank(row):
                best[row.added] = row
        links = docs.both(any_of("by_added", list(best)), docs.term("kind", LINK))
        return Hits(
            total=len(best) if self._page.total or self._page.facets else 0,
            hits=tuple(self._hit(row) for row in self._version_page(best)),
            facets=self._counted(links)[1],
        )

    def _rank(self, row: Row) -> tuple[float, int]:
        return row.score if self._by_score else 0.0, row.seen_to

    def _version_page(self, best: dict[int, Row]) -> Iterator[Row]:
        limit, before, sort = self._page.limit, self._page.before, self._page.sort
        if sort is Sort.RELEVANCE:
            rows = sorted(best.values(), key=lambda row: (-row.score, -row.added))
            yield from rows[self._page.offset :][:limit]
            return
        sign = 1 if sort is Sort.OLDEST else -1
        rows = sorted(best.values(), key=lambda row: sign * row.key)
        beyond = [row for row in rows if before is None or sign * row.key > sign * before]
        yield from beyond[:limit]

    def _count(self, query: Query) -> int:
        found = self._searcher.search(query, limit=1)
        return int(found.count or 0)  # type: ignore[attr-defined]  # missing in its stubs

    def _hit(self, row: Row) -> Hit:
        stored = self._searcher.doc(row.place)
        seen_from = seen_to = 0
        if self._versions:
            place = [(0.0, row.place)]
            seen_from = self._column("seen_from", place)[0]
            seen_to = self._column("seen_to", place)[0]
        return Hit(
            id=str(stored.get_first("id")),
            link_id=str(stored.get_first("link")),
            score=row.score,
            key=row.key,
            text=bytes(stored.get_first("raw") or b"").decode("utf-8"),
            seen_from=seen_from,
            seen_to=seen_to,
        )

    def _counted(self, query: Query) -> tuple[int, Facets]:
        """How many, and the most frequent values of each facet, equal ones by value."""
        if not self._page.facets:
            return self._count(query) if self._page.total else 0, {}
        tree = self._page.tags
        asked: dict[str, object] = {name: _terms(name, TOP_FACETS) for name in FACETS}
        if tree is not None:
            asked["tag"] = _terms("tag", min(len(tree.parents) + TOP_FACETS, MAX_BUCKETS))
        asked["total"] = {"value_count": {"field": "kind"}}
        answer = self._searcher.aggregate(query, asked)
        facets = {
            name: {bucket["key"]: bucket["doc_count"] for bucket in answer[name]["buckets"]}
            for name in FACETS
        }
        if tree is not None:
            facets["tag"] = tree.top(facets["tag"], lambda several: self._distinct(query, several))
        return int(answer["total"]["value"]), facets

    def _distinct(self, query: Query, several: Mapping[str, Sequence[str]]) -> dict[str, int]:
        """Tag → how many hits have one of these tags."""
        many = {tag: ids for tag, ids in several.items() if len(ids) > FEW_VALUES}
        found = {
            tag: self._count(docs.both(query, any_of("f_tag", ids))) for tag, ids in many.items()
        }
        few = [tag for tag in several if tag not in many]
        asked = {str(n): {"filter": one_of("f_tag", several[tag])} for n, tag in enumerate(few)}
        answer = self._searcher.aggregate(query, asked) if asked else {}
        return found | {tag: int(answer[str(n)]["doc_count"]) for n, tag in enumerate(few)}


def _terms(facet: str, size: int) -> object:
    return {"terms": {"field": f"f_{facet}", "size": size, "segment_size": ALL_VALUES}}


def _only_beginning(tree: Tree) -> Text | None:
    """The one text asked for, beside filters, when it is the beginning of a single token."""
    parts = tree.children if isinstance(tree, And) else (tree,)
    texts = [part for part in parts if isinstance(part, Text)]
    if len(texts) != 1 or len(phrases(tree)) != 1:
        return None
    wanted = phrase(texts[0].text, texts[0].prefix)
    return texts[0] if wanted.prefix and len(wanted.tokens) == 1 else None
