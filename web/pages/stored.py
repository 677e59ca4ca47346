"""Routes of stored files: frames, pictures, downloads."""

from fastapi import APIRouter
from starlette.responses import Response

from web.replay.stored_files import IconDep, StoredDep

router = APIRouter()


@router.get("/s/{snapshot_id}/{role}", response_class=Response)
def stored_file(found: StoredDep) -> Response:
    """The stored bytes, sandboxed."""
    return found


@router.get("/icons/{digest}", response_class=Response)
def icon(found: IconDep) -> Response:
    """The icon of a site; one address however many links show it."""
    return found
