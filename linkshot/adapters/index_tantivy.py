"""A SearchIndex in a folder, by tantivy: one writer, any number of readers.

The folder holds generations (`gen-1`, `gen-2`, …) and a file `current` that names the one in use;
`replace` builds the next one beside it and switches by renaming that file.
"""

import json
import shutil
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

import tantivy
from tantivy import FieldType, Occur, Order, Query

from linkshot.errors import IndexUnavailable
from linkshot.index_fields import (
    LINK,
    SCHEMA_VERSION,
    TITLE_WEIGHT,
    TOMBSTONE,
    VERSION,
    fields_of,
    newest,
    top,
)
from linkshot.model import IndexDocument
from linkshot.ports import FACETS, Hit, Hits, IndexChange, PageRequest, Removal, Upsert
from linkshot.query import (
    TEXT_FIELDS,
    All,
    And,
    At,
    Between,
    HasNote,
    Is,
    Language,
    Not,
    Or,
    Site,
    Sort,
    Status,
    TagIds,
    Text,
    at_range,
)
from linkshot.query import Query as Tree
from linkshot.words import TokenPhrase, phrase

POINTER = "current"
BATCH = 500
ALL_VALUES = 65_000
"""Facet values asked of tantivy; its own top lists are exact only when nothing is cut off."""
INTEGERS = ("kind", "rev", "by_added", "by_changed", "taken_at", "seen_from", "seen_to")
TIMES = {"added": "by_added", "snapshot": "taken_at", "changed": "by_changed"}
SORT_FIELDS = {Sort.NEWEST: "by_added", Sort.OLDEST: "by_added", Sort.CHANGED: "by_changed"}
TIES = 50
"""Hits fetched beyond a page by relevance, so that equal scores are ordered by date."""
MOST = 2**62


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    for name in TEXT_FIELDS:
        builder.add_text_field(name, tokenizer_name="whitespace", index_option="position")
    for name in ("id", "link"):
        builder.add_text_field(name, stored=True, tokenizer_name="raw", index_option="basic")
    for name in ("suffix", "lang", "flag"):
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic")
    for name in FACETS:
        builder.add_text_field(f"f_{name}", fast=True, tokenizer_name="raw", index_option="basic")
    for name in INTEGERS:
        builder.add_integer_field(name, indexed=True, fast=True)
    builder.add_text_field("raw", stored=True, tokenizer_name="raw", index_option="basic")
    return builder.build()


class TantivyIndex:
    """See SearchIndex."""

    def __init__(self, path: Path, *, heap_bytes: int, text_bytes: int) -> None:
        self._path = path
        self._heap = heap_bytes
        self._text_bytes = text_bytes
        self._lock = threading.RLock()
        self._next: _Generation | None = None
        self.needs_rebuild = False
        """An index of another version or a broken one was put aside; it must be filled again."""
        path.mkdir(parents=True, exist_ok=True)
        self._current = self._find()

    def apply(self, changes: Sequence[IndexChange]) -> None:
        """See SearchIndex.apply: one commit for each call."""
        with self._lock, _unavailable():
            self._follow()
            self._current.apply(newest(changes))
            if self._next:
                self._next.apply(newest(changes))

    def search(self, query: Tree, page: PageRequest) -> Hits:
        """See SearchIndex.search."""
        with _unavailable():
            generation = self._reading()
            return _Search(generation.searcher(), query, page).hits()

    def replace(self, changes: Iterable[IndexChange]) -> None:
        """See SearchIndex.replace."""
        with self._lock:
            self._follow()
            self._next = _Generation.make(self._path, self._current.number + 1, self._settings())
        try:
            rest = iter(changes)
            while batch := list(islice(rest, BATCH)):
                with self._lock, _unavailable():
                    self._next.apply(newest(batch), commit=False)
            with self._lock, _unavailable():
                self._switch()
        finally:
            with self._lock:
                if self._next is not None:
                    self._next.drop()
                    self._next = None

    def count(self) -> int:
        """See SearchIndex.count."""
        with _unavailable():
            searcher = self._reading().searcher()
            return _count(searcher, _kind(LINK))

    def revisions(self) -> Iterator[tuple[str, int]]:
        """See SearchIndex.revisions."""
        with _unavailable():
            searcher = self._reading().searcher()
            wanted = Query.boolean_query(
                [(Occur.Must, Query.all_query()), (Occur.MustNot, _kind(TOMBSTONE))]
            )
            total = _count(searcher, wanted)
            found = searcher.search(wanted, limit=max(total, 1), count=False).hits
            places = [place for _, place in found]
            revs = searcher.fast_field_values("rev", places)
            for place, rev in zip(places, revs, strict=True):
                yield str(searcher.doc(place).get_first("id")), int(rev or 0)

    def close(self) -> None:
        """See SearchIndex.close."""
        with self._lock:
            self._current.close()

    def _settings(self) -> "tuple[int, int]":
        return self._heap, self._text_bytes

    def _find(self) -> "_Generation":
        number, version = _pointed(self._path)
        if version == SCHEMA_VERSION:
            try:
                return _Generation.open(self._path, number, self._settings())
            except (ValueError, OSError):
                self.needs_rebuild = True
        elif number:
            self.needs_rebuild = True
        made = _Generation.make(self._path, number + 1, self._settings())
        _point(self._path, made.number)
        return made

    def _reading(self) -> "_Generation":
        with self._lock:
            self._follow()
            return self._current

    def _follow(self) -> None:
        """Another process may have switched to a new generation."""
        number, version = _pointed(self._path)
        if number != self._current.number and version == SCHEMA_VERSION:
            self._current.close()
            self._current = _Generation.open(self._path, number, self._settings())

    def _switch(self) -> None:
        if self._next is None:
            return
        self._next.commit()
        old, self._current, self._next = self._current, self._next, None
        _point(self._path, self._current.number)
        self.needs_rebuild = False
        old.drop()


