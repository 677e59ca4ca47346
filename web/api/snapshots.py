"""Routes of snapshots: request a visit, list visits, read artifacts."""

from fastapi import APIRouter, Request, Response

from linkshot.use_cases import snapshots
from web.api.schemas.snapshots import SnapshotOut, SnapshotsOut, VisitAcceptedOut
from web.deps import AppDep
from web.replay.stored_files import StoredDep
from web.security.base_path import root_of
from web.security.strict_json import StrictRoute

router = APIRouter(tags=["snapshots"], route_class=StrictRoute)


@router.post("/links/{link}/snapshots", status_code=202)
def ask(app: AppDep, request: Request, link: str, response: Response) -> VisitAcceptedOut:
    """Visit the link again now."""
    asked = snapshots.request(app, [link])[0]
    path = f"/api/v1/links/{asked.link_id}"
    response.headers["Location"] = path
    return VisitAcceptedOut(
        link_id=asked.link_id,
        activity=asked.activity,
        due_at=asked.due_at,
        job=f"{root_of(request.scope)}{path}",
    )


@router.get("/links/{link}/snapshots")
def history(app: AppDep, link: str) -> SnapshotsOut:
    """All visits of the link, newest first."""
    return SnapshotsOut(items=[SnapshotOut.of(item) for item in snapshots.history(app, link)])


@router.get("/snapshots/{snapshot_id}")
def get_snapshot(app: AppDep, snapshot_id: str) -> SnapshotOut:
    """One visit and the artifacts it left."""
    return SnapshotOut.of(snapshots.get(app, None, snapshot_id))


@router.get("/snapshots/{snapshot_id}/artifacts/{role}", response_class=Response)
def artifact(found: StoredDep) -> Response:
    """The stored bytes with this role, sandboxed; ETag and one range are understood."""
    return found
