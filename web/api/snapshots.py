"""Routes of snapshots: request a visit, list visits, read artifacts."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from linkshot.use_cases import provenance, snapshots, uploads
from web.api.schemas.provenance import ProvenanceOut
from web.api.schemas.snapshots import SnapshotOut, SnapshotsOut, VisitAcceptedOut
from web.deps import AppDep
from web.replay.stored_files import StoredDep
from web.security.base_path import root_of
from web.security.strict_json import StrictRoute
from web.uploads import PAGE_BODY, PageDep

router = APIRouter(tags=["snapshots"], route_class=StrictRoute)


@router.post("/links/{link}/snapshots", status_code=202, openapi_extra=PAGE_BODY)
def ask(
    app: AppDep,
    request: Request,
    link: str,
    response: Response,
    page: PageDep,
    check: Annotated[bool, Query()] = False,
) -> VisitAcceptedOut:
    """Visit the link again now; or, with a saved page as the body, keep that as its snapshot.

    A page comes as it is, or in a form with the field `file` (and `any_address`: take one that says it
    was saved from another address). `check`: the snapshot of the visit is also shown again, and compared
    with it (`fidelity`).
    """
    if page is None:
        kept, asked = None, snapshots.request(app, [link], check=check)[0]
    else:
        kept = uploads.add_to(app, link, page.data, any_address=page.any_address)
        asked = kept.link
    path = f"/api/v1/links/{asked.link_id}"
    response.headers["Location"] = path
    return VisitAcceptedOut(
        link_id=asked.link_id,
        activity=asked.activity,
        due_at=asked.due_at,
        job=f"{root_of(request.scope)}{path}",
        snapshot_id=kept.snapshot_id if kept else None,
        repeated=kept.repeated if kept else False,
    )


@router.get("/links/{link}/snapshots")
def history(app: AppDep, link: str) -> SnapshotsOut:
    """All visits of the link, newest first."""
    return SnapshotsOut(items=[SnapshotOut.of(item) for item in snapshots.history(app, link)])


@router.get("/snapshots/{snapshot_id}")
def get_snapshot(app: AppDep, snapshot_id: str) -> SnapshotOut:
    """One visit and the artifacts it left."""
    return SnapshotOut.of(snapshots.get(app, None, snapshot_id))


@router.get("/snapshots/{snapshot_id}/provenance")
def get_provenance(app: AppDep, snapshot_id: str) -> ProvenanceOut:
    """Where the snapshot came from, how the visit went, and what vouches for it."""
    return ProvenanceOut.of(provenance.of_snapshot(app, snapshots.get(app, None, snapshot_id)))


@router.get("/snapshots/{snapshot_id}/artifacts/{role}", response_class=Response)
def artifact(found: StoredDep) -> Response:
    """The stored bytes with this role, sandboxed; ETag and one range are understood."""
    return found
