"""Mementos (RFC 7089): instants in addresses and headers, the nearest one, and lists of links. (pure)"""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import TypeVar

TIMESTAMP = "%Y%m%d%H%M%S"
LINK_FORMAT = "application/link-format"
"""RFC 6690."""
_DIGITS = re.compile(r"[0-9]{14}", re.ASCII)
T = TypeVar("T")


def timestamp(at: datetime) -> str:
    """14 digits of UTC, as web archives write them in addresses."""
    return at.astimezone(UTC).strftime(TIMESTAMP)


def parse_timestamp(digits: str) -> datetime | None:
    """The instant of 14 digits; None when they are none or no date."""
    if not _DIGITS.fullmatch(digits):
        return None
    try:
        return datetime.strptime(digits, TIMESTAMP).replace(tzinfo=UTC)
    except ValueError:
        return None


def http_date(at: datetime) -> str:
    """Value of Memento-Datetime (RFC 7089 §2.1.1)."""
    return format_datetime(at.astimezone(UTC).replace(microsecond=0), usegmt=True)


def parse_http_date(text: str) -> datetime | None:
    """The instant of an Accept-Datetime header; None when it cannot be read."""
    try:
        at = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def nearest(items: Sequence[tuple[datetime, T]], at: datetime) -> tuple[datetime, T]:
    """The one whose instant is nearest; of two equally near ones the earlier."""
    return min(items, key=lambda item: (abs(item[0] - at), item[0]))


def link(target: str, relation: str, **attributes: str) -> str:
    """One link of a Link header or a link-format document (RFC 8288 §3). Targets come percent-encoded."""
    more = "".join(f'; {name}="{value}"' for name, value in attributes.items())
    return f'<{target}>; rel="{relation}"{more}'


def document(links: Iterable[str]) -> str:
    """A link-format document."""
    return ",\n".join(links) + "\n"
