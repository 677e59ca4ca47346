"""Cookies for sites that only show their pages to people who are logged in.

They are sealed here and opened by workers alone, which set them for visits of that site. The order is that of
uploads: the sealed blob first, then the row. What is taken back is deleted at once, row first: a request that
is under way by then names a blob that is gone, and its visit fails and is asked for anew.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from linkshot.app import App
from linkshot.catalogue import site_cookies as table
from linkshot.catalogue.clock import from_us, to_us
from linkshot.domain import cookie_sealing, urls
from linkshot.domain.cookies import Cookie, encode_cookies, refusal
from linkshot.domain.error_texts import ERROR_MESSAGES
from linkshot.domain.registrable_domain import site_of
from linkshot.domain.storage_layout import blob_key
from linkshot.errors import ConfigError, InvalidInput, InvalidURL, NotFound
from linkshot.importers.cookie_file import CookieFile, RejectedCookie, parse_cookies
from linkshot.system.cookie_key import load_public_key

MEDIA_TYPE = "application/octet-stream"
MAX_SITE_COOKIES = 500
"""Of one site; browsers keep 180 of a domain."""
MAX_SITE_BYTES = 512 * 1024
NAMED = 20
"""Sites, or lines, that an error names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CookieName:
    """What may be shown of a cookie: everything but its value."""

    name: str
    domain: str
    host_only: bool
    path: str
    secure: bool
    http_only: bool
    same_site: str
    expires_at: datetime | None
    """None: with the session; whether the site still knows it nobody can tell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteEntry:
    """The cookies that are kept for a site."""

    site: str
    cookies: tuple[CookieName, ...]
    imported_at: datetime
    opens: bool | None
    """Whether they are sealed for the key of now; others cannot be opened any more. None: no key is known here."""
    expired: int
    """How many of them have expired meanwhile."""
    expires_at: datetime | None
    """When the next one expires; None when none does by a date."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CookieImport:
    """What became of the cookies of a file."""

    sites: tuple[SiteEntry, ...]
    """What is kept now for the sites that were taken, in place of what was kept for them before."""
    rejected: tuple[RejectedCookie, ...]
    expired: int
    """Cookies of these sites that had expired already, and were left out."""
    other_sites: int
    """Cookies of sites that were not asked for, and were left out."""
    has_storage: bool
    """The file holds local storage too, which is not taken."""


class SeveralSites(InvalidInput):
    """A file holds cookies of several sites, and nobody said which of them to take."""

    code = "cookies.several_sites"

    def __init__(self, sites: Sequence[str]) -> None:
        self.sites = tuple(sites)
        named = ", ".join(sites[:NAMED])
        more = f" … ({len(sites)})" if len(sites) > NAMED else ""
        super().__init__(f"{ERROR_MESSAGES[self.code]} {named}{more}", field="site")


def import_file(app: App, data: bytes, sites: Collection[str] = ()) -> CookieImport:
    """Keep the cookies of a file for these sites; all of it is one transaction.

    Without `sites` the file has to be of one site: an export of a whole browser holds logins that nobody
    meant to give away. InvalidInput; ConfigError `cookies.no_key`. Bad cookies are left out and reported.
    """
    wanted = {_site(name) for name in sites}
    parsed = parse_cookies(data)
    by_site, rejected = _by_site(parsed)
    if not by_site:
        raise _none_left(rejected, 0)
    taken = _choose(by_site, wanted)
    now_s = app.now().timestamp()
    fresh = {
        site: [one for one in cookies if not one.has_expired(now_s)]
        for site, cookies in taken.items()
    }
    kept = {site: cookies for site, cookies in fresh.items() if cookies}
    count = sum(map(len, taken.values()))
    if not kept:
        raise _none_left(rejected, count)
    _store(app, kept)
    return CookieImport(
        sites=tuple(one for one in list_sites(app) if one.site in kept),
        rejected=rejected,
        expired=count - sum(map(len, kept.values())),
        other_sites=sum(map(len, by_site.values())) - count,
        has_storage=parsed.has_storage,
    )


def _none_left(rejected: Sequence[RejectedCookie], expired: int) -> InvalidInput:
    """The error of a file without a cookie that can be used, with its first reasons."""
    why = [f"line {one.line}: {one.code}" for one in rejected[:NAMED]]
    why += [f"{expired} expired"] if expired else []
    said = f"{ERROR_MESSAGES['cookies.none_left']} ({', '.join(why)})"
    return InvalidInput(said, code="cookies.none_left", field="file")


