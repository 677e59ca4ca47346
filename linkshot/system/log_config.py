"""Configures logging: lines of a sentence and its data, as key=value or as one JSON object.

No line holds a secret of the settings or a terminal control sequence.
"""

import json
import logging
import sys
import time
from collections.abc import Callable, Collection, Hashable
from contextlib import suppress
from datetime import UTC, datetime
from math import isfinite

from linkshot.domain.backend_urls import redact
from linkshot.domain.rfc3339 import rfc3339

OURS = ("linkshot", "crawler", "pipelines", "indexer", "web")
STANDARD = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}
FROM = {"kafka": logging.ERROR}
"""Libraries with a higher threshold than WARNING: Kafka's client warns at every first start."""
CLIENTS = ("kafka", "elastic_transport", "urllib3")
"""They repeat the same message while a server is down."""
AGAIN_S = 60.0
LEFT_OUT = "left_out"


class ThrottledLog:
    """Logs repeats at most once per AGAIN_S, with the count of suppressed ones."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._heard: dict[Hashable, tuple[float, int]] = {}

    def news(self, what: Hashable) -> dict[str, int] | None:
        """Data to attach to the record when it is to be logged; None when it is suppressed."""
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
        """Logs a warning with its reason, unless the same reason was logged within AGAIN_S."""
        if (news := self.news(why)) is not None:
            facts = {**more, "why": why, **news}
            logger.warning(sentence, extra=facts, exc_info=trace, stacklevel=2)


class LineFormatter(logging.Formatter):
    """`2026-11-24T12:00:01Z warning Sentence key=value`; control characters are escaped.

    Of other libraries the sentence alone: Scrapy and scrapy-playwright attach whole pages and
    addresses. Tracebacks of a client whose server is down appear at level debug only.
    """

    def __init__(self, *, brief: bool = True, secrets: Collection[str] = ()) -> None:
        super().__init__()
        self._brief = brief
        self._secrets = secrets

    def format(self, record: logging.LogRecord) -> str:
        """One line; a traceback below it."""
        facts = "".join(f" {key}={_shown(value)}" for key, value in self.facts(record).items())
        sentence = _clean(self.hidden(record.getMessage()))
        line = f"{_instant(record, 'seconds')} {record.levelname.lower()} {sentence}{facts}"
        trace = self.traceback(record)
        return f"{line}\n{trace}" if trace else line

    def hidden(self, text: str) -> str:
        """Redacted; before escaping, which would hide a secret with a quote in it."""
        return redact(text, self._secrets)

    def facts(self, record: logging.LogRecord) -> dict[str, object]:
        """What was attached to the sentence, without secrets."""
        found = record.__dict__
        if _library(record) not in OURS:
            return {LEFT_OUT: found[LEFT_OUT]} if LEFT_OUT in found else {}
        return {
            key: self.hidden(value) if isinstance(value, str) else value
            for key, value in found.items()
            if key not in STANDARD and key != "action"
        }

    def traceback(self, record: logging.LogRecord) -> str:
        """Where it stood; empty where that is left out."""
        if not record.exc_info or (self._brief and _library(record) in CLIENTS):
            return ""
        return self.hidden(self.formatException(record.exc_info))


class JsonFormatter(LineFormatter):
    """The same as one JSON object a line, in ASCII: time, level, logger, message, action, then data."""

    def format(self, record: logging.LogRecord) -> str:
        """One line, whatever is in it."""
        said: dict[str, object] = {
            "time": _instant(record, "milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": self.hidden(record.getMessage()),
        }
        if _library(record) in OURS and "action" in record.__dict__:
            said["action"] = str(record.__dict__["action"])
        if trace := self.traceback(record):
            said["traceback"] = trace
        facts = {key: self._json(value) for key, value in self.facts(record).items()}
        # What a line always has goes last, so that no fact of that name takes its place.
        return json.dumps({**facts, **said}, ensure_ascii=True)

    def _json(self, value: object) -> object:
        # NaN and Infinity are no JSON.
        if isinstance(value, bool | int | None) or (isinstance(value, float) and isfinite(value)):
            return value
        return self.hidden(str(value))


FORMATTERS = {"text": LineFormatter, "json": JsonFormatter}


class Handler(logging.Handler):
    """Writes to the current stderr; other libraries are logged from WARNING on."""

    def __init__(self, level: int, secrets: Collection[str] = (), form: str = "text") -> None:
        super().__init__(level)
        self.secrets = secrets
        """Passwords of the settings; redacted in every line, also of other libraries."""
        self.setFormatter(FORMATTERS[form](brief=level >= logging.INFO, secrets=secrets))
        self.throttled = ThrottledLog()

    def filter(self, record: logging.LogRecord) -> bool:
        """Filters here, because some libraries reset the levels of loggers."""
        if not super().filter(record):
            return False
        library = _library(record)
        if self.level < logging.INFO or library in OURS:
            return True
        if record.levelno < FROM.get(library, logging.WARNING):
            return False
        if library not in CLIENTS:
            return True
        # Repeats are recognized by source line, because addresses and times in the text change.
        news = self.throttled.news((record.pathname, record.lineno))
        record.__dict__.update(news or {})
        return news is not None

    def emit(self, record: logging.LogRecord) -> None:
        """One line; a closed or broken stderr is ignored."""
        with suppress(OSError, ValueError):
            if sys.stderr is not None:
                # Once more over the whole line: a secret may stand in a value that is no text.
                sys.stderr.write(redact(self.format(record), self.secrets) + "\n")
                sys.stderr.flush()


def configure_logging(
    level: str, *, quiet: bool = False, secrets: Collection[str] = (), form: str = "text"
) -> None:
    """Logs go to stderr without these secrets, only once however often this is called; `form` is
    `text` or `json`."""
    root = logging.getLogger()
    for old in [handler for handler in root.handlers if isinstance(handler, Handler)]:
        root.removeHandler(old)
    wanted: int = logging.getLevelName(level.upper())
    handler = Handler(max(wanted, logging.WARNING) if quiet else wanted, secrets, form)
    root.addHandler(handler)
    root.setLevel(handler.level)


def known_secrets() -> Collection[str]:
    """The secrets of the last configure_logging(); none before."""
    handlers = logging.getLogger().handlers
    return next((one.secrets for one in handlers if isinstance(one, Handler)), ())


def _instant(record: logging.LogRecord, exact: str) -> str:
    """RFC 3339 in UTC."""
    return rfc3339(datetime.fromtimestamp(record.created, UTC), exact)


def _library(record: logging.LogRecord) -> str:
    return record.name.split(".")[0]


def _shown(value: object) -> str:
    if isinstance(value, str):
        return value if value.isalnum() else json.dumps(_clean(value), ensure_ascii=False)
    return _clean(str(value))


def _clean(text: str) -> str:
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
