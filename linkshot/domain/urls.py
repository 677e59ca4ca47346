"""The normal form of a URL and its identity. Whether it may be kept is decided in url_admission.py. (pure)

Parsed once, by the WHATWG rules browsers use (ada-url); only its `href` is passed on. The standard
library's urlsplit reads other hosts than a browser and is never used.
"""

import hashlib
import re
from contextlib import suppress
from dataclasses import dataclass, field
from string import hexdigits

from ada_url import URL

from linkshot.domain.model import LinkId
from linkshot.domain.url_display import (
    UNRESERVED,
    display,
    host_display,
    is_behind_lone_percent,
)
from linkshot.errors import InvalidURL

KEY_VERSION = 2
"""Of the rule in identity(); catalogue/keys.py renews the keys of an older rule. 1: no fragment at all;
2: the routes of applications belong to the key."""
SITE = re.compile(r"(?:[a-z0-9_-]{1,63}\.){1,3}[a-z]{2,20}")
"""The look of nearly all hosts: no address, no name without a dot, not too long."""
MAX_LENGTH = 8192
MAX_HOST = 253
MAX_LABEL = 63
"""RFC 1035 §2.3.4."""

TRACKERS = re.compile(
    r"(?:utm_\w+|fbclid|gclid|gclsrc|dclid|gbraid|wbraid|msclkid|yclid|twclid|ttclid|igshid|igsh"
    r"|mc_[ce]id|_hsenc|_hsmi|mkt_tok|oly_(?:anon|enc)_id|vero_(?:id|conv)|wickedid|ref_src"
    r"|spm|scm|share_source|share_medium|share_plat|share_tag|share_session_id|vd_source"
    r"|s_cid|srsltid)",
    re.ASCII,
)
"""Query parameters that only say where the reader came from (as documented by the ad and share
systems that append them); dropped from the identity, kept in the address that is opened."""

SCHEME = re.compile(r"\s*([A-Za-z][A-Za-z0-9+.-]*)\s*:")
HOST_AND_PORT = re.compile(r"([\w-]+(\.[\w-]+)+|localhost):\d")
"""`example.com:8080/x` looks like a scheme and is a host with a port."""
SURROGATE = re.compile("[\ud800-\udfff]")
CONTROL = re.compile(r"[\x00-\x1f\x7f]")
TRIMMED = "".join(map(chr, range(1, 0x21))) + "\u00a0\u200b\u200e\u200f\u2060\u3000\ufeff"
"""What WHATWG strips at both ends (C0 controls and space; NUL is refused), and what is pasted along."""
HEADER_LINE = re.compile(r"\r\n|\n\S*:\s")
PATH_BEGINS = re.compile(r"[/?#]")
ESCAPE = re.compile(r"%[0-9A-Fa-f]{2}")
ROUTE = re.compile(r"(?:/|!|%2F|%21)", re.IGNORECASE)
"""How a fragment begins that an application in the page takes for its route, also when a program that
passed the address on has encoded the sign."""
ROOT = re.compile(r"(?:/|%2F)|(?:!|%21)(?:/|%2F)?", re.IGNORECASE)
"""The route that an application shows without any: `#/`, `#!`, `#!/`."""
DIRECTIVE = ":~:"
"""Begins what a fragment says to the browser alone, such as `:~:text=…`; no page ever sees it
(https://wicg.github.io/scroll-to-text-fragment/#the-fragment-directive)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NormalURL:
    """An http or https URL in its normal form."""

    url: str
    """As it is opened: WHATWG href, without credentials, with its fragment."""
    key: str
    """Identity: no trackers, and of the fragment only the route of an application; see identity()."""
    host: str
    """ASCII host, without port."""
    port: int | None
    """None for the usual port of the scheme."""
    display: str
    """Readable form: letters of all scripts decoded, in the host too; signs that part a URL and
    characters nobody sees stay encoded."""
    host_display: str
    mixed_script: bool
    """The host mixes scripts in one label, as look-alikes do."""
    warnings: tuple[str, ...]
    """`credentials_removed`, `whitespace_removed`, `scheme_added`, `mixed_script`."""
    given: str = field(compare=False, repr=False)
    """What was typed, for messages; may hold credentials."""


def normalize(raw: object, *, scheme_default: bool = False) -> NormalURL:
    """The normal form of what a person or program gave; InvalidURL for what is no http(s) URL.

    Says nothing about whether the URL may be visited: see url_admission.admit(). `scheme_default` adds
    https:// to `example.com`.
    """
    given, warnings = _text(raw)
    text = _with_scheme(given, scheme_default, warnings)
    try:
        parsed = URL(text)
    except ValueError as exc:
        raise _unparseable(text) from exc
    # Credentials would be stored, shown and indexed; what is kept opens without them.
    if "@" in text and (parsed.username or parsed.password):
        parsed.username = parsed.password = ""
        warnings.append("credentials_removed")
    host, port, href = parsed.hostname, parsed.port, parsed.href
    if not href.startswith(("http://", "https://")):
        raise InvalidURL("only http and https links can be kept", code="url.scheme_not_allowed")
    if not SITE.fullmatch(host):
        _refuse_long(host.rstrip("."))
    shown, mixed = host_display(host)
    if mixed:
        warnings.append("mixed_script")
    return NormalURL(
        url=href,
        key=identity(href),
        host=host,
        port=int(port) if port else None,
        display=display(href, host, shown),
        host_display=shown,
        mixed_script=mixed,
        warnings=tuple(warnings),
        given=given,
    )


def identity(href: str) -> str:
    """The key of a normal form: trackers dropped, query order kept, `#section` dropped, `#/…` and
    `#!…` kept as they are.

    Percent escapes that mean the same are written alike (RFC 3986 §6.2.2).
    """
    whole = ESCAPE.sub(_alike, href) if "%" in href else href
    address, _, fragment = whole.partition("#")
    key, _, query = address.partition("?")
    if query:
        parts = [
            part for part in query.split("&") if not TRACKERS.fullmatch(part.partition("=")[0])
        ]
        key = f"{key}?{'&'.join(parts)}" if any(parts) else key
    kept = route(fragment) if fragment else ""
    return f"{key}#{kept}" if kept else key


def route(fragment: str) -> str:
    """The part of a fragment that an application in the page takes for one of its pages; "" for a
    section of the page and for the application's root.

    Everything behind the sign counts, its own query and `#` included: only the application knows
    what they mean, and of two addresses of one page both can be kept, of two pages under one
    address one would be lost.
    """
    seen = fragment.partition(DIRECTIVE)[0]
    return seen if ROUTE.match(seen) and not ROOT.fullmatch(seen) else ""


def _alike(escape: re.Match[str]) -> str:
    char = chr(int(escape[0][1:], 16))
    if not UNRESERVED.match(char) or (char in hexdigits and is_behind_lone_percent(escape)):
        return escape[0].upper()
    return char


def without_credentials(href: str) -> str:
    """The same address without name and password; what cannot be read stays as it is."""
    if "@" not in href.partition("?")[0]:
        return href
    try:
        parsed = URL(href)
    except ValueError:
        return href
    parsed.username = parsed.password = ""
    return parsed.href


def link_id(key: str) -> LinkId:
    """The first 128 bits of the key's sha256, as 32 hex digits."""
    return LinkId(hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:32])


