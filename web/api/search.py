"""How do programs find links?"""

from typing import Annotated

from fastapi import APIRouter, Query

from linkshot import paging, search
from web.answers import PageOut
from web.here import Linkshot
from web.strict import StrictRoute

router = APIRouter(tags=["search"], route_class=StrictRoute)

Limit = Annotated[int, Query(description="1 to 200")]
Cursor = Annotated[
    str | None, Query(max_length=500, description="`next_cursor` of the page before")
]


@router.get("/search")
def find(
    app: Linkshot,
    q: Annotated[str, Query(description="In the query language, see docs/query-language.md")] = "",
    sort: str = "relevance",
    limit: Limit = 20,
    cursor: Cursor = None,
) -> PageOut:
    """Links that the query means, with facets and marked snippets."""
    page = paging.page_request(limit, sort)
    return PageOut.of(search.find(app, q, page, cursor=cursor))


@router.get("/links")
def list_links(
    app: Linkshot,
    q: str = "",
    sort: str = "newest",
    limit: Limit = 20,
    cursor: Cursor = None,
) -> PageOut:
    """All links, or those a query means, newest first."""
    page = paging.page_request(limit, sort)
    return PageOut.of(search.find(app, q, page, cursor=cursor))
