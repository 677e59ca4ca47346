"""How a link stands: a tone for the dot, a sentence for people."""

from dataclasses import dataclass
from datetime import datetime

from linkshot.domain.model import Failure, Link, LinkState, Outcome, Snapshot
from linkshot.domain.reason_texts import DEAD, NETWORK, REASONS, remark, what_happened
from linkshot.domain.visit_problem import problem_of
from linkshot.domain.visit_stage import Stage, VisitProgress
from web.error_messages import refusal_of_code
from web.language import Tongue


def _(message: str) -> str:
    """Marks a sentence for the catalogue; it is translated when it is said."""
    return message


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What is shown beside a title."""

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
    link: Link, tongue: Tongue, now: datetime, standing: VisitProgress | None = None
) -> State:
    """How the link stands now; `standing` where its visit is due or sent and somebody looked."""
    say = tongue.say
    if link.deleted_at is not None:
        removed = tongue.ago(link.deleted_at, now)
        return State(tone="calm", text=say("in the trash, removed %(when)s", when=removed))
    if standing is not None:
        return _on_its_way(standing, tongue, now)
    if link.activity == "sent":
        return State(tone="busy", text=say("handed to the workers"))
    if link.activity == "due" and link.due_at is not None and link.due_at <= now:
        return State(tone="busy", text=say("waiting for its turn"))
    return _settled(link, tongue, now)


def reason(kind: str, tongue: Tongue) -> str:
    """Why a visit failed, as part of a sentence."""
    known = REASONS.get(kind)
    return tongue.say(known) if known else tongue.say("it failed (%(kind)s)", kind=kind)


def detail(text: str, tongue: Tongue) -> str:
    """The detail of a failure, in words where they are known."""
    where, why = what_happened(text)
    why = tongue.say(why) if why in NETWORK.values() else why
    return _with(where, why, tongue)


def what_went_wrong(failure: Failure, tongue: Tongue) -> str:
    """Why a visit brought nothing, with what is known beyond that."""
    return _with(reason(failure.kind, tongue), detail(failure.detail, tongue), tongue)


def _with(what: str, why: str, tongue: Tongue) -> str:
    return tongue.say("%(what)s: %(why)s", what=what, why=why) if what and why else what or why


def dead_reason(code: str, tongue: Tongue) -> str:
    """Why a message is dead, in words."""
    known = DEAD.get(code)
    return tongue.say(known) if known else refusal_of_code(code, code, tongue)


def in_place_of_the_page(snapshot: Snapshot, tongue: Tongue) -> str:
    """That what was kept of this visit is not the page, and why; empty when it is."""
    kind = problem_of(snapshot)
    if kind is None or not snapshot.artifacts:
        return ""
    return tongue.say(
        "What was kept here is not the page but what the site showed in its place on %(date)s: "
        "%(reason)s.",
        date=tongue.moment(snapshot.taken_at or snapshot.finished_at),
        reason=reason(kind, tongue),
    )


def remarks(snapshot: Snapshot, tongue: Tongue) -> str:
    """What there is to say about its quality."""
    return tongue.say("; ").join(_remark(word, tongue) for word in snapshot.quality.reasons)


def _remark(word: str, tongue: Tongue) -> str:
    text, more = remark(word)
    return tongue.say(text) % {
        name: tongue.number(int(value)) if value.isdecimal() else value
        for name, value in more.items()
    }


def of_snapshot(snapshot: Snapshot, tongue: Tongue) -> State:
    """How one visit ended, for the timeline."""
    kind = problem_of(snapshot)
    if kind is not None:
        tone = "bad" if snapshot.outcome in (Outcome.FAILED, Outcome.STORED) else "warn"
        return State(tone=tone, text=reason(kind, tongue), why=_detail(snapshot, tongue))
    if snapshot.outcome is Outcome.UNCHANGED:
        return State(tone="calm", text=tongue.say("unchanged"))
    change = snapshot.change.kind.value if snapshot.change else "first"
    return State(tone="good", text=tongue.say(CHANGES[change]))


CHANGES = {
    "first": _("first version"),
    "same": _("same text"),
    "noise": _("only noise changed"),
    "minor": _("small change"),
    "major": _("large change"),
    "gone": _("page gone"),
    "back": _("page is back"),
}


def size_of(snapshot: Snapshot) -> int:
    """Bytes of everything kept of a visit."""
    return sum(artifact.bytes for artifact in snapshot.artifacts)


def _on_its_way(standing: VisitProgress, tongue: Tongue, now: datetime) -> State:
    text, why = tongue.say(STAGES[standing.stage]), STAGES_WHY.get(standing.stage)
    if standing.since is not None:
        seconds = max(int((now - standing.since).total_seconds()), 0)
        text = tongue.say("taking a snapshot… %(seconds)s s", seconds=seconds)
    if standing.until is not None:
        when = tongue.until(standing.until, now)
        text = tongue.say("waiting for its site, which asked for a pause: %(when)s", when=when)
        why = None
    stuck = standing.stage in (Stage.WAITING_FOR_WORKER, Stage.WAITING_FOR_DISPATCH)
    tone = "warn" if stuck else "busy"
    return State(tone=tone, text=text, why=tongue.say(why) if why else "")


def _settled(link: Link, tongue: Tongue, now: datetime) -> State:
    if link.state is LinkState.OK and link.current is not None:
        return State(tone="good", text=_saved(link.current, tongue, now))
    kind = link.last and problem_of(link.last)
    if not kind:
        if link.current is not None:
            return State(tone="good", text=_saved(link.current, tongue, now))
        return State(tone="calm", text=tongue.say("no snapshot yet"))
    tone = "warn" if link.state is LinkState.BLOCKED or link.due_at else "bad"
    text = _head(link, kind, tongue)
    return State(
        tone=tone,
        text=f"{text}{_comma(tongue)}{_next(link, tongue, now)}",
        why=_why(link, tongue, now),
    )


def _saved(current: Snapshot, tongue: Tongue, now: datetime) -> str:
    when = tongue.ago(current.taken_at or current.finished_at, now)
    size = size_of(current)
    if not size:
        return tongue.say("saved %(when)s", when=when)
    return tongue.say("saved %(when)s · %(size)s", when=when, size=tongue.size(size))


def _head(link: Link, kind: str, tongue: Tongue) -> str:
    if link.state is LinkState.GONE:
        return tongue.say("gone")
    return reason(kind, tongue)


def _next(link: Link, tongue: Tongue, now: datetime) -> str:
    if link.due_at is not None and link.due_at == link.next_visit_at:
        return tongue.say("next try %(when)s", when=tongue.until(link.due_at, now))
    if link.watch_at is not None:
        return tongue.say("next visit %(when)s", when=tongue.until(link.watch_at, now))
    return tongue.say("not tried again by itself")


def _why(link: Link, tongue: Tongue, now: datetime) -> str:
    """What the last visit met, and what is shown meanwhile."""
    parts = []
    if link.last is not None:
        when = tongue.ago(link.last.finished_at, now)
        detail = _detail(link.last, tongue)
        said = tongue.say("Last visit %(when)s: %(detail)s.", when=when, detail=detail)
        parts.append(said if detail else tongue.say("Last visit %(when)s.", when=when))
    if link.current is not None and link.current.taken_at and link.current is not link.last:
        date = tongue.moment(link.current.taken_at)
        parts.append(tongue.say("Shown is the page of %(date)s.", date=date))
    return ("" if tongue.tag == "zh-CN" else " ").join(parts)


def _detail(snapshot: Snapshot, tongue: Tongue) -> str:
    if snapshot.failure is not None and snapshot.failure.detail:
        return detail(snapshot.failure.detail, tongue)
    status = f"HTTP {snapshot.http_status}" if snapshot.http_status else ""
    words = [_remark(word, tongue) for word in snapshot.quality.reasons]
    return tongue.say("; ").join(dict.fromkeys(filter(None, [status, *words])))


def _comma(tongue: Tongue) -> str:
    return "，" if tongue.tag == "zh-CN" else ", "
