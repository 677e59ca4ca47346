"""Answers boxes that ask for consent, by the setting `consent`: reject, hide or leave.

A page is looked at by a few hit tests (scripts/consent.js). Only where a box is found, or frames lie over the
page, the rules of autoconsent run, then words on buttons (refuse, else close), at last the box is hidden.
Nothing is ever accepted. Meanwhile the page may load itself again once and go nowhere else, and what
was pressed is recorded. A box that stays is told by pipelines/consent_overlay.py.
"""

import asyncio
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import Error as PlaywrightError

from crawler.page.confinement import Confinement
from crawler.page.consent_rules import VERSION, RuleResult, apply_rules
from crawler.page.isolated_world import IsolatedWorld, ScriptError
from crawler.page.page_session import PageSession
from crawler.page.steps import is_gone

WORLD = "linkshot-consent"
LOOK_TIMEOUT_S, HIDE_TIMEOUT_S = 3.0, 1.5
PRESS_MS = 1000
"""Time that a button may keep the page busy."""
LATE_BOX_MS = 700
"""How long a box is awaited after a page has settled that has loaded the script of a consent manager."""
RULES_SHARE = 0.7
"""Of the time limit that the rules may take."""
GONE_MS = 1200
"""How long a box that was answered may take to fade out."""
MAX_FRAMES = 3
LABELS = 10
"""Buttons that are recorded."""
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


async def answer_consent(session: PageSession, *, is_last: bool = False) -> bool:
    """Whether a box was found and the page under it can be scrolled since; at most one box per visit.

    `is_last`: the page has settled, and a box that is on its way is awaited for a moment.
    """
    steps, settings = session.steps, session.settings
    if settings.consent == "leave" or session.consent or session.dialog_guard.stopped:
        return False
    expected = is_last and _loads_consent_manager(
        one.url for one in session.recorder.log.in_order()
    )
    looking = session.world.run(
        "consent", act="look", ms=LATE_BOX_MS if is_last else 0, expected=expected
    )
    seen: dict[str, Any] = (
        await steps.run("consent_look", looking, LOOK_TIMEOUT_S, promised=False) or {}
    )
    if not seen.get("boxes") and not seen.get("frames"):
        return False
    box = _ConsentBox(session)
    session.main_document.confinement = box.confinement
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
        session.main_document.confinement = None
    return box.unlocked


def _loads_consent_manager(urls: Iterable[str]) -> bool:
    hosts = {urlsplit(url).hostname or "" for url in urls}
    return any(
        host == known or host.endswith(f".{known}") for host in hosts for known in CONSENT_HOSTS
    )