class _Generation:
    """One tantivy index on disk; its writer opens when first needed."""

    def __init__(self, folder: Path, number: int, settings: tuple[int, int]) -> None:
        self.number = number
        self._folder = folder
        self._heap, self._text_bytes = settings
        self._schema = _schema()
        self._index = tantivy.Index(self._schema, path=str(folder), reuse=True)
        self._index.config_reader("manual", 0)
        self._writer: tantivy.IndexWriter | None = None
        self._stamp: tuple[int, int] | None = None

    @classmethod
    def make(cls, root: Path, number: int, settings: tuple[int, int]) -> "_Generation":
        folder = root / f"gen-{number}"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        return cls(folder, number, settings)

    @classmethod
    def open(cls, root: Path, number: int, settings: tuple[int, int]) -> "_Generation":
        folder = root / f"gen-{number}"
        if not tantivy.Index.exists(str(folder)):
            raise FileNotFoundError(folder)
        return cls(folder, number, settings)

    def searcher(self) -> tantivy.Searcher:
        """Sees the newest commit of any process."""
        found = (self._folder / "meta.json").stat()
        stamp = (found.st_mtime_ns, found.st_size)
        if stamp != self._stamp:
            self._index.reload()
            self._stamp = stamp
        return self._index.searcher()

    def apply(self, changes: Sequence[IndexChange], *, commit: bool = True) -> None:
        """`changes` as newest() orders them; without `commit` only for an index nobody reads."""
        writer = self._open_writer()
        searcher = self.searcher()
        for change in changes:
            if isinstance(change, Removal):
                self._remove(writer, searcher, change)
            else:
                self._upsert(writer, searcher, change)
        if commit:
            self.commit()

    def commit(self) -> None:
        """Findable from here on."""
        self._open_writer().commit()
        self._stamp = None

    def close(self) -> None:
        """Release the writer's lock. Repeatable."""
        writer, self._writer = self._writer, None
        if writer is not None:
            writer.wait_merging_threads()

    def drop(self) -> None:
        """Close and remove its files."""
        self.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _open_writer(self) -> tantivy.IndexWriter:
        if self._writer is None:
            self._writer = self._index.writer(self._heap, 1)
        return self._writer

    def _remove(
        self, writer: tantivy.IndexWriter, searcher: tantivy.Searcher, removal: Removal
    ) -> None:
        known = _known(searcher, removal.link_id)
        if known and known[1] > removal.rev:
            return
        writer.delete_documents_by_term("link", removal.link_id)
        stone = tantivy.Document()
        stone.add_text("id", removal.link_id)
        stone.add_text("link", removal.link_id)
        stone.add_integer("kind", TOMBSTONE)
        stone.add_integer("rev", removal.rev)
        writer.add_document(stone)

    def _upsert(
        self, writer: tantivy.IndexWriter, searcher: tantivy.Searcher, upsert: Upsert
    ) -> None:
        document = upsert.document
        known = _known(searcher, document.id)
        if known and (known[1] > document.rev or known == (TOMBSTONE, document.rev)):
            return
        if document.version:
            link = _known(searcher, document.link_id)
            if link and link[0] == TOMBSTONE and link[1] >= document.rev:
                return
        writer.delete_documents_by_term("id", document.id)
        writer.add_document(self._document(document))

    def _document(self, document: IndexDocument) -> tantivy.Document:
        fields = fields_of(document, self._text_bytes)
        made = tantivy.Document()
        for name, stream in fields.streams.items():
            made.add_text(name, stream)
        made.add_text("id", document.id)
        made.add_text("link", document.link_id)
        made.add_text("raw", fields.text)
        several = {"suffix": fields.suffixes, "lang": fields.languages, "flag": fields.flags}
        several |= {f"f_{name}": values for name, values in fields.facets.items()}
        for name, values in several.items():
            for value in values:
                made.add_text(name, value)
        made.add_integer("kind", fields.kind)
        for name in INTEGERS[1:]:
            made.add_integer(name, getattr(document, name))
        return made


