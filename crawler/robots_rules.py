"""What does a robots.txt say to us? May an address be visited, and how long is the pause?

Syntax and meaning are those of RFC 9309; `Crawl-delay` is no part of it, but common.
"""

import math
from collections.abc import Iterator

from scrapy.robotstxt import ProtegoRobotParser

AGENT = "linkshot"
"""The product token that rules can name."""
MAX_BYTES = 512_000
"""Read of a robots.txt; RFC 9309 §2.5 asks for at least 500 KiB."""
RULES = ("allow", "disallow", "crawl-delay")


def for_us(body: bytes) -> bytes:
    """The groups of a robots.txt that speak to us or to everybody, and nothing else.

    So the parser's work grows with the length of the file only: one that names ten thousand others
    before ten thousand rules would keep it busy for minutes.
    """
    text = body[:MAX_BYTES].decode("utf-8-sig", "replace")
    return "\n".join(_kept(text)).encode()


def _kept(text: str) -> Iterator[str]:
    naming, named = False, False
    for line in text.splitlines():
        name, _, value = line.partition("#")[0].partition(":")
        name, value = name.strip().lower(), value.strip()
        if name == "user-agent":
            group = _group(value)
            named = bool(group) or (naming and named)
            naming = True
            if group:
                yield f"user-agent: {group}"
        elif name in RULES:
            naming = False
            if named:
                yield f"{name}: {value}"


def _group(value: str) -> str:
    """Us, everybody (`*`), or nobody we know; the token ends before a version and has no case."""
    token = value.partition("/")[0].strip().lower()
    return token if token in ("*", AGENT) else ""


class Rules:
    """What is allowed."""

    def __init__(self, kept: bytes) -> None:
        """From what for_us() gave."""
        self._parser = ProtegoRobotParser(kept, None)

    def allow(self, url: str) -> bool:
        """Whether we may visit this address."""
        return self._parser.allowed(url, AGENT)

    @property
    def delay_s(self) -> float:
        """The pause asked for between two visits, in seconds; 0 when there is none."""
        delay = self._parser.crawl_delay(AGENT) or 0.0
        return delay if math.isfinite(delay) and delay > 0 else 0.0
