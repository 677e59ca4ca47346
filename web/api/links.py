"""Routes of links: add, read, edit, remove."""

from typing import Annotated

from fastapi import APIRouter, Header, Query, Response

from linkshot.domain.model import Link
from linkshot.errors import InvalidInput, LinkshotError, Unavailable
from linkshot.use_cases import damaged_objects, links, tags, trash, visit_status
from web.api.schemas.jobs import CountOut
from web.api.schemas.links import AddedOut, BatchOut, LinkDetailOut, LinkOut, LinksOut, RowError
from web.api.schemas.requests import MAX_BATCH, BatchIn, LinkEdit, LinkIn, RefsIn
from web.deps import AppDep
from web.security.strict_json import StrictRoute

router = APIRouter(tags=["links"], route_class=StrictRoute)


@router.post("/links", status_code=201, responses={200: {"description": "It was known before"}})
def add_link(
    app: AppDep,
    body: LinkIn,
    response: Response,
    idempotency_key: Annotated[str | None, Header(max_length=255)] = None,
) -> AddedOut:
    """Keep a link; its snapshot follows by itself."""
    added = links.add(app, body.new(), idempotency_key=idempotency_key)
    response.status_code = 200 if added.existing else 201
    response.headers["Location"] = f"/api/v1/links/{added.link.link_id}"
    return AddedOut.of_added(added)


@router.post("/links/batch")
def add_links(app: AppDep, body: BatchIn) -> BatchOut:
    """Keep several links; each is answered for itself, by its place in the batch."""
    if len(body.items) > MAX_BATCH:
        raise InvalidInput(
            f"At most {MAX_BATCH} links in one call; for more upload a list to /api/v1/imports.",
            code="batch.too_large",
            field="items",
        )
    items: list[AddedOut] = []
    errors: list[RowError] = []
    for row, item in enumerate(body.items):
        try:
            items.append(AddedOut.of_added(links.add(app, item.new())))
        except Unavailable:
            raise
        except LinkshotError as error:
            fault = RowError(row=row, code=error.code, detail=error.message, field=error.field)
            errors.append(fault)
    return BatchOut(items=items, errors=errors)


@router.get("/links/{link}")
def get_link(app: AppDep, link: str) -> LinkDetailOut:
    """A link by its id or a unique beginning of it."""
    found = links.get(app, link)
    standing = visit_status.of_link(app, found)
    return LinkDetailOut.of_link(found, damaged_objects.of_link(app, found.link_id), standing)


@router.patch("/links/{link}")
def edit_link(app: AppDep, link: str, body: LinkEdit) -> LinkOut:
    """Change title, note, unread mark or tags."""
    changed: Link | None = None
    if body.tags is not None:
        changed = tags.add_to(app, [link], body.tags, replace=True)[0]
    if body.title is not None or body.note is not None or body.unread is not None or not changed:
        changed = links.edit(app, link, title=body.title, note=body.note, unread=body.unread)
    return LinkOut.of(changed)


@router.delete("/links/{link}", status_code=204)
def delete_link(app: AppDep, link: str) -> None:
    """Into the trash; it can be restored for some weeks."""
    trash.remove(app, [link])


@router.post("/links/{link}/restore")
def restore_link(app: AppDep, link: str) -> LinkOut:
    """Out of the trash."""
    return LinkOut.of(trash.restore(app, [link])[0])


@router.get("/trash")
def list_trash(
    app: AppDep,
    limit: Annotated[int, Query(ge=1, le=200)] = 100,
    before: Annotated[int | None, Query(description="µs since 1970 of `deleted_at`")] = None,
) -> LinksOut:
    """What is in the trash, last removed first."""
    return LinksOut(items=[LinkOut.of(link) for link in trash.list_trash(app, limit, before)])


@router.post("/trash/purge")
def purge_trash(app: AppDep, body: RefsIn) -> CountOut:
    """Remove links in the trash for good, with their snapshots."""
    return CountOut(count=trash.purge(app, body.links))
