"""Health of the backends."""

from datetime import datetime

from pydantic import BaseModel


class HealthProblem(BaseModel):
    """What is wrong with a part."""

    part: str
    code: str
    detail: str


class HealthOut(BaseModel):
    """Whether the parts answer and are whole."""

    status: str
    """`ok`; `degraded`: it serves, and something is wrong; `down`: it cannot serve."""
    parts: dict[str, str] = {}
    """`catalogue`, `queue`, `store`, `index`: `ok` or a code. Only for those who may look."""
    problems: list[HealthProblem] = []
    """A sentence for each part that is not `ok`. Only for those who may look."""
    indexed_until: datetime | None = None
