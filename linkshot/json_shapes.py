"""The JSON shape of every noun: what REST and `--json` return (docs/api.md, docs/cli.md).

Plain dicts, so that the command line need not load pydantic; web/api/schemas declares the same shapes for
OpenAPI and builds its responses from these. Times stay datetimes; whoever prints them writes RFC 3339.
"""

from typing import TYPE_CHECKING, Any

from linkshot.domain.error_texts import ERROR_MESSAGES
from linkshot.domain.failures import is_retryable
from linkshot.domain.fidelity import Fidelity, RenderingScore
from linkshot.domain.model import Artifact, Failure, Hop, Link, Snapshot, Tag
from linkshot.domain.visit_problem import problem_of

if TYPE_CHECKING:
    from linkshot.domain.provenance import Provenance
    from linkshot.domain.site_rules import SiteRule, Viewport
    from linkshot.domain.visit_stage import VisitProgress
    from linkshot.use_cases.damaged_objects import DamagedObject
    from linkshot.use_cases.import_batches import LedgerRow
    from linkshot.use_cases.imports import ImportReport
    from linkshot.use_cases.jobs import DeadLetterContent, DeadLetterSummary, FailedLink, Overview
    from linkshot.use_cases.paging import Facets
    from linkshot.use_cases.search import SearchHit, SearchPage
    from linkshot.use_cases.site_cookies import CookieImport, SiteEntry
    from linkshot.use_cases.sites import ChangedRule, SiteView
    from linkshot.use_cases.uploads import Uploaded
    from linkshot.use_cases.watches import Watch

Json = dict[str, Any]


def link(one: Link) -> Json:
    """A link without its visits, as lists and search hits have it."""
    return {
        "link_id": one.link_id,
        "url": one.url,
        "site": one.host,
        "title": one.title,
        "tags": [tag.name for tag in one.tags],
        "note": one.note,
        "state": one.state.value,
        "activity": one.activity,
        "unread": one.unread,
        "watched": one.watched,
        "added_at": one.added_at,
        "changed_at": one.changed_at,
        "due_at": one.due_at,
        "next_visit_at": one.next_visit_at,
        "no_snapshot_rule": one.no_snapshot_rule,
        "deleted_at": one.deleted_at,
        "versions": one.versions,
        "rev": one.rev,
    }


def link_detail(one: Link, standing: "VisitProgress | None" = None) -> Json:
    """A link with the snapshot that is shown (`snapshot`) and its newest visit (`last`)."""
    return link(one) | {
        "progress": progress(standing) if standing else None,
        "snapshot": snapshot(one.current) if one.current else None,
        "last": snapshot(one.last) if one.last else None,
    }


def progress(standing: "VisitProgress") -> Json:
    """Where a link stands whose visit is due or sent."""
    return {
        "stage": standing.stage.value,
        "since": standing.since,
        "until": standing.until,
    }


def snapshot(one: Snapshot) -> Json:
    """A visit that ended."""
    change, quality = one.change, one.quality
    return {
        "snapshot_id": one.snapshot_id,
        "link_id": one.link_id,
        "outcome": one.outcome.value,
        "problem": problem_of(one),
        "reason": one.reason.value,
        "taken_at": one.taken_at,
        "finished_at": one.finished_at,
        "http_status": one.http_status,
        "final_url": one.final_url,
        "title": one.title,
        "language": one.language,
        "change": {"kind": change.kind.value, "score": change.score} if change else None,
        "quality": {"verdict": quality.verdict.value, "reasons": list(quality.reasons)},
        "fidelity": fidelity(one.fidelity) if one.fidelity else None,
        "artifacts": [artifact(each) for each in one.artifacts],
        "error": visit_error(one.failure) if one.failure else None,
    }


def fidelity(one: Fidelity) -> Json:
    """How well what is stored of a page shows it again."""
    return {
        "checked_at": one.checked_at,
        "page": rendering(one.page) if one.page else None,
        "archive": rendering(one.archive) if one.archive else None,
    }


def rendering(one: RenderingScore) -> Json:
    """The score of one stored form."""
    return {
        "pixels": one.pixels,
        "text": one.text,
        "missing": one.missing,
        "leaks": one.leaks,
        "failed": one.failed,
    }


