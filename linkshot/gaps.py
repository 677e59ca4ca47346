"""May an answer lack links, because the search index is being made again or must be?"""

from linkshot import locks, query
from linkshot.app import App
from linkshot.errors import IndexUnavailable
from linkshot.index_role import is_wished
from linkshot.search import SearchPage
from linkshot.wiring import is_embedded


def check(app: App, page: SearchPage) -> bool:
    """Whether links may be missing from this answer.

    IndexUnavailable when nothing was found and that says nothing: `search.rebuilding` where somebody
    is at work on the index, `search.rebuild` where a person must begin. Answers of the catalogue,
    without words, are always whole. Costs a look at one row; more only when nothing was found.
    """
    if not query.has_words(page.parsed):
        return False
    asked = is_wished(app)
    if page.total or not (asked or _is_lost(app)):
        return asked
    raise _being_made() if _is_at_work(app, asked) else _to_be_made()


def _is_lost(app: App) -> bool:
    from linkshot.rebuild import index_is_lost

    return app.index.needs_rebuild or index_is_lost(app)


def _is_at_work(app: App, asked: bool) -> bool:
    """Where the index is files, somebody holds its role; of servers only the wish is known."""
    if is_embedded(app.settings, "index"):
        return locks.holder(app.settings, "index") is not None
    return asked


def _being_made() -> IndexUnavailable:
    return IndexUnavailable(
        "The search index is being made again; try again in a moment. Lists, tags and filters work.",
        code="search.rebuilding",
    )


def _to_be_made() -> IndexUnavailable:
    return IndexUnavailable(
        "The search index must be made again: run `linkshot rebuild`, or start `linkshot up`, which "
        "does it by itself. Lists, tags and filters work.",
        code="search.rebuild",
    )