class _ConsentBox:
    """One box, in the page or in a frame over it, and what is done about it."""

    def __init__(self, session: PageSession) -> None:
        self.session = session
        self.main = IsolatedWorld(session.cdp, session.main_document.frame_id, WORLD)
        self.frame: IsolatedWorld | None = None
        """Where the question is, when it is not in the main frame."""
        self.frame_numbers: list[int] = []
        """Its place among the frames that the script has found."""
        self.confinement = Confinement(session.page.url)
        self.loader = session.lifecycle.loader
        self.is_found = False
        self.name = self.text = self.rule = ""
        self.action = ""
        """rejected, closed or hidden, once the box is gone."""
        self.unlocked = False
        self.clicks: dict[str, list[str]] = {"clicked": [], "stopped": []}

    async def answer(self, limit_s: float) -> None:
        """Find the box and, by the policy, refuse it: by a rule, else by its words."""
        seen = await self._run("look")
        if seen["boxes"]:
            self._found(seen["boxes"][0])
        elif not await self._find_in_frames(seen["frames"]):
            return
        if self.session.settings.consent != "reject":
            return
        await self._answer_by_rule(limit_s * RULES_SHARE)
        for _ in range(2):
            if self.action or self._reloaded:
                return
            await self._answer_by_words()

    async def hide(self) -> None:
        """Hide the box, and what keeps the page under it from being seen."""
        await self.main.run("consent", act="guard")
        await self.main.run("consent", act="hide", frames=self.frame_numbers)
        if self.frame is not None or not (await self.main.run("consent", act="look"))["boxes"]:
            self.action = "hidden"

    async def end(self) -> None:
        """End what may still run of the rules, and let the page be scrolled if its box is gone."""
        if self.action:
            self.unlocked = bool(await self.main.run("consent", act="unlock"))
        for world in (self.frame, self.main):
            if world is None:
                continue
            try:
                ended = await world.run("consent", act="end")
            except (PlaywrightError, ScriptError) as exc:
                # a frame goes with its box
                if is_gone(exc):
                    raise
                continue
            for kind, labels in self.clicks.items():
                labels += [label for label in ended[kind] if label not in labels]

    def facts(self) -> dict[str, object]:
        """For the manifest."""
        facts: dict[str, object] = {
            "name": self.name or self.rule,
            "rule": self.rule,
            "rules": f"autoconsent {VERSION}",
            "text": self.text,
            "in_frame": self.frame is not None,
            "policy": self.session.settings.consent,
            "action": self.action or "stayed",
            "clicked": self.clicks["clicked"][:LABELS],
            "not_accepted": self.clicks["stopped"][:LABELS],
            "unlocked_scrolling": self.unlocked,
            "reloads": self.confinement.reloads,
            "refused_navigations": self.confinement.refused,
        }
        return facts

    @property
    def _reloaded(self) -> bool:
        return self.confinement.reloads > 0

    @property
    def _world(self) -> IsolatedWorld:
        return self.frame or self.main

    async def _run(self, act: str, **more: Any) -> Any:
        return await self._world.run("consent", act=act, inFrame=self.frame is not None, **more)

    def _found(self, box: dict[str, Any]) -> None:
        self.is_found = True
        self.name, self.text = str(box["name"]), str(box["text"])

    async def _find_in_frames(self, count: int) -> bool:
        for n in range(min(count, MAX_FRAMES)):
            frame_id = await self.main.frame_of(f"linkshotConsent.frames[{n}]")
            if not frame_id:
                continue
            self.frame = IsolatedWorld(self.session.cdp, frame_id, WORLD)
            try:
                seen = await self._run("look")
            except (PlaywrightError, ScriptError) as exc:
                if is_gone(exc):
                    raise
                continue
            if seen["boxes"]:
                self._found(seen["boxes"][0])
                self.frame_numbers = [n]
                return True
        self.frame = None
        return False

    async def _answer_by_rule(self, limit_s: float) -> None:
        await self._run("guard")
        result = RuleResult()
        try:
            async with asyncio.timeout(limit_s):
                main_cdp = self.session.cdp if self.frame is None else None
                await apply_rules(self._world, result, main_cdp=main_cdp)
        except (TimeoutError, PlaywrightError, ScriptError) as exc:
            # the document may have gone with its answer
            if is_gone(exc):
                raise
        self.rule = result.name
        if result.name and await self._is_gone():
            only_closed = result.is_cosmetic or await self._has_only_closed()
            self.action = (
                ("hidden" if result.is_cosmetic else "closed") if only_closed else "rejected"
            )

    async def _has_only_closed(self) -> bool:
        try:
            return bool((await self._run("clicks"))["only_closed"])
        except (PlaywrightError, ScriptError) as exc:
            if is_gone(exc):
                raise
            return False

    async def _answer_by_words(self) -> None:
        await self._run("guard")
        pressed = await self._run("answer", timeout_ms=PRESS_MS)
        if pressed:
            # what the script knows of it goes with its document
            self.clicks["clicked"].append(pressed["said"])
        if pressed and await self._is_gone():
            self.action = "rejected" if pressed["kind"] == "reject" else "closed"

    async def _is_gone(self) -> bool:
        """Whether the box goes within a moment, or the page has loaded itself again without it."""
        lifecycle = self.session.lifecycle
        try:
            seen = await self._run("gone", ms=GONE_MS)
            if self._reloaded:
                await lifecycle.until_replaced(self.loader)
                await lifecycle.until("load")
                await lifecycle.until_quiet()
                seen = await self._run("look")
        except (PlaywrightError, ScriptError) as exc:
            if is_gone(exc):
                raise
            return self.frame is not None
        return not seen["boxes"]
