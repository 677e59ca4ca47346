"""The status of links and visits for people: a tone for the dot and a translated sentence."""

from dataclasses import dataclass
from datetime import datetime

from linkshot.domain import reason_texts
from linkshot.domain.model import Failure, Link, LinkState, Outcome, Snapshot, Verdict
from linkshot.domain.reason_texts import DEAD, detail, reason, remark, what_and_why
from linkshot.domain.stage_texts import STAGES, STUCK, stage_reason, stage_text
from linkshot.domain.visit_problem import problem_of
from linkshot.domain.visit_stage import Stage, VisitProgress
from linkshot.domain.visit_texts import (
    NOT_VISITED,
    UNCHANGED,
    change_text,
    kept_without_visit,
    next_visit,
)
from web.error_messages import message_of_code
from web.language import Translator


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusText:
    """The status that is shown beside a title."""

    tone: str
    """`good`, `busy`, `warn`, `bad` or `calm`: the colour of the dot."""
    text: str
    why: str = ""
    """More about it, one sentence; empty when there is nothing to explain."""


def of_link(
    link: Link, translator: Translator, now: datetime, standing: VisitProgress | None = None
) -> StatusText:
    """The status of a link; `standing` is the progress of its visit, when it is due or sent and known."""
    gettext = translator.gettext
    if link.deleted_at is not None:
        removed = translator.ago(link.deleted_at, now)
        return StatusText(tone="calm", text=gettext("in the trash, removed %(when)s", when=removed))
    if standing is not None:
        return of_progress(standing, translator, now)
    if link.activity == "sent":
        return StatusText(tone="busy", text=gettext("handed to the workers"))
    if link.activity == "due" and link.due_at is not None and link.due_at <= now:
        return StatusText(tone="busy", text=gettext(STAGES[Stage.QUEUED]))
    return _settled(link, translator, now)


def what_went_wrong(failure: Failure, translator: Translator) -> str:
    """Reason and detail of a failure."""
    why = detail(failure.detail, translator)
    return what_and_why(reason(failure.kind, translator), why, translator)


def dead_letter_reason(code: str, translator: Translator) -> str:
    """Why a message became a dead letter."""
    known = DEAD.get(code)
    return translator.gettext(known) if known else message_of_code(code, code, translator)


def in_place_of_the_page(snapshot: Snapshot, translator: Translator) -> str:
    """Tells that a snapshot holds an error page or bot wall instead of the page; empty when it is the page."""
    kind = problem_of(snapshot)
    if kind is None or not snapshot.artifacts:
        return ""
    return translator.gettext(
        "What was kept here is not the page but what the site showed in its place on %(date)s: "
        "%(reason)s.",
        date=translator.moment(snapshot.taken_at or snapshot.finished_at),
        reason=reason(kind, translator),
    )


def remarks(snapshot: Snapshot, translator: Translator) -> str:
    """The quality remarks of a snapshot."""
    return reason_texts.remarks(snapshot.quality.reasons, translator)


def of_snapshot(snapshot: Snapshot, translator: Translator) -> StatusText:
    """The outcome of one visit, for the timeline."""
    kind = problem_of(snapshot)
    if kind is not None:
        tone = "bad" if snapshot.outcome in (Outcome.FAILED, Outcome.STORED) else "warn"
        return StatusText(
            tone=tone, text=reason(kind, translator), why=_detail(snapshot, translator)
        )
    if snapshot.outcome is Outcome.UNCHANGED:
        return StatusText(tone="calm", text=translator.gettext(UNCHANGED))
    if said := _shortcoming(snapshot, translator):
        return StatusText(tone="warn", text=said, why=remarks(snapshot, translator))
    return StatusText(tone="good", text=change_text(snapshot.change, translator))


def _shortcoming(snapshot: Snapshot, translator: Translator) -> str:
    """What is wrong with a snapshot of the page, in short; empty when nothing is that matters."""
    if snapshot.quality.breaks_off:
        return translator.gettext("only a part of the page came")
    if snapshot.quality.verdict is Verdict.DOUBTFUL:
        return translator.gettext("it may not look like the page")
    return ""


