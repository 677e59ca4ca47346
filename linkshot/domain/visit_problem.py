"""Why a visit did not bring the page, as one stable code. (pure)

Used by `dispatch` to decide, and by the command line, REST and the pages to explain, so that all agree.
The codes are those of failures.FAILURES.
"""

from linkshot.domain.failures import KIND_OF_STATUS
from linkshot.domain.model import Link, Outcome, Snapshot, Verdict

EXPIRED = "expired"


def problem(
    outcome: Outcome, verdict: Verdict, http_status: int | None, failed: str | None = None
) -> str | None:
    """The code, None when the page itself came; `failed` is the kind of failure, if it was one."""
    if failed is not None:
        return failed
    if outcome is Outcome.DEFERRED:
        return EXPIRED
    if http_status in KIND_OF_STATUS:
        return KIND_OF_STATUS[http_status]
    match verdict:
        case Verdict.HTTP_ERROR:
            if (http_status or 0) >= 500:
                return "http_5xx"
            return "soft_error" if http_status == 200 else "http_error"
        case Verdict.BLOCKED | Verdict.EMPTY | Verdict.LOGIN | Verdict.NOT_FOUND:
            return verdict.value
        case _:
            return None


def problem_of(visit: Snapshot) -> str | None:
    """Why this visit did not bring the page; None when it did."""
    failed = visit.failure.kind if visit.failure is not None else None
    return problem(visit.outcome, visit.quality.verdict, visit.http_status, failed)


def problem_now(link: Link) -> str | None:
    """Why the newest visit of a link did not bring the page; None when it did or none has ended."""
    return problem_of(link.last) if link.last is not None else None
