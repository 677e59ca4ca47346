"""Page of the trash: removed links, which can be restored or purged."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from linkshot.catalogue.clock import to_us
from linkshot.use_cases import trash
from web.deps import AppDep
from web.pages.rendering import redirect, render
from web.reader_preferences import PreferencesDep

router = APIRouter(prefix="/trash")

PAGE = 100


@router.get("")
def trash_page(
    request: Request, app: AppDep, preferences: PreferencesDep, before: int | None = None
) -> Response:
    """What is in it, last removed first."""
    found = trash.list_trash(app, PAGE, before)
    last = found[-1].deleted_at if len(found) == PAGE else None
    return render(
        request,
        app,
        preferences,
        "trash.html",
        links=found,
        next_before=last and to_us(last),
        days=app.settings.trash_days,
    )


@router.post("/purge")
def purge(app: AppDep, link: Annotated[str, Form()]) -> Response:
    """One of them for good."""
    trash.purge(app, [link])
    return redirect("/trash", "purged:")
