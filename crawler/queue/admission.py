"""What becomes of a delivery before its visit: refused, passed on, answered at once, or marked."""

import json
import logging
import re
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

from crawler import failures
from crawler.queue import attempt_marks
from crawler.queue.attempt_marks import Attempt
from linkshot.app import App
from linkshot.domain import urls
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
class Work:
    """A request for a visit that waits for its turn."""

    delivery: Delivery
    request: SnapshotRequested
    url: str
    """As it will be opened; checked anew."""
    host: str
    """Of `url`, whatever the message says."""
    refused: Failure | None = None
    """Why there will be no visit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """What is to be done with a request whose turn has come."""

    attempt: Attempt = field(default_factory=Attempt)
    result: SnapshotFinished | None = None
    """It is answered already."""
    refused: Failure | None = None


def read(
    delivery: Delivery, allow_networks: Sequence[str], own: Collection[str] = ()
) -> Work | Submission:
    """The request in a delivery, or a submission that came by this door; else InvalidMessage. (pure)"""
    raw = parse_object(delivery.value)
    if "request_id" not in raw and "url" in raw:
        return read_value(Submission, raw)
    request = read_value(SnapshotRequested, raw)
    if not _LINK_ID.fullmatch(request.link_id) or not _REQUEST_ID.fullmatch(request.request_id):
        raise InvalidMessage("link_id or request_id does not look like one of ours")
    try:
        checked = admit(urls.normalize(request.url), allow_networks=allow_networks, own_hosts=own)
    except InvalidURL as exc:
        refused = failures.of_exception(exc)
        return Work(delivery=delivery, request=request, url="", host="", refused=refused)
    return Work(delivery=delivery, request=request, url=checked.url, host=checked.host)


def pass_on(app: App, delivery: Delivery, submission: Submission) -> None:
    """A submission goes where it belongs. Blocks."""
    app.queue.publish(SUBMISSIONS, [Message(key=delivery.key, value=submission.encode())])


def prepare(app: App, dead: DeadLetterQueue, work: Work) -> Prepared:
    """Answered already, too late, poison, or marked and ready to go. Blocks."""
    request = work.request
    if work.refused is not None:
        return Prepared(refused=work.refused)
    if (known := known_result(app, request)) is not None:
        return Prepared(result=known)
    if request.not_after is not None and request.not_after < app.now():
        return Prepared(result=deferred(request, app.now()))
    attempt = attempt_marks.begin(app.store, request.request_id)
    if attempt.poison:
        detail = f"the visit was lost {attempt.losses} times while it was alone in the worker"
        with suppress(MessageRefused):  # the log has it, and the link shows the failure
            dead.send(work.delivery, "visit.lost", detail, attempt.losses)
        return Prepared(attempt=attempt, refused=failures.failure("crash", detail))
    return Prepared(attempt=attempt)


def known_result(app: App, request: SnapshotRequested) -> SnapshotFinished | None:
    """The result in the manifest, when this snapshot exists already."""
    try:
        stored = app.store.open(manifest_key(request.link_id, request.request_id))
    except (KeyError, Damaged):  # one that is damaged is replaced when the visit ends
        return None
    try:
        return read_value(SnapshotFinished, json.loads(stored)["finished"])
    except (ValueError, KeyError, TypeError, InvalidMessage):
        logger.exception("A manifest cannot be read; the page is visited again")
        return None


def deferred(request: SnapshotRequested, now: datetime) -> SnapshotFinished:
    """The answer when it is too late for a visit."""
    return SnapshotFinished(
        request_id=request.request_id,
        link_id=request.link_id,
        url=request.url,
        outcome=Outcome.DEFERRED,
        reason=request.reason,
        started_at=now,
        finished_at=now,
        error=failures.failure("expired", "its turn came after not_after"),
    )
