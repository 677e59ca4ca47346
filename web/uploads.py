"""Rejects forms with more than one file, so that no file is silently ignored."""

from fastapi import Request

from linkshot.errors import InvalidInput


async def require_single_file(request: Request) -> None:
    """InvalidInput `file.several` for a form with more than one `file`."""
    form = await request.form()
    if len(form.getlist("file")) > 1:
        raise InvalidInput(
            "Only one file is taken at a time; send the others one after the other.",
            code="file.several",
            field="file",
        )
