"""What does one state of a tantivy index answer to a query?"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import tantivy
from tantivy import Occur, Order, Query

from linkshot.adapters import index_tantivy_schema as docs
from linkshot.adapters.index_tantivy_query import Translation, any_of, quiet
from linkshot.index_fields import LINK, TOP_FACETS, VERSION
from linkshot.ports import FACETS, Hit, Hits, PageRequest
from linkshot.query import Query as Tree
from linkshot.query import Sort, Text, at_range
from linkshot.query.walk import leaves

SORT_FIELDS = {Sort.NEWEST: "by_added", Sort.OLDEST: "by_added", Sort.CHANGED: "by_changed"}
ALL_VALUES = 1_000_000
"""Values counted in each segment: the counts are exact when none is cut off."""
DIGITS = 4
"""Scores that differ less are equal."""


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
        self._page = page
        self._by_score = page.sort is Sort.RELEVANCE
        self._key = SORT_FIELDS.get(page.sort, "by_added")
        self._has_words = any(isinstance(leaf, Text) for leaf, _ in leaves(tree))
        self._versions = at_range(tree) is not None
        kind = docs.term("kind", VERSION if self._versions else LINK)
        parts = [(Occur.Must, Translation(searcher).of(tree)), (Occur.Must, quiet(kind))]
        if page.exclude:
            parts.append((Occur.MustNot, any_of("link", sorted(page.exclude))))
        self._query = Query.boolean_query(parts)

    def hits(self) -> Hits:
        """Total, the page, facets."""
        if self._versions:
            return self._version_hits()
        total = self._count(self._query)
        rows = self._page_by_score(total) if self._scored() else self._page_by_key()
        return self._answer(total, rows, self._query)

    def _scored(self) -> bool:
        return self._by_score and self._has_words

    def _answer(self, total: int, rows: Sequence[Row], facets_of: Query) -> Hits:
        return Hits(
            total=total,
            hits=tuple(self._hit(row) for row in rows),
            facets=self._facets(facets_of) if self._page.facets else {},
        )

    def _page_by_key(self) -> list[Row]:
        """By date; without words all are equally relevant, and the newest come first."""
        limit = self._page.limit
        if limit <= 0:
            return []
        query = self._query if self._by_score else self._beyond_last()
        found = self._searcher.search(
            query,
            limit=limit,
            count=False,
            order_by_field=self._key,
            offset=self._page.offset if self._by_score else 0,
            order=Order.Asc if self._page.sort is Sort.OLDEST else Order.Desc,
        )
        return [Row(0.0, place, int(key), int(key)) for key, place in found.hits]

    def _page_by_score(self, total: int) -> list[Row]:
        """Equal scores are ordered by date, so all that equal the page's last are looked at."""
        start, end = self._page.offset, self._page.offset + self._page.limit
        limit = end + 1
        while True:
            rows = self._best(self._query, min(limit, total)) if total else []
            if len(rows) == total or len(rows) < end or rows[-1].score < rows[end - 1].score:
                break
            limit *= 4
        rows.sort(key=lambda row: (-row.score, -row.added))
        return rows[start:end]

    def _best(self, query: Query, limit: int) -> list[Row]:
        found = self._searcher.search(query, limit=limit, count=False).hits
        places = [place for _, place in found]
        columns = [
            self._searcher.fast_field_values(name, places)
            for name in ("by_added", self._key, "seen_to")
        ]
        return [
            Row(round(float(score), DIGITS), place, int(added or 0), int(key or 0), int(seen or 0))
            for (score, place), added, key, seen in zip(found, *columns, strict=True)
        ]

    def _beyond_last(self) -> Query:
        before = self._page.before
        if before is None:
            return self._query
        if self._page.sort is Sort.OLDEST:
            return docs.both(self._query, docs.between(self._key, before + 1, docs.MOST))
        return docs.both(self._query, docs.between(self._key, -docs.MOST, before))

    def _version_hits(self) -> Hits:
        """Of each link the version that answers best; then the page of them."""
        count = self._count(self._query)
        best: dict[int, Row] = {}
        for row in self._best(self._query, count) if count else []:
            known = best.get(row.added)
            if known is None or self._rank(known) < self._rank(row):
                best[row.added] = row
        links = docs.both(any_of("by_added", list(best)), docs.term("kind", LINK))
        return self._answer(len(best), list(self._version_page(best)), links)

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
        beyond = (row for row in rows if before is None or sign * row.key > sign * before)
        yield from list(beyond)[:limit]

    def _count(self, query: Query) -> int:
        found = self._searcher.search(query, limit=1)
        return int(found.count or 0)  # type: ignore[attr-defined]  # missing in its stubs

    def _hit(self, row: Row) -> Hit:
        stored = self._searcher.doc(row.place)
        seen = [
            self._searcher.fast_field_values(n, [row.place])[0] for n in ("seen_from", "seen_to")
        ]
        return Hit(
            id=str(stored.get_first("id")),
            link_id=str(stored.get_first("link")),
            score=row.score,
            key=row.key,
            text=bytes(stored.get_first("raw") or b"").decode("utf-8"),
            seen_from=int(seen[0] or 0),
            seen_to=int(seen[1] or 0),
        )

    def _facets(self, query: Query) -> dict[str, dict[str, int]]:
        """The most frequent values, equal ones by value."""
        asked = {
            name: {"terms": {"field": f"f_{name}", "size": TOP_FACETS, "segment_size": ALL_VALUES}}
            for name in FACETS
        }
        answer = self._searcher.aggregate(query, asked)
        return {
            name: {bucket["key"]: bucket["doc_count"] for bucket in answer[name]["buckets"]}
            for name in FACETS
        }
