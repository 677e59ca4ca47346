"""Checks what people and programs give as a rule for a site; InvalidInput says what is wrong with it. (pure)"""

import math
import re
from collections.abc import Callable, Mapping
from typing import Any

from linkshot.domain import urls
from linkshot.domain.site_rules import (
    CONSENT_POLICIES,
    FIELDS,
    LEAST_PX,
    MAX_DELAY_S,
    MAX_USER_AGENT,
    MOST_PX,
    ROBOTS_POLICIES,
    SiteRule,
    Viewport,
)
from linkshot.errors import InvalidInput, InvalidURL

MAX_SITE = 500
"""Characters of a site, path included."""
DEFAULT = "default"
"""Typed for a field: the rule says nothing about it."""
_WORDS = {"yes": True, "no": False}
_VIEWPORT = re.compile(r"([0-9]{1,5}) ?[x×*] ?([0-9]{1,5})", re.IGNORECASE)
_PRINTABLE = re.compile(r"[ -~]+")


def site_of(text: str) -> str:
    """The site that somebody means, in its normal form: `example.com`, `example.com/forum`.

    An address stands for its host and path; `*.example.com` is the same as `example.com`.
    """
    bare = re.sub(r"^([A-Za-z][A-Za-z0-9+.-]*://)?(?:\*\.)?", r"\1", text.strip())
    try:
        normal = urls.normalize(bare, scheme_default=True)
    except InvalidURL as exc:
        raise _no_site(f"This is no site: {exc.message}") from exc
    path = normal.url.partition("://")[2].partition("/")[2]
    if normal.port is not None or re.search(r"[?#*]", f"{path}{normal.host}"):
        raise _no_site("A site is a host like example.com, perhaps with a path: example.com/forum.")
    site = f"{normal.host.rstrip('.')}/{path}".rstrip("/")
    if len(site) > MAX_SITE:
        raise _no_site(f"A site has at most {MAX_SITE} characters.")
    return site


def make_rule(site: str, given: Mapping[str, Any]) -> SiteRule:
    """The rule of these values, or None for what it says nothing about; each is checked."""
    values = {name: given.get(name) for name in FIELDS}
    for name, check in CHECKS.items():
        if values[name] is not None:
            check(values[name])
    rule = SiteRule(site=site_of(site), **values)
    if rule.is_empty:
        raise InvalidInput("A rule says at least one thing about its site.", code="site.empty")
    return rule


def values_of_texts(texts: Mapping[str, str]) -> dict[str, Any]:
    """Values of what was typed for some fields; `default` or nothing stands for None."""
    typed = {name: text.strip() for name, text in texts.items()}
    return {
        name: None if text in ("", DEFAULT) else READERS.get(name, str)(text)
        for name, text in typed.items()
    }


def _read_snapshot(text: str) -> bool:
    if text not in _WORDS:
        said = f"snapshot is yes, no or {DEFAULT}."
        raise InvalidInput(said, code="site.snapshot", field="snapshot")
    return _WORDS[text]


def _read_delay(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise _wrong_delay() from None


def _read_viewport(text: str) -> Viewport:
    found = _VIEWPORT.fullmatch(text)
    if found is None:
        raise _wrong_viewport()
    return Viewport(width=int(found[1]), height=int(found[2]))


READERS: Mapping[str, Callable[[str], Any]] = {
    "snapshot": _read_snapshot,
    "delay_s": _read_delay,
    "viewport": _read_viewport,
}
"""Field → reads what was typed; the others are the text itself."""


def _check_delay(value: float) -> None:
    if not math.isfinite(value) or not 0 <= value <= MAX_DELAY_S:
        raise _wrong_delay()


def _check_user_agent(value: str) -> None:
    if len(value) > MAX_USER_AGENT or not _PRINTABLE.fullmatch(value):
        said = f"A User-Agent has 1 to {MAX_USER_AGENT} characters, all of them printable ASCII."
        raise InvalidInput(said, code="site.user_agent", field="user_agent")


def _check_consent(value: str) -> None:
    if value not in CONSENT_POLICIES:
        said = f"consent is one of: {', '.join(CONSENT_POLICIES)}."
        raise InvalidInput(said, code="site.consent", field="consent")


def _check_viewport(value: Viewport) -> None:
    if not all(LEAST_PX <= side <= MOST_PX for side in (value.width, value.height)):
        raise _wrong_viewport()


def _check_robots(value: str) -> None:
    if value not in ROBOTS_POLICIES:
        said = f"robots is one of: {', '.join(ROBOTS_POLICIES)}."
        raise InvalidInput(said, code="site.robots", field="robots")


CHECKS: Mapping[str, Callable[[Any], None]] = {
    "delay_s": _check_delay,
    "user_agent": _check_user_agent,
    "consent": _check_consent,
    "viewport": _check_viewport,
    "robots": _check_robots,
}
"""Field → raises for a value that cannot be."""


def _no_site(message: str) -> InvalidInput:
    return InvalidInput(message, code="site.invalid", field="site")


def _wrong_delay() -> InvalidInput:
    said = f"The pause is a number of seconds from 0 to {MAX_DELAY_S}."
    return InvalidInput(said, code="site.delay", field="delay_s")


def _wrong_viewport() -> InvalidInput:
    said = f"A viewport is width x height like 390x844, each side {LEAST_PX} to {MOST_PX} pixels."
    return InvalidInput(said, code="site.viewport", field="viewport")
