"""How does a log line look? A sentence, then its data as key=value, nothing that acts on a terminal."""

import json
import logging
import sys
from contextlib import suppress
from datetime import UTC, datetime

OURS = ("linkshot", "crawler", "pipelines", "indexer", "web")
STANDARD = frozenset(logging.makeLogRecord({}).__dict__) | {
    "message",
    "asctime",
    "taskName",
    "spider",
    "crawler",
}


class LineFormatter(logging.Formatter):
    """`12:00:01 warning Sentence key=value`; control characters are escaped."""

    def format(self, record: logging.LogRecord) -> str:
        """One line; a traceback below it."""
        at = datetime.fromtimestamp(record.created, UTC).strftime("%H:%M:%S")
        data = {k: v for k, v in record.__dict__.items() if k not in STANDARD}
        facts = "".join(f" {key}={_shown(value)}" for key, value in data.items() if key != "action")
        line = f"{at} {record.levelname.lower()} {_clean(record.getMessage())}{facts}"
        if record.exc_info:
            line += "\n" + self.formatException(record.exc_info)
        return line


class Handler(logging.Handler):
    """Writes to what stderr is at that moment; other libraries are heard from warnings on."""

    def __init__(self, level: int) -> None:
        super().__init__(level)
        self.setFormatter(LineFormatter())

    def filter(self, record: logging.LogRecord) -> bool:
        """Some libraries reset levels, so it is decided here."""
        wanted = self.level < logging.INFO or _is_ours_or_matters(record)
        return wanted and bool(super().filter(record))

    def emit(self, record: logging.LogRecord) -> None:
        """One line; a closed or broken stderr is nobody's trouble."""
        with suppress(OSError, ValueError):
            if sys.stderr is not None:
                sys.stderr.write(self.format(record) + "\n")
                sys.stderr.flush()


def configure(level: str, *, quiet: bool = False) -> None:
    """Logs go to stderr, only once however often this is called."""
    root = logging.getLogger()
    for old in [handler for handler in root.handlers if isinstance(handler, Handler)]:
        root.removeHandler(old)
    wanted: int = logging.getLevelName(level.upper())
    handler = Handler(max(wanted, logging.WARNING) if quiet else wanted)
    root.addHandler(handler)
    root.setLevel(handler.level)


def _is_ours_or_matters(record: logging.LogRecord) -> bool:
    """From warnings on everybody."""
    return record.levelno >= logging.WARNING or record.name.split(".")[0] in OURS


def _shown(value: object) -> str:
    if isinstance(value, str):
        return value if value.isalnum() else json.dumps(_clean(value), ensure_ascii=False)
    return _clean(str(value))


def _clean(text: str) -> str:
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
