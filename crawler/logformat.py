"""Log lines of Scrapy about items, without their content: they are whole pages."""

import logging
from typing import Any

from scrapy.logformatter import LogFormatter, LogFormatterResult

from linkshot.errors import Unavailable


class ShortLogFormatter(LogFormatter):  # type: ignore[misc, unused-ignore]
    """Names the snapshot instead of printing the page."""

    def scraped(self, item: Any, *_: Any) -> LogFormatterResult:
        """A snapshot went through all stages."""
        return _line(logging.DEBUG, "Snapshot %(id)s went through all stages", item)

    def dropped(self, item: Any, *_: Any) -> LogFormatterResult:
        """A stage dropped a snapshot."""
        return _line(logging.WARNING, "Snapshot %(id)s was dropped", item)

    def item_error(self, item: Any, exception: BaseException, *_: Any) -> LogFormatterResult:
        """A stage raised; an unavailable part is logged by the coordinator, once for all visits."""
        level = logging.DEBUG if isinstance(exception, Unavailable) else logging.ERROR
        return _line(level, "A stage failed for snapshot %(id)s", item)


def _line(level: int, text: str, item: Any) -> LogFormatterResult:
    return {"level": level, "msg": text, "args": {"id": item.request.request_id}}
