"""Decides about a delivery before its visit: rejected, forwarded, answered already, or admitted."""

import hashlib
import json
import logging
import re
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

from crawler import failures
from crawler.failures import VisitFailed
from crawler.queue import attempt_marks
from crawler.queue.cookie_opening import open_cookies
from linkshot.app import App
from linkshot.domain import urls
from linkshot.domain.cookies import SiteCookies
from linkshot.domain.failure_details import detail_text
from linkshot.domain.failures import make_failure
from linkshot.domain.messages import (
    SUBMISSIONS,
    SnapshotFinished,
    SnapshotRequested,
    Submission,
    parse_object,
    read_value,
)
from linkshot.domain.model import Failure, Outcome
from linkshot.domain.storage_layout import manifest_key
from linkshot.domain.url_admission import admit
from linkshot.errors import Damaged, InvalidMessage, InvalidURL, MessageRefused
from linkshot.ports import Delivery, Message
from linkshot.use_cases.dead_letters import DeadLetterQueue

logger = logging.getLogger(__name__)

_LINK_ID = re.compile(r"[0-9a-f]{32}")
_REQUEST_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingVisit:
    """A request for a visit that waits in the scheduler."""

    delivery: Delivery
    request: SnapshotRequested
    url: str
    """The address to open; checked anew, since anyone with access to the queue can write to it."""
    host: str
    """Of `url`, whatever the message says."""
    rejected: Failure | None = None
    """Why there will be no visit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitDecision:
    """What to do with a request whose turn has come: announce `result`, or reject it, or visit."""

    result: SnapshotFinished | None = None
    """It is answered already."""
    rejected: Failure | None = None
    isolated: bool = False
    """Visit it with nothing else in the worker."""
    cookies: SiteCookies | None = None
    """With which it is visited."""


def parse_delivery(
    delivery: Delivery, allow_networks: Sequence[str], own: Collection[str] = ()
) -> PendingVisit | Submission:
    """The request in a delivery, or a submission sent to the wrong topic; else InvalidMessage. (pure)"""
    raw = parse_object(delivery.value)
    if "request_id" not in raw and "url" in raw:
        return read_value(Submission, raw)
    request = read_value(SnapshotRequested, raw)
    # both become parts of store keys
    if not _LINK_ID.fullmatch(request.link_id) or not _REQUEST_ID.fullmatch(request.request_id):
        raise InvalidMessage("link_id or request_id does not look like one of ours")
    try:
        checked = admit(urls.normalize(request.url), allow_networks=allow_networks, own_hosts=own)
    except InvalidURL as exc:
        rejected = failures.exception_failure(exc)
        return PendingVisit(delivery=delivery, request=request, url="", host="", rejected=rejected)
    return PendingVisit(delivery=delivery, request=request, url=checked.url, host=checked.host)


def forward_submission(app: App, delivery: Delivery, submission: Submission) -> None:
    """Publish a submission to its own topic. Blocks."""
    app.queue.publish(SUBMISSIONS, [Message(key=delivery.key, value=submission.encode())])


def decide(app: App, dead: DeadLetterQueue, pending: PendingVisit) -> VisitDecision:
    """Answered already, too late, poison, or marked as begun and ready to visit. Blocks."""
    request = pending.request
    if pending.rejected is not None:
        return VisitDecision(rejected=pending.rejected)
    if (known := known_result(app, request)) is not None:
        return VisitDecision(result=known)
    if request.not_after is not None and request.not_after < app.now():
        return VisitDecision(result=deferred_result(request, app.now()))
    try:
        cookies = open_cookies(app, request.cookies, pending.host) if request.cookies else None
    except VisitFailed as exc:
        return VisitDecision(rejected=exc.failure)
    attempt = attempt_marks.begin(app.store, request.request_id)
    if attempt.poison:
        detail = detail_text("visit.lost", losses=attempt.losses)
        with suppress(MessageRefused):  # the log has it, and the link shows the failure
            dead.send(pending.delivery, "visit.lost", detail, attempt.losses)
        return VisitDecision(rejected=make_failure("crash", detail))
    return VisitDecision(isolated=attempt.isolated, cookies=cookies)


def known_result(app: App, request: SnapshotRequested) -> SnapshotFinished | None:
    """The result in the manifest, when this snapshot exists already.

    A delivery is handed out again when its worker died between the manifest and the ack; publishing
    the result once more is enough then.
    """
    try:
        stored = app.store.read(manifest_key(request.link_id, request.request_id))
    except (KeyError, Damaged):  # a damaged one is replaced when the visit ends
        return None
    try:
        result = read_value(SnapshotFinished, json.loads(stored)["finished"])
        return replace(result, manifest_sha256=hashlib.sha256(stored).hexdigest())
    except (ValueError, KeyError, TypeError, InvalidMessage):
        logger.exception("A manifest cannot be read; the page is visited again")
        return None


def deferred_result(request: SnapshotRequested, now: datetime) -> SnapshotFinished:
    """The result of a request whose turn came after its `not_after`."""
    expired = make_failure("expired", detail_text("visit.expired"))
    return SnapshotFinished.of(request, Outcome.DEFERRED, now, now, expired)
