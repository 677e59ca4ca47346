"""Tells what a search result may lack: links not visited, changes not indexed, an index being rebuilt.

Counts come from partial indexes of the catalogue and from the queue; while nothing is missing they
cost a look at a few rows.
"""

from dataclasses import dataclass
from datetime import timedelta

from linkshot import query
from linkshot.app import App
from linkshot.catalogue import pending_work
from linkshot.domain.error_texts import ERROR_MESSAGES
from linkshot.errors import IndexUnavailable
from linkshot.query import Query
from linkshot.system import locks
from linkshot.use_cases import damaged_objects, jobs
from linkshot.use_cases.index_rebuild import index_is_lost, rebuild_requested

COUNT_LIMIT = 100_000
"""Counting goes no further: so many cost 25 ms of CPU time, and none costs nothing."""
RECENT = timedelta(seconds=5)
"""An index that knew every change so short a time ago is asked no more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Completeness:
    """What may be missing from an answer."""

    rebuilding: bool = False
    """The search index is being made again."""
    unvisited: int = 0
    """Links of which no visit has ended: the words of their pages are not known yet; COUNT_LIMIT + 1
    stands for more than COUNT_LIMIT."""
    unindexed: int | None = 0
    """Changes on their way to the index, counted likewise; None: the queue does not answer."""
    unreadable: int = 0
    """Links of which a text cannot be read from the store, so that its words are not found."""
    not_running: tuple[str, ...] = ()
    """Roles without which that does not get less: `dispatch`, `crawl`, `index`."""
    empty: bool = False
    """No link is kept at all."""

    @property
    def incomplete(self) -> bool:
        """Whether links may be missing from the answer."""
        coming = bool(self.unvisited) or self.unindexed != 0
        return self.rebuilding or coming or bool(self.unreadable)


COMPLETE = Completeness()


def check(app: App, parsed: Query, total: int) -> Completeness:
    """What may be missing from an answer to this query with `total` hits; search.find() asks it.

    IndexUnavailable when nothing was found and that says nothing: `search.rebuilding` where somebody
    is at work on the index, `search.rebuild` where a person must begin. Answers of the catalogue are
    whole, but for what only a visit tells (`lang:`, `status:`, `snapshot:`, `changed:`).
    """
    words = query.has_words(parsed)
    if not words and not query.needs_visit(parsed):
        return COMPLETE
    asked = words and rebuild_requested(app)
    if words and not total and (asked or app.index.needs_rebuild or index_is_lost(app)):
        raise _no_answer(app, asked)
    with app.catalogue.read() as conn:
        unvisited = pending_work.unvisited(conn, COUNT_LIMIT + 1)
        empty = not total and not unvisited and pending_work.is_empty(conn)
    coming = unindexed(app) if words else 0
    return Completeness(
        rebuilding=asked,
        unvisited=unvisited,
        unindexed=coming,
        unreadable=damaged_objects.counts(app).texts if words else 0,
        not_running=_not_running(app, unvisited, coming),
        empty=empty,
    )


def unannounced(app: App) -> int:
    """Changes that dispatch has not announced to the index, no further than COUNT_LIMIT + 1."""
    with app.catalogue.read() as conn:
        return pending_work.unannounced(conn, COUNT_LIMIT + 1)


def unindexed(app: App) -> int | None:
    """Changes that the index does not know yet, announced or not; None: not known.

    A server is not asked when dispatch saw a moment ago that the index knows everything.
    """
    changed = unannounced(app)
    if not changed and not app.settings.is_embedded("queue"):
        with app.catalogue.read() as conn:
            known_until = jobs.indexed_until(conn)
        if known_until is not None and app.now() - known_until < RECENT:
            return 0
    announced = app.liveness.unindexed()
    return None if announced is None else min(changed + announced, COUNT_LIMIT + 1)


def _not_running(app: App, unvisited: int, coming: int | None) -> tuple[str, ...]:
    """Of the roles that are needed; one that is not known counts as running."""
    needed = ("dispatch", "crawl", "index") if unvisited else ("dispatch", "index")
    if not unvisited and coming == 0:
        return ()
    return tuple(role for role in needed if app.liveness.runs(role) is False)


def _no_answer(app: App, asked: bool) -> IndexUnavailable:
    """Whether somebody makes the index again already, or a person must begin."""
    is_at_work = (
        asked  # of servers only the request is known; where the index is files, its role has a lock
    )
    if app.settings.is_embedded("index"):
        is_at_work = locks.holder(app.settings, "index") is not None
    if is_at_work:
        return IndexUnavailable(ERROR_MESSAGES["search.rebuilding"], code="search.rebuilding")
    return IndexUnavailable(ERROR_MESSAGES["search.rebuild"], code="search.rebuild")
