"""What is the normal form of a URL, and which ones are refused and why? (pure)

Parsed once, by the WHATWG rules browsers use (ada-url); only its `href` is passed on. The standard
library's urlsplit reads other hosts than a browser and is never asked.
"""

import hashlib
import re
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache
from urllib.parse import unquote

from ada_url import URL, idna_to_unicode

from linkshot.addresses import blocked_host_name, is_blocked
from linkshot.errors import InvalidURL
from linkshot.model import LinkId

KEY_VERSION = 1
"""Of the rule below; a changed rule makes new keys."""
MAX_LENGTH = 8192
MAX_HOST = 253
MAX_LABEL = 63
"""RFC 1035 §2.3.4."""

SERVICE_PORTS = frozenset({3306, 5432, 6379, 9092, 9200, 9300, 11211, 27017})
"""Ports of databases and queues: no page is there."""

TRACKERS = re.compile(
    r"(?:utm_\w+|fbclid|gclid|gclsrc|dclid|gbraid|wbraid|msclkid|yclid|twclid|ttclid|igshid|igsh"
    r"|mc_[ce]id|_hsenc|_hsmi|mkt_tok|oly_(?:anon|enc)_id|vero_(?:id|conv)|wickedid|ref_src"
    r"|spm|scm|share_source|share_medium|share_plat|share_tag|share_session_id|vd_source"
    r"|from_voters_page|s_cid|srsltid)",
    re.ASCII,
)
"""Query parameters that only say where the reader came from (as documented by the ad and share
systems that append them); dropped from the identity, kept in the address that is opened."""