def _text(raw: object) -> tuple[str, list[str]]:
    if raw is None or (isinstance(raw, str) and not raw.strip()):
        raise InvalidURL(
            "no link was given; paste an address like https://example.com/", code="url.required"
        )
    if not isinstance(raw, str):
        raise InvalidURL("a link must be text", code="url.type")
    # The first look is cheap and decides for nearly all: UTF-8 takes four bytes a character at most.
    if len(raw) * 4 > MAX_LENGTH and len(raw.encode("utf-8", "surrogatepass")) > MAX_LENGTH:
        raise InvalidURL(f"the link is longer than {MAX_LENGTH} bytes", code="url.too_long")
    if not raw.isascii() and SURROGATE.search(raw):
        raise InvalidURL("the link holds half a character", code="url.unparseable")
    stripped = raw.strip(TRIMMED)
    if "\x00" in raw or ("\n" in stripped and HEADER_LINE.search(stripped)):
        raise InvalidURL("the link holds line breaks or NUL", code="url.unparseable")
    inside = CONTROL.search(stripped)
    return stripped, ["whitespace_removed"] if inside else []


def _with_scheme(text: str, scheme_default: bool, warnings: list[str]) -> str:
    bare = CONTROL.sub("", text)  # WHATWG drops tabs and line breaks wherever they stand
    if bare.startswith(("/", "\\")):
        if not bare.strip("/\\"):
            raise InvalidURL("the link has no host", code="url.host_missing")
        raise _no_scheme(bare)
    match = SCHEME.match(bare)
    if match and match[1].lower() in ("http", "https"):
        _refuse_empty(bare)
        return text
    if match and not HOST_AND_PORT.match(bare):
        raise InvalidURL(
            f"{match[1][:20]}: links cannot be kept, only http and https",
            code="url.scheme_not_allowed",
        )
    if not scheme_default:
        raise _no_scheme(bare)
    warnings.append("scheme_added")
    return f"https://{text}"


def _no_scheme(text: str) -> InvalidURL:
    return InvalidURL(
        f"the link does not say http:// or https://; did you mean https://{text.lstrip('/' + chr(92))[:80]}?",
        code="url.scheme_missing",
    )


def _refuse_empty(text: str) -> None:
    slashed = text.partition(":")[2].lstrip("/\\")
    authority = PATH_BEGINS.split(slashed, 1)[0]
    if "\\" in authority:
        raise InvalidURL(
            "the link has a backslash in its host, which programs read differently",
            code="url.backslash",
        )
    host = authority.rpartition("@")[2]
    if not host or re.fullmatch(r":\d*", host):
        raise InvalidURL("the link has no host", code="url.host_missing")


def _unparseable(text: str) -> InvalidURL:
    authority = re.split(r"[/?#]", text.partition("//")[2], maxsplit=1)[0]
    port = authority.rpartition("@")[2].rpartition(":")
    if port[1] and not authority.endswith("]"):
        with suppress(ValueError):
            URL(text.replace(f":{port[2]}", "", 1))  # without its port it is a URL
            return InvalidURL(f"{port[2][:20]!r} is not a port", code="url.port_invalid")
    return InvalidURL("no browser could open this link; please check it", code="url.unparseable")


def _refuse_long(name: str) -> None:
    if is_ip_address(name):
        return
    if len(name) > MAX_HOST or any(len(label) > MAX_LABEL for label in name.split(".")):
        raise InvalidURL("the host name is too long", code="url.host_invalid")


def is_ip_address(name: str) -> bool:
    """Whether the host of a normal form is an address and no name."""
    return name.startswith("[") or re.fullmatch(r"\d+\.\d+\.\d+\.\d+", name) is not None
