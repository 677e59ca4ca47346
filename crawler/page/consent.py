"""Answers boxes that ask for consent, by the setting `consent`: reject, hide or leave.

A page is looked at by a few hit tests (scripts/consent.js). Only where a box is found, or frames lie over the
page, the rules of autoconsent run, then words on buttons (refuse, else close), at last the box is hidden.
Nothing is ever accepted. Meanwhile the page may load itself again once and go nowhere else, and what
was pressed is recorded. A box that stays is told by pipelines/consent_overlay.py.
"""

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from crawler.page.consent_box import ConsentBox
from crawler.page.page_session import OpenPage, PageSession

LOOK_TIMEOUT_S, HIDE_TIMEOUT_S = 3.0, 1.5
LATE_BOX_MS = 700
"""How long a box is awaited after a page has settled that has loaded the script of a consent manager."""
CONSENT_HOSTS = (
    "cookielaw.org",
    "onetrust.com",
    "cookiebot.com",
    "usercentrics.eu",
    "privacy-center.org",
    "mgr.consensu.org",
    "inmobi.com",
    "trustarc.com",
    "privacy-mgmt.com",
    "iubenda.com",
    "cookieyes.com",
    "cookie-script.com",
    "consentmanager.net",
    "osano.com",
    "termly.io",
    "axept.io",
    "fundingchoicesmessages.google.com",
)
"""Sites of consent managers, as their installation guides name them; a page that loads a script from one
may show its box late."""


async def answer_consent(session: OpenPage, *, is_last: bool = False) -> bool:
    """Whether a box was found and the page under it can be scrolled since; at most one box per visit.

    `is_last`: the page has settled, and a box that is on its way is awaited for a moment. A page that is
    replayed has no network to leave by.
    """
    steps, settings = session.steps, session.settings
    if settings.consent == "leave" or session.consent or session.dialog_guard.stopped:
        return False
    visited = session if isinstance(session, PageSession) else None
    urls = (one.url for one in visited.recorder.log.in_order()) if visited else ()
    expected = is_last and _loads_consent_manager(urls)
    looking = session.world.run(
        "consent", act="look", ms=LATE_BOX_MS if is_last else 0, expected=expected
    )
    seen: dict[str, Any] = (
        await steps.run("consent_look", looking, LOOK_TIMEOUT_S, promised=False) or {}
    )
    if not seen.get("boxes") and not seen.get("frames"):
        return False
    box = ConsentBox(session)
    if visited:
        visited.main_document.confinement = box.confinement
    try:
        limit = settings.consent_timeout_s
        await steps.run("consent", box.answer(limit), limit, promised=False)
        if box.is_found and not box.action:
            await steps.run("consent_hide", box.hide(), HIDE_TIMEOUT_S, promised=False)
        if box.is_found:
            await steps.run("consent_end", box.end(), HIDE_TIMEOUT_S, promised=False)
    finally:
        if box.is_found:
            session.consent.update(box.facts())
        if visited:
            visited.main_document.confinement = None
    return box.unlocked


def _loads_consent_manager(urls: Iterable[str]) -> bool:
    hosts = {urlsplit(url).hostname or "" for url in urls}
    return any(
        host == known or host.endswith(f".{known}") for host in hosts for known in CONSENT_HOSTS
    )