SCHEME = re.compile(r"\s*([A-Za-z][A-Za-z0-9+.-]*)\s*:")
CONTROL = re.compile(r"[\x00-\x1f\x7f]")
EDGES = "".join(map(chr, range(0x21)))
"""What WHATWG strips at both ends: C0 controls and space."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NormalURL:
    """An address that can be kept."""

    url: str
    """As it is opened: WHATWG href, without credentials, with its fragment."""
    key: str
    """Identity: no fragment, no trackers."""
    host: str
    """ASCII host, without port."""
    display: str
    """Readable form: percent signs and punycode decoded where that is safe."""
    host_display: str
    mixed_script: bool
    """The host mixes scripts in one label, as look-alikes do."""
    warnings: tuple[str, ...]
    """`credentials_removed`, `whitespace_removed`, `scheme_added`, `mixed_script`."""


def parse(
    raw: object,
    *,
    allow_networks: Sequence[str] = (),
    scheme_default: bool = False,
    own_hosts: Collection[str] = (),
    blocked_ports: Collection[int] = SERVICE_PORTS,
) -> NormalURL:
    """The normal form of what a person or program gave; InvalidURL with a stable code otherwise.

    `scheme_default` adds https:// to `example.com`; `own_hosts` are our own addresses.
    """
    text, warnings = _text(raw)
    text = _with_scheme(text, scheme_default, warnings)
    parsed = _whatwg(text)
    if parsed.username or parsed.password:
        parsed.username = parsed.password = ""
        warnings.append("credentials_removed")
    host = parsed.hostname
    _check_host(host, allow_networks, own_hosts)
    _check_port(parsed, allow_networks, blocked_ports)
    shown = _host_display(host)
    if mixed := _mixed(shown):
        warnings.append("mixed_script")
    return NormalURL(
        url=parsed.href,
        key=identity(parsed.href),
        host=host,
        display=_display(parsed.href, host, shown),
        host_display=shown,
        mixed_script=mixed,
        warnings=tuple(warnings),
    )


def identity(href: str) -> str:
    """The key of a normal form: fragment and trackers dropped, query order kept."""
    whole = href.partition("#")[0]
    base, mark, query = whole.partition("?")
    if not mark:
        return base
    kept = [part for part in query.split("&") if not TRACKERS.fullmatch(part.partition("=")[0])]
    return f"{base}?{'&'.join(kept)}" if any(kept) else base


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
    if len(raw.encode("utf-8", "surrogatepass")) > MAX_LENGTH:
        raise InvalidURL(f"the link is longer than {MAX_LENGTH} bytes", code="url.too_long")
    if any(0xD800 <= ord(char) <= 0xDFFF for char in raw):
        raise InvalidURL("the link holds half a character", code="url.unparseable")
    stripped = raw.strip(EDGES + "\u3000\u00a0\ufeff")
    if "\x00" in stripped or re.search(r"\r\n|\n\S*:\s", stripped):
        raise InvalidURL("the link holds line breaks or NUL", code="url.unparseable")
    inside = CONTROL.search(stripped)
    return stripped, ["whitespace_removed"] if inside else []


def _with_scheme(text: str, scheme_default: bool, warnings: list[str]) -> str:
    bare = CONTROL.sub("", text)
    if bare.startswith(("/", "\\")):
        if not bare.strip("/\\"):
            raise InvalidURL("the link has no host", code="url.host_missing")
        raise _no_scheme(bare)
    match = SCHEME.match(bare)
    if match and match[1].lower() in ("http", "https"):
        _refuse_empty(bare)
        return text
    if match and not _host_and_port(bare):
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


def _host_and_port(text: str) -> bool:
    """`example.com:8080/x` looks like a scheme and is a host with a port."""
    return re.match(r"[\w-]+(\.[\w-]+)+:\d", text) is not None


def _refuse_empty(text: str) -> None:
    rest = text.partition(":")[2]
    authority = rest.lstrip("/\\")
    if not authority or authority[0] in "?#":
        raise InvalidURL("the link has no host", code="url.host_missing")
    if "\\" in re.split(r"[/?#]", authority, maxsplit=1)[0]:
        raise InvalidURL(
            "the link has a backslash in its host, which programs read differently",
            code="url.backslash",
        )


def _whatwg(text: str) -> URL:
    try:
        parsed = URL(text)
    except ValueError as exc:
        raise _unparseable(text) from exc
    if parsed.protocol not in ("http:", "https:"):
        raise InvalidURL("only http and https links can be kept", code="url.scheme_not_allowed")
    if not parsed.hostname:
        raise InvalidURL("the link has no host", code="url.host_missing")
    return parsed


def _unparseable(text: str) -> InvalidURL:
    authority = re.split(r"[/?#]", text.partition("//")[2], maxsplit=1)[0]
    port = authority.rpartition("@")[2].rpartition(":")
    if port[1] and not authority.endswith("]") and _is_url(text.replace(f":{port[2]}", "", 1)):
        return InvalidURL(f"{port[2][:20]!r} is not a port", code="url.port_invalid")
    return InvalidURL("no browser could open this link; please check it", code="url.unparseable")


def _is_url(text: str) -> bool:
    try:
        URL(text)
    except ValueError:
        return False
    return True


def _check_host(host: str, allow_networks: Sequence[str], own_hosts: Collection[str]) -> None:
    name = host.rstrip(".")
    if host in own_hosts or name in own_hosts:
        raise InvalidURL("this is linkshot's own address", code="url.self")
    address = name.strip("[]")
    if _is_address(name):
        if is_blocked(address, allow_networks):
            raise InvalidURL(
                f"{address} is an address of a private network; LINKSHOT_ALLOW_NETWORKS can allow it",
                code="url.address_blocked",
            )
        return
    if len(name) > MAX_HOST or any(len(label) > MAX_LABEL for label in name.split(".")):
        raise InvalidURL("the host name is too long", code="url.host_invalid")
    if blocked_host_name(name, allow_networks):
        raise InvalidURL(
            f"{name[:60]} is a name of a private network, not of a site", code="url.host_blocked"
        )


def _is_address(name: str) -> bool:
    return name.startswith("[") or re.fullmatch(r"\d+\.\d+\.\d+\.\d+", name) is not None


def _check_port(parsed: URL, allow_networks: Sequence[str], blocked: Collection[int]) -> None:
    if not parsed.port:
        return
    port = int(parsed.port)
    name = parsed.hostname.rstrip(".")
    inside = bool(allow_networks) and (
        _is_address(name) or blocked_host_name(name)
    )  # only reachable when allow_networks covers it, or a public address
    if port >= 1024 and (inside or port not in blocked):
        return
    if port in (80, 443):
        return
    raise InvalidURL(f"pages are not fetched from port {port}", code="url.port_not_allowed")


@cache
def _host_display(host: str) -> str:
    if "xn--" not in host:
        return host
    try:
        return idna_to_unicode(host) or host
    except ValueError:
        return host


def _display(href: str, host: str, shown: str) -> str:
    readable = href.replace(host, shown, 1) if shown != host else href
    if "%" not in readable:
        return readable
    decoded = unquote(readable, errors="strict") if _decodable(readable) else readable
    return decoded if not CONTROL.search(decoded) and not _hides(decoded) else readable


def _decodable(text: str) -> bool:
    try:
        unquote(text, errors="strict")
    except UnicodeDecodeError:
        return False
    return True


def _hides(text: str) -> bool:
    return any(unicodedata.category(char) in ("Cc", "Cf", "Zl", "Zp", "Cs") for char in text)


def _mixed(host: str) -> bool:
    """Whether a label mixes Latin with Greek or Cyrillic letters (UTS 39, the risky mixtures)."""
    return any(
        len(_scripts(label) & {"LATIN", "CYRILLIC", "GREEK"}) > 1 for label in host.split(".")
    )


def _scripts(label: str) -> set[str]:
    if label.isascii():
        return {"LATIN"}
    return {unicodedata.name(char, "").split(" ")[0] for char in label if char.isalpha()}
