"""Checks a snapshot: shows its archive and its page.html again, and compares both with the visit."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import BinaryIO, TypeVar

from playwright.async_api import Browser

from crawler.browser.browser_pool import BrowserPool
from crawler.browser.launch import VIEWPORT
from crawler.page.steps import PageLost
from crawler.replay import rendering
from crawler.replay.archived_answers import ArchivedAnswers
from crawler.replay.rendering import ContextStuck, Rendering, RenderingFailed
from crawler.replay.view_rendering import ArchiveView, render_view
from linkshot.domain.fidelity import Fidelity, RenderingScore
from linkshot.domain.model import Role
from linkshot.domain.site_rules import Viewport
from linkshot.domain.upload_format import WACZ
from linkshot.errors import Damaged
from linkshot.system.config import Settings
from linkshot.text.recall import word_recall
from pipelines.picture_difference import differing_share_of_tiles

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredPage:
    """What a snapshot has of its page."""

    name: str
    """Of the snapshot, for logs."""
    url: str
    """As it was requested."""
    screenshots: tuple[bytes, ...]
    """From the top, PNG or WebP."""
    screenshots_cut: bool = False
    """Whether they end before the page."""
    text: str
    html: bytes | None = None
    """page.html."""
    open_archive: Callable[[], BinaryIO] | None = None
    """Opens the web archive."""
    archive_type: str = WACZ
    page: str = ""
    """Address of the page in it, where it was uploaded and may have several."""
    consent: str = "leave"
    """How the visit has treated a box that asks for consent: the archive shows it again."""
    viewport: Viewport = VIEWPORT
    """Of the visit, in which the page is shown again."""
    user_agent: str = ""
    """Of the visit, for the scripts of the page; empty: the browser's own."""


def are_screenshots_cut(partial: Iterable[str]) -> bool:
    """Whether a visit that left this out has screenshots that end before the page. (pure)"""
    return any(word.startswith(("screenshot_height", "first_screen")) for word in partial)


def consent_policy(notes: Mapping[str, object]) -> str:
    """The policy by which the box was answered that a visit notes; `leave` when there was none. (pure)"""
    asked = notes.get("consent")
    policy = asked.get("policy") if isinstance(asked, dict) else None
    return policy if policy in ("reject", "hide") else "leave"


def viewport_of(options: Mapping[str, object]) -> Viewport:
    """The viewport that a visit notes; the usual one when it notes none. (pure)"""
    noted = options.get("viewport")
    match noted:
        case {"width": int(width), "height": int(height)}:
            return Viewport(width=width, height=height)
    return VIEWPORT


def user_agent_of(options: Mapping[str, object]) -> str:
    """The User-Agent that a visit notes; empty when it notes none that can be sent. (pure)"""
    noted = options.get("user_agent")
    return noted if isinstance(noted, str) and noted.isascii() and noted.isprintable() else ""


class SnapshotChecker:
    """Checks snapshots in the browsers of a pool, each rendering in a context of its own."""

    def __init__(self, pool: BrowserPool, settings: Settings) -> None:
        self.pool = pool
        self.settings = settings

    async def check(self, stored: StoredPage, limit_s: float) -> Fidelity:
        """The scores of what this snapshot has; each rendering has at most `limit_s` seconds."""
        page = self._saved_page(stored, stored.html) if stored.html is not None else None
        archive = self._archive(stored) if stored.open_archive is not None else None
        # side by side: each of them waits most of its time
        scores = await asyncio.gather(
            *(self._score(stored, one, limit_s) for one in (page, archive)), return_exceptions=True
        )
        found: list[RenderingScore | None] = []
        for one in scores:
            if isinstance(one, BaseException):
                raise one
            found.append(one)
        return Fidelity(checked_at=datetime.now(UTC), page=found[0], archive=found[1])

    def _saved_page(
        self, stored: StoredPage, html: bytes
    ) -> Callable[[Browser, str], Awaitable[Rendering]]:
        async def render(browser: Browser, agent: str) -> Rendering:
            return await rendering.render_saved_page(
                browser, agent, html, self.settings, stored.viewport
            )

        return render

    def _archive(self, stored: StoredPage) -> Callable[[Browser, str], Awaitable[Rendering]]:
        async def render(browser: Browser, agent: str) -> Rendering:
            answers = await asyncio.to_thread(_open_answers, stored)
            try:
                introduced = stored.user_agent or self.settings.user_agent
                settings = replace(self.settings, consent=stored.consent, user_agent=introduced)
                return await rendering.render_archive(
                    browser, agent, answers, stored.url, settings, stored.viewport
                )
            finally:
                answers.close()

        return render

    async def _score(
        self,
        stored: StoredPage,
        render: Callable[[Browser, str], Awaitable[Rendering]] | None,
        limit_s: float,
    ) -> RenderingScore | None:
        if render is None:
            return None
        try:
            shown = await self.run(stored.name, render, limit_s)
        except RenderingFailed as exc:
            return RenderingScore(failed=exc.code)
        return await asyncio.to_thread(_compare, stored, shown)

    async def view(self, stored: StoredPage, role: Role, limit_s: float) -> ArchiveView:
        """The view of this role, made from the archive; RenderingFailed."""

        async def render(browser: Browser, agent: str) -> ArchiveView:
            answers = await asyncio.to_thread(_open_answers, stored)
            try:
                settings = replace(self.settings, consent=stored.consent)
                return await render_view(
                    role, browser, agent, answers, stored.url, settings, stored.viewport
                )
            finally:
                answers.close()

        return await self.run(stored.name, render, limit_s)

    async def run(
        self, name: str, render: Callable[[Browser, str], Awaitable[T]], limit_s: float
    ) -> T:
        """What is rendered in a browser of the pool within `limit_s` seconds; RenderingFailed."""
        process = await self.pool.acquire()
        try:
            async with asyncio.timeout(limit_s):
                return await render(process.browser, process.agent)
        except TimeoutError as exc:
            raise RenderingFailed("time") from exc
        except ContextStuck as exc:
            await self.pool.kill(process, name)
            raise RenderingFailed("time") from exc
        except PageLost as exc:
            process.retired = True
            raise RenderingFailed("crash") from exc
        finally:
            await self.pool.release(process)


def _open_answers(stored: StoredPage) -> ArchivedAnswers:
    assert stored.open_archive is not None  # the caller's condition
    try:
        with stored.open_archive() as source:
            answers = ArchivedAnswers(source, stored.archive_type)
    except Damaged as exc:
        raise RenderingFailed("unreadable", exc.message) from exc
    broken = answers.archive.answers.broken
    if stored.page:
        answers.use_page(stored.page)
    elif broken:  # one of ours is whole; an uploaded one is shown as far as it goes
        answers.close()
        raise RenderingFailed("unreadable", broken)
    return answers


def _compare(stored: StoredPage, shown: Rendering) -> RenderingScore:
    pixels = None
    if stored.screenshots:
        pictures = [picture.data for picture in shown.pictures]
        cut = stored.screenshots_cut
        pixels = round(differing_share_of_tiles(stored.screenshots, pictures, cut=cut), 5)
    text = word_recall(stored.text, shown.text)
    return RenderingScore(
        pixels=pixels,
        text=None if text is None else round(text, 5),
        missing=len(shown.missing),
        leaks=shown.leaks,
    )
