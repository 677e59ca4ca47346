"""Routes of tags. A tag's name may contain slashes, so it is the rest of the path."""

from typing import Annotated

from fastapi import APIRouter, Query

from linkshot.use_cases import tags
from web.api.schemas.requests import TagIn
from web.api.schemas.tags import TagOut, TagsOut
from web.deps import AppDep
from web.security.strict_json import StrictRoute

router = APIRouter(tags=["tags"], route_class=StrictRoute)


@router.get("/tags")
def list_tags(app: AppDep) -> TagsOut:
    """All tags with how many links carry each one or a tag below it."""
    return TagsOut(items=[TagOut.of(tag) for tag in tags.list_tags(app)])


@router.get("/tags/suggest")
def suggest_tags(
    app: AppDep, prefix: str = "", limit: Annotated[int, Query(ge=1, le=50)] = 10
) -> TagsOut:
    """Tags that begin so, most used first."""
    return TagsOut(items=[TagOut.of(tag) for tag in tags.suggest(app, prefix, limit)])


@router.post("/tags", status_code=201)
def add_tag(app: AppDep, body: TagIn) -> TagOut:
    """A tag and its parents, created when they are missing."""
    return TagOut.of(tags.add(app, body.name))


@router.patch("/tags/{name:path}")
def rename_tag(app: AppDep, name: str, body: TagIn) -> TagOut:
    """Rename or move a tag with all below it."""
    return TagOut.of(tags.rename(app, name, body.name))


@router.delete("/tags/{name:path}", status_code=204)
def remove_tag(app: AppDep, name: str) -> None:
    """Remove a tag and all below it; the links stay."""
    tags.remove(app, name)
