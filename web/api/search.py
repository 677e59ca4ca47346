"""Routes that search and list links."""

from typing import Annotated

from fastapi import APIRouter, Query

from linkshot.app import App
from linkshot.use_cases import paging, search
from web.api.schemas.search import PageOut
from web.deps import AppDep
from web.security.strict_json import StrictRoute

router = APIRouter(tags=["search"], route_class=StrictRoute)

Limit = Annotated[int, Query(description="1 to 200")]
Cursor = Annotated[
    str | None, Query(max_length=500, description="`next_cursor` of the page before")
]


@router.get("/search")
def find(
    app: AppDep,
    q: Annotated[str, Query(description="In the query language, see docs/query-language.md")] = "",
    sort: str = "relevance",
    limit: Limit = 20,
    cursor: Cursor = None,
) -> PageOut:
    """Links that the query means, with facets and marked snippets."""
    return _search(app, q, sort, limit, cursor)


@router.get("/links")
def list_links(
    app: AppDep,
    q: str = "",
    sort: str = "newest",
    limit: Limit = 20,
    cursor: Cursor = None,
) -> PageOut:
    """All links, or those a query means, newest first."""
    return _search(app, q, sort, limit, cursor)


def _search(app: App, q: str, sort: str, limit: int, cursor: str | None) -> PageOut:
    return PageOut.of(search.find(app, q, paging.page_request(limit, sort), cursor=cursor))