def uploaded(one: "Uploaded") -> Json:
    """A page that was uploaded."""
    return {
        "link_id": one.link.link_id,
        "url": one.link.url,
        "existing": one.existing_link,
        "snapshot_id": one.snapshot_id,
        "repeated": one.repeated,
    }


def artifact(one: Artifact) -> Json:
    """A stored form of a page."""
    return {
        "role": one.role.value,
        "name": one.name,
        "key": one.key,
        "bytes": one.bytes,
        "media_type": one.media_type,
        "sha256": one.sha256,
    }


def visit_error(one: Failure) -> Json:
    """Why a visit brought nothing."""
    return {
        "kind": one.kind,
        "retryable": is_retryable(one.kind),
        "retry_after_s": one.retry_after_s,
        "detail": one.detail,
        "hops": hops(one.hops),
    }


def hops(followed: tuple[Hop, ...]) -> list[Json]:
    """The redirects before a failure."""
    return [{"url": hop.url, "status": hop.status} for hop in followed]


def damage(one: "DamagedObject") -> Json:
    """A stored object that is damaged."""
    return {
        "role": one.role.value,
        "key": one.key,
        "fault": one.fault.value,
        "found_at": one.found_at,
    }


def search(page: "SearchPage") -> Json:
    """A page of search results; `incomplete`: links may be missing, and how many."""
    missing = page.completeness
    return {
        "total": page.total,
        "items": [hit(found) for found in page.items],
        "facets": facets(page.facets),
        "next_cursor": page.next_cursor,
        "indexed_until": page.indexed_until,
        "incomplete": missing.incomplete,
        "unvisited": missing.unvisited,
        "unindexed": missing.unindexed,
        "unreadable": missing.unreadable,
        "not_running": list(missing.not_running),
    }


def hit(found: "SearchHit") -> Json:
    """A link with its excerpt, score and, for `at:`, the time in which its page had this text."""
    return link(found.link) | {
        "snippet": marked(found.snippet),
        "score": found.score,
        "seen_from": found.seen_from,
        "seen_to": found.seen_to,
    }


def facets(found: "Facets") -> Json:
    """Facet → its values, each with the number of links."""
    return {
        name: [{"value": v.value, "label": v.label, "count": v.count} for v in values]
        for name, values in found.items()
    }


def tag(one: Tag) -> Json:
    """A tag and how many links it has."""
    return {
        "tag_id": one.tag_id,
        "name": one.name,
        "parent_id": one.parent_id,
        "count": one.count,
        "own": one.own,
    }


def watch(one: "Watch") -> Json:
    """A link that is visited periodically."""
    return {
        "link_id": one.link.link_id,
        "url": one.link.url,
        "title": one.link.title,
        "every": one.every,
        "next_at": one.next_at,
    }


def site_rule(one: "SiteRule") -> Json:
    """A rule for a site; null: it says nothing about that."""
    return {
        "site": one.site,
        "snapshot": one.snapshot,
        "delay_s": one.delay_s,
        "user_agent": one.user_agent,
        "consent": one.consent,
        "viewport": viewport(one.viewport) if one.viewport else None,
        "robots": one.robots,
    }


def viewport(one: "Viewport") -> Json:
    """The size of a window in CSS pixels."""
    return {"width": one.width, "height": one.height}


def changed_site_rule(one: "ChangedRule") -> Json:
    """A rule that was set or removed, and what followed for the links of its site."""
    return site_rule(one.rule) | {"cancelled": one.cancelled, "due": one.due}


def site_view(one: "SiteView") -> Json:
    """What the rules say about an address, each with the rule that says it."""
    from linkshot.domain.site_rules import Viewport

    return {
        "url": one.url,
        "rule": site_rule(one.rule) if one.rule else None,
        "in_force": {
            name: {
                "value": viewport(held.value) if isinstance(held.value, Viewport) else held.value,
                "site": held.site,
            }
            for name, held in one.in_force.items()
        },
    }


