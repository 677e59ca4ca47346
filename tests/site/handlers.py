"""Routes of the test site."""

from __future__ import annotations

from linkshot.samples.loopback import Raw, Request, Response
from tests.site import (
    articles,
    broken,
    bulky,
    consents,
    documents,
    encodings,
    exchanges,
    heads,
    hostile,
    layout,
    living,
    members,
    odd,
    packed,
    private,
    redirects,
    scripts,
    statuses,
    walls,
)
from tests.site.markup import Page, page

_PARTS = (
    articles,
    encodings,
    documents,
    redirects,
    statuses,
    living,
    members,
    walls,
    consents,
    broken,
    heads,
    packed,
    scripts,
    exchanges,
    hostile,
    bulky,
    odd,
    layout,
    private,
)
_ROUTES: dict[str, Page] = {place.path: place for part in _PARTS for place in part.PLACES}

PAGES: dict[str, str] = {place.path: place.about for place in _ROUTES.values()}
"""Path → what the page is for. A path that ends in `/` takes more behind it."""


def answer(request: Request) -> Response | Raw:
    """The page at the path, else the one that serves everything below, else a 404."""
    if request.path == "/":
        return _front()
    place = _ROUTES.get(request.path) or _ROUTES.get(request.path.rpartition("/")[0] + "/")
    if place is None or place.path == "/":
        return page("Not here", "<p>There is no such page on the test site.</p>", status=404)
    return place.answer(request)


def _front() -> Response:
    rows = "\n".join(
        f'<li><a href="{path}">{path}</a> {about}</li>' for path, about in PAGES.items()
    )
    return page("The test site of linkshot", f"<h1>The test site</h1><ul>{rows}</ul>")
