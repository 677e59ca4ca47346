"""Search results and facets."""

from datetime import datetime
from html import escape
from typing import Self

from pydantic import BaseModel

from linkshot.use_cases.paging import Facets
from linkshot.use_cases.search import SearchHit, SearchPage


class HitOut(BaseModel):
    """One link of an answer."""

    link_id: str
    url: str
    site: str
    title: str
    tags: list[str]
    snippet: str
    """HTML: escaped text with the hits in `<mark>`."""
    score: float
    added_at: datetime
    changed_at: datetime | None
    """When the text of the page last changed; null as long as it is that of the first snapshot."""
    state: str
    seen_from: datetime | None
    seen_to: datetime | None

    @classmethod
    def of(cls, found: SearchHit) -> Self:
        """As the API gives it."""
        link = found.link
        return cls(
            link_id=link.link_id,
            url=link.url,
            site=link.host,
            title=link.title,
            tags=[tag.name for tag in link.tags],
            snippet=marked(found.snippet),
            score=found.score,
            added_at=link.added_at,
            changed_at=link.changed_at,
            state=link.state.value,
            seen_from=found.seen_from,
            seen_to=found.seen_to,
        )


class FacetOut(BaseModel):
    """One value of a facet and how many links have it."""

    value: str
    label: str
    count: int


class PageOut(BaseModel):
    """Part of an answer."""

    total: int
    items: list[HitOut]
    facets: dict[str, list[FacetOut]]
    next_cursor: str | None
    indexed_until: datetime | None
    incomplete: bool
    """Links may be missing: not visited or not indexed yet, or the index is being made again."""
    unvisited: int
    """Links not visited yet: the words of their pages cannot be found. Counted up to 100,000;
    100001 stands for more."""
    unindexed: int | None
    """Changes that are not in the search index yet, counted likewise; null: not known, the queue
    does not answer."""
    unreadable: int
    """Links of which a text is damaged in the store: its words cannot be found."""
    not_running: list[str]
    """Roles that nobody does and without which it stays so: `dispatch`, `crawl`, `index`."""

    @classmethod
    def of(cls, page: SearchPage) -> Self:
        """As the API gives it."""
        missing = page.completeness
        return cls(
            total=page.total,
            items=[HitOut.of(found) for found in page.items],
            facets=facets_out(page.facets),
            next_cursor=page.next_cursor,
            indexed_until=page.indexed_until,
            incomplete=missing.incomplete,
            unvisited=missing.unvisited,
            unindexed=missing.unindexed,
            unreadable=missing.unreadable,
            not_running=list(missing.not_running),
        )


def facets_out(facets: Facets) -> dict[str, list[FacetOut]]:
    """Facets as the API gives them."""
    return {
        name: [FacetOut(value=v.value, label=v.label, count=v.count) for v in values]
        for name, values in facets.items()
    }


def marked(pieces: tuple[tuple[str, bool], ...]) -> str:
    """Escaped text, the hits in <mark>."""
    return "".join(f"<mark>{escape(text)}</mark>" if hit else escape(text) for text, hit in pieces)
