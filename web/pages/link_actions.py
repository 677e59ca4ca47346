"""Forms of the link page: tags, title and note, visits, watches, trash; each redirects (303)."""

from typing import Annotated

from fastapi import APIRouter, Depends, File, Form, UploadFile
from starlette.responses import Response

from linkshot.use_cases import links, snapshots, tags, trash, uploads, watches
from web.deps import AppDep
from web.pages.link_list import split_tags
from web.pages.rendering import redirect
from web.uploads import require_single_file

router = APIRouter(prefix="/links/{link_id}")

Text = Annotated[str, Form()]


@router.post("/tags")
def add_tags(app: AppDep, link_id: str, name: Text = "") -> Response:
    """These tags too."""
    tags.add_to(app, [link_id], split_tags(name))
    return redirect(f"/links/{link_id}")


@router.post("/tags/remove")
def remove_tag(app: AppDep, link_id: str, name: Text) -> Response:
    """Without this tag."""
    tags.remove_from(app, [link_id], [name])
    return redirect(f"/links/{link_id}")


@router.post("/edit")
def edit(app: AppDep, link_id: str, title: Text = "", note: Text = "") -> Response:
    """Another title and note."""
    links.edit(app, link_id, title=title.strip(), note=note.replace("\r\n", "\n"))
    return redirect(f"/links/{link_id}", "edited:")


@router.post("/again")
def again(app: AppDep, link_id: str) -> Response:
    """Visit it now."""
    snapshots.request(app, [link_id])
    return redirect(f"/links/{link_id}")


@router.post("/upload", dependencies=[Depends(require_single_file)])
def upload(
    app: AppDep,
    link_id: str,
    file: Annotated[UploadFile, File()],
    any_address: Annotated[bool, Form()] = False,
) -> Response:
    """The page as the user's browser has it becomes the snapshot."""
    uploads.add_to(app, link_id, file.file.read(), any_address=any_address)
    return redirect(f"/links/{link_id}", "uploaded:")


@router.post("/watch")
def watch(app: AppDep, link_id: str, every: Text) -> Response:
    """Visit it every so often, or no more."""
    if every == "off":
        watches.remove(app, link_id)
        return redirect(f"/links/{link_id}", "unwatched:")
    watches.set_schedule(app, link_id, every)
    return redirect(f"/links/{link_id}", "watched:")


@router.post("/remove")
def remove(app: AppDep, link_id: str, next: Text = "/") -> Response:
    """Into the trash."""
    gone = trash.remove(app, [link_id])
    return redirect(next, f"removed:{gone[0].link_id}")


@router.post("/restore")
def restore(app: AppDep, link_id: str, next: Text = "/") -> Response:
    """Out of the trash."""
    back = trash.restore(app, [link_id])
    return redirect(next, f"restored:{back[0].link_id}")
