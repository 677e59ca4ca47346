"""The readable form of URLs. (pure)"""

import re
import unicodedata
from contextlib import suppress
from functools import lru_cache
from string import hexdigits
from urllib.parse import quote

from ada_url import idna_to_unicode

HOST = re.compile(r"https?://([^/?#:@]+)")
"""The name in a normal form, which has no credentials; nothing for an IPv6 address."""
PERCENT = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
LONE_PERCENT = re.compile(r"%[0-9A-Fa-f]?\Z")
UNRESERVED = re.compile(r"[A-Za-z0-9._~-]")
"""ASCII characters whose percent form means the same as themselves (RFC 3986 §2.3)."""


@lru_cache(maxsize=10_000)
def host_display(host: str) -> tuple[str, bool]:
    """The host as people read it, and whether one of its labels mixes scripts."""
    shown = host
    if "xn--" in host:
        with suppress(ValueError):
            shown = idna_to_unicode(host) or host
    return shown, not shown.isascii() and any(map(_mixed, shown.split(".")))


def display_url(href: str) -> str:
    """How a normal form is shown and searched: `NormalURL.display` of an address checked before."""
    found = HOST.match(href)
    if found is None:
        return href
    return display(href, found[1], host_display(found[1])[0])


def display(href: str, host: str, shown: str) -> str:
    """The normal form `href` with its host as `shown` and its letters decoded."""
    readable = href.replace(host, shown, 1) if shown != host else href
    return PERCENT.sub(_readable, readable) if "%" in readable else readable


def _readable(escapes: re.Match[str]) -> str:
    """A row of percent escapes with its letters decoded; as it was when it is no UTF-8."""
    try:
        decoded = bytes.fromhex(escapes[0].replace("%", "")).decode()
    except UnicodeDecodeError:
        return escapes[0]
    shown = []
    if decoded[0] in hexdigits and is_behind_lone_percent(escapes):
        shown, decoded = [escapes[0][:3]], decoded[1:]
    for char in decoded:
        if char.isascii():  # signs that part a URL stay encoded, or another address would be shown
            is_plain = char == " " or UNRESERVED.match(char) is not None
        else:  # so do controls, marks of direction and spaces, which nobody sees
            is_plain = unicodedata.category(char)[0] not in "CZ"
        shown.append(char if is_plain else quote(char, safe=""))
    return "".join(shown)


def is_behind_lone_percent(escape: re.Match[str]) -> bool:
    """Whether a digit decoded here would make an escape with what is before: `%%330` is not `%30`."""
    start = escape.start()
    return LONE_PERCENT.search(escape.string[max(start - 2, 0) : start]) is not None


def _mixed(label: str) -> bool:
    """Whether a label mixes Latin with Greek or Cyrillic letters (UTS 39, the risky mixtures)."""
    scripts = {unicodedata.name(char, "").partition(" ")[0] for char in label if char.isalpha()}
    return len(scripts & {"LATIN", "CYRILLIC", "GREEK"}) > 1
