"""Builds the Capture of a visit from its main document, page parts and measurements."""

from datetime import datetime

from crawler.egress.traffic import MAX_RECORDED
from crawler.page.exchange_log import MAX_HEADER, SECRET_HEADERS
from crawler.page.main_document import MAX_NAVIGATIONS, MainDocument, lacks_html_end
from crawler.page.page_session import PageSession
from linkshot.domain.media_sniffing import sniff
from linkshot.domain.model import Capture
from linkshot.domain.urls import without_credentials

SHAPING_SETTINGS = (
    "page_deadline_s",
    "goto_timeout_s",
    "load_timeout_s",
    "quiet_timeout_s",
    "scroll_timeout_s",
    "consent",
    "consent_timeout_s",
    "capture_timeout_s",
    "page_bytes",
    "body_bytes",
    "page_requests",
    "screenshot_px",
    "wacz",
    "pdf",
    "mobile_view",
    "certificates",
    "robots",
)
"""Settings that decide what a visit may bring back; none of them is a secret or names a network."""


def build_capture(
    session: PageSession,
    document: MainDocument,
    final_url: str,
    times: tuple[datetime, datetime],
    facts: dict[str, object],
) -> Capture:
    """The Capture of a visit that began and ended at `times`; `facts` go into its notes."""
    parts = session.parts
    return Capture(
        started_at=times[0],
        finished_at=times[1],
        final_url=final_url,
        http_status=document.status,
        media_type=document.media_type or sniff(document.body),
        headers=recorded_headers(document.headers),
        hops=tuple(session.main_document.hops),
        body=document.body,
        body_truncated=bool(document.truncated),
        html=parts.html,
        frozen=parts.frozen,
        mhtml=parts.mhtml,
        exchanges=session.recorder.log.in_order(),
        dom=parts.dom,
        title=parts.title,
        screenshot=parts.screenshot or parts.first_screen,
        screenshot_tiles=parts.screenshot_tiles,
        thumbnail=parts.thumbnail,
        favicon=parts.favicon,
        favicon_url=without_credentials(parts.favicon_url),
        partial=partial(session, document),
        notes=notes(session) | facts,
        browser=browser.version if (browser := session.page.context.browser) else "",
        options=options(session),
    )


def partial(session: PageSession, document: MainDocument) -> tuple[str, ...]:
    """Stable words for what is missing or cut short."""
    parts = session.parts
    cut = {
        "bytes": session.meter.limit_exceeded,
        "requests": session.meter.requests > session.meter.max_requests,
        "navigations": session.main_document.navigations > MAX_NAVIGATIONS,
        "login": session.main_document.auth_challenges.frames > 0,
        "body": bool(document.truncated),
        "body_time": document.truncated == "time",
        "end": not document.truncated and lacks_html_end(document),
        "first_screen": parts.screenshot is None and parts.first_screen is not None,
    }
    log = session.recorder.log
    is_over = document.truncated in ("bytes", "bomb")
    counted = {
        "body_limit": is_over * len(document.body),
        "archive_cut": log.cut,
        "archive_left_out": log.left_out,
    }
    words = [
        *session.steps.partial,
        *(word for word, true in cut.items() if true),
        *(f"{word}:{count}" for word, count in counted.items() if count),
    ]
    return tuple(dict.fromkeys(words))


def notes(session: PageSession) -> dict[str, object]:
    """Facts for the manifest."""
    meter, guard = session.meter, session.dialog_guard
    asked = {"consent": dict(session.consent)} if session.consent else {}
    return asked | {
        "seconds": dict(session.steps.seconds),
        "bytes_received": meter.received,
        "requests": meter.requests,
        "blocked_requests": list(meter.refused),
        "blocked_count": meter.refused_count,
        "addresses": dict(meter.peers),
        "tls_connections": {
            target: {"version": agreed.version, "cipher": agreed.cipher}
            for target, agreed in meter.tls.items()
        },
        "steps": list(session.steps.log),
        "truncated_requests": session.recorder.log.truncated[:MAX_RECORDED],
        "withheld_answers": session.recorder.log.withheld[:MAX_RECORDED],
        "withheld_count": len(session.recorder.log.withheld),
        "truncated_count": len(session.recorder.log.truncated),
        "navigations": session.main_document.navigations,
        "logins": list(session.main_document.auth_challenges.recorded),
        "dialogs": list(guard.dialogs),
        "dialog_count": guard.dialog_count,
        "popups": list(guard.popups),
        "popup_count": guard.popup_count,
    }


def options(session: PageSession) -> dict[str, object]:
    """What shaped the visit: what the browser was told to be, what rules for the site have decided of it, and
    the settings in force with their limits."""
    agents = (one.request_header("user-agent") for one in session.recorder.log.in_order())
    size = session.viewport
    return {
        "user_agent": next(filter(None, agents), ""),
        "viewport": {"width": size.width, "height": size.height},
        "robots": "obey" if session.obeys_robots else "ignore",
        "site_rules": list(session.rules.given()),
        "settings": {name: getattr(session.settings, name) for name in SHAPING_SETTINGS},
    }


def recorded_headers(headers: dict[str, str]) -> dict[str, str]:
    """The headers to record: neither cookies nor credentials, values of MAX_HEADER at most."""
    return {
        name: value[:MAX_HEADER] for name, value in headers.items() if name not in SECRET_HEADERS
    }
