"""Reads uploaded files from requests: one file at a time, so that none is silently ignored."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Request
from starlette.datastructures import UploadFile

from linkshot.errors import InvalidInput

TRUE = ("true", "1", "on", "yes")
_BINARY = {"schema": {"type": "string", "format": "binary"}}
_FORM = {
    "schema": {
        "type": "object",
        "properties": {
            "file": {"type": "string", "format": "binary"},
            "any_address": {"type": "boolean", "default": False},
        },
        "required": ["file"],
    }
}
PAGE_BODY: dict[str, Any] = {
    "requestBody": {
        "required": False,
        "content": {
            "multipart/form-data": _FORM,
            "text/html": _BINARY,
            "multipart/related": _BINARY,
            "application/x-mimearchive": _BINARY,
            "application/wacz": _BINARY,
            "application/warc": _BINARY,
        },
    }
}
"""What read_page() takes, for the API reference."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageBody:
    """A saved page in a request."""

    data: bytes
    any_address: bool = False


async def require_single_file(request: Request) -> None:
    """InvalidInput `file.several` for a form with more than one `file`."""
    form = await request.form()
    if len(form.getlist("file")) > 1:
        raise InvalidInput(
            "Only one file is taken at a time; send the others one after the other.",
            code="file.several",
            field="file",
        )


async def read_page(request: Request) -> PageBody | None:
    """FastAPI dependency: the saved page in the body or in the field `file` of a form; None without a
    body, and for JSON."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind in ("", "application/json"):
        return None
    if kind != "multipart/form-data":
        return PageBody(data=await request.body())
    await require_single_file(request)
    form = await request.form()
    file = form.get("file")
    if not isinstance(file, UploadFile):
        raise InvalidInput("The file is empty.", code="upload.empty", field="file")
    any_address = str(form.get("any_address", "")).lower() in TRUE
    return PageBody(data=await file.read(), any_address=any_address)


PageDep = Annotated[PageBody | None, Depends(read_page)]
