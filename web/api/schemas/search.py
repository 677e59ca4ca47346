"""Search results and facets."""

from datetime import datetime
from typing import Self

from pydantic import BaseModel

from linkshot import json_shapes
from linkshot.use_cases.search import SearchPage
from web.api.schemas.links import LinkFields


class HitOut(LinkFields):
    """One link of a search result."""

    snippet: str
    """HTML: escaped text with the hits in `<mark>`."""
    score: float
    seen_from: datetime | None
    """From when the page had the text that was found; only with `at:`."""
    seen_to: datetime | None


class FacetOut(BaseModel):
    """One value of a facet and how many links have it."""

    value: str
    label: str
    count: int


class PageOut(BaseModel):
    """A page of search results."""

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
        """Built from linkshot.json_shapes."""
        return cls.model_validate(json_shapes.search(page))