class _Search:
    """One query against one state of the index."""

    def __init__(self, searcher: tantivy.Searcher, tree: Tree, page: PageRequest) -> None:
        self.searcher = searcher
        self.page = page
        self.schema = _schema()
        self.versions = at_range(tree) is not None
        kind = VERSION if self.versions else LINK
        self.query = Query.boolean_query(
            [(Occur.Must, self.translate(tree)), (Occur.Must, _quiet(_kind(kind)))]
        )

    def hits(self) -> Hits:
        """Total, the page, facets."""
        if self.versions:
            return self._version_hits()
        total, found = self._page()
        facets = self._facets(self.query) if self.page.facets else {}
        return Hits(total=total, hits=tuple(self._hit(*one) for one in found), facets=facets)

    def _page(self) -> tuple[int, list[tuple[float, Any, int]]]:
        """(total, [(score, place, sort key)]) of the page."""
        sort = self.page.sort
        if sort is Sort.RELEVANCE:
            return self._by_relevance()
        total = _count(self.searcher, self.query)
        found = self.searcher.search(
            self._after_last(),
            limit=self.page.limit,
            count=False,
            order_by_field=SORT_FIELDS[sort],
            order=Order.Asc if sort is Sort.OLDEST else Order.Desc,
        ).hits
        places = [place for _, place in found]
        keys = self.searcher.fast_field_values(SORT_FIELDS[sort], places)
        return total, [(0.0, place, int(key or 0)) for place, key in zip(places, keys, strict=True)]

    def _by_relevance(self) -> tuple[int, list[tuple[float, Any, int]]]:
        start, end = self.page.offset, self.page.offset + self.page.limit
        found = self.searcher.search(self.query, limit=end + TIES)
        places = [place for _, place in found.hits]
        keys = self.searcher.fast_field_values("by_added", places)
        scored = [
            (float(score), place, int(key or 0))
            for (score, place), key in zip(found.hits, keys, strict=True)
        ]
        scored.sort(key=lambda one: (-round(one[0], 4), -one[2]))
        return _counted(found), scored[start:end]

    def _after_last(self) -> Query:
        if self.page.before is None:
            return self.query
        name = SORT_FIELDS[self.page.sort]
        if self.page.sort is Sort.OLDEST:
            rest = self._range(name, self.page.before + 1, MOST)
        else:
            rest = self._range(name, 0, self.page.before)
        return Query.boolean_query([(Occur.Must, self.query), (Occur.Must, rest)])

    def _version_hits(self) -> Hits:
        """Every matching version, the best one of each link, then the page."""
        count = _count(self.searcher, self.query)
        found = self.searcher.search(self.query, limit=max(count, 1), count=False).hits
        places = [place for _, place in found]
        columns = {
            name: self.searcher.fast_field_values(name, places)
            for name in ("by_added", "by_changed", "seen_to")
        }
        best = self._best(found, columns)
        name = SORT_FIELDS.get(self.page.sort, "by_added")
        ordered = sorted(best, key=self._version_order(columns, name))
        wanted = [row for row in ordered if self._beyond(int(columns[name][row] or 0))]
        start = self.page.offset if self.page.sort is Sort.RELEVANCE else 0
        rows = wanted[start : start + self.page.limit]
        added = [int(columns["by_added"][row] or 0) for row in best]
        return Hits(
            total=len(best),
            hits=tuple(
                self._hit(float(found[row][0]), places[row], int(columns[name][row] or 0))
                for row in rows
            ),
            facets=self._facets(self._links_with(added)) if self.page.facets else {},
        )

    def _best(self, found: Sequence[tuple[Any, Any]], columns: dict[str, list[Any]]) -> list[int]:
        """Per link the row with the best score (by relevance) or the newest text."""
        best: dict[int, tuple[tuple[float, int], int]] = {}
        by_score = self.page.sort is Sort.RELEVANCE
        for row, (score, _) in enumerate(found):
            rank = (round(float(score), 4) if by_score else 0.0, int(columns["seen_to"][row] or 0))
            key = int(columns["by_added"][row] or 0)
            if key not in best or best[key][0] < rank:
                best[key] = (rank, row)
        self._scores = {row: rank[0] for rank, row in best.values()}
        return [row for _, row in best.values()]

    def _version_order(
        self, columns: dict[str, list[Any]], name: str
    ) -> Callable[[int], tuple[float, int]]:
        sign = 1 if self.page.sort is Sort.OLDEST else -1
        return lambda row: (-self._scores[row], sign * int(columns[name][row] or 0))

    def _beyond(self, key: int) -> bool:
        last = self.page.before
        if last is None or self.page.sort is Sort.RELEVANCE:
            return True
        return key > last if self.page.sort is Sort.OLDEST else key < last

    def _links_with(self, added: Sequence[int]) -> Query:
        if not added:
            return Query.empty_query()
        chosen = Query.term_set_query(self.schema, "by_added", list(added))
        return Query.boolean_query([(Occur.Must, chosen), (Occur.Must, _kind(LINK))])

    def _hit(self, score: float, place: Any, key: int) -> Hit:
        document = self.searcher.doc(place)
        seen = [self.searcher.fast_field_values(n, [place])[0] for n in ("seen_from", "seen_to")]
        return Hit(
            id=str(document.get_first("id")),
            link_id=str(document.get_first("link")),
            score=score,
            key=key,
            text=str(document.get_first("raw") or ""),
            seen_from=int(seen[0] or 0),
            seen_to=int(seen[1] or 0),
        )

    def _facets(self, query: Query) -> dict[str, dict[str, int]]:
        asked = {
            name: {"terms": {"field": f"f_{name}", "size": ALL_VALUES, "segment_size": ALL_VALUES}}
            for name in FACETS
        }
        answer = self.searcher.aggregate(query, asked)
        return {
            name: top({b["key"]: b["doc_count"] for b in answer[name]["buckets"]})
            for name in FACETS
        }

    def translate(self, tree: Tree) -> Query:
        """Our tree as tantivy's; what is no text adds nothing to the score."""
        if isinstance(tree, And):
            return self._all(tree.children)
        if isinstance(tree, Or):
            return Query.boolean_query([(Occur.Should, self.translate(c)) for c in tree.children])
        if isinstance(tree, Not):
            return self._all((tree,))
        if isinstance(tree, Text):
            return self._text(tree)
        return _quiet(self._filter(tree))

    def _all(self, children: Sequence[Tree]) -> Query:
        parts = [
            (Occur.MustNot, self.translate(child.child))
            if isinstance(child, Not)
            else (Occur.Must, self.translate(child))
            for child in children
        ]
        if all(occur == Occur.MustNot for occur, _ in parts):
            parts.append((Occur.Must, _quiet(Query.all_query())))
        return Query.boolean_query(parts)

    def _filter(self, tree: Tree) -> Query:
        match tree:
            case All():
                return Query.all_query()
            case TagIds(ids):
                return self._any_term("f_tag", sorted(ids))
            case Site(host):
                return self._term("suffix", host)
            case Between(what, start, end):
                return self._range(TIMES[what], max(start, 1) if what == "snapshot" else start, end)
            case At(start, end):
                seen = (self._range("seen_from", 0, end), self._range("seen_to", start, MOST))
                return Query.boolean_query([(Occur.Must, part) for part in seen])
            case Language(tag):
                return self._term("lang", tag)
            case Status(code):
                return self._term("f_status", str(code))
            case HasNote():
                return self._term("flag", "note")
            case Is(what):
                flag = what in ("untagged", "unread", "watched")
                return self._term("flag" if flag else "f_state", what)
        raise TypeError(f"{type(tree).__name__} cannot be searched")

    def _term(self, name: str, value: str) -> Query:
        return Query.term_query(self.schema, name, value, "basic")

    def _any_term(self, name: str, values: list[str]) -> Query:
        if not values:
            return Query.empty_query()
        return Query.term_set_query(self.schema, name, values)

    def _range(self, name: str, start: int, end: int) -> Query:
        if start >= end:
            return Query.empty_query()
        return Query.range_query(
            self.schema,
            name,
            FieldType.Integer,
            start,
            end,
            include_lower=True,
            include_upper=False,
        )

    def _text(self, tree: Text) -> Query:
        wanted = phrase(tree.text, tree.prefix)
        if not wanted.tokens:
            return Query.empty_query()
        names = (tree.field,) if tree.field else TEXT_FIELDS
        parts = [(Occur.Should, self._in_field(name, wanted)) for name in names]
        return Query.boolean_query(parts)

    def _in_field(self, name: str, wanted: TokenPhrase) -> Query:
        query = self._phrase(name, wanted)
        return Query.boost_query(query, TITLE_WEIGHT) if name == "title" else query

    def _phrase(self, name: str, wanted: TokenPhrase) -> Query:
        if not wanted.prefix:
            return self._exact(name, wanted.tokens)
        *head, tail = wanted.tokens
        if not head:
            return Query.regex_query(self.schema, name, f"{tail}.*")
        before = self._exact(name, tuple(head))
        ends = self.searcher.terms_with_prefix(name, tail, before)
        parts = [(Occur.Should, self._exact(name, (*head, end))) for end, _ in ends]
        return Query.boolean_query(parts) if parts else Query.empty_query()

    def _exact(self, name: str, tokens: tuple[str, ...]) -> Query:
        if len(tokens) == 1:
            return Query.term_query(self.schema, name, tokens[0], "freq")
        return Query.phrase_query(self.schema, name, list(tokens))


