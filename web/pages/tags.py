"""Page of all tags with their counts; rename and remove."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from linkshot.domain.model import Tag
from linkshot.errors import Conflict, InvalidTag
from linkshot.use_cases import tags
from web import problem_details
from web.deps import AppDep
from web.pages.rendering import error_text, redirect, render
from web.reader_preferences import PreferencesDep

router = APIRouter(prefix="/tags")


@dataclass(frozen=True, slots=True, kw_only=True)
class TagRow:
    """A tag in the tree."""

    name: str
    label: str
    depth: int
    count: int
    share: int
    """Of the most used tag, in percent."""


@router.get("")
def list_tags(request: Request, app: AppDep, preferences: PreferencesDep) -> Response:
    """The tree."""
    return render(request, app, preferences, "tags.html", lines=tag_rows(tags.list_tags(app)))


@router.post("/rename")
def rename(
    request: Request,
    app: AppDep,
    preferences: PreferencesDep,
    old: Annotated[str, Form()],
    new: Annotated[str, Form()] = "",
) -> Response:
    """Another name, or another place in the tree."""
    try:
        tags.rename(app, old, new)
    except (Conflict, InvalidTag) as error:
        return render(
            request,
            app,
            preferences,
            "tags.html",
            status=problem_details.status_of(error),
            lines=tag_rows(tags.list_tags(app)),
            notice=error_text(error, preferences),
        )
    return redirect("/tags", "tag_renamed:")


@router.post("/remove")
def remove(app: AppDep, name: Annotated[str, Form()]) -> Response:
    """The tag and all below it; the links stay."""
    tags.remove(app, name)
    return redirect("/tags", "tag_removed:")


def tag_rows(found: Sequence[Tag]) -> list[TagRow]:
    """The tags in order, with how deep they stand and how long their bars are."""
    most = max((tag.count for tag in found), default=0) or 1
    return [
        TagRow(
            name=tag.name,
            label=tag.name.rpartition("/")[2],
            depth=min(tag.name.count("/"), 6),
            count=tag.count,
            share=round(100 * tag.count / most),
        )
        for tag in found
    ]
