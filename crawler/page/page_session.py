"""One page open in the browser, with the DevTools session and the listeners attached to it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from playwright.async_api import BrowserContext, CDPSession, Page

from crawler.browser.launch import VIEWPORT
from crawler.egress.traffic import TrafficMeter
from crawler.page.dialog_guard import DialogGuard
from crawler.page.exchange_log import ExchangeLog
from crawler.page.exchange_recorder import ExchangeRecorder
from crawler.page.isolated_world import IsolatedWorld
from crawler.page.lifecycle import Lifecycle
from crawler.page.main_document import MainDocumentInterceptor
from crawler.page.page_parts import PageParts
from crawler.page.steps import Steps
from linkshot.domain.site_rules import NO_RULES, Viewport, VisitOptions
from linkshot.system.config import Settings


@dataclass(slots=True, kw_only=True)
class OpenPage:
    """A page with what is needed to settle it, wherever its answers come from, and what was captured of it."""

    page: Page
    cdp: CDPSession
    meter: TrafficMeter
    dialog_guard: DialogGuard
    lifecycle: Lifecycle
    steps: Steps
    world: IsolatedWorld
    settings: Settings
    """Of this visit: the worker's, with what the rules for the site say."""
    viewport: Viewport = VIEWPORT
    consent: dict[str, object] = field(default_factory=dict)
    """What was found and done about a box that asks for consent; empty when none was found."""
    nodes: int = 0
    """Elements of the main document when it had settled; 0 = not known."""
    parts: PageParts = field(default_factory=PageParts)


@dataclass(slots=True, kw_only=True)
class PageSession(OpenPage):
    """A page that is visited, with what records its answers."""

    recorder: ExchangeRecorder
    main_document: MainDocumentInterceptor
    rules: VisitOptions = NO_RULES
    """What the rules for its site say."""
    obeys_robots: bool = False


class PageNetwork(Protocol):
    """What stands in the place of a page's network."""

    def context_options(self) -> Mapping[str, Any]:
        """Options of its browser context, which leave it no other way out."""

    async def prepare(self, context: BrowserContext, page: Page, meter: TrafficMeter) -> None:
        """Begin to answer the requests of this page, before anything else listens to it; what is given to the
        page counts as traffic."""


async def open_page(
    context: BrowserContext,
    meter: TrafficMeter,
    settings: Settings,
    rules: VisitOptions = NO_RULES,
    *,
    obeys_robots: bool = False,
    network: PageNetwork | None = None,
) -> PageSession:
    """An empty page of a fresh context, ready for its first navigation."""
    page = await context.new_page()
    if network is not None:
        await network.prepare(context, page, meter)
    cdp = await context.new_cdp_session(page)
    # both listeners need to be in place before the first request leaves
    log = ExchangeLog(meter.peers, meter.tls)
    main_document = MainDocumentInterceptor(cdp, meter, settings, log)
    recorder = ExchangeRecorder(cdp, meter, settings, main_document, log)
    page.on("requestfailed", lambda one: log.add_failed(one.url, one.failure or ""))
    await recorder.start()
    lifecycle = Lifecycle(cdp, main_document.frame_id)
    await lifecycle.start()
    return PageSession(
        page=page,
        cdp=cdp,
        meter=meter,
        recorder=recorder,
        main_document=main_document,
        dialog_guard=DialogGuard(page, context, cdp),
        lifecycle=lifecycle,
        steps=Steps(deadline_s=settings.page_deadline_s),
        world=IsolatedWorld(cdp, main_document.frame_id),
        settings=settings,
        viewport=rules.viewport or VIEWPORT,
        rules=rules,
        obeys_robots=obeys_robots,
    )
