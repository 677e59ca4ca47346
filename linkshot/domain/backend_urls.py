"""The URLs that say where catalogue, queue, store and index are: checked, and shown without secrets. (pure)

A server URL holds credentials. One that cannot be split unambiguously, because its password holds an
unescaped `/`, `@` or similar, is refused when settings are read: another parser would take a piece of
the password for a host and print it in its errors.
"""

import base64
import json
import re
from collections.abc import Collection, Iterable
from urllib.parse import parse_qsl, quote, quote_plus, unquote, urlsplit

MASK = "***"
SCHEMES = {
    "catalogue": ("sqlite", "postgresql+psycopg"),
    "queue": ("sqlite", "kafka", "kafka+ssl"),
    "store": ("file", "s3+http", "s3+https"),
    "index": ("tantivy", "elasticsearch+http", "elasticsearch+https"),
}
"""Part → URL schemes it may have; the first one is the embedded one."""

_ENCODED = r"%[0-9A-Fa-f]{2}"
_LETTER = rf"(?:[^\s\x00-\x1f\x7f/?#@:\\\[\]%]|{_ENCODED})"
_HOST = rf"(?:\[[0-9A-Fa-f:.]+\]|(?:(?!,){_LETTER})+)(?::[0-9]{{1,5}})?"
_SERVER = re.compile(
    rf"(?P<scheme>[a-z0-9+]+)://"
    rf"(?:(?P<user>{_LETTER}*)(?::(?P<password>(?:{_LETTER}|:)*))?@)?"
    rf"(?P<hosts>(?:{_HOST}(?:,{_HOST})*)?)"
    r"(?:/[^?#@\s\x00-\x1f\x7f]*)?"
    r"(?P<query>\?[^#@\x00-\x1f\x7f]*)?",
    re.IGNORECASE,
)
"""RFC 3986 §3.2, several hosts allowed; `@` stands behind the login and nowhere else."""

_PORT = re.compile(r":([0-9]+)(?=,|$)")
LAST_PORT = 65_535

_OPTIONS = frozenset(
    ("prefix", "partitions", "replication", "sasl", "silence", "region", "cafile", "sslmode",
     "sslrootcert", "sslcert", "sslkey", "host", "port", "connect_timeout", "application_name",
     "target_session_attrs", "service", "passfile", "password_file", "api_key_file")
)  # fmt: skip
"""Options whose values are shown."""
MIN_SECRET_CHARS = 4
"""Shorter secrets are not redacted in logs: they occur by chance in ordinary text."""

HOW = (
    "write special characters of its name and password by number, as / %2F, @ %40, : %3A, ? %3F, "
    "# %23, % %25, a space %20 and \\ %5C, or put the password into a file and name it with "
    "?password_file=FILE"
)


def is_embedded(part: str, url: str) -> bool:
    """Whether this part is files of this machine."""
    return scheme_of(url) == SCHEMES[part][0]


def scheme_of(url: str) -> str:
    """The scheme, in lower case."""
    return url.partition("://")[0].lower()


def url_problem(part: str, url: str) -> str:
    """Why the URL cannot be used and what to write, without any of it; empty when it can be."""
    if "://" not in url or scheme_of(url) not in SCHEMES[part]:
        return f"must start with one of {', '.join(SCHEMES[part])}, then ://"
    if is_embedded(part, url) or _parsed(url):
        return ""
    return f"its parts cannot be told apart; {HOW}"


def mask_url(part: str, url: str) -> str:
    """The URL with *** for its password and for every option that may be a secret."""
    if "://" in url and scheme_of(url) == SCHEMES[part][0]:
        return url
    found = _parsed(url)
    if found is None:
        return f"{scheme_of(url)}://{MASK}" if scheme_of(url) in SCHEMES[part] else MASK
    shown = url
    # From the end to the beginning, so that the places found stay the right ones.
    if found["query"]:
        pairs = (pair.partition("=") for pair in found["query"][1:].split("&"))
        masked = "&".join(
            f"{name}={value if name in _OPTIONS else MASK}" if equals else MASK
            for name, equals, value in pairs
        )
        shown = f"{shown[: found.start('query')]}?{masked}"
    if found["password"]:
        shown = shown[: found.start("password")] + MASK + shown[found.end("password") :]
    return shown


def secrets_of(url: str) -> frozenset[str]:
    """What of the URL must never be shown, in each form in which it could be; longest first is
    the order to look for them."""
    found = _parsed(url)
    if found is None:
        return frozenset()
    raw = [found["password"] or ""]
    options = parse_qsl((found["query"] or "?")[1:], keep_blank_values=True)
    raw += [value for name, value in options if name not in _OPTIONS]
    secrets = [*raw, *map(unquote, raw)]
    if found["password"]:  # as HTTP clients send it (RFC 7617)
        login = f"{unquote(found['user'])}:{unquote(found['password'])}"
        secrets.append(base64.b64encode(login.encode("utf-8", "replace")).decode())
    return spellings(secrets)


def spellings(secrets: Iterable[str]) -> frozenset[str]:
    """Each as it is, by number as URLs write it, and escaped as Python and JSON do."""
    found: set[str] = set()
    for secret in secrets:
        escaped = repr(secret)[1:-1]
        found |= {secret, quote(secret, safe=""), quote_plus(secret), quote(secret)}
        found |= {escaped, ascii(secret)[1:-1], json.dumps(secret)[1:-1]}
        found.add(repr(escaped)[1:-1])  # the repr() of a text that holds a repr()
    return frozenset(form for form in found if len(form) >= MIN_SECRET_CHARS)


def redact(text: str, secrets: Collection[str]) -> str:
    """The text with *** for each secret."""
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, MASK)
    return text


def _parsed(url: str) -> re.Match[str] | None:
    """The match of a server URL that every parser splits alike; None otherwise."""
    found = _SERVER.fullmatch(url)
    try:
        urlsplit(url)  # refuses signs that turn into / or @ when normalized (UTS #46, NFKC)
    except ValueError:
        return None
    ports = _PORT.findall(found["hosts"]) if found else []
    return found if all(int(port) <= LAST_PORT for port in ports) else None