def _count(searcher: tantivy.Searcher, query: Query) -> int:
    return _counted(searcher.search(query, limit=1))


def _counted(found: tantivy.SearchResult) -> int:
    return int(found.count or 0)  # type: ignore[attr-defined]  # missing in its stubs


def _kind(kind: int) -> Query:
    return Query.term_query(_schema(), "kind", kind, "basic")


def _quiet(query: Query) -> Query:
    """Matches the same and adds nothing to the score."""
    return Query.const_score_query(query, 0.0)


def _known(searcher: tantivy.Searcher, document_id: str) -> tuple[int, int] | None:
    """(kind, rev) of the document or tombstone with this id."""
    query = Query.term_query(_schema(), "id", document_id, "basic")
    found = searcher.search(query, limit=1, count=False).hits
    if not found:
        return None
    places = [found[0][1]]
    kind, rev = (searcher.fast_field_values(name, places)[0] for name in ("kind", "rev"))
    return int(kind or 0), int(rev or 0)


def _pointed(root: Path) -> tuple[int, int]:
    """(generation, schema version) in use; (0, 0) when there is none."""
    try:
        said = json.loads((root / POINTER).read_text("utf-8"))
        return int(said["generation"]), int(said["schema"])
    except (OSError, ValueError, KeyError, TypeError):
        return 0, 0


def _point(root: Path, number: int) -> None:
    staged = root / f"{POINTER}.new"
    staged.write_text(json.dumps({"generation": number, "schema": SCHEMA_VERSION}), "utf-8")
    staged.replace(root / POINTER)


@contextmanager
def _unavailable() -> Iterator[None]:
    try:
        yield
    except (ValueError, OSError, RuntimeError) as exc:
        raise IndexUnavailable(f"the search index cannot be used: {exc}") from exc
