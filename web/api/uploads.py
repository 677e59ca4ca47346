"""Routes that take a page as somebody's browser had it: by its address, and as a snapshot of a known link."""

from typing import Annotated

from fastapi import APIRouter, Depends, File, Form, Request, Response, UploadFile

from linkshot.domain.model import NewLink
from linkshot.use_cases import uploads
from web.api.schemas.snapshots import UploadedOut
from web.deps import AppDep
from web.security.base_path import root_of
from web.security.strict_json import StrictRoute
from web.uploads import require_single_file

router = APIRouter(tags=["uploads"], route_class=StrictRoute)


@router.post(
    "/uploads",
    status_code=201,
    dependencies=[Depends(require_single_file)],
    responses={200: {"description": "The same file is there already"}},
)
def upload(
    app: AppDep,
    request: Request,
    response: Response,
    file: Annotated[
        UploadFile,
        File(description="The page as HTML (SingleFile) or MHTML, or a WACZ or WARC that has it"),
    ],
    url: Annotated[
        str, Form(description="The address of the page; without one, what the file says")
    ] = "",
    tag: Annotated[list[str] | None, Form()] = None,
    any_address: Annotated[
        bool, Form(description="Take a page that says it was saved from another address")
    ] = False,
) -> UploadedOut:
    """Keep a page as your browser has it; its link is added when it is new, and not visited.

    The SingleFile extension can send to it: "upload to a REST Form API", with `url` and `file`.
    """
    new = NewLink(url=url, tags=tuple(tag or ()))
    kept = uploads.add(app, new, file.file.read(), any_address=any_address)
    response.status_code = 200 if kept.repeated else 201
    path = f"/api/v1/links/{kept.link.link_id}"
    response.headers["Location"] = path
    return UploadedOut.of(kept, f"{root_of(request.scope)}{path}")
