"""Is linkshot alive, and do its parts answer?"""

from collections.abc import Callable

from fastapi import APIRouter, Request

from linkshot import search
from linkshot.app import App
from linkshot.errors import Unavailable
from linkshot.messages import REQUESTS
from web.here import Linkshot
from web.overviews import HealthOut
from web.strict import StrictRoute

router = APIRouter(tags=["health"], route_class=StrictRoute)


@router.get("/health")
def health(app: Linkshot, request: Request) -> HealthOut:
    """Alive when this answers 200; who is not logged in learns no more than that."""
    _catalogue(app)
    if not getattr(request.state, "known", True):
        return HealthOut(status="ok")
    parts = check(app)
    degraded = any(state != "ok" for state in parts.values())
    return HealthOut(
        status="degraded" if degraded else "ok",
        parts=parts,
        indexed_until=search.indexed_until(app),
    )


def check(app: App) -> dict[str, str]:
    """Part → `ok` or the code of what is wrong with it."""
    checks: dict[str, Callable[[App], object]] = {
        "catalogue": _catalogue,
        "queue": _queue,
        "store": _store,
        "index": _index,
    }
    return {part: _state(app, ask) for part, ask in checks.items()}


def _state(app: App, ask: Callable[[App], object]) -> str:
    try:
        ask(app)
    except Unavailable as error:
        return error.code
    return "ok"


def _catalogue(app: App) -> None:
    with app.catalogue.read():
        pass


def _queue(app: App) -> int:
    return app.queue.backlog(REQUESTS, "crawl")


def _store(app: App) -> object:
    return app.store.stat("linkshot.json")


def _index(app: App) -> int:
    return app.index.count()
