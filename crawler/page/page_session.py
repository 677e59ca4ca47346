"""What belongs to one page that is open in the browser?"""

from dataclasses import dataclass

from playwright.async_api import BrowserContext, CDPSession, Page

from crawler.egress.traffic import Account
from crawler.page.dialog_guard import Guards
from crawler.page.isolated_world import World
from crawler.page.lifecycle import Lifecycle
from crawler.page.main_document import Documents
from crawler.page.steps import Steps
from linkshot.system.config import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A page with everything that listens to it."""

    page: Page
    cdp: CDPSession
    account: Account
    documents: Documents
    guards: Guards
    lifecycle: Lifecycle
    steps: Steps
    world: World


async def open_page(
    context: BrowserContext, account: Account, password: str, settings: Settings
) -> Opened:
    """An empty page of a fresh context, ready for its first navigation."""
    page = await context.new_page()
    cdp = await context.new_cdp_session(page)
    documents = Documents(cdp, account, password, settings)
    await documents.start()
    lifecycle = Lifecycle(cdp, documents.frame_id)
    await lifecycle.start()
    return Opened(
        page=page,
        cdp=cdp,
        account=account,
        documents=documents,
        guards=Guards(page, context, cdp),
        lifecycle=lifecycle,
        steps=Steps(),
        world=World(cdp, documents.frame_id),
    )
