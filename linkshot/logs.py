"""How does a log line look? A sentence, then its data as key=value, nothing that acts on a terminal."""

import json
import logging
import sys
import time
from collections.abc import Callable, Collection, Hashable
from contextlib import suppress
from datetime import UTC, datetime

from linkshot.part_urls import hidden

OURS = ("linkshot", "crawler", "pipelines", "indexer", "web")
STANDARD = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}
FROM = {"kafka": logging.ERROR}
"""Libraries that are heard later than from warnings on: Kafka's client warns at every first start."""
CLIENTS = ("kafka", "elastic_transport", "urllib3")
"""They say the same thing for as long as a server is away."""
AGAIN_S = 60.0
LEFT_OUT = "left_out"


class Seldom:
    """What is said over and over is heard once in AGAIN_S, then with how often it was left out."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._heard: dict[Hashable, tuple[float, int]] = {}

    def news(self, what: Hashable) -> dict[str, int] | None:
        """What to attach to the record when it is to be heard, None when it is left out."""
        now = self._clock()
        heard_at, left_out = self._heard.get(what, (now - AGAIN_S, 0))
        if now - heard_at < AGAIN_S:
            self._heard[what] = heard_at, left_out + 1
            return None
        self._heard[what] = now, 0
        return {LEFT_OUT: left_out} if left_out else {}

    def warn(
        self,
        logger: logging.Logger,
        sentence: str,
        why: str,
        *,
        trace: bool = False,
        **more: object,
    ) -> None:
        """Say it with why, unless the same why was said within AGAIN_S."""
        if (news := self.news(why)) is not None:
            facts = {**more, "why": why, **news}
            logger.warning(sentence, extra=facts, exc_info=trace, stacklevel=2)


class LineFormatter(logging.Formatter):
    """`12:00:01 warning Sentence key=value`; control characters are escaped.

    Of other libraries the sentence alone: Scrapy and scrapy-playwright attach whole pages and
    addresses. Where a client of a server stood when it was not answered, only debug says.
    """

    def __init__(self, *, brief: bool = True) -> None:
        super().__init__()
        self._brief = brief

    def format(self, record: logging.LogRecord) -> str:
        """One line; a traceback below it."""
        at = datetime.fromtimestamp(record.created, UTC).strftime("%H:%M:%S")
        facts = "".join(f" {key}={_shown(value)}" for key, value in _facts(record).items())
        line = f"{at} {record.levelname.lower()} {_clean(record.getMessage())}{facts}"
        if record.exc_info and not (self._brief and _library(record) in CLIENTS):
            line += "\n" + self.formatException(record.exc_info)
        return line


class Handler(logging.Handler):
    """Writes to what stderr is at that moment; other libraries are heard from warnings on."""

    def __init__(self, level: int, secrets: Collection[str] = ()) -> None:
        super().__init__(level)
        self.secrets = secrets
        """Passwords of the settings: no line holds them, whoever wrote it."""
        self.setFormatter(LineFormatter(brief=level >= logging.INFO))
        self.seldom = Seldom()

    def filter(self, record: logging.LogRecord) -> bool:
        """Some libraries reset levels, so it is decided here."""
        if not super().filter(record):
            return False
        library = _library(record)
        if self.level < logging.INFO or library in OURS:
            return True
        if record.levelno < FROM.get(library, logging.WARNING):
            return False
        return library not in CLIENTS or self._is_news(record)

    def _is_news(self, record: logging.LogRecord) -> bool:
        """Told apart by the line of source that says it, as addresses and times in it change."""
        news = self.seldom.news((record.pathname, record.lineno))
        record.__dict__.update(news or {})
        return news is not None

    def emit(self, record: logging.LogRecord) -> None:
        """One line; a closed or broken stderr is nobody's trouble."""
        with suppress(OSError, ValueError):
            if sys.stderr is not None:
                sys.stderr.write(hidden(self.format(record), self.secrets) + "\n")
                sys.stderr.flush()


def configure(level: str, *, quiet: bool = False, secrets: Collection[str] = ()) -> None:
    """Logs go to stderr without these secrets, only once however often this is called."""
    root = logging.getLogger()
    for old in [handler for handler in root.handlers if isinstance(handler, Handler)]:
        root.removeHandler(old)
    wanted: int = logging.getLevelName(level.upper())
    handler = Handler(max(wanted, logging.WARNING) if quiet else wanted, secrets)
    root.addHandler(handler)
    root.setLevel(handler.level)


def known_secrets() -> Collection[str]:
    """What configure() was told last; nothing before."""
    handlers = logging.getLogger().handlers
    return next((one.secrets for one in handlers if isinstance(one, Handler)), ())


def _library(record: logging.LogRecord) -> str:
    return record.name.split(".")[0]


def _facts(record: logging.LogRecord) -> dict[str, object]:
    if _library(record) not in OURS:
        return {LEFT_OUT: record.__dict__[LEFT_OUT]} if LEFT_OUT in record.__dict__ else {}
    return {k: v for k, v in record.__dict__.items() if k not in STANDARD and k != "action"}


def _shown(value: object) -> str:
    if isinstance(value, str):
        return value if value.isalnum() else json.dumps(_clean(value), ensure_ascii=False)
    return _clean(str(value))


def _clean(text: str) -> str:
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
