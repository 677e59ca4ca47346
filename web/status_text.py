"""The status of links and visits for people: a tone for the dot and a translated sentence."""

from dataclasses import dataclass
from datetime import datetime

from linkshot.domain.failures import FAILURES
from linkshot.domain.model import Failure, Link, LinkState, Outcome, Snapshot
from linkshot.domain.reason_texts import DEAD, NETWORK, remark, what_happened
from linkshot.domain.visit_problem import problem_of
from linkshot.domain.visit_stage import Stage, VisitProgress
from web.error_messages import message_of_code
from web.language import Translator


def _(message: str) -> str:
    """Marks a message for extraction; it is translated when it is rendered."""
    return message


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusText:
    """The status that is shown beside a title."""

    tone: str
    """`good`, `busy`, `warn`, `bad` or `calm`: the colour of the dot."""
    text: str
    why: str = ""
    """More about it, one sentence; empty when there is nothing to explain."""


STAGES = {
    Stage.QUEUED: _("waiting for its turn"),
    Stage.WAITING_FOR_HOST: _("waiting for its site"),
    Stage.WAITING_FOR_WORKER: _("waiting for a worker, none is running"),
    Stage.WORKER_STARTING: _("waiting, the worker is starting"),
    Stage.WAITING_FOR_DISPATCH: _("waiting to be handed to a worker, nobody does that"),
    Stage.VISITING: _("taking a snapshot…"),
    Stage.NOT_KNOWN: _("on its way, how far is not known"),
}
"""What a link waits for, or that its visit is under way → in words."""
STAGES_WHY = {
    Stage.WAITING_FOR_HOST: _(
        "Of a site one page is visited at a time, with a pause after each; others come first."
    ),
    Stage.WAITING_FOR_WORKER: _("Start “linkshot up”, or “linkshot crawl” where workers belong."),
    Stage.WAITING_FOR_DISPATCH: _(
        "Start “linkshot up”, or “linkshot dispatch” beside the workers."
    ),
    Stage.NOT_KNOWN: _("The queue or the store does not answer; nothing is lost."),
}
"""More about it, with what a person can do."""


def of_link(
    link: Link, translator: Translator, now: datetime, standing: VisitProgress | None = None
) -> StatusText:
    """The status of a link; `standing` is the progress of its visit, when it is due or sent and known."""
    gettext = translator.gettext
    if link.deleted_at is not None:
        removed = translator.ago(link.deleted_at, now)
        return StatusText(tone="calm", text=gettext("in the trash, removed %(when)s", when=removed))
    if standing is not None:
        return _on_its_way(standing, translator, now)
    if link.activity == "sent":
        return StatusText(tone="busy", text=gettext("handed to the workers"))
    if link.activity == "due" and link.due_at is not None and link.due_at <= now:
        return StatusText(tone="busy", text=gettext("waiting for its turn"))
    return _settled(link, translator, now)


def reason(kind: str, translator: Translator) -> str:
    """The reason of a failure kind, as a clause."""
    known = FAILURES.get(kind)
    return (
        translator.gettext(known.sentence)
        if known
        else translator.gettext("it failed (%(kind)s)", kind=kind)
    )


def detail(text: str, translator: Translator) -> str:
    """The detail of a failure, with network error codes translated."""
    where, why = what_happened(text)
    why = translator.gettext(why) if why in NETWORK.values() else why
    return _with(where, why, translator)


def what_went_wrong(failure: Failure, translator: Translator) -> str:
    """Reason and detail of a failure."""
    return _with(reason(failure.kind, translator), detail(failure.detail, translator), translator)


def _with(what: str, why: str, translator: Translator) -> str:
    return (
        translator.gettext("%(what)s: %(why)s", what=what, why=why) if what and why else what or why
    )


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
    return translator.gettext("; ").join(
        _remark(word, translator) for word in snapshot.quality.reasons
    )


def _remark(word: str, translator: Translator) -> str:
    text, more = remark(word)
    return translator.gettext(text) % {
        name: translator.number(int(value)) if value.isdecimal() and len(value) < 20 else value
        for name, value in more.items()
    }


def of_snapshot(snapshot: Snapshot, translator: Translator) -> StatusText:
    """The outcome of one visit, for the timeline."""
    kind = problem_of(snapshot)
    if kind is not None:
        tone = "bad" if snapshot.outcome in (Outcome.FAILED, Outcome.STORED) else "warn"
        return StatusText(
            tone=tone, text=reason(kind, translator), why=_detail(snapshot, translator)
        )
    if snapshot.outcome is Outcome.UNCHANGED:
        return StatusText(tone="calm", text=translator.gettext("unchanged"))
    if snapshot.quality.breaks_off:
        return StatusText(
            tone="warn",
            text=translator.gettext("only a part of the page came"),
            why=remarks(snapshot, translator),
        )
    change = snapshot.change.kind.value if snapshot.change else "not_compared"
    return StatusText(tone="good", text=translator.gettext(CHANGES[change]))


