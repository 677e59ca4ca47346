"""Paging of long answers: limits, sort orders and opaque cursors."""

import base64
import binascii
import hashlib
import json
from dataclasses import dataclass, replace

from linkshot.errors import InvalidInput
from linkshot.ports import PageRequest
from linkshot.query import Sort

MAX_LIMIT = 200
"""Links in one answer."""
WINDOW = 1000
"""By relevance, only so many hits can be paged through."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FacetValue:
    """One line of a facet."""

    value: str
    """What a query filters by: a tag's full name, a host, a year, …"""
    label: str
    count: int


Facets = dict[str, tuple[FacetValue, ...]]


def page_request(limit: int = 20, sort: str = "relevance", *, facets: bool = True) -> PageRequest:
    """A checked first page; InvalidInput `limit.invalid` or `sort.unknown`."""
    check_limit(limit)
    try:
        order = Sort(sort)
    except ValueError:
        known = ", ".join(item.value for item in Sort)
        raise InvalidInput(
            f"Links can be sorted by {known}.", code="sort.unknown", field="sort"
        ) from None
    return PageRequest(limit=limit, sort=order, facets=facets)


def check_limit(limit: int) -> None:
    """InvalidInput unless 1 ≤ limit ≤ MAX_LIMIT."""
    if not 1 <= limit <= MAX_LIMIT:
        raise InvalidInput(
            f"The limit is a number from 1 to {MAX_LIMIT}.", code="limit.invalid", field="limit"
        )


def check_page(page: PageRequest) -> None:
    """InvalidInput when this part cannot be had."""
    check_limit(page.limit)
    if page.offset < 0 or (page.offset and page.offset + page.limit > WINDOW):
        raise InvalidInput(
            f"By relevance only the first {WINDOW} hits can be paged; sort by date to go further.",
            code="page.too_deep",
            field="offset",
        )


def make_cursor(of: str, sort: Sort, *, before: int | None = None, offset: int = 0) -> str:
    """Opaque: where the next page of what `of` names (a query's text) begins in this order."""
    place = [sort.value, before, offset, _fingerprint(of, sort)]
    raw = json.dumps(place, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(raw + _check(raw)).decode().rstrip("=")


def at_cursor(of: str, page: PageRequest, cursor: str) -> PageRequest:
    """The page that begins there; the order is the cursor's.

    InvalidInput `cursor.invalid` (tampered) or `cursor.other_query`.
    """
    name, before, offset, fingerprint = _read(cursor)
    sort = Sort(name)
    if fingerprint != _fingerprint(of, sort):
        raise InvalidInput(
            "This cursor belongs to another query.", code="cursor.other_query", field="cursor"
        )
    limit = min(page.limit, WINDOW - offset) if offset else page.limit  # the last page may be short
    return replace(page, limit=limit, sort=sort, before=before, offset=offset)


def _read(cursor: str) -> tuple[str, int | None, int, str]:
    broken = InvalidInput("This cursor cannot be read.", code="cursor.invalid", field="cursor")
    try:
        # make_cursor() left out the padding, which addresses would write as %3D.
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        if _check(raw[:-4]) != raw[-4:]:
            raise broken
        sort, before, offset, fingerprint = json.loads(raw[:-4])
    except (binascii.Error, ValueError) as error:
        raise broken from error
    return sort, before, offset, fingerprint


def _check(raw: bytes) -> bytes:
    """Against accidents; a forged place does no harm."""
    return hashlib.sha256(raw).digest()[:4]


def _fingerprint(of: str, sort: Sort) -> str:
    return hashlib.sha256(f"{sort.value} {of}".encode()).hexdigest()[:12]
