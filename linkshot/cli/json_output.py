"""Links, snapshots and answers as JSON: the shapes that programs rely on (docs/cli.md)."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from linkshot.domain.failures import is_retryable
from linkshot.domain.model import Hop, Link, Snapshot
from linkshot.domain.visit_problem import problem_of

if TYPE_CHECKING:
    from linkshot.domain.visit_stage import VisitProgress
    from linkshot.use_cases.damaged_objects import DamagedObject
    from linkshot.use_cases.imports import ImportReport
    from linkshot.use_cases.jobs import DeadLetterContent, DeadLetterSummary, Overview
    from linkshot.use_cases.search import SearchPage

Json = dict[str, Any]


def link(one: Link) -> Json:
    """A link of a list."""
    return {
        "link_id": one.link_id,
        "url": one.url,
        "title": one.title,
        "tags": [tag.name for tag in one.tags],
        "note": one.note,
        "state": one.state.value,
        "activity": one.activity,
        "unread": one.unread,
        "watched": one.watched,
        "added_at": timestamp(one.added_at),
        "changed_at": timestamp(one.changed_at),
        "due_at": timestamp(one.due_at),
        "next_visit_at": timestamp(one.next_visit_at),
        "versions": one.versions,
    }


def link_detail(
    one: Link, *, existing: bool | None = None, standing: "VisitProgress | None" = None
) -> Json:
    """A link with its newest visit: `add --wait`, `show`."""
    body = link(one)
    body["progress"] = progress(standing) if standing is not None else None
    if existing is not None:
        body["existing"] = existing
    shown = one.last if one.last is not None else one.current
    body["snapshot"] = snapshot(shown) if shown else None
    if one.current is not None:
        body["current"] = snapshot(one.current)
    return body


def progress(standing: "VisitProgress") -> Json:
    """Where a link stands whose visit is due or sent."""
    return {
        "stage": standing.stage.value,
        "since": timestamp(standing.since),
        "until": timestamp(standing.until),
    }


def snapshot(one: Snapshot) -> Json:
    """A visit that ended."""
    return {
        "snapshot_id": one.snapshot_id,
        "link_id": one.link_id,
        "outcome": one.outcome.value,
        "problem": problem_of(one),
        "reason": one.reason.value,
        "taken_at": timestamp(one.taken_at),
        "finished_at": timestamp(one.finished_at),
        "http_status": one.http_status,
        "final_url": one.final_url,
        "title": one.title,
        "language": one.language,
        "change": {"kind": one.change.kind.value, "score": one.change.score}
        if one.change
        else None,
        "quality": {"verdict": one.quality.verdict.value, "reasons": list(one.quality.reasons)},
        "artifacts": [
            {
                "role": artifact.role.value,
                "name": artifact.name,
                "key": artifact.key,
                "bytes": artifact.bytes,
                "media_type": artifact.media_type,
                "sha256": artifact.sha256,
            }
            for artifact in one.artifacts
        ],
        "error": {
            "class": one.failure.kind,
            "retryable": is_retryable(one.failure.kind),
            "retry_after_s": one.failure.retry_after_s,
            "detail": one.failure.detail,
            "hops": hops(one.failure.hops),
        }
        if one.failure
        else None,
    }


def damage(one: "DamagedObject") -> Json:
    """A stored object that is damaged."""
    return {
        "role": one.role.value,
        "key": one.key,
        "fault": one.fault.value,
        "found_at": timestamp(one.found_at),
    }


def hops(followed: tuple[Hop, ...]) -> list[Json]:
    """The redirects before a failure."""
    return [{"url": hop.url, "status": hop.status} for hop in followed]


def search(page: "SearchPage") -> Json:
    """An answer of `search` or `list`; `incomplete`: links may be missing, and how many."""
    missing = page.completeness
    return {
        "total": page.total,
        "items": [
            link(found.link)
            | {"snippet": marked(found.snippet), "score": found.score}
            | (
                {"seen_from": timestamp(found.seen_from), "seen_to": timestamp(found.seen_to)}
                if found.seen_from
                else {}
            )
            for found in page.items
        ],
        "facets": {
            name: [{"value": v.value, "label": v.label, "count": v.count} for v in values]
            for name, values in page.facets.items()
        },
        "next_cursor": page.next_cursor,
        "indexed_until": timestamp(page.indexed_until),
        "incomplete": missing.incomplete,
        "unvisited": missing.unvisited,
        "unindexed": missing.unindexed,
        "unreadable": missing.unreadable,
        "not_running": list(missing.not_running),
    }


def report(one: "ImportReport") -> Json:
    """How an import went."""
    return {
        "import_id": one.import_id,
        "name": one.name,
        "format": one.format,
        "accepted": one.accepted,
        "duplicate": one.duplicate,
        "rejected": one.rejected,
        "notices": one.notices,
        "noticed": dict(one.noticed),
    }


def jobs(one: "Overview") -> Json:
    """What is going on."""
    hosts = [
        {
            "host": h.host,
            "due": h.due,
            "sent": h.sent,
            "visiting": h.visiting,
            "blocked_until": timestamp(h.blocked_until),
        }
        for h in one.hosts
    ]
    failed = [
        {
            "link_id": f.link_id,
            "url": f.url,
            "class": f.kind,
            "detail": f.detail,
            "hops": hops(f.hops),
            "attempts": f.attempts,
            "activity": f.activity,
            "next_try": timestamp(f.next_visit_at),
            "watch_at": timestamp(f.watch_at),
        }
        for f in one.failed
    ]
    return {
        "due": one.due,
        "later": one.later,
        "sent": one.sent,
        "visiting": one.visiting,
        "workers": one.workers,
        "not_running": list(one.not_running),
        "dead": one.dead,
        "unannounced": one.unannounced,
        "unindexed": one.unindexed,
        "indexed_until": timestamp(one.indexed_until),
        "hosts": hosts,
        "failed": failed,
    }


def dead(one: "DeadLetterSummary") -> Json:
    """A message nobody could work on."""
    return {
        "dead_id": one.dead_id,
        "topic": one.topic,
        "where": one.where,
        "reason": one.reason,
        "detail": one.detail,
        "attempts": one.attempts,
        "at": timestamp(one.at),
        "requeued_at": timestamp(one.requeued_at),
        "bytes": one.bytes,
        "cut": one.cut,
        "complete": one.complete,
    }


def dead_content(one: "DeadLetterContent") -> Json:
    """The same with its message."""
    import base64

    return {
        **dead(one.line),
        "key": one.key,
        "sha256": one.sha256,
        "value_base64": base64.b64encode(one.value).decode("ascii"),
    }


def marked(pieces: tuple[tuple[str, bool], ...]) -> str:
    """An excerpt with its hits in `<mark>`, everything else escaped."""
    from html import escape

    return "".join(f"<mark>{escape(t)}</mark>" if hit else escape(t) for t, hit in pieces)


def timestamp(instant: datetime | None) -> str | None:
    """RFC 3339 in UTC, None for none."""
    return instant.isoformat().replace("+00:00", "Z") if instant else None
