"""How does a log line look? A sentence, then its data as key=value, nothing that acts on a terminal."""

import json
import logging
import sys
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


def configure(level: str, *, quiet: bool = False) -> None:
    """Logs go to stderr; other libraries speak up for warnings only. Repeatable."""
    root = logging.getLogger()
    root.handlers.clear()
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(LineFormatter())
    root.addHandler(handler)
    wanted = logging.getLevelName(level.upper())
    handler.setLevel(max(wanted, logging.WARNING) if quiet else wanted)
    handler.addFilter(lambda record: wanted < logging.INFO or _is_ours_or_matters(record))
    root.setLevel(handler.level)


def _is_ours_or_matters(record: logging.LogRecord) -> bool:
    """Other libraries are heard from warnings on; some reset levels, so the handler filters."""
    return record.levelno >= logging.WARNING or record.name.split(".")[0] in OURS


def _shown(value: object) -> str:
    if isinstance(value, str):
        return value if value.isalnum() else json.dumps(_clean(value), ensure_ascii=False)
    return _clean(str(value))


def _clean(text: str) -> str:
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
