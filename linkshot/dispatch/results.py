"""Applies a result to the catalogue. Idempotent: twice or out of order it changes nothing more."""

import json
import logging
import random

import sqlalchemy as sa

from linkshot.app import App
from linkshot.catalogue import uploads, visits
from linkshot.catalogue.clock import to_us, unique_us, unused_us
from linkshot.catalogue.links import PRIORITY_OF, SCHEDULE, links
from linkshot.catalogue.schema import insert_into, storable
from linkshot.catalogue.snapshots import snapshots, to_snapshot, versions
from linkshot.domain.messages import SnapshotFinished, plain_value
from linkshot.domain.model import ChangeKind, LinkState, Outcome, Reason, Role, Snapshot, Verdict
from linkshot.domain.outcomes import (
    LinkTransition,
    failure_kind,
    is_less_than,
    next_state,
    replaces,
)
from linkshot.domain.storage_layout import blob_key

logger = logging.getLogger(__name__)

PRECEDENCE = {outcome.value: rank for rank, outcome in enumerate(Outcome)}
"""Of two results for one request the lower rank stays."""

MAX_TITLE = 1000
"""Characters of a page's title that are kept, whoever sent the result."""


def apply_result(app: App, finished: SnapshotFinished) -> bool:
    """Record how a request ended, move the link on, and free its place in the caps; whether it was
    news about a kept link.

    A result for a purged link is recorded as dropped and its manifest deleted; one for a link
    the catalogue does not know (a catalogue restored from an older copy) is left to `rebuild`.
    """
    with app.catalogue.write() as conn:
        rev = unique_us(conn, "rev", now=to_us(app.now()))
        query = sa.select(links).where(links.c.link_id == finished.link_id).with_for_update()
        link = conn.execute(query).mappings().one_or_none()
        if link is None:
            logger.warning("A result came for an unknown link", extra={"link_id": finished.link_id})
            return False
        dropped = bool(link["purged"])
        newest = _record(conn, finished, dropped)
        # A result that comes again finds its request closed, or another one open.
        if link["open_request_id"] == finished.request_id:
            visits.close(conn, finished.link_id, link["host"])
        if finished.reason is Reason.UPLOAD:
            uploads.end(conn, finished.request_id)
        if not dropped and newest:
            _advance_link(app, conn, link, finished, rev)
    if dropped and finished.manifest:  # killed before this, the result comes again
        app.store.delete([finished.manifest])
    return newest and not dropped


def _record(conn: sa.Connection, finished: SnapshotFinished, dropped: bool) -> bool:
    """Keep the row; False when an equal or better result for this request was there before."""
    before = conn.execute(
        sa.select(snapshots.c.outcome).where(snapshots.c.snapshot_id == finished.request_id)
    ).scalar()
    if before is not None and PRECEDENCE[before] <= PRECEDENCE[finished.outcome.value]:
        return False
    values = snapshot_row(finished) | {"dropped": dropped}
    fresh = insert_into(conn, snapshots).values(**values)
    conn.execute(fresh.on_conflict_do_update(index_elements=["snapshot_id"], set_=values))
    return True


def snapshot_row(finished: SnapshotFinished) -> dict[str, object]:
    """The catalogue's row of a result."""
    stored, error = finished.outcome is Outcome.STORED, finished.error
    return {
        "snapshot_id": finished.request_id,
        "link_id": finished.link_id,
        "outcome": finished.outcome.value,
        "reason": finished.reason.value,
        "started_at": to_us(finished.started_at),
        "finished_at": to_us(finished.finished_at),
        "taken_at": to_us(finished.started_at) if stored else None,
        "final_url": finished.final_url,
        "http_status": finished.http_status,
        "title": _title(finished),
        "language": finished.language,
        "text_sha256": finished.text_sha256,
        "source_text_sha256": finished.source_text_sha256,
        "etag": finished.etag,
        "last_modified": finished.last_modified,
        "change": json.dumps(plain_value(finished.change)) if finished.change else None,
        "quality": json.dumps(plain_value(finished.quality)),
        "fidelity": json.dumps(plain_value(checked)) if (checked := finished.fidelity) else None,
        "manifest": finished.manifest,
        "manifest_sha256": finished.manifest_sha256,
        "artifacts": json.dumps([plain_value(artifact) for artifact in finished.artifacts]),
        "failure": json.dumps(plain_value(error.after(error.hops))) if error else None,
    }


def _title(finished: SnapshotFinished) -> str | None:
    return None if finished.title is None else storable(finished.title[:MAX_TITLE])


def _advance_link(
    app: App, conn: sa.Connection, link: sa.RowMapping, finished: SnapshotFinished, rev: int
) -> None:
    if finished.reason is Reason.UPLOAD:
        values = _upload_columns(conn, link, finished)
    else:
        values = _transition_columns(app, conn, link, finished)
    values["rev"] = max(rev, link["rev"] + 1)
    values["announce_class"] = PRIORITY_OF[finished.reason]
    last = link["last_snapshot_id"]
    # Results may come out of order; ids of requests rise with time.
    if last is None or last < finished.request_id:
        values["last_snapshot_id"] = finished.request_id
    if finished.outcome in (Outcome.STORED, Outcome.UNCHANGED):
        current = sa.select(snapshots).where(snapshots.c.snapshot_id == link["current_snapshot_id"])
        row = conn.execute(current).one_or_none()
        shown = None if row is None else to_snapshot(row)
        if finished.outcome is Outcome.STORED and (shown is None or replaces(shown, finished)):
            values |= _current_columns(conn, link, finished, shown)
        _record_version(conn, finished, shown)
    conn.execute(links.update().where(links.c.link_id == finished.link_id).values(**values))