def size_of(snapshot: Snapshot) -> int:
    """Total bytes of the artifacts of a visit."""
    return sum(artifact.bytes for artifact in snapshot.artifacts)


def of_progress(standing: VisitProgress, translator: Translator, now: datetime) -> StatusText:
    """The stage of a visit that is due or sent."""
    return StatusText(
        tone="warn" if standing.stage in STUCK else "busy",
        text=stage_text(standing, now, translator),
        why=stage_reason(standing, translator),
    )


def _settled(link: Link, translator: Translator, now: datetime) -> StatusText:
    if link.state is LinkState.OK and link.current is not None:
        return _settled_page(link, link.current, translator, now)
    kind = link.last and problem_of(link.last)
    if not kind:
        if link.current is not None:
            return StatusText(tone="good", text=_saved(link.current, translator, now))
        if link.no_snapshot_rule:
            return StatusText(
                tone="calm", text=kept_without_visit(link.no_snapshot_rule, translator)
            )
        return StatusText(tone="calm", text=translator.gettext(NOT_VISITED))
    tone = "warn" if link.state is LinkState.BLOCKED or link.due_at else "bad"
    gone = link.state is LinkState.GONE
    text = translator.gettext("gone") if gone else reason(kind, translator)
    return StatusText(
        tone=tone,
        text=f"{text}{translator.gettext(', ')}{next_visit(link, now, translator)}",
        why=_why(link, translator, now),
    )


def _settled_page(
    link: Link, current: Snapshot, translator: Translator, now: datetime
) -> StatusText:
    """The status of a link whose page was taken; a worse result of the last visit is named."""
    saved = _saved(current, translator, now)
    if link.last is not None and link.last != current:
        why = _why(link, translator, now)
        if link.last.quality.breaks_off:
            said = translator.gettext("%(saved)s; the last visit brought only a part", saved=saved)
            return StatusText(tone="warn", text=said, why=why)
        if link.last.quality.verdict is Verdict.DOUBTFUL:
            said = translator.gettext("%(saved)s; the last visit is in doubt", saved=saved)
            return StatusText(tone="warn", text=said, why=why)
    if current.quality.verdict is Verdict.DOUBTFUL:
        said = translator.gettext("%(saved)s; it may not look like the page", saved=saved)
        return StatusText(tone="warn", text=said, why=remarks(current, translator))
    return StatusText(tone="good", text=saved)


def _saved(current: Snapshot, translator: Translator, now: datetime) -> str:
    when = translator.ago(current.taken_at or current.finished_at, now)
    size = size_of(current)
    if not size:
        return translator.gettext("saved %(when)s", when=when)
    return translator.gettext("saved %(when)s · %(size)s", when=when, size=translator.size(size))


def _why(link: Link, translator: Translator, now: datetime) -> str:
    """Result of the last visit, and which older snapshot is shown meanwhile."""
    parts = []
    if link.last is not None:
        when = translator.ago(link.last.finished_at, now)
        more = _detail(link.last, translator)
        said = translator.gettext("Last visit %(when)s: %(detail)s.", when=when, detail=more)
        parts.append(said if more else translator.gettext("Last visit %(when)s.", when=when))
    if link.current is not None and link.current.taken_at and link.current is not link.last:
        date = translator.moment(link.current.taken_at)
        parts.append(translator.gettext("Shown is the page of %(date)s.", date=date))
    return ("" if translator.tag == "zh-CN" else " ").join(parts)


def _detail(snapshot: Snapshot, translator: Translator) -> str:
    if snapshot.failure is not None and snapshot.failure.detail:
        return detail(snapshot.failure.detail, translator)
    status = f"HTTP {snapshot.http_status}" if snapshot.http_status else ""
    words = [remark(word, translator) for word in snapshot.quality.reasons]
    return translator.gettext("; ").join(dict.fromkeys(filter(None, [status, *words])))
