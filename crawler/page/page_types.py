"""Decides whether an answer is a page or a file, from its headers and first bytes. (pure)"""

import re

from linkshot.domain.media_sniffing import HTML_TYPES, sniff

_ESSENCE = re.compile(r"[a-z0-9!#$&^_.+-]+/[a-z0-9!#$&^_.+-]+")


def essence(content_type: str) -> str:
    """`text/html` of `Text/HTML; charset=x`; of several the last (Fetch Standard §2.2.6); else empty."""
    for one in reversed(content_type.split(",")):
        kind = one.partition(";")[0].strip().lower()
        if _ESSENCE.fullmatch(kind):
            return kind
    return ""


def is_page(media_type: str, headers: dict[str, str], body: bytes) -> bool:
    """Whether a browser would show it as a page."""
    if headers.get("content-disposition", "").strip().lower().startswith("attachment"):
        return False
    return (media_type or sniff(body)) in HTML_TYPES
