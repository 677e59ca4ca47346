"""Route of the server-sent events that report changed link states."""

import re
from typing import Annotated, cast

from fastapi import APIRouter, Query, Request
from fastapi.responses import StreamingResponse

from linkshot.domain.model import LinkId
from linkshot.errors import InvalidInput, Unavailable
from web.deps import AppDep
from web.events import MAX_IDS, MAX_STREAMS, StatusFeed, Streams, stream
from web.language import translator
from web.reader_preferences import PreferencesDep

router = APIRouter(tags=["events"])

LINK_ID = re.compile(r"[0-9a-f]{32}")


@router.get("/events", response_class=StreamingResponse)
async def events(
    app: AppDep,
    request: Request,
    preferences: PreferencesDep,
    ids: Annotated[str, Query(description="Link ids with commas, at most 200")] = "",
) -> StreamingResponse:
    """Server-sent events: `link` with the state sentence of a link that changed, `working`."""
    streams = cast("Streams", request.app.state.streams)
    if streams.open >= MAX_STREAMS:
        raise Unavailable(
            f"{MAX_STREAMS} pages are being followed already.", code="events.too_many"
        )
    followed = list(dict.fromkeys(part for part in ids.split(",") if part))
    if len(followed) > MAX_IDS or not all(map(LINK_ID.fullmatch, followed)):
        raise InvalidInput(f"`ids` are up to {MAX_IDS} link ids.", code="ids.invalid", field="ids")
    watcher = StatusFeed(
        app=app, ids=list(map(LinkId, followed)), translator=translator(preferences.language)
    )
    return StreamingResponse(
        stream(watcher, streams),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )
