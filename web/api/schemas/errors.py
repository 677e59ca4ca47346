"""The body of every error response."""

from pydantic import BaseModel


class Problem(BaseModel):
    """The body of every error (RFC 9457), as application/problem+json."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    field: str | None = None
    position: int | None = None