def site_cookies(one: "SiteEntry") -> Json:
    """The cookies kept for a site; values are in no shape."""
    return {
        "site": one.site,
        "cookies": [
            {
                "name": cookie.name,
                "domain": cookie.domain,
                "host_only": cookie.host_only,
                "path": cookie.path,
                "secure": cookie.secure,
                "http_only": cookie.http_only,
                "same_site": cookie.same_site,
                "expires_at": cookie.expires_at,
            }
            for cookie in one.cookies
        ],
        "imported_at": one.imported_at,
        "opens": one.opens,
        "expired": one.expired,
        "expires_at": one.expires_at,
    }


def cookie_import(one: "CookieImport") -> Json:
    """What became of the cookies of a file."""
    return {
        "items": [site_cookies(site) for site in one.sites],
        "rejected": [
            {"line": row.line, "code": row.code, "reason": ERROR_MESSAGES[row.code]}
            for row in one.rejected
        ],
        "expired": one.expired,
        "other_sites": one.other_sites,
        "has_storage": one.has_storage,
    }


def import_summary(one: "ImportReport") -> Json:
    """An import in a list."""
    return {
        "import_id": one.import_id,
        "name": one.name,
        "format": one.format,
        "accepted": one.accepted,
        "duplicate": one.duplicate,
        "rejected": one.rejected,
        "notices": one.notices,
        "started_at": one.started_at,
        "finished_at": one.finished_at,
    }


def import_report(one: "ImportReport", rows: list[Json]) -> Json:
    """An import with some of its rows."""
    return import_summary(one) | {"noticed": dict(one.noticed), "rows": rows}


def import_row(one: "LedgerRow") -> Json:
    """What became of one row of an import: `code` for programs, `reason` in words."""
    return {
        "row": one.row,
        "line": one.line,
        "outcome": one.outcome,
        "code": one.code,
        "reason": one.reason,
        "url": one.url,
        "link_id": one.link_id,
        "notices": list(one.notices),
        "raw": one.raw,
    }


def jobs(one: "Overview") -> Json:
    """Work in progress."""
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
        "indexed_until": one.indexed_until,
        "hosts": [
            {
                "host": host.host,
                "due": host.due,
                "sent": host.sent,
                "visiting": host.visiting,
                "blocked_until": host.blocked_until,
            }
            for host in one.hosts
        ],
        "failed": [failed_link(failed) for failed in one.failed],
    }


def failed_link(one: "FailedLink") -> Json:
    """A link whose last visit failed."""
    return {
        "link_id": one.link_id,
        "url": one.url,
        "title": one.title,
        "state": one.state,
        "kind": one.kind,
        "detail": one.detail,
        "hops": hops(one.hops),
        "attempts": one.attempts,
        "activity": one.activity,
        "next_try": one.next_visit_at,
        "watch_at": one.watch_at,
    }


def dead_letter(one: "DeadLetterSummary") -> Json:
    """A message that could not be processed."""
    return {
        "dead_id": one.dead_id,
        "topic": one.topic,
        "where": one.where,
        "reason": one.reason,
        "detail": one.detail,
        "attempts": one.attempts,
        "at": one.at,
        "requeued_at": one.requeued_at,
        "bytes": one.bytes,
        "cut": one.cut,
        "complete": one.complete,
    }


def dead_letter_content(one: "DeadLetterContent") -> Json:
    """A dead letter with its message."""
    import base64

    return dead_letter(one.line) | {
        "key": one.key,
        "sha256": one.sha256,
        "value_base64": base64.b64encode(one.value).decode("ascii"),
    }


def provenance(one: "Provenance") -> Json:
    """What the manifest of a snapshot says and proves."""
    from dataclasses import asdict  # only who asks for it needs it

    return {name: _listed(value) for name, value in asdict(one).items()}


def _listed(value: object) -> object:
    """The value with lists for the tuples in it."""
    if isinstance(value, dict):
        return {name: _listed(inner) for name, inner in value.items()}
    return [_listed(inner) for inner in value] if isinstance(value, tuple) else value


def marked(pieces: tuple[tuple[str, bool], ...]) -> str:
    """An excerpt as HTML: hits in `<mark>`, everything else escaped."""
    from html import escape  # only searches with words need it

    return "".join(f"<mark>{escape(text)}</mark>" if hit else escape(text) for text, hit in pieces)
