"""Routes of watches: periodic visits of links."""

from fastapi import APIRouter

from linkshot.use_cases import watches
from web.api.schemas.requests import WatchIn
from web.api.schemas.watches import WatchesOut, WatchOut
from web.deps import AppDep
from web.security.strict_json import StrictRoute

router = APIRouter(tags=["watches"], route_class=StrictRoute)


@router.get("/watches")
def list_watches(app: AppDep) -> WatchesOut:
    """All watches, the next visit first."""
    return WatchesOut(items=[WatchOut.of(watch) for watch in watches.list_watches(app)])


@router.put("/links/{link}/watch")
def set_watch(app: AppDep, link: str, body: WatchIn) -> WatchOut:
    """Visit the link every so often."""
    return WatchOut.of(watches.set_schedule(app, link, body.every))


@router.delete("/links/{link}/watch", status_code=204)
def end_watch(app: AppDep, link: str) -> None:
    """No more visits by themselves."""
    watches.remove(app, link)
