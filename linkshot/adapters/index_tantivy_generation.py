"""One tantivy index on disk: reading, applying changes, committing."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import tantivy
from tantivy import Occur, Query

from linkshot.adapters import index_tantivy_schema as docs
from linkshot.adapters.index_terms import LINK, TOMBSTONE, tombstone_id, tombstone_of, trim_id
from linkshot.ports import IndexChange, Removal, Trim, Upsert

COMMIT_EVERY_CHANGES = 20_000
"""Changes after which an index that nobody reads yet is committed."""


class Generation:
    """One index; its writer opens when first needed, because only one process can have it."""

    def __init__(self, folder: Path, number: int, *, heap_bytes: int, text_bytes: int) -> None:
        self.number = number
        self._meta = folder / "meta.json"
        self._heap_bytes = heap_bytes
        self._text_bytes = text_bytes
        self._index = tantivy.Index(docs.schema(), path=str(folder), reuse=True)
        self._index.config_reader("manual", 0)  # searcher() decides when to reload
        self._writer: tantivy.IndexWriter | None = None
        self._stamp: tuple[int, int, int] | None = None
        self._pending: dict[str, int] = {}
        """id → revision of what was written and not yet committed."""

    def searcher(self) -> tantivy.Searcher:
        """Sees the newest commit of any process."""
        # Every commit replaces meta.json; to look at it costs far less than to reload.
        found = self._meta.stat()
        stamp = (found.st_ino, found.st_mtime_ns, found.st_size)
        if stamp != self._stamp:
            self._index.reload()
            self._stamp = stamp
        return self._index.searcher()

    def count(self) -> int:
        """Link documents."""
        found = self.searcher().search(docs.term("kind", LINK), limit=1)
        return int(found.count or 0)  # type: ignore[attr-defined]  # missing in its stubs

    def revisions(self) -> Iterator[tuple[str, int]]:
        """(id, rev) of all documents but tombstones."""
        searcher = self.searcher()
        hidden = (Occur.MustNot, docs.term("kind", TOMBSTONE))
        wanted = Query.boolean_query([(Occur.Must, Query.all_query()), hidden])
        limit = max(searcher.num_docs, 1)
        for rev, place in searcher.search(wanted, limit, count=False, order_by_field="rev").hits:
            yield str(searcher.doc(place).get_first("id")), int(rev)

    def revisions_of(self, document_ids: Sequence[str]) -> dict[str, int]:
        """id → rev of these documents, as committed."""
        searcher = self.searcher()
        found = {one: self._committed(searcher, one) for one in document_ids}
        return {one: rev for one, rev in found.items() if rev is not None}

    def open_writer(self) -> tantivy.IndexWriter:
        """The writer, which keeps all other processes from writing until it is closed."""
        if self._writer is None:
            self._writer = self._index.writer(self._heap_bytes, 1)
        return self._writer

    def apply(self, changes: Sequence[IndexChange], *, commit: bool) -> None:
        """`changes` as compact() orders them; nothing of them is kept when it fails."""
        writer = self.open_writer()
        try:
            searcher = self.searcher()
            for change in changes:
                if isinstance(change, Upsert):
                    self._upsert(writer, searcher, change)
                else:
                    self._remove(writer, searcher, change)
            if commit or len(self._pending) > COMMIT_EVERY_CHANGES:
                self.commit()
        except BaseException:
            self._writer = None  # without a commit tantivy drops what this writer has taken
            self._pending.clear()
            raise

    def commit(self) -> None:
        """Findable and durable from here on."""
        self.open_writer().commit()
        self._pending.clear()
        self._stamp = None

    def close(self) -> None:
        """Release the writer. Repeatable."""
        writer, self._writer = self._writer, None
        if writer is not None:
            writer.wait_merging_threads()

    def _remove(
        self, writer: tantivy.IndexWriter, searcher: tantivy.Searcher, change: Removal | Trim
    ) -> None:
        tombstone = tombstone_of(change)
        if self._revision(searcher, tombstone) > change.rev:
            return
        writer.delete_documents_by_query(docs.outdated_by(change))
        writer.delete_documents_by_term("id", tombstone)
        writer.add_document(docs.tombstone(change))
        self._pending[tombstone] = change.rev

    def _upsert(
        self, writer: tantivy.IndexWriter, searcher: tantivy.Searcher, upsert: Upsert
    ) -> None:
        source = upsert.document
        if self._revision(searcher, tombstone_id(source.link_id)) >= source.rev:
            return
        if source.version and self._revision(searcher, trim_id(source.link_id)) > source.rev:
            return
        if self._revision(searcher, source.id) > source.rev:
            return
        writer.delete_documents_by_term("id", source.id)
        writer.add_document(docs.document(source, self._text_bytes))
        self._pending[source.id] = source.rev

    def _revision(self, searcher: tantivy.Searcher, document_id: str) -> int:
        """Of a document or tombstone; less than any when there is none."""
        if document_id in self._pending:
            return self._pending[document_id]
        committed = self._committed(searcher, document_id)
        return -docs.MAX_INTEGER if committed is None else committed

    def _committed(self, searcher: tantivy.Searcher, document_id: str) -> int | None:
        query = docs.term("id", document_id)
        found = searcher.search(query, limit=1, count=False, order_by_field="rev").hits
        return int(found[0][0]) if found else None
