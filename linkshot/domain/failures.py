"""Every kind of failure of a visit: when it is retried, which status it stands for, its sentence. (pure)

The one list of these codes. `retry` decides by it, `problem` names a result by it, the command line,
REST, the pages and the log say its sentences, and `retryable` in a message or an answer is is_retryable().
"""

from dataclasses import dataclass
from enum import StrEnum

from linkshot.domain.model import Failure


def _(message: str) -> str:
    """Marks a sentence for the catalogue of translations."""
    return message


class RetryPolicy(StrEnum):
    """What follows a failure by itself; retry.py has the delays."""

    BACKOFF = "backoff"
    """Several times, with growing delays."""
    ONCE_AT_ONCE = "once_at_once"
    ONCE_LATER = "once_later"
    """Once, after hours: the site keeps programs out."""
    AS_ASKED = "as_asked"
    """When the site says; its whole host waits, and it does not count as a failure."""
    REQUEUE = "requeue"
    """At once and uncounted: the visit did not take place."""
    NEVER = "never"
    """Only when a person or a schedule asks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureKind:
    """What follows from a kind of failure."""

    policy: RetryPolicy
    sentence: str
    """English, as part of a sentence; the message id of its translations."""
    http_status: int | None = None
    """The status whose answer is this kind whatever the page looks like."""


BACKOFF, ONCE_LATER, NEVER = RetryPolicy.BACKOFF, RetryPolicy.ONCE_LATER, RetryPolicy.NEVER
ONCE_AT_ONCE = RetryPolicy.ONCE_AT_ONCE

FAILURES = {
    "dns": FailureKind(policy=BACKOFF, sentence=_("the site's name could not be found")),
    "connect": FailureKind(policy=BACKOFF, sentence=_("the site did not accept the connection")),
    "tls": FailureKind(policy=BACKOFF, sentence=_("the secure connection failed")),
    "timeout": FailureKind(policy=BACKOFF, sentence=_("the page took too long")),
    "http_5xx": FailureKind(policy=BACKOFF, sentence=_("the site had an error of its own")),
    "http_401": FailureKind(
        policy=ONCE_LATER, sentence=_("the page asks for a login"), http_status=401
    ),
    "http_404": FailureKind(policy=NEVER, sentence=_("the page was not found"), http_status=404),
    "http_410": FailureKind(policy=NEVER, sentence=_("the page was removed"), http_status=410),
    "http_429": FailureKind(
        policy=RetryPolicy.AS_ASKED, sentence=_("the site asked us to slow down")
    ),
    "http_error": FailureKind(policy=NEVER, sentence=_("the site refused the page")),
    "navigation": FailureKind(policy=BACKOFF, sentence=_("the page broke off while loading")),
    "no_answer": FailureKind(policy=BACKOFF, sentence=_("the site gave no answer")),
    "crash": FailureKind(policy=ONCE_AT_ONCE, sentence=_("the page crashed the browser")),
    "memory": FailureKind(policy=ONCE_AT_ONCE, sentence=_("the page needed too much memory")),
    "internal": FailureKind(
        policy=ONCE_AT_ONCE, sentence=_("linkshot itself stumbled over the page")
    ),
    "blocked": FailureKind(policy=ONCE_LATER, sentence=_("blocked by the site")),
    "robots": FailureKind(policy=ONCE_LATER, sentence=_("the site asks programs to stay away")),
    "address_blocked": FailureKind(policy=NEVER, sentence=_("it leads to a private address")),
    "bad_url": FailureKind(
        policy=NEVER, sentence=_("it leads to an address that cannot be opened")
    ),
    "redirects": FailureKind(policy=NEVER, sentence=_("it is redirected without end")),
    "redirect_scheme": FailureKind(policy=NEVER, sentence=_("it leads out of the web")),
    "no_content": FailureKind(policy=NEVER, sentence=_("the site sent nothing")),
    "headers": FailureKind(policy=NEVER, sentence=_("the site's answer could not be read")),
    "too_large": FailureKind(policy=NEVER, sentence=_("the page is too large")),
    "empty": FailureKind(policy=NEVER, sentence=_("the page was empty")),
    "login": FailureKind(
        policy=ONCE_LATER, sentence=_("the site shows a login form instead of the page")
    ),
    # words may be mistaken, so unlike a status 404 it never makes a link gone
    "not_found": FailureKind(
        policy=NEVER, sentence=_("the site says that there is no such page, though with status 200")
    ),
    "soft_error": FailureKind(
        policy=BACKOFF, sentence=_("the site says that it has an error, though with status 200")
    ),
    "upload_unreadable": FailureKind(
        policy=NEVER, sentence=_("the uploaded file could not be read as a page")
    ),
    "upload_lost": FailureKind(policy=NEVER, sentence=_("the uploaded file is missing or damaged")),
    # never without them: a stranger's view would look like a change of the page
    "cookies": FailureKind(
        policy=BACKOFF,
        sentence=_("the cookies for its site could not be opened, so it was not visited"),
    ),
    "expired": FailureKind(
        policy=RetryPolicy.REQUEUE, sentence=_("it waited too long for its turn")
    ),
}
"""Stable code → what follows from it."""

GONE_STATUSES = (404, 410)
"""Answers after which, several times in a row, a page counts as gone."""
WAIT_STATUSES = (429, 503)
"""Answers whose Retry-After says when to come again (RFC 9110 §15.6.4, RFC 6585 §4)."""
MAX_DETAIL = 300
"""Characters of a failure's detail."""

KIND_OF_STATUS = {
    kind.http_status: code for code, kind in FAILURES.items() if kind.http_status is not None
}


def policy_of(kind: str) -> RetryPolicy:
    """Unknown kinds are transient: a newer worker may report kinds this version does not know."""
    known = FAILURES.get(kind)
    return RetryPolicy.BACKOFF if known is None else known.policy


def is_retryable(kind: str) -> bool:
    """Whether a first failure of this kind is retried by itself."""
    return policy_of(kind) is not RetryPolicy.NEVER


def kind_of_refusal(status: int) -> str:
    """The kind of an answer by which a server puts a visit off: 429, or an error of its own."""
    return "http_429" if status == 429 else "http_5xx"


def make_failure(kind: str, detail: str = "", retry_after_s: float | None = None) -> Failure:
    """A failure of this kind, with `retryable` as the retry decision will have it; its detail on one
    line and cut."""
    return Failure(
        kind=kind,
        retryable=is_retryable(kind),
        detail=" ".join(detail.split())[:MAX_DETAIL],
        retry_after_s=retry_after_s,
    )
