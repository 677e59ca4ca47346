"""A SearchIndex in a folder, by tantivy: one process writes, any number read."""

import logging
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

import tantivy

from linkshot.adapters import index_tantivy_files as files
from linkshot.adapters.index_tantivy_files import Pointer
from linkshot.adapters.index_tantivy_generation import Generation
from linkshot.adapters.index_tantivy_search import Search
from linkshot.adapters.index_terms import SCHEMA_VERSION, compact
from linkshot.errors import IndexUnavailable
from linkshot.ports import Hits, IndexChange, PageRequest
from linkshot.query import Query

logger = logging.getLogger(__name__)

BATCH = 500
ATTEMPTS = 5
"""Another process may switch between a look at the pointer and the opening."""


class TantivyIndex:
    """See SearchIndex. Searching never waits for writing."""

    def __init__(self, path: Path, *, heap_bytes: int, text_bytes: int) -> None:
        self._path = path
        self._heap_bytes = heap_bytes
        self._text_bytes = text_bytes
        self._writing = threading.RLock()
        self._choosing = threading.Lock()
        self._next: Generation | None = None
        with _unavailable():
            path.mkdir(parents=True, exist_ok=True)
            with files.locked(path):
                self._current = self._find()

    @property
    def needs_rebuild(self) -> bool:
        """An index of another version or a broken one was put aside; `replace` fills this one."""
        pointer = files.read_pointer(self._path)
        return pointer is None or pointer.rebuild

    def apply(self, changes: Sequence[IndexChange]) -> None:
        """See SearchIndex.apply: one commit for each call."""
        kept = compact(changes)
        with self._writing, _unavailable():
            # The one in use first: when this fails, the caller gives all changes again.
            self._current_generation().apply(kept, commit=True)
            if self._next:
                self._write_next(self._next, kept)

    def search(self, query: Query, page: PageRequest) -> Hits:
        """See SearchIndex.search."""
        with _unavailable():
            return Search(self._searcher(), query, page).hits()

    def replace(self, changes: Iterable[IndexChange]) -> None:
        """See SearchIndex.replace; until the switch the old one serves, also when this fails."""
        with self._writing, _unavailable():
            if self._next is not None:
                raise IndexUnavailable("the search index is being built already")
            if files.read_pointer(self._path) is not None:
                # Its writer excludes other processes: what they wrote there, this one would lack.
                self._current_generation().open_writer()
            self._path.mkdir(parents=True, exist_ok=True)
            number = files.make_next(self._path, after=self._current.number)
            building = self._next = self._open(number)
        try:
            rest = iter(changes)
            while batch := list(islice(rest, BATCH)):
                with self._writing, _unavailable():
                    self._write_next(building, compact(batch))
            with self._writing, _unavailable():
                # Refuses when an apply() failed to write to it meanwhile.
                self._write_next(building, [])
                self._switch(building)
        finally:
            with self._writing:
                self._next = None
                if self._current is not building:
                    building.close()
                    files.remove_others(self._path, self._current.number)

    def count(self) -> int:
        """See SearchIndex.count."""
        with _unavailable():
            return self._current_generation().count()

    def revisions(self) -> Iterator[tuple[str, int]]:
        """See SearchIndex.revisions."""
        with _unavailable():
            yield from self._current_generation().revisions()

    def revisions_of(self, document_ids: Sequence[str]) -> dict[str, int]:
        """See SearchIndex.revisions_of."""
        with _unavailable():
            return self._current_generation().revisions_of(document_ids)

    def close(self) -> None:
        """See SearchIndex.close."""
        with self._writing:
            self._current.close()

    def _write_next(self, building: Generation, kept: Sequence[IndexChange]) -> None:
        """Into the new index; once that failed, it lacks something and must not be switched to."""
        if self._next is not building:
            raise IndexUnavailable("the new search index could not be written; build it again")
        self._next = None
        building.apply(kept, commit=False)
        self._next = building

    def _open(self, number: int) -> Generation:
        folder = files.folder_of(self._path, number)
        return Generation(folder, number, heap_bytes=self._heap_bytes, text_bytes=self._text_bytes)

    def _find(self) -> Generation:
        """The one in use; a new one where there is none that can be used."""
        pointer = files.read_pointer(self._path)
        if pointer and pointer.schema == SCHEMA_VERSION:
            try:
                return self._opened(pointer.generation)
            except (ValueError, OSError):
                pointer = None
        rebuild = files.anything_there(self._path)
        number = files.make_next(self._path)
        made = self._open(number)
        files.write_pointer(
            self._path, Pointer(generation=number, schema=SCHEMA_VERSION, rebuild=rebuild)
        )
        return made

    def _opened(self, number: int) -> Generation:
        """An index that is there and can be read."""
        folder = files.folder_of(self._path, number)
        if not tantivy.Index.exists(str(folder)):
            raise FileNotFoundError(folder)
        found = self._open(number)
        found.searcher()  # one that cannot be read fails here, not at the first search
        return found

    def _current_generation(self) -> Generation:
        """The one in use now; another process may have switched to a new one."""
        pointer = files.read_pointer(self._path)
        with self._choosing:
            strange = pointer is None or pointer.schema != SCHEMA_VERSION
            if pointer is None or strange or pointer.generation == self._current.number:
                return self._current
            old, self._current = self._current, self._opened(pointer.generation)
        old.close()
        return self._current

    def _searcher(self) -> tantivy.Searcher:
        for attempt in range(ATTEMPTS):
            try:
                return self._current_generation().searcher()
            except (OSError, ValueError):
                if attempt == ATTEMPTS - 1:
                    raise
        raise AssertionError

    def _switch(self, building: Generation) -> None:
        building.commit()  # before the pointer names it: other processes open it at once
        files.write_pointer(self._path, Pointer(generation=building.number, schema=SCHEMA_VERSION))
        with self._choosing:
            old, self._current = self._current, building
        old.close()
        files.remove_others(self._path, building.number)


@contextmanager
def _unavailable() -> Iterator[None]:
    """Translates tantivy's errors; half a character is an error of the input."""
    try:
        yield
    except UnicodeError:
        raise
    except (ValueError, OSError, RuntimeError) as exc:
        logger.warning("The search index cannot be used: %s", str(exc))  # paths are not for the web
        raise IndexUnavailable("the search index cannot be used; `linkshot doctor` looks") from exc
