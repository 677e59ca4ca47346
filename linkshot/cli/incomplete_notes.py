"""Notes on why search results may be incomplete, and what to start or repair."""

from collections.abc import Iterator

from linkshot.cli import stage_text
from linkshot.cli.user_texts import message
from linkshot.system.config import Settings
from linkshot.use_cases.index_completeness import COUNT_LIMIT, Completeness


def sentences(found: Completeness, settings: Settings) -> Iterator[str]:
    """One for each thing that is missing."""
    if found.empty:
        yield message("empty")
    if found.rebuilding:
        yield message("incomplete")
    if found.unvisited:
        yield message("unvisited", count=_count(found.unvisited))
    if found.unindexed is None:
        yield message("unindexed_unknown")
    elif found.unindexed:
        yield message("unindexed", count=_count(found.unindexed))
    if found.unreadable:
        yield message("unreadable", count=_count(found.unreadable))
    if found.not_running:
        yield stage_text.not_running(found.not_running, settings)


def _count(number: int) -> str:
    return (
        f"{number:,}" if number <= COUNT_LIMIT else message("more_than", count=f"{COUNT_LIMIT:,}")
    )