def _by_site(parsed: CookieFile) -> tuple[dict[str, list[Cookie]], tuple[RejectedCookie, ...]]:
    found: defaultdict[str, list[Cookie]] = defaultdict(list)
    rejected = list(parsed.rejected)
    for line, cookie in parsed.cookies:
        site = site_of(cookie.domain)
        if site is None:
            rejected.append(RejectedCookie(line=line, code="cookie.public_suffix"))
        else:
            found[site].append(cookie)
    return found, tuple(sorted(rejected, key=lambda one: one.line))


def _choose(by_site: dict[str, list[Cookie]], wanted: set[str]) -> dict[str, list[Cookie]]:
    """The cookies of these sites; of the only one when none is named."""
    if not wanted and len(by_site) > 1:
        raise SeveralSites(sorted(by_site))
    if missing := wanted - by_site.keys():
        said = f"{ERROR_MESSAGES['cookies.site_unknown']} {', '.join(sorted(missing))}"
        raise InvalidInput(said, code="cookies.site_unknown", field="site")
    chosen = {site: cookies for site, cookies in by_site.items() if not wanted or site in wanted}
    if any(len(cookies) > MAX_SITE_COOKIES for cookies in chosen.values()):
        raise refusal(code="cookies.too_many")
    return chosen


def _store(app: App, kept: dict[str, list[Cookie]]) -> None:
    """Blobs first, then the rows; what they replace goes last."""
    key, rows = load_public_key(app.settings), []
    for site, cookies in sorted(kept.items()):
        data = encode_cookies(cookies)
        if len(data) > MAX_SITE_BYTES:
            raise refusal(code="cookies.too_many")
        sealed = cookie_sealing.seal(key, site, data)
        digest = hashlib.sha256(sealed).hexdigest()
        app.store.put(blob_key(digest), sealed, MEDIA_TYPE)
        values = {
            "site": site,
            "sha256": digest,
            "bytes": len(sealed),
            "key_id": cookie_sealing.key_id(key),
            "cookies": json.dumps([_shown(one) for one in cookies]),
            "imported_at": to_us(app.now()),
        }
        rows.append(values)
    with app.catalogue.edit() as conn:
        before = [table.put(conn, values) for values in rows]
    _forget(app, before)


def _shown(cookie: Cookie) -> dict[str, Any]:
    names = ("name", "domain", "host_only", "path", "secure", "http_only", "same_site", "expires_at")  # fmt: skip
    return {name: getattr(cookie, name) for name in names}


def list_sites(app: App) -> list[SiteEntry]:
    """What is kept, by site; never a value."""
    with app.catalogue.read() as conn:
        rows = conn.execute(sa.select(table.site_cookies).order_by(table.s.site)).all()
    if not rows:
        return []
    key, now = _key_of_now(app), app.now()
    return [_entry(row, key, now) for row in rows]


def _key_of_now(app: App) -> str | None:
    try:
        return cookie_sealing.key_id(load_public_key(app.settings))
    except ConfigError:
        return None


def _entry(row: Any, key: str | None, now: datetime) -> SiteEntry:
    cookies = tuple(_name(one) for one in table.decode_names(row.cookies))
    times = [one.expires_at for one in cookies if one.expires_at is not None]
    return SiteEntry(
        site=row.site,
        cookies=cookies,
        imported_at=from_us(row.imported_at),
        opens=None if key is None else row.key_id == key,
        expired=sum(at <= now for at in times),
        expires_at=min((at for at in times if at > now), default=None),
    )


def _name(shown: dict[str, Any]) -> CookieName:
    at = shown["expires_at"]
    return CookieName(**shown | {"expires_at": None if at is None else from_us(at * 1_000_000)})


def remove(app: App, site: str) -> None:
    """The cookies of a site are deleted, also from the store; NotFound when there are none."""
    with app.catalogue.edit() as conn:
        before = table.remove(conn, _site(site))
    if before is None:
        raise NotFound(ERROR_MESSAGES["cookies.not_found"], code="cookies.not_found")
    _forget(app, [before])


def _forget(app: App, hashes: Iterable[str | None]) -> None:
    """Deletes blobs that no row names any more. Killed before, gc finds them."""
    app.store.delete([blob_key(sha256) for sha256 in hashes if sha256 is not None])


def _site(name: str) -> str:
    """The site that somebody typed: of a host or an address in any script."""
    try:
        found = site_of(urls.normalize(name, scheme_default=True).host)
    except InvalidURL:
        found = None
    if found is None:
        raise InvalidInput(
            ERROR_MESSAGES["url.host_invalid"], code="url.host_invalid", field="site"
        )
    return found
