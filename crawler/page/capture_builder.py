"""How do the parts of a visit make a Capture?"""

from datetime import datetime

from crawler.page import page_types
from crawler.page.main_document import MAX_NAVIGATIONS, Document, unended
from crawler.page.page_capture import Taken
from crawler.page.page_session import Opened
from linkshot.domain.model import Capture
from linkshot.domain.urls import without_credentials

KEPT_OUT = frozenset(
    (
        "set-cookie",
        "set-cookie2",
        "cookie",
        "authorization",
        "www-authenticate",
        "proxy-authenticate",
    )
)
"""Never recorded: snapshots are shared."""
MAX_HEADER = 8192


def make_capture(
    opened: Opened,
    document: Document,
    taken: Taken,
    final_url: str,
    times: tuple[datetime, datetime],
    facts: dict[str, object],
) -> Capture:
    """The Capture of a visit that began and ended at `times`; `facts` go into its notes."""
    return Capture(
        started_at=times[0],
        finished_at=times[1],
        final_url=final_url,
        http_status=document.status,
        media_type=document.media_type or page_types.sniff(document.body),
        headers=kept_headers(document.headers),
        hops=tuple(opened.documents.hops),
        body=document.body,
        body_truncated=bool(document.truncated),
        html=taken.html,
        styles=_by_address(taken.styles),
        parts=_by_address(taken.parts.found),
        parts_left_out=taken.parts.left_out,
        dom=taken.dom,
        title=taken.title,
        screenshot=taken.screenshot,
        thumbnail=taken.thumbnail,
        favicon=taken.favicon,
        favicon_url=without_credentials(taken.favicon_url),
        partial=partial(opened, document),
        notes=notes(opened) | facts,
    )


def _by_address(found: dict[str, str]) -> dict[str, str]:
    return {without_credentials(address): value for address, value in found.items()}


def partial(opened: Opened, document: Document) -> tuple[str, ...]:
    """What was cut short, as stable words."""
    cut = {
        "bytes": opened.account.cut,
        "navigations": opened.documents.navigations > MAX_NAVIGATIONS,
        "login": opened.documents.logins.frames > 0,
        "body": bool(document.truncated),
        "end": not document.truncated and unended(document),
    }
    words = [*opened.steps.partial, *(word for word, true in cut.items() if true)]
    return tuple(dict.fromkeys(words))


def notes(opened: Opened) -> dict[str, object]:
    """Facts for the manifest."""
    account, guards = opened.account, opened.guards
    return {
        "seconds": dict(opened.steps.seconds),
        "bytes_received": account.received,
        "requests": account.requests,
        "blocked_requests": list(account.refused),
        "blocked_count": account.refused_count,
        "addresses": dict(account.peers),
        "navigations": opened.documents.navigations,
        "logins": list(opened.documents.logins.noted),
        "dialogs": list(guards.dialogs),
        "dialog_count": guards.dialog_count,
        "popups": list(guards.popups),
        "popup_count": guards.popup_count,
    }


def kept_headers(headers: dict[str, str]) -> dict[str, str]:
    """The headers that are recorded: no cookies, no credentials, none without end."""
    return {name: value[:MAX_HEADER] for name, value in headers.items() if name not in KEPT_OUT}
