"""Opens the cookies of a request, before its visit.

A visit without them would show what a stranger sees and look like a change of the page, so one whose cookies do
not open fails with the reason.
"""

import logging

from crawler.failures import VisitFailed, failed
from linkshot.app import App
from linkshot.domain import cookie_sealing
from linkshot.domain.cookies import SiteCookies, decode_cookies
from linkshot.domain.failure_details import detail_text
from linkshot.domain.model import Fault, SealedCookies
from linkshot.domain.registrable_domain import site_of
from linkshot.errors import ConfigError, Damaged, InvalidInput
from linkshot.system.cookie_key import load_private_key
from linkshot.use_cases import blobs

logger = logging.getLogger(__name__)


def open_cookies(app: App, sealed: SealedCookies, host: str) -> SiteCookies:
    """The cookies for a visit of this host; VisitFailed `cookies` when they cannot be had or are not for it.
    Raises StoreUnavailable. Blocks."""
    if not is_of_site(host, sealed.site):
        raise _failed("cookies.damaged")
    try:
        key = load_private_key(app.settings)
    except ConfigError as exc:
        logger.warning(
            "Cookies cannot be opened", extra={"action": "no_cookie_key", "why": exc.message}
        )
        raise _failed("cookies.no_key") from None
    if cookie_sealing.key_id(key.public_key()) != sealed.key:
        raise _failed("cookies.other_key")
    try:
        data = blobs.read(app.store, sealed.sha256, sealed.bytes)
        cookies = decode_cookies(cookie_sealing.open_sealed(key, sealed.site, data))
    except Damaged as exc:
        raise _failed("cookies.gone" if exc.fault == Fault.MISSING else "cookies.damaged") from None
    except InvalidInput:
        raise _failed("cookies.damaged") from None
    if any(site_of(cookie.domain) != sealed.site for cookie in cookies):
        raise _failed("cookies.damaged")
    return SiteCookies(site=sealed.site, cookies=cookies)


def is_of_site(host: str, site: str) -> bool:
    """Whether a host is the site itself or below it."""
    return host == site or host.rstrip(".").endswith(f".{site}")


def _failed(code: str) -> VisitFailed:
    return failed("cookies", detail_text(code))
