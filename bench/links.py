"""Reads the links of a data folder."""

from collections.abc import Iterator

from linkshot.app import App
from linkshot.domain.model import Link
from linkshot.ports import PageRequest
from linkshot.query import All
from linkshot.use_cases import links
from linkshot.use_cases.paging import MAX_LIMIT


def every_link(app: App) -> Iterator[Link]:
    """All links with their newest visits."""
    cursor = None
    while True:
        page = links.list_links(app, All(), PageRequest(limit=MAX_LIMIT), cursor=cursor)
        yield from page.items
        cursor = page.next_cursor
        if cursor is None:
            return
