"""Answers boxes that ask for consent, by the setting `consent`: reject, hide or leave.

A page is looked at by a few hit tests (scripts/consent.js), on the way of other scripts. Only where a box is found, or frames lie over the
page, the rules of autoconsent run, then words on buttons (refuse, else close), at last the box is hidden.
Nothing is pressed that says accept. Meanwhile the page may load itself again once and go nowhere else, and what
was pressed is recorded. A box that stays is told by pipelines/consent_overlay.py.
"""

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from crawler.page.consent_box import ConsentBox
from crawler.page.isolated_world import script
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


Seen = dict[str, Any]
"""What scripts/consent.js has seen: boxes, frames over the page, and whether a box may still come."""


def look_for_box(session: OpenPage) -> str:
    """A function, as an expression, that looks for a box once the page is there; "" when none is wanted.

    At most one box is answered per visit. The scripts that walk down a page and wait for it call it.
    """
    if session.settings.consent == "leave" or session.consent or session.dialog_guard.stopped:
        return ""
    looking = f'({script("consent")})({{act: "look"}})'
    return f"async () => {{ try {{ return await {looking}; }} catch {{ return null; }} }}"


async def answer_late_box(session: OpenPage, seen: Seen | None) -> bool:
    """The same as answer_box, once the page has settled: a box that is on its way is awaited for a moment."""
    if seen and not _is_asked(seen):
        urls = (
            (one.url for one in session.recorder.log.in_order())
            if isinstance(session, PageSession)
            else ()
        )
        if seen["awaited"] or _loads_consent_manager(urls):
            looking = session.world.run("consent", act="look", ms=LATE_BOX_MS, expected=True)
            seen = await session.steps.run("consent_look", looking, LOOK_TIMEOUT_S, promised=False)
    return await answer_box(session) if seen and _is_asked(seen) else False


async def answer_box(session: OpenPage) -> bool:
    """Answers a box that was seen; whether the page under it can be scrolled since.

    A page that is visited cannot leave meanwhile; one that is replayed has no network to leave by.
    """
    steps, limit_s = session.steps, session.settings.consent_timeout_s
    box = ConsentBox(session)
    visited = session if isinstance(session, PageSession) else None
    if visited:
        visited.main_document.confinement = box.confinement
    try:
        await steps.run("consent", box.answer(limit_s), limit_s, promised=False)
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


def _is_asked(seen: Seen) -> bool:
    return bool(seen.get("boxes") or seen.get("frames"))


def _loads_consent_manager(urls: Iterable[str]) -> bool:
    hosts = {urlsplit(url).hostname or "" for url in urls}
    return any(
        host == known or host.endswith(f".{known}") for host in hosts for known in CONSENT_HOSTS
    )
