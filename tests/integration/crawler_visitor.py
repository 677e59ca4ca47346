"""A real browser for tests of visits, one visit at a time."""

import asyncio
import io
import socket
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.async_api import async_playwright

from crawler.browser.browser_pool import browser_info
from crawler.browser.launch import context_options, launch_options
from crawler.egress.proxy import EgressProxy
from crawler.egress.resolver import Lookup, Resolver
from crawler.failures import VisitFailed
from crawler.page.attempt import Attempt
from crawler.page.cookie_jar import CookieJar
from crawler.page.visit import visit_page
from crawler.replay.archive_replay import ArchiveReplay
from crawler.replay.archived_answers import ArchivedAnswers
from linkshot.domain.model import Capture, Failure, UploadedFile
from linkshot.domain.upload_format import recognise
from linkshot.system.config import Settings

LOOPBACK = ("127.0.0.0/8",)


End = Capture | VisitFailed


class Visitor:
    """One browser for all visits of this file, each in a fresh context with settings of its own."""

    def __init__(self, home: Path | None = None) -> None:
        self._home = home
        """Where the browser looks for authorities that it is to trust; else the user's own."""
        self.lookup: Lookup = socket.getaddrinfo
        """What the names of pages lead to."""
        self._runner = asyncio.Runner()
        self._runner.run(self._open())

    async def _open(self) -> None:
        settings = Settings(allow_networks=LOOPBACK)
        self._egress = EgressProxy(settings)
        await self._egress.start()
        self._driver = await async_playwright().start()
        options = launch_options(settings, self._egress.url)
        if self._home is not None:
            options["env"]["HOME"] = str(self._home)
        self._browser = await self._driver.chromium.launch(**options)
        _, self._agent = await browser_info(self._browser)

    @property
    def proxy_port(self) -> int:
        """Where the way out is."""
        return self._egress.port

    def close(self) -> None:
        """End browser, driver and proxy."""
        self._runner.run(self._close())
        self._runner.close()

    async def _close(self) -> None:
        await self._browser.close()
        await self._driver.stop()
        await self._egress.stop()

    def __call__(
        self,
        url: str,
        certificate_error: str = "",
        jar: CookieJar | None = None,
        **settings: object,
    ) -> Capture:
        """What one visit brings back; the second one, after this certificate error; one with cookies."""
        self._use(settings)
        return self._runner.run(self._visit(url, certificate_error=certificate_error, jar=jar))

    def together(self, urls: Iterable[str], at_a_time: int, **settings: object) -> dict[str, End]:
        """What each of these visits brings back, or how it fails."""
        self._use(settings)
        return self._runner.run(self._together(list(urls), at_a_time))

    async def _together(self, urls: list[str], at_a_time: int) -> dict[str, End]:
        turn = asyncio.Semaphore(at_a_time)

        async def end_of(n: int, url: str) -> End:
            async with turn:
                try:
                    return await self._visit(url, f"page-{n}")
                except VisitFailed as exc:
                    return exc

        ends = await asyncio.gather(*(end_of(n, url) for n, url in enumerate(urls)))
        return dict(zip(urls, ends, strict=True))

    def _use(self, settings: dict[str, object]) -> None:
        self._settings = Settings(**({"allow_networks": LOOPBACK} | settings))
        self._egress.settings = self._settings
        self._egress.resolver = Resolver(self._settings.allow_networks, self.lookup)

    def shown(self, archive: bytes, url: str, **settings: object) -> Capture:
        """What comes of a page of an uploaded web archive."""
        self._use(settings)
        return self._runner.run(self._show(archive, url))

    async def _show(self, archive: bytes, url: str) -> Capture:
        kind = recognise(archive).media_type
        answers = ArchivedAnswers(io.BytesIO(archive), kind)
        answers.use_page(url)
        upload = UploadedFile(
            sha256="0" * 64, bytes=len(archive), media_type=kind, url=url,
            received_at=datetime.now(UTC),
        )  # fmt: skip
        async with ArchiveReplay(answers, upload) as replay:
            return replay.described(await self._visit(url, network=replay))

    async def _visit(
        self,
        url: str,
        name: str = "page",
        certificate_error: str = "",
        jar: CookieJar | None = None,
        network: ArchiveReplay | None = None,
    ) -> Capture:
        settings = self._settings
        options = context_options(settings, self._agent, any_certificate=bool(certificate_error))
        if network is not None:
            options |= network.context_options()
        context = await self._browser.new_context(**options)
        meter = self._egress.open(name)
        try:
            attempt = Attempt(
                url=url, certificate_error=certificate_error, jar=jar, network=network
            )
            return await visit_page(attempt, context, meter, settings)
        finally:
            await context.close()
            self._egress.close(meter)

    def fails(self, url: str, **settings: object) -> str:
        """The kind of failure that a visit ends with."""
        return self.failure(url, **settings).kind

    def failure(self, url: str, **settings: object) -> Failure:
        """The failure that a visit ends with."""
        with pytest.raises(VisitFailed) as caught:
            self(url, **settings)
        return caught.value.failure


def strings(capture: Capture) -> str:
    """All strings of the DOM snapshot."""
    found = capture.dom["strings"]
    assert isinstance(found, list)
    return "\n".join(found)
