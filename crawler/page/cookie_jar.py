"""The cookies given for a site, during one visit.

They go into a fresh browser context that is closed with the visit: what the site changes about them is not kept.
Which hosts get them is the browser's decision, by the rules of cookies; no other site's are in the context.
"""

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from playwright.async_api import BrowserContext
from playwright.async_api import Error as PlaywrightError

from crawler import failures
from crawler.page import cookie_redaction
from crawler.page.steps import PageLost, is_gone
from linkshot.domain.cookies import Cookie, SiteCookies
from linkshot.domain.failure_details import detail_text
from linkshot.domain.model import Capture, Failure

if TYPE_CHECKING:
    from playwright._impl._api_structures import SetCookieParam  # no public name in 1.65

READ_TIMEOUT_S = 2.0

T = TypeVar("T", Capture, Failure)


@dataclass(slots=True)
class CookieJar:
    """What is given to the browser, and every value that is a secret since."""

    given: SiteCookies
    values: set[str] = field(default_factory=set, repr=False)

    def __post_init__(self) -> None:
        self.values |= {cookie.value for cookie in self.given.cookies}

    async def set_in(self, context: BrowserContext) -> None:
        """All of them, as they were; VisitFailed `cookies` when the browser refuses one."""
        try:
            await context.add_cookies([_parameters(cookie) for cookie in self.given.cookies])
        except PlaywrightError as exc:
            if is_gone(exc):
                raise PageLost(str(exc)) from exc
            # its message may quote what was refused
            raise failures.failed("cookies", detail_text("cookies.not_set")) from None

    async def note_changes(self, context: BrowserContext) -> None:
        """Reads what the site made of them, which is as secret; a browser that does not answer is left alone."""
        try:
            found = await asyncio.wait_for(context.cookies(), READ_TIMEOUT_S)
        except (PlaywrightError, TimeoutError):
            return
        self.values |= {one["value"] for one in found if "value" in one}

    def redact(self, brought: T) -> T:
        """What a visit brought, without the tokens among the values. Takes a moment for large pages."""
        return cookie_redaction.redact(brought, self.values)


def _parameters(cookie: Cookie) -> "SetCookieParam":
    made: SetCookieParam = {
        "name": cookie.name,
        "value": cookie.value,
        # a leading dot makes Chromium send it to hosts below, too
        "domain": cookie.domain if cookie.host_only else f".{cookie.domain}",
        "path": cookie.path,
        "secure": cookie.secure,
        "httpOnly": cookie.http_only,
    }
    if cookie.expires_at is not None:
        made["expires"] = float(cookie.expires_at)
    if cookie.same_site in ("Lax", "Strict", "None"):
        made["sameSite"] = cookie.same_site  # type: ignore[typeddict-item]  # one of the three
    return made
