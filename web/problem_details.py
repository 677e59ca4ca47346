"""Maps errors to HTTP statuses and renders them as RFC 9457 problem details."""

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from linkshot import errors

logger = logging.getLogger(__name__)

STATUS_BY_CLASS: tuple[tuple[type[Exception], int], ...] = (
    (errors.QuerySyntax, 400),
    (errors.InvalidMessage, 400),
    (errors.InvalidInput, 422),
    (errors.NotFound, 404),
    (errors.Conflict, 409),
    (errors.RoleTaken, 409),
    (errors.TooMany, 429),
    (errors.Forbidden, 403),
    (errors.Damaged, 502),
    (errors.Unavailable, 503),
)
"""The first class that matches decides."""

STATUS_BY_CODE = {
    "batch.too_large": 413,
    "body.slow": 408,
    "body.too_large": 413,
    "content.encoding": 415,
    "content.type": 415,
    "cookies.no_key": 409,
    "cookies.too_large": 413,
    "csrf": 403,
    "cursor.invalid": 400,
    "events.too_many": 503,
    "host.not_allowed": 421,
    "host.invalid": 400,
    "json.invalid": 400,
    "json.invalid_unicode": 400,
    "login.required": 401,
    "login.too_many": 429,
    "memento.datetime": 400,
    "method": 405,
    "range": 416,
}
"""Codes with a status of their own; they win over the class."""

MEDIA_TYPE = "application/problem+json"


def status_of(error: errors.LinkshotError) -> int:
    """The HTTP status of one of our errors; 500 for those that should not get here."""
    if error.code in STATUS_BY_CODE:
        return STATUS_BY_CODE[error.code]
    return next((status for kind, status in STATUS_BY_CLASS if isinstance(error, kind)), 500)


def problem(
    status: int,
    code: str,
    detail: str,
    *,
    headers: Mapping[str, str] | None = None,
    **more: object,
) -> JSONResponse:
    """The error response; `more` are extension members, of which None is left out."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": detail,
    }
    body |= {name: value for name, value in more.items() if value is not None}
    return JSONResponse(body, status, headers, media_type=MEDIA_TYPE)


def from_error(error: errors.LinkshotError) -> JSONResponse:
    """The response to one of our errors."""
    status = status_of(error)
    if status == 500:
        logger.error("An error has no HTTP status of its own", extra={"code": error.code})
    position = error.position if isinstance(error, errors.QuerySyntax) else None
    return problem(
        status,
        error.code,
        error.message,
        headers=headers_of(error),
        field=error.field,
        position=position,
        pages=list(error.pages) if isinstance(error, errors.PageNotChosen) else None,
    )


def headers_of(error: errors.LinkshotError) -> dict[str, str]:
    """Retry-After, where retrying makes sense."""
    if isinstance(error, errors.Unavailable | errors.TooMany):
        return {"Retry-After": str(error.retry_after_s)}
    return {"Retry-After": "60"} if error.code == "login.too_many" else {}


def from_http_exception(error: HTTPException) -> JSONResponse:
    """The response to an error of the framework: unknown path, wrong method."""
    codes = {404: "not_found", 405: "method", 400: "invalid", 413: "body.too_large"}
    code = codes.get(error.status_code, "http")
    detail = str(error.detail)
    return problem(error.status_code, code, detail, headers=error.headers)


def from_validation_error(error: RequestValidationError) -> JSONResponse:
    """The response to an invalid body or parameter; names the first error only."""
    first = error.errors()[0]
    code, detail, field = validation_fault(first)
    status = STATUS_BY_CODE.get(code, 422)
    return problem(status, code, detail, field=field)


def validation_fault(first: Mapping[str, Any]) -> tuple[str, str, str]:
    """(code, message, field) of one pydantic error."""
    kind, loc = str(first["type"]), first["loc"]
    # pydantic's location begins with where FastAPI found the value
    parts = [str(part) for part in loc if part not in ("body", "query", "path", "header")]
    field = ".".join(parts) or "body"
    if kind == "json_invalid":
        return "json.invalid", "The body is not JSON.", "body"
    if kind == "extra_forbidden":
        return "field.unknown", f"There is no field {field[:60]!r} here.", field
    if kind == "missing":
        return f"{_noun(field)}.required", f"The field {field!r} is missing.", field
    if "UploadFile" in str(first["msg"]):
        return f"{_noun(field)}.type", f"The field {field!r} must be a file.", field
    if kind.endswith("_type"):
        return f"{_noun(field)}.type", f"{field}: {first['msg']}.", field
    return f"{_noun(field)}.invalid", f"{field}: {first['msg']}.", field


def _noun(field: str) -> str:
    """`tags.3` and `limit` → `tags`, `limit`: the part codes begin with."""
    return field.split(".", maxsplit=1)[0][:40]
