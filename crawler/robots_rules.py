"""Reads robots.txt: whether an address may be visited, and the pause between two visits.

By RFC 9309; `Crawl-delay` is not part of it, but common.
"""

import math
from collections.abc import Iterator

from scrapy.robotstxt import ProtegoRobotParser

AGENT = "linkshot"
"""Our product token in rules."""
MAX_BYTES = 512_000
"""Limit of a robots.txt; RFC 9309 §2.5 asks for at least 500 KiB."""
RULES = ("allow", "disallow", "crawl-delay")


def relevant_groups(body: bytes) -> bytes:
    """The groups of a robots.txt that apply to us or to everybody, and nothing else.

    This keeps the parser linear in the length of the file: one that names ten thousand other agents
    before ten thousand rules would keep it busy for minutes.
    """
    text = body[:MAX_BYTES].decode("utf-8-sig", "replace")
    return "\n".join(_relevant_lines(text)).encode()


def _relevant_lines(text: str) -> Iterator[str]:
    naming, named = False, False
    for line in text.splitlines():
        name, _, value = line.partition("#")[0].partition(":")
        name, value = name.strip().lower(), value.strip()
        if name == "user-agent":
            # us, everybody, or another crawler; a token ends before a version and has no case
            # (RFC 9309 §2.2.1)
            token = value.partition("/")[0].strip().lower()
            group = token if token in ("*", AGENT) else ""
            named = bool(group) or (naming and named)
            naming = True
            if group:
                yield f"user-agent: {group}"
        elif name in RULES:
            naming = False
            if named:
                yield f"{name}: {value}"


class Rules:
    """The rules of one site for us."""

    def __init__(self, groups: bytes) -> None:
        """From the groups that relevant_groups() returned."""
        self._parser = ProtegoRobotParser(groups, None)

    def allow(self, url: str) -> bool:
        """Whether this address may be visited."""
        return self._parser.allowed(url, AGENT)

    @property
    def delay_s(self) -> float:
        """The pause asked for between two visits, in seconds; 0 when there is none."""
        delay = self._parser.crawl_delay(AGENT) or 0.0
        return delay if math.isfinite(delay) and delay > 0 else 0.0
