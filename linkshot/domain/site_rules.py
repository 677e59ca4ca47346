"""Rules for sites: which pages get no snapshot, and how the others are visited. (pure)

A rule is for a host with its subdomains, or for a path below it. Several may match an address; each
field is decided by the most specific rule that says something about it: the longest host first, then the
longest path. dispatch sends what follows with each request, so workers need no catalogue.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Annotated

from msgspec import Meta

MAX_DELAY_S = 600
"""Three requests of a host may wait in a worker (`outstanding_per_host`): with longer pauses the lease of
the last one would expire before its visit."""
MAX_USER_AGENT = 400
CONSENT_POLICIES = ("reject", "hide", "leave")
ROBOTS_POLICIES = ("obey", "ignore")
LEAST_PX, MOST_PX = 240, 2560
"""Of a viewport's sides; screenshots are no wider (page_capture.MAX_WIDTH)."""
FIELDS = ("snapshot", "delay_s", "user_agent", "consent", "viewport", "robots")
"""What a rule may say."""
NO_SNAPSHOT = "site.no_snapshot"
"""Code of a visit that a rule does not allow."""

_ADDRESS = re.compile(r"https?://([^/?#]*)([^?#]*)")
_PORT = re.compile(r":[0-9]+\Z")
Pixels = Annotated[int, Meta(ge=LEAST_PX, le=MOST_PX)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewport:
    """The window in which a page is shown, in CSS pixels."""

    width: Pixels
    height: Pixels

    def __str__(self) -> str:
        return f"{self.width}x{self.height}"


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitOptions:
    """How a page is visited where its site's rules differ from the worker's settings; None: as those say."""

    delay_s: Annotated[float, Meta(ge=0, le=MAX_DELAY_S)] | None = None
    """Least pause of the host after the visit."""
    user_agent: Annotated[str, Meta(pattern=r"^[ -~]+\Z", max_length=MAX_USER_AGENT)] | None = None
    consent: Annotated[str, Meta(pattern=r"^(reject|hide|leave)\Z")] | None = None
    viewport: Viewport | None = None
    robots: Annotated[str, Meta(pattern=r"^(obey|ignore)\Z")] | None = None
    """Whether robots.txt is obeyed, whatever the reason of the visit."""

    def given(self) -> tuple[str, ...]:
        """Names of the fields that say something."""
        return tuple(field.name for field in fields(self) if getattr(self, field.name) is not None)


NO_RULES = VisitOptions()
"""As the settings say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteRule:
    """What holds for one site; None: the rule says nothing about it."""

    site: str
    """`example.com`, or with a path `example.com/forum`; in the normal form of site_pattern()."""
    snapshot: bool | None = None
    """False: links are kept without a visit."""
    delay_s: float | None = None
    user_agent: str | None = None
    consent: str | None = None
    viewport: Viewport | None = None
    robots: str | None = None

    @property
    def host(self) -> str:
        """The host that it covers, with its subdomains."""
        return self.site.partition("/")[0]

    @property
    def path(self) -> str:
        """The path that an address begins with, without a slash at its end; empty: all of the host."""
        return self.site[len(self.host) :]

    @property
    def is_empty(self) -> bool:
        """Whether it says nothing."""
        return all(getattr(self, name) is None for name in FIELDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldInForce:
    """What holds for one field of an address."""

    value: object
    site: str
    """The rule that says so."""


class SiteRules:
    """All rules, to be asked about addresses."""

    def __init__(self, rules: Iterable[SiteRule]) -> None:
        self._by_host: dict[str, list[SiteRule]] = {}
        for rule in rules:
            self._by_host.setdefault(rule.host, []).append(rule)
        for of_host in self._by_host.values():
            of_host.sort(key=lambda rule: len(rule.path), reverse=True)

    def __bool__(self) -> bool:
        return bool(self._by_host)

    def matching(self, url: str) -> Iterator[SiteRule]:
        """The rules for an address in its normal form, the most specific first."""
        found = _ADDRESS.match(url) if self._by_host else None
        if found is None:
            return
        host, path = _PORT.sub("", found[1]).rstrip("."), found[2]
        while host:
            for rule in self._by_host.get(host, ()):
                if not rule.path or path == rule.path or path.startswith(f"{rule.path}/"):
                    yield rule
            host = host.partition(".")[2]

    def in_force(self, url: str) -> Mapping[str, FieldInForce]:
        """Field → what the rules say about it for this address; fields without a word are left out."""
        found: dict[str, FieldInForce] = {}
        for rule in self.matching(url):
            for name in FIELDS:
                value = getattr(rule, name)
                if value is not None and name not in found:
                    found[name] = FieldInForce(value=value, site=rule.site)
        return {name: found[name] for name in FIELDS if name in found}

    def without_snapshot(self, url: str) -> str | None:
        """The site whose rule keeps this address from being visited; None when it is visited."""
        for rule in self.matching(url):
            if rule.snapshot is not None:
                return None if rule.snapshot else rule.site
        return None

    def visit_options(self, url: str) -> VisitOptions | None:
        """How this address is visited; None: as the settings say."""
        said = {name: one.value for name, one in self.in_force(url).items() if name != "snapshot"}
        return VisitOptions(**said) if said else None  # type: ignore[arg-type]  # the fields are alike

    def hosts_without_snapshot(self) -> list[str]:
        """Hosts that a rule without snapshots is for; their other addresses may be visited all the same."""
        return [
            host
            for host, rules in self._by_host.items()
            if any(rule.snapshot is False for rule in rules)
        ]
