"""`bench real`: recall and precision of search on real pages, against an oracle."""

import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

from bench import machine, oracle, places
from bench.debian_docs import DebianDocs, bookmarks_file
from bench.links import every_link
from linkshot.app import App
from linkshot.domain.model import Link, Role
from linkshot.ports import PageRequest
from linkshot.query import Sort, Text
from linkshot.use_cases import imports, search
from linkshot.use_cases.paging import MAX_LIMIT
from tests.fleet import all_settled, fleet, opened

PAGES = 120
PATIENCE_S = 1800.0
POLITE: dict[str, Any] = {"host_gap_s": 0.0, "host_gap_factor": 0.0}
"""No pauses: all pages are on one host. Every other setting that shapes a snapshot is the default."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What became of one query."""

    query: str
    expected: frozenset[str]
    found: frozenset[str]
    in_text: bool
    """Looked for in the texts alone, else in title, address and text, as a search does."""


def run(count: int = PAGES, queries: int = 200, seed: int = 1) -> None:
    """Print recall and precision for each place."""
    for name in places.names():
        with (
            DebianDocs() as docs,
            places.settings_of(name, allow_networks="127.0.0.0/8", **POLITE) as settings,
            tempfile.TemporaryDirectory() as folder,
            opened(settings) as app,
        ):
            began = time.monotonic()
            take_in(app, docs, count, seed, Path(folder))
            spent_s = time.monotonic() - began
            print(
                f"real, {name}: {count} pages in {spent_s:.0f} s "
                f"({count / spent_s * 60:.0f} pages/min), {machine.load()}"
            )
            _print(list(ask(app, queries, seed)))


def take_in(app: App, docs: DebianDocs, count: int, seed: int, folder: Path) -> None:
    """Import a bookmarks file of so many pages, let the roles work until all are found."""
    file = bookmarks_file(docs.pick(count, seed), seed).encode()
    report = imports.run(app, BytesIO(file), "bookmarks.html")
    assert report.accepted == count, report
    with fleet(app.settings, folder) as processes:
        processes.until(lambda: all_settled(app, count), PATIENCE_S)


def ask(app: App, count: int, seed: int) -> Iterator[Checked]:
    """Each query twice: as a person asks, and of the texts alone; beside what the oracle says."""
    pages = kept(app)
    texts = {page: (one[0],) for page, one in pages.items()}
    for query in oracle.draw((one[0] for one in texts.values()), count, seed):
        for in_text, where in ((False, pages), (True, texts)):
            yield Checked(
                query=query,
                expected=frozenset(oracle.pages_with(query, where)),
                found=frozenset(_texts_with(app, query) if in_text else _found(app, query)),
                in_text=in_text,
            )


def kept(app: App) -> Mapping[str, tuple[str, str, str]]:
    """Link id → its kept text.txt, its title, its address; all folded by the oracle."""
    return {
        one.link_id: (oracle.same(_text(app, one)), oracle.same(one.title), oracle.same(one.url))
        for one in every_link(app)
    }


def _text(app: App, one: Link) -> str:
    artifact = one.current.artifact(Role.TEXT) if one.current else None
    assert artifact is not None, f"{one.url} has no text: {one.last}"
    return app.store.read(artifact.key).decode()


def _found(app: App, query: str) -> Iterator[str]:
    page: PageRequest | str | None = PageRequest(limit=MAX_LIMIT, sort=Sort.NEWEST)
    while page:
        answer = search.find(app, query, page, check_completeness=False)
        yield from (one.link.link_id for one in answer.items)
        page = answer.next_cursor


def _texts_with(app: App, query: str) -> Iterator[str]:
    wanted = PageRequest(limit=MAX_LIMIT, sort=Sort.NEWEST)
    hits = app.index.search(Text(query, "text"), wanted)
    assert hits.total == len(hits.hits), "more pages than one answer holds"
    return (hit.link_id for hit in hits.hits)


def _print(checked: list[Checked]) -> None:
    for in_text, what in ((False, "as asked"), (True, "in the texts alone")):
        mine = [one for one in checked if one.in_text is in_text]
        expected = sum(len(one.expected) for one in mine)
        found = sum(len(one.found) for one in mine)
        both = sum(len(one.expected & one.found) for one in mine)
        print(
            f"  {len(mine)} queries {what}: {expected} pages expected, recall "
            f"{both / max(expected, 1):.4f}, precision {both / max(found, 1):.4f}"
        )
    for one in checked:
        if one.expected != one.found:
            missing, wrong = one.expected - one.found, one.found - one.expected
            print(f"  {one.query!r} ({one.in_text=}): missing {missing}, wrong {wrong}")
