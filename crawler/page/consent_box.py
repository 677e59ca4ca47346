"""One box that asks for consent: found in the page or in a frame over it, answered, and recorded."""

import asyncio
from typing import Any

from playwright.async_api import Error as PlaywrightError

from crawler.page.confinement import Confinement
from crawler.page.consent_rules import VERSION, RuleResult, apply_rules
from crawler.page.isolated_world import IsolatedWorld, ScriptError
from crawler.page.page_session import OpenPage
from crawler.page.steps import is_gone

WORLD = "linkshot-consent"
RULES_SHARE = 0.7
"""Of the time limit that the rules may take."""
PRESS_MS = 1000
"""Time that a button, or what follows on hiding, may keep the page busy."""
GONE_MS = 1200
"""How long a box that was answered may take to fade out."""
MAX_FRAMES = 3
MAX_LABELS = 10
"""Buttons that are recorded."""


class ConsentBox:
    """What is done about the box of one page."""

    def __init__(self, session: OpenPage) -> None:
        self.session = session
        self.main = IsolatedWorld(session.cdp, session.world.frame_id, WORLD)
        self.frame: IsolatedWorld | None = None
        """Where the question is, when it is not in the main frame."""
        self.frame_numbers: list[int] = []
        """Its place among the frames that the script has found."""
        self.confinement = Confinement(session.page.url)
        self.loader = session.lifecycle.loader
        self.is_found = False
        self.name = self.text = self.rule = ""
        self.action = ""
        """rejected, closed, hidden or gone, once the box is not there any more; gone: nobody knows by what."""
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
        hiding = self.main.run(
            "consent", act="hide", frames=self.frame_numbers, timeout_ms=PRESS_MS
        )
        hidden = await hiding or self.frame_numbers
        if self.frame is not None or not (await self.main.run("consent", act="look"))["boxes"]:
            self.action = "hidden" if hidden else "gone"

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
            "clicked": self.clicks["clicked"][:MAX_LABELS],
            "not_accepted": self.clicks["stopped"][:MAX_LABELS],
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
        self.clicks["clicked"] += result.clicked
        if result.name and await self._is_gone():
            if result.is_cosmetic:
                self.action = "hidden"
            elif await self._has_only_closed():
                self.action = "closed"
            else:
                # a rule that was not carried out may have refused nothing, whatever became of its box
                is_answered = result.is_done or self._reloaded
                self.action = "rejected" if is_answered else "gone"

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
