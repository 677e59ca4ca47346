"""Checks snapshots, and makes views of them, in a browser that is started for them, for callers without an event loop."""

import asyncio
from typing import Any, Self

from playwright.async_api import Browser, async_playwright
from playwright.async_api import Error as PlaywrightError

from crawler.browser.browser_pool import BrowserPool
from crawler.browser.launch import find_browser, launch_options
from crawler.replay.snapshot_check import SnapshotChecker, StoredPage
from crawler.replay.view_rendering import ArchiveView
from linkshot.domain.fidelity import Fidelity
from linkshot.domain.model import Role
from linkshot.errors import BrowserUnavailable
from linkshot.system.config import Settings

NO_PROXY = "http://127.0.0.1:9"
"""Nobody listens on the discard port; each context has an EgressSink as its proxy instead."""


class LocalChecker:
    """A context manager; ConfigError or BrowserUnavailable when no browser can be started."""

    def __init__(self, settings: Settings) -> None:
        find_browser(settings)
        self._settings = settings
        self._runner = asyncio.Runner()
        self._driver: Any = None
        self._options: dict[str, Any] = {}
        self._version = ""

    def __enter__(self) -> Self:
        self._options = launch_options(self._settings, NO_PROXY)
        settings = self._settings
        self._pool = BrowserPool(
            self._launch, settings.browser_pages, settings.browser_memory_bytes
        )
        self._checker = SnapshotChecker(self._pool, settings)
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self._runner.run(self._close())
        finally:
            self._runner.close()

    def check(self, stored: StoredPage) -> Fidelity:
        """The scores of this snapshot; each of its renderings ends at the deadline of a visit."""
        return self._runner.run(self._checker.check(stored, self._settings.page_deadline_s))

    def view(self, stored: StoredPage, role: Role) -> ArchiveView:
        """The view of this role, made from the archive of a snapshot; RenderingFailed."""
        deadline_s = self._settings.page_deadline_s
        return self._runner.run(self._checker.view(stored, role, deadline_s))

    @property
    def browser_version(self) -> str:
        """Of the browser that was started last; empty before the first use."""
        return self._version

    async def _launch(self) -> Browser:
        try:
            if self._driver is None:
                self._driver = await async_playwright().start()
            browser: Browser = await self._driver.chromium.launch(**self._options)
        except PlaywrightError as exc:
            raise BrowserUnavailable(f"the browser does not start: {exc.message}") from exc
        self._version = browser.version
        return browser

    async def _close(self) -> None:
        await self._pool.close()
        if self._driver is not None:
            await self._driver.stop()
