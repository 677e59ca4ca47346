"""Cookies that a person gave for a site: what one is, and which are taken. (pure)

The rules are those by which browsers take cookies (RFC 6265bis, draft 22, §5.7), so that one that is kept here
is also set there. Values are secrets: no message, no repr and no JSON shape has them.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from linkshot.domain import urls
from linkshot.domain.error_texts import ERROR_MESSAGES
from linkshot.errors import InvalidInput, InvalidURL

MAX_PAIR_BYTES = 4096
"""Name and value together (RFC 6265bis §5.6)."""
MAX_ATTRIBUTE = 1024
"""Characters of path and domain (RFC 6265bis §5.6)."""
MAX_EXPIRES = 253_402_300_799
"""The last second of the year 9999; browsers shorten longer lives themselves."""
SAME_SITE = {"lax": "Lax", "strict": "Strict", "none": "None", "no_restriction": "None"}
"""In small letters as exports write it → as browsers do; every other word: unspecified."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_HALF_CHARACTER = re.compile("[\ud800-\udfff]")
_NAME = re.compile(r"[^\s/\\@?#%*:]+|\[[0-9A-Fa-f:.]+\]")
"""What may stand as a domain, in any script; neither a port nor a pattern."""
_HOST = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*|\[[0-9a-f:.]+\]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cookie:
    """A cookie as a browser has it."""

    name: str
    value: str = field(repr=False)
    domain: str
    """ASCII host without a leading dot."""
    host_only: bool
    """Sent to `domain` itself, not to hosts below it."""
    path: str = "/"
    secure: bool = False
    http_only: bool = False
    same_site: str = ""
    """`Lax`, `Strict`, `None`; empty = not said."""
    expires_at: int | None = None
    """Unix time in seconds; None = with the session."""

    @property
    def identity(self) -> tuple[str, str, bool, str]:
        """A browser keeps one cookie of each."""
        return self.name, self.domain, self.host_only, self.path

    def has_expired(self, now_s: float) -> bool:
        """Whether a browser would not send it any more."""
        return self.expires_at is not None and self.expires_at <= now_s


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteCookies:
    """The opened cookies of one site."""

    site: str
    cookies: tuple[Cookie, ...] = field(repr=False)


def make_cookie(
    *,
    name: str,
    value: str,
    domain: str,
    host_only: bool | None = None,
    path: str = "/",
    secure: bool = False,
    http_only: bool = False,
    same_site: str = "",
    expires_at: float | None = None,
) -> Cookie:
    """A checked cookie; InvalidInput with the code of the rule that it breaks, never with its value.

    `host_only` None: as the dot before the domain says. SameSite=None without Secure is what browsers of before
    wrote for "not said", and is taken as that.
    """
    host = _host(domain)
    alone = urls.is_ip_address(host) or "." not in host
    told = alone or (not domain.startswith(".") if host_only is None else host_only)
    path = path if path.startswith("/") else "/"
    said = SAME_SITE.get(same_site.lower(), "")
    _check_text(name, value, path)
    _check_prefix(name, secure=secure, is_host_cookie=secure and told and path == "/")
    return Cookie(
        name=name,
        value=value,
        domain=host,
        host_only=told,
        path=path,
        secure=secure,
        http_only=http_only,
        same_site="" if said == "None" and not secure else said,
        expires_at=None if expires_at is None else int(min(max(expires_at, 0), MAX_EXPIRES)),
    )


def refusal(*, code: str) -> InvalidInput:
    """The error of a cookie, or of a file of them, that is not taken."""
    return InvalidInput(ERROR_MESSAGES[code], code=code, field="file")


def _host(domain: str) -> str:
    """The domain in the form of hosts of links."""
    given = domain.removeprefix(".")
    if len(given) > MAX_ATTRIBUTE or not _NAME.fullmatch(given):
        raise refusal(code="cookie.domain")
    try:
        found = urls.normalize(f"http://{given}/")
    except InvalidURL:
        raise refusal(code="cookie.domain") from None
    if not _HOST.fullmatch(found.host):
        raise refusal(code="cookie.domain")
    return found.host


def _check_text(name: str, value: str, path: str) -> None:
    whole = f"{name}{value}{path}"
    if _CONTROL.search(whole):
        raise refusal(code="cookie.control_char")
    if _HALF_CHARACTER.search(whole) or ";" in whole or "=" in name:
        raise refusal(code="cookie.characters")
    if not name or name != name.strip() or value != value.strip():
        raise refusal(code="cookie.name" if not name else "cookie.characters")
    if len(f"{name}{value}".encode()) > MAX_PAIR_BYTES or len(path) > MAX_ATTRIBUTE:
        raise refusal(code="cookie.too_long")


def _check_prefix(name: str, *, secure: bool, is_host_cookie: bool) -> None:
    """Names that promise something (RFC 6265bis §4.1.3)."""
    begins = name.lower()
    if begins.startswith("__host-") and not is_host_cookie:
        raise refusal(code="cookie.prefix")
    if begins.startswith("__secure-") and not secure:
        raise refusal(code="cookie.prefix")


def encode_cookies(cookies: Sequence[Cookie]) -> bytes:
    """The form that is sealed."""
    names = ("name", "value", "domain", "host_only", "path", "secure", "http_only", "same_site", "expires_at")  # fmt: skip
    rows = [{name: getattr(one, name) for name in names} for one in cookies]
    return json.dumps({"v": 1, "cookies": rows}, separators=(",", ":")).encode()


def decode_cookies(data: bytes) -> tuple[Cookie, ...]:
    """The cookies of a sealed form; InvalidInput for one that a newer linkshot or nobody of us wrote."""
    try:
        raw: Any = json.loads(data)
        if raw["v"] != 1:
            raise refusal(code="cookies.format_unknown")
        return tuple(make_cookie(**row) for row in raw["cookies"])
    except (ValueError, TypeError, KeyError, AttributeError):
        raise refusal(code="cookies.format_unknown") from None
