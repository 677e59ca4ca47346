"""Finds links: by the catalogue without words, by the index with them."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime

from linkshot import query
from linkshot.app import App
from linkshot.catalogue.clock import from_us
from linkshot.catalogue.link_rows import links_by_id
from linkshot.catalogue.tag_counts import tree_of
from linkshot.domain.model import Link, LinkId
from linkshot.ports import Hit, Hits, PageRequest
from linkshot.query import Query, Sort
from linkshot.text.snippets import snippet
from linkshot.text.tokens import TokenPhrase
from linkshot.use_cases import index_completeness, jobs, links, paging, tags
from linkshot.use_cases.index_completeness import COMPLETE, Completeness


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchHit:
    """One link of the answer."""

    link: Link
    snippet: tuple[tuple[str, bool], ...] = ()
    """Pieces of the text around the best place: (text, is a hit). Empty without words."""
    score: float = 0.0
    seen_from: datetime | None = None
    """Of the version found, for `at:` only."""
    seen_to: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchPage:
    """Part of an answer."""

    total: int
    items: tuple[SearchHit, ...]
    facets: paging.Facets
    next_cursor: str | None
    indexed_until: datetime | None
    """The index knows every change up to then; None: answered by the catalogue, or not known."""
    parsed: Query
    completeness: Completeness = COMPLETE
    """What the answer may lack; COMPLETE also when find() was asked not to look."""


def find(
    app: App,
    text: str,
    page: PageRequest | str | None = None,
    *,
    cursor: str | None = None,
    highlight: bool = True,
    check_completeness: bool = True,
    parsed: Query | None = None,
) -> SearchPage:
    """Links that the query means; `page` may itself be the cursor of the answer before.

    `parsed` is `text` parsed, where the caller needed it already: parsing a long query takes a while.
    The answer tells what it may lack, unless `check_completeness` is off: that costs a few short queries.
    QuerySyntax, InvalidInput (limit, cursor); IndexUnavailable for words when the index is down, and when
    nothing was found because it is being rebuilt or must be.
    """
    if isinstance(page, str):
        page, cursor = None, page
    page = page or PageRequest()
    if parsed is None:
        parsed = query.parse(text, app.now())
    of = " ".join(text.split())
    if not query.has_words(parsed):
        found = _from_catalogue(app, parsed, page, cursor, of)
    else:
        page = page if cursor is None else paging.at_cursor(of, page, cursor)
        found = _from_index(app, parsed, page, of, highlight=highlight)
    if not check_completeness:
        return found
    return replace(found, completeness=index_completeness.check(app, parsed, found.total))


def indexed_until(app: App) -> datetime | None:
    """Up to when the index knows every change; None when that was never the case."""
    with app.catalogue.read() as conn:
        return jobs.indexed_until(conn)


def _from_catalogue(
    app: App, parsed: Query, page: PageRequest, cursor: str | None, of: str
) -> SearchPage:
    found = links.list_links(app, parsed, page, cursor=cursor, of=of)
    return SearchPage(
        total=found.total,
        items=tuple(SearchHit(link=link) for link in found.items),
        facets=found.facets,
        next_cursor=found.next_cursor,
        indexed_until=None,
        parsed=parsed,
    )


def _from_index(
    app: App, parsed: Query, page: PageRequest, of: str, *, highlight: bool
) -> SearchPage:
    paging.check_page(page)
    lookup = tags.resolve(app, query.tag_names(parsed))
    meant = query.resolve_tags(parsed, lambda name: lookup[name])
    phrases = query.phrases(parsed) if highlight else []
    with ThreadPoolExecutor(1) as beside:
        counting = beside.submit(_count, app, meant, page)
        hits = app.index.search(meant, replace(page, facets=False, total=False))
        with app.catalogue.read() as conn:
            until = jobs.indexed_until(conn)
            known = links_by_id(conn, [hit.link_id for hit in hits.hits])
        items = _items(hits.hits, known, phrases, highlight=highlight)
        total, facets = counting.result()
    return SearchPage(
        total=total,
        items=items,
        facets=facets,
        next_cursor=_next_cursor(hits, total, page, of),
        indexed_until=until,
        parsed=parsed,
    )


def _count(app: App, meant: Query, page: PageRequest) -> tuple[int, paging.Facets]:
    """Total and facets: most of the index's work, done while links and excerpts are made."""
    if not page.facets:
        return app.index.search(meant, replace(page, limit=0)).total, {}
    with app.catalogue.read() as conn:
        tree = tree_of(conn)
    # Between two transactions, so that none stays open while the index counts.
    counted = app.index.search(meant, replace(page, limit=0, tags=tree))
    with app.catalogue.read() as conn:
        return counted.total, tags.labelled(conn, counted.facets)


def _items(
    hits: Sequence[Hit], now: Sequence[Link], phrases: Sequence[TokenPhrase], *, highlight: bool
) -> tuple[SearchHit, ...]:
    """Hits with their links as they are now; removed ones drop out."""
    known = {link.link_id: link for link in now}
    return tuple(
        SearchHit(
            link=known[LinkId(hit.link_id)],
            snippet=snippet(hit.text, phrases) if highlight else (),
            score=hit.score,
            seen_from=_instant(hit.seen_from),
            seen_to=_instant(hit.seen_to),
        )
        for hit in hits
        if hit.link_id in known
    )


def _instant(us: int) -> datetime | None:
    return from_us(us) if us else None


def _next_cursor(hits: Hits, total: int, page: PageRequest, of: str) -> str | None:
    """By date as long as pages are full; by relevance up to the window."""
    if not hits.hits or len(hits.hits) < page.limit:
        return None
    if page.sort is not Sort.RELEVANCE:
        return paging.make_cursor(of, page.sort, before=hits.hits[-1].key)
    offset = page.offset + page.limit
    if offset >= min(total, paging.WINDOW):
        return None
    return paging.make_cursor(of, page.sort, offset=offset)