def _upload_columns(
    conn: sa.Connection, link: sa.RowMapping, finished: SnapshotFinished
) -> dict[str, object]:
    """State of the link after an upload: one that is the page settles it, and an automatic retry of a visit
    that failed is not needed any more; one that is not says nothing about the site."""
    failed = failure_kind(finished)
    if failed is not None:
        state = LinkState.FAILING.value
        return {"state": state, "failure_kind": failed} if link["state"] == "new" else {}
    if link["reason"] == Reason.RETRY.value:
        visits.cancel_due(conn, [finished.link_id])
    return {
        "state": LinkState.OK.value,
        "attempts": 0,
        "gone_count": 0,
        "first_failed_at": None,
        "failure_kind": None,
        "failure_detail": None,
    }


def _transition_columns(
    app: App, conn: sa.Connection, link: sa.RowMapping, finished: SnapshotFinished
) -> dict[str, object]:
    """State, attempts and the next try of the link."""
    now = to_us(app.now())
    first_failed = link["first_failed_at"]
    coming = next_state(
        finished,
        attempts=link["attempts"],
        gone_count=link["gone_count"],
        failing_for_us=now - first_failed if first_failed else 0,
        jitter=random.random(),  # noqa: S311  # spreads retries, guards nothing
    )
    if coming.host_blocked_for is not None:
        until = now + int(coming.host_blocked_for.total_seconds() * 1e6)
        visits.block_host(conn, link["host"], until)
    _retry(conn, link, finished, coming, now)
    return {
        "state": coming.state.value,
        "attempts": coming.attempts,
        "gone_count": coming.gone_count,
        "first_failed_at": (first_failed or now) if coming.attempts or finished.error else None,
        "failure_kind": finished.error.kind if finished.error else coming.failure_kind,
        "failure_detail": finished.error.detail[:500] if finished.error else None,
    }


def _retry(
    conn: sa.Connection,
    link: sa.RowMapping,
    finished: SnapshotFinished,
    coming: LinkTransition,
    now: int,
) -> None:
    """Make the link due again when the decision says so; the old request must be the open one."""
    if coming.due_in is None or link["open_request_id"] != finished.request_id:
        return
    if link["deleted_at"] is not None or link["due_at"] is not None:
        return
    due_at = now + int(coming.due_in.total_seconds() * 1_000_000)
    priority = max(SCHEDULE, PRIORITY_OF[finished.reason])
    reason = finished.reason if finished.outcome is Outcome.DEFERRED else Reason.RETRY
    this = links.c.link_id == finished.link_id
    # a retry of a retry repeats the first visit; None when an older linkshot did not note it
    repeated: Reason | None = finished.reason
    if repeated is Reason.RETRY:
        repeated = Reason(link["retry_of"]) if link["retry_of"] else None
    visits.make_due(
        conn,
        this,
        due_at,
        priority=priority,
        reason=reason,
        retry_of=repeated,
        check=link["check_wanted"],
    )


def _current_columns(
    conn: sa.Connection, link: sa.RowMapping, finished: SnapshotFinished, shown: Snapshot | None
) -> dict[str, object]:
    """Columns that follow the current snapshot: this one, after `shown`."""
    # The title of an error page or a bot wall is not the page's own, that of an empty shell is.
    has_own_title = failure_kind(finished) in (None, Verdict.EMPTY.value)
    icon = next((one.sha256 for one in finished.artifacts if one.role is Role.ICON), None)
    values: dict[str, object] = {
        "current_snapshot_id": finished.request_id,
        "title": (has_own_title and _title(finished)) or link["title"],
        "language": finished.language or "",
        "http_status": finished.http_status,
        "verdict": finished.quality.verdict.value,
        "taken_at": to_us(finished.started_at),
        "etag": finished.etag,
        "last_modified": finished.last_modified,
        "source_text_sha256": finished.source_text_sha256,
        "icon": icon or link["icon"],
    }
    if _is_change(finished, shown):
        at = to_us(finished.finished_at)
        (key,) = unused_us(conn, "changed", links.c.by_changed, [at])
        values |= {"changed_at": at, "by_changed": key}
    return values


def _is_change(finished: SnapshotFinished, shown: Snapshot | None) -> bool:
    """Whether the page has another text than before: the first snapshot that shows the page is none,
    also when an error page of the site was kept before it."""
    if finished.change is None or finished.change.kind not in (ChangeKind.MINOR, ChangeKind.MAJOR):
        return False
    return shown is not None and shown.quality.verdict.is_page


def _record_version(
    conn: sa.Connection, finished: SnapshotFinished, shown: Snapshot | None
) -> None:
    """Widen the time in which this text was seen; only texts that are the page count."""
    if not finished.quality.verdict.is_page or not finished.text_sha256:
        return
    if shown is not None and is_less_than(shown, finished):
        return
    seen = to_us(finished.finished_at)
    kept = next((a.key for a in finished.artifacts if a.role is Role.TEXT), None)
    fresh = insert_into(conn, versions).values(
        link_id=finished.link_id,
        text_sha256=finished.text_sha256,
        text_key=kept or blob_key(finished.text_sha256),
        seen_from=seen,
        seen_to=seen,
    )
    wider = {
        "seen_from": sa.case((versions.c.seen_from > seen, seen), else_=versions.c.seen_from),
        "seen_to": sa.case((versions.c.seen_to < seen, seen), else_=versions.c.seen_to),
    }
    conn.execute(fresh.on_conflict_do_update(index_elements=["link_id", "text_sha256"], set_=wider))