CHANGES = {
    "not_compared": _("not compared with the version before"),
    "first": _("first version"),
    "same": _("same text"),
    "noise": _("only noise changed"),
    "minor": _("small change"),
    "major": _("large change"),
    "gone": _("page gone"),
    "back": _("page is back"),
}


def size_of(snapshot: Snapshot) -> int:
    """Total bytes of the artifacts of a visit."""
    return sum(artifact.bytes for artifact in snapshot.artifacts)


def _on_its_way(standing: VisitProgress, translator: Translator, now: datetime) -> StatusText:
    text, why = translator.gettext(STAGES[standing.stage]), STAGES_WHY.get(standing.stage)
    if standing.since is not None:
        seconds = max(int((now - standing.since).total_seconds()), 0)
        text = translator.gettext("taking a snapshot… %(seconds)s s", seconds=seconds)
    if standing.until is not None:
        when = translator.until(standing.until, now)
        text = translator.gettext(
            "waiting for its site, which asked for a pause: %(when)s", when=when
        )
        why = None
    stuck = standing.stage in (Stage.WAITING_FOR_WORKER, Stage.WAITING_FOR_DISPATCH)
    tone = "warn" if stuck else "busy"
    return StatusText(tone=tone, text=text, why=translator.gettext(why) if why else "")


def _settled(link: Link, translator: Translator, now: datetime) -> StatusText:
    if link.state is LinkState.OK and link.current is not None:
        if link.last is not None and link.last != link.current and link.last.quality.breaks_off:
            return StatusText(
                tone="warn",
                text=translator.gettext(
                    "%(saved)s; the last visit brought only a part",
                    saved=_saved(link.current, translator, now),
                ),
                why=_why(link, translator, now),
            )
        return StatusText(tone="good", text=_saved(link.current, translator, now))
    kind = link.last and problem_of(link.last)
    if not kind:
        if link.current is not None:
            return StatusText(tone="good", text=_saved(link.current, translator, now))
        return StatusText(tone="calm", text=translator.gettext("no snapshot yet"))
    tone = "warn" if link.state is LinkState.BLOCKED or link.due_at else "bad"
    text = _head(link, kind, translator)
    return StatusText(
        tone=tone,
        text=f"{text}{_comma(translator)}{_next(link, translator, now)}",
        why=_why(link, translator, now),
    )


def _saved(current: Snapshot, translator: Translator, now: datetime) -> str:
    when = translator.ago(current.taken_at or current.finished_at, now)
    size = size_of(current)
    if not size:
        return translator.gettext("saved %(when)s", when=when)
    return translator.gettext("saved %(when)s · %(size)s", when=when, size=translator.size(size))


def _head(link: Link, kind: str, translator: Translator) -> str:
    if link.state is LinkState.GONE:
        return translator.gettext("gone")
    return reason(kind, translator)


def _next(link: Link, translator: Translator, now: datetime) -> str:
    if link.due_at is not None and link.due_at == link.next_visit_at:
        return translator.gettext("next try %(when)s", when=translator.until(link.due_at, now))
    if link.watch_at is not None:
        return translator.gettext("next visit %(when)s", when=translator.until(link.watch_at, now))
    return translator.gettext("not tried again by itself")


def _why(link: Link, translator: Translator, now: datetime) -> str:
    """Result of the last visit, and which older snapshot is shown meanwhile."""
    parts = []
    if link.last is not None:
        when = translator.ago(link.last.finished_at, now)
        detail = _detail(link.last, translator)
        said = translator.gettext("Last visit %(when)s: %(detail)s.", when=when, detail=detail)
        parts.append(said if detail else translator.gettext("Last visit %(when)s.", when=when))
    if link.current is not None and link.current.taken_at and link.current is not link.last:
        date = translator.moment(link.current.taken_at)
        parts.append(translator.gettext("Shown is the page of %(date)s.", date=date))
    return ("" if translator.tag == "zh-CN" else " ").join(parts)


def _detail(snapshot: Snapshot, translator: Translator) -> str:
    if snapshot.failure is not None and snapshot.failure.detail:
        return detail(snapshot.failure.detail, translator)
    status = f"HTTP {snapshot.http_status}" if snapshot.http_status else ""
    words = [_remark(word, translator) for word in snapshot.quality.reasons]
    return translator.gettext("; ").join(dict.fromkeys(filter(None, [status, *words])))


def _comma(translator: Translator) -> str:
    return "，" if translator.tag == "zh-CN" else ", "
