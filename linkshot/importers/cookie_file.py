"""Parses files of cookies: cookies.txt (Netscape), and JSON as extensions and Playwright export it (pure)

cookies.txt is what curl, yt-dlp and browser extensions read and write: seven fields with tabs between, and
`#HttpOnly_` before the domain of a cookie that scripts do not see. JSON is a list of objects (EditThisCookie,
Cookie-Editor), or an object whose `cookies` is one (Playwright's storage_state).
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from linkshot.domain.cookies import Cookie, make_cookie, refusal
from linkshot.domain.registrable_domain import site_of
from linkshot.domain.urls import normalize
from linkshot.errors import InvalidInput, InvalidURL

MAX_BYTES = 8 * 1024 * 1024
"""Of one file: several times what a browser keeps for all its sites."""
MAX_COOKIES = 20_000
HTTP_ONLY = "#HttpOnly_"
FIELDS = 7
FLAGS = {"TRUE": True, "FALSE": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectedCookie:
    """A cookie of a file that is not taken."""

    line: int
    """In a text its line, in JSON its place in the list; from 1."""
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CookieFile:
    """What a file holds."""

    cookies: tuple[tuple[int, Cookie], ...] = field(repr=False)
    """With their lines, as in RejectedCookie; of several with one identity the last one."""
    rejected: tuple[RejectedCookie, ...]
    has_storage: bool = False
    """It holds a browser's local storage too, which is not taken."""


def parse_cookies(data: bytes) -> CookieFile:
    """The cookies in a file; InvalidInput when it is none of cookies, or too large."""
    if len(data) > MAX_BYTES:
        raise refusal(code="cookies.too_large")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise refusal(code="cookies.not_text") from None
    if not text.strip():
        raise refusal(code="cookies.empty")
    is_json = text.lstrip().startswith(("[", "{"))
    rows, has_storage = _json_rows(text) if is_json else (_text_rows(text), False)
    found: dict[object, tuple[int, Cookie]] = {}
    rejected: list[RejectedCookie] = []
    for line, row in rows:
        try:
            cookie = _cookie_of_json(row) if is_json else _cookie_of_line(row)
        except InvalidInput as exc:
            rejected.append(RejectedCookie(line=line, code=exc.code))
        else:
            found[cookie.identity] = (line, cookie)
        if len(found) + len(rejected) > MAX_COOKIES:
            raise refusal(code="cookies.too_many")
    if not found and all(one.code == "cookie.columns" for one in rejected):
        raise refusal(code="cookies.format_unknown")
    return CookieFile(
        cookies=tuple(found.values()), rejected=tuple(rejected), has_storage=has_storage
    )


def _text_rows(text: str) -> Iterator[tuple[int, str]]:
    # only CR and LF end a line: the other signs of splitlines() may stand in a value
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for number, line in enumerate(lines, 1):
        is_comment = line.startswith("#") and not line.startswith(HTTP_ONLY)
        if line.strip() and not is_comment:
            yield number, line


def _cookie_of_line(line: str) -> Cookie:
    fields = line.removeprefix(HTTP_ONLY).split("\t")
    if len(fields) == FIELDS - 1:
        fields.append("")  # curl leaves out an empty value
    if len(fields) != FIELDS:
        raise refusal(code="cookie.columns")
    domain, below, path, secure, expires, name, value = fields
    if below.upper() not in FLAGS or secure.upper() not in FLAGS:
        raise refusal(code="cookie.columns")
    try:
        expires_at = float(expires or 0)
    except ValueError:
        raise refusal(code="cookie.expires") from None
    return make_cookie(
        name=name,
        value=value,
        domain=domain,
        host_only=not FLAGS[below.upper()],
        path=path,
        secure=FLAGS[secure.upper()],
        http_only=line.startswith(HTTP_ONLY),
        expires_at=_time(expires_at),
    )


def _json_rows(text: str) -> tuple[Iterator[tuple[int, Any]], bool]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise refusal(code="cookies.not_json") from None
    has_storage = isinstance(found, dict) and bool(found.get("origins"))
    cookies = found.get("cookies") if isinstance(found, dict) else found
    if not isinstance(cookies, list):
        raise refusal(code="cookies.format_unknown")
    if not cookies:
        raise refusal(code="cookies.empty")
    return enumerate(cookies, 1), has_storage


def _cookie_of_json(row: Any) -> Cookie:
    if not isinstance(row, dict):
        raise refusal(code="cookie.columns")
    texts: dict[str, Any] = {name: row.get(name) for name in ("name", "value", "domain")}
    path, same_site = row.get("path") or "/", row.get("sameSite") or ""
    if not all(isinstance(text, str) for text in (*texts.values(), path, same_site)):
        raise refusal(code="cookie.columns")
    if _is_of_another_site(row.get("partitionKey"), texts["domain"].removeprefix(".")):
        raise refusal(code="cookie.partitioned")
    expires = row.get("expirationDate", row.get("expires"))
    if expires is not None and (isinstance(expires, bool) or not isinstance(expires, int | float)):
        raise refusal(code="cookie.expires")
    told = row.get("hostOnly")
    return make_cookie(
        **texts,
        path=path,
        same_site=same_site,
        host_only=told if isinstance(told, bool) else None,
        secure=row.get("secure") is True,
        http_only=row.get("httpOnly") is True,
        expires_at=None if row.get("session") is True else _time(expires),
    )


def _is_of_another_site(key: Any, domain: str) -> bool:
    """Whether a cookie is only for its site inside the pages of another one (CHIPS)."""
    top = key.get("topLevelSite") if isinstance(key, dict) else key
    if not top:
        return False
    try:
        return site_of(normalize(top).host) != site_of(normalize(f"http://{domain}/").host)
    except InvalidURL:
        return True


def _time(expires: float | None) -> float | None:
    """Unix time in seconds; 0 and less stand for "with the session", as do absent and infinite ones."""
    if expires is None or not 0 < expires < float("inf"):
        return None
    return expires
