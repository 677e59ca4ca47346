"""Chooses the page of a web archive that becomes a snapshot: by its address, else the only one."""

from collections.abc import Sequence

from linkshot.archives.web_archive import PageInArchive, WebArchive
from linkshot.domain.upload_format import is_of
from linkshot.errors import InvalidInput, PageNotChosen

MAX_NAMED = 20
"""Addresses named in a refusal."""
MAX_ADDRESS = 200
"""Characters of each of them."""


def page_of(archive: WebArchive, known: Sequence[str]) -> PageInArchive:
    """The page at one of these addresses, the first that is there; PageNotChosen `upload.no_such_page`.

    Any address that was answered counts, also one that no list of pages has.
    """
    pages = pages_of(archive)
    answered = dict(archive.shown_addresses())
    for url in known:
        place = url.partition("#")[0]
        if place in answered:
            return PageInArchive(url=place, at=answered[place])
        for page in (*pages, *(PageInArchive(url=one, at=at) for one, at in answered.items())):
            if is_of(page.url, url):
                return page
    raise PageNotChosen(
        f"This archive has no page of that address. It has {_named(pages)}.",
        code="upload.no_such_page",
        pages=_addresses(pages),
    )


def only_page(archive: WebArchive) -> PageInArchive:
    """The archive's page; PageNotChosen `upload.several_pages` when there are several."""
    pages = pages_of(archive)
    if len(pages) > 1:
        raise PageNotChosen(
            f"This archive has {len(pages)} pages: name the address of one, or take all "
            f"(--all-pages). It has {_named(pages)}.",
            pages=_addresses(pages),
        )
    return pages[0]


def pages_of(archive: WebArchive) -> list[PageInArchive]:
    """All pages; InvalidInput `upload.no_page` when there are none."""
    if not (pages := archive.pages()):
        raise InvalidInput(
            "There is no page in this archive.",
            code="upload.no_page",
            field="file",
        )
    return pages


def _addresses(pages: list[PageInArchive]) -> list[str]:
    return [page.url[:MAX_ADDRESS] for page in pages[:MAX_NAMED]]


def _named(pages: list[PageInArchive]) -> str:
    more = len(pages) - MAX_NAMED
    return ", ".join(_addresses(pages)) + (f", and {more} more" if more > 0 else "")
