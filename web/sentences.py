"""How does a link stand, in a sentence? A tone for the dot, words for people."""

from dataclasses import dataclass
from datetime import datetime

from linkshot.model import Link, LinkState, Outcome, Snapshot
from linkshot.problem import problem_of
from web.language import Tongue


def _(message: str) -> str:
    """Marks a sentence for the catalogue; it is translated when it is said."""
    return message


REASONS = {
    "dns": _("the site's name could not be found"),
    "connect": _("the site did not accept the connection"),
    "tls": _("the secure connection failed"),
    "timeout": _("the page took too long"),
    "http_5xx": _("the site had an error of its own"),
    "http_401": _("the page asks for a login"),
    "http_404": _("the page was not found"),
    "http_410": _("the page was removed"),
    "http_429": _("the site asked us to slow down"),
    "http_error": _("the site refused the page"),
    "navigation": _("the page broke off while loading"),
    "no_answer": _("the site gave no answer"),
    "crash": _("the page crashed the browser"),
    "memory": _("the page needed too much memory"),
    "internal": _("linkshot itself stumbled over the page"),
    "blocked": _("blocked by the site"),
    "robots": _("the site asks programs to stay away"),
    "address_blocked": _("it leads to a private address"),
    "bad_url": _("it leads to an address that cannot be opened"),
    "redirects": _("it is redirected without end"),
    "redirect_scheme": _("it leads out of the web"),
    "no_content": _("the site sent nothing"),
    "headers": _("the site's answer could not be read"),
    "too_large": _("the page is too large"),
    "empty": _("the page was empty"),
    "expired": _("it waited too long for its turn"),
}
"""Kind of failure → why, as part of a sentence (linkshot/retry.py has the kinds)."""

REMARKS = {
    "load": _("some parts of the page did not load in time"),
    "quiet": _("the page went on loading and was not waited for any longer"),
    "settle": _("the page was still moving when it was taken"),
    "freed": _("a part that never came was given up"),
    "scroll": _("the page was not scrolled to its end; pictures further down may be missing"),
    "script": _("a script kept the page busy"),
    "dialogs": _("the page opened dialogs again and again"),
    "screenshot": _("the screenshot could not be made"),
    "thumbnail": _("the preview could not be made"),
    "html": _("the page could not be read whole"),
    "dom": _("the text was read in a simpler way and may hold words that nobody sees"),
    "styles": _("some style sheets are missing"),
    "favicon": _("the icon of the site is missing"),
    "parts": _("some pictures or fonts are missing from the saved page"),
    "bytes": _("the page sent more than is taken; the rest was cut off"),
    "navigations": _("the page led on again and again"),
    "login": _("a part of the page asks for a login"),
    "body": _("the end is missing"),
    "meta": _("title and details could not be read"),
    "page": _("the page could not be made ready for viewing"),
    "reader": _("the article could not be taken out of the page"),
    "text": _("the text could not be read"),
    "original": _("the file could not be kept"),
    "certificate": _("the certificate of the site is not valid"),
    "browser_error_page": _("what came was the browser's own error page"),
    "bot_wall": _("the site wants proof that a person is reading"),
    "needs_javascript": _("the page shows nothing without its scripts"),
    "no_text": _("there is no text on the page"),
    "no_content": _("nothing came"),
}
"""Reason of a verdict, or what was cut short → in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What is shown beside a title."""

    tone: str
    """`good`, `busy`, `warn`, `bad` or `calm`: the colour of the dot."""
    text: str
    why: str = ""
    """More about it, one sentence; empty when there is nothing to explain."""


def of_link(link: Link, tongue: Tongue, now: datetime, since: datetime | None = None) -> State:
    """How the link stands now; `since` is when its visit was asked for, if known."""
    say = tongue.say
    if link.deleted_at is not None:
        removed = tongue.ago(link.deleted_at, now)
        return State(tone="calm", text=say("in the trash, removed %(when)s", when=removed))
    if link.activity == "sent":
        return State(tone="busy", text=_visiting(tongue, now, since))
    if link.activity == "due" and link.due_at is not None and link.due_at <= now:
        return State(tone="busy", text=say("waiting for its turn"))
    return _settled(link, tongue, now)


def reason(kind: str, tongue: Tongue) -> str:
    """Why a visit failed, as part of a sentence."""
    known = REASONS.get(kind)
    return tongue.say(known) if known else tongue.say("it failed (%(kind)s)", kind=kind)


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
    """A word of a newer worker stands for itself."""
    if word in REMARKS:
        return tongue.say(REMARKS[word])
    return word.replace("http_", "HTTP ") if word.startswith("http_") else word


def of_snapshot(snapshot: Snapshot, tongue: Tongue) -> State:
    """How one visit ended, for the timeline."""
    kind = problem_of(snapshot)
    if kind is not None:
        tone = "bad" if snapshot.outcome in (Outcome.FAILED, Outcome.STORED) else "warn"
        return State(tone=tone, text=reason(kind, tongue), why=_detail(snapshot))
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


def _visiting(tongue: Tongue, now: datetime, since: datetime | None) -> str:
    if since is None:
        return tongue.say("taking a snapshot…")
    seconds = max(int((now - since).total_seconds()), 0)
    return tongue.say("taking a snapshot… %(seconds)s s", seconds=seconds)


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
        detail = _detail(link.last)
        said = tongue.say("Last visit %(when)s: %(detail)s.", when=when, detail=detail)
        parts.append(said if detail else tongue.say("Last visit %(when)s.", when=when))
    if link.current is not None and link.current.taken_at and link.current is not link.last:
        date = tongue.moment(link.current.taken_at)
        parts.append(tongue.say("Shown is the page of %(date)s.", date=date))
    return ("" if tongue.tag == "zh-CN" else " ").join(parts)


def _detail(snapshot: Snapshot) -> str:
    if snapshot.failure is not None and snapshot.failure.detail:
        return snapshot.failure.detail
    status = f"HTTP {snapshot.http_status}" if snapshot.http_status else ""
    return ", ".join(filter(None, [status, *snapshot.quality.reasons]))


def _comma(tongue: Tongue) -> str:
    return "，" if tongue.tag == "zh-CN" else ", "
