"""Sentences for how the visits of a link ended, what was kept, when the next one is and what is damaged. (pure)

The pages show them beside a title, the command line as one line with codes and the command that helps.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol
from urllib.parse import urlsplit

from linkshot.domain.byte_size import size_text
from linkshot.domain.language import Language
from linkshot.domain.model import Change, Fault, Link, Outcome, Snapshot, Verdict
from linkshot.domain.reason_texts import detail, reason, remarks, what_and_why
from linkshot.domain.site_rules import NO_SNAPSHOT
from linkshot.domain.visit_problem import EXPIRED, problem_of


def _(message: str) -> str:
    """Marks a message for extraction; it is translated when it is said."""
    return message


NOT_VISITED = _("not visited yet")
UNDER_WAY = _("its next visit waits or is under way")
NOT_AGAIN = _("not tried again by itself")
UNCHANGED = _("unchanged")
TEXT_DAMAGED = _("Search does not know the words of that text until it is whole again.")

NOT_COMPARED = "not_compared"
CHANGES: Mapping[str, str] = {
    NOT_COMPARED: _("not compared with the version before"),
    "first": _("first version"),
    "same": _("same text"),
    "noise": _("only noise changed"),
    "minor": _("small change"),
    "major": _("large change"),
    "gone": _("page gone"),
    "back": _("page is back"),
}
"""Kind of a change, or that there is none → in words."""
PAGE, PART = _("the page"), _("a part of the page")
KEPT_AS: Mapping[Verdict, str] = {
    Verdict.BLOCKED: _("what the site shows instead of the page"),
    Verdict.EMPTY: _("an empty page"),
    Verdict.LOGIN: _("a login form"),
    Verdict.NOT_FOUND: _("the site's error page"),
}
"""Verdict → what was kept; anything else is the site's error page."""
FAULTS: Mapping[Fault, str] = {
    Fault.MISSING: _("missing from the store"),
    Fault.SIZE: _("shorter or longer than what was stored"),
    Fault.CONTENT: _("not the bytes that were stored"),
    Fault.UNREADABLE: _("cannot be read from the store"),
}
"""What is wrong with a stored object → in words."""


class VisitSchedule(Protocol):
    """A link, or what a list of failures says of it."""

    @property
    def activity(self) -> str:
        """Progress in a word: `` (nothing going on), `due`, `sent`."""

    @property
    def due_at(self) -> datetime | None:
        """When it is due; None: not as a retry."""

    @property
    def no_snapshot_rule(self) -> str | None:
        """The site whose rule keeps it from being visited; None: it may be."""

    @property
    def next_visit_at(self) -> datetime | None:
        """When it is visited next, as a retry or by its watch; None: not by itself, or under way."""


def is_under_way(one: VisitSchedule, now: datetime) -> bool:
    """Whether its next visit waits for nothing but its turn, or has begun."""
    return one.activity == "sent" or (one.due_at is not None and one.due_at <= now)


def next_visit(one: VisitSchedule, now: datetime, language: Language) -> str:
    """The next visit: under way, a retry, by its watch, only when a person asks for it, or none at all."""
    if is_under_way(one, now):
        return language.gettext(UNDER_WAY)
    if one.no_snapshot_rule:
        return no_more_visits(one.no_snapshot_rule, language)
    if one.next_visit_at is None:
        return language.gettext(NOT_AGAIN)
    when = language.coming(one.next_visit_at, now)
    if one.next_visit_at == one.due_at:
        return language.gettext("next try %(when)s", when=when)
    return language.gettext("next visit %(when)s", when=when)


def no_more_visits(site: str, language: Language) -> str:
    """Tells that a rule keeps the link from being visited, as part of a sentence."""
    return language.gettext("no snapshots are made, by the rule for %(site)s", site=site)


def kept_without_visit(site: str, language: Language) -> str:
    """The status of a link that a rule keeps from being visited, and that has no snapshot."""
    return language.gettext("kept without a snapshot, by the rule for %(site)s", site=site)


def change_text(change: Change | None, language: Language) -> str:
    """How a snapshot differs from the version before."""
    kind = change.kind.value if change else NOT_COMPARED
    return language.gettext(CHANGES[kind])


def kept_as(visit: Snapshot, language: Language) -> str:
    """What was kept of a visit: the page, or what came in its place."""
    if problem_of(visit) is not None:
        return language.gettext(KEPT_AS.get(visit.quality.verdict, KEPT_AS[Verdict.NOT_FOUND]))
    return language.gettext(PART if visit.quality.breaks_off else PAGE)


def kept_of(visit: Snapshot, language: Language) -> str:
    """What was kept of a visit and when, behind a word for the files."""
    what, date = kept_as(visit, language), _taken_at(visit, language)
    return language.gettext("of %(what)s of %(date)s", what=what, date=date)


def damage_text(fault: Fault, found_at: datetime, language: Language) -> str:
    """What is wrong with a stored object, and since when."""
    since = language.moment(found_at)
    return language.gettext(
        "%(fault)s, since %(since)s", fault=language.gettext(FAULTS[fault]), since=since
    )


def outcome_text(one: Link, language: Language) -> str:
    """How the newest visit of a link ended, with codes, on one line."""
    last = one.last
    if last is None and one.no_snapshot_rule:
        return f"{kept_without_visit(one.no_snapshot_rule, language)} [{NO_SNAPSHOT}]"
    if last is None:
        return language.gettext(NOT_VISITED)
    kind = problem_of(last)
    return _success(one, last, language) if kind is None else _failure(last, kind, language)


def _success(one: Link, last: Snapshot, language: Language) -> str:
    """The page itself came."""
    status = [str(last.http_status)] if last.http_status else []
    stays = one.current and language.gettext(
        "the page of %(date)s stays", date=_taken_at(one.current, language)
    )
    if last.outcome is Outcome.UNCHANGED:
        shown = stays or language.gettext("nothing new was kept")
        return " · ".join([language.gettext(UNCHANGED), *status, shown])
    total = size_text(sum(artifact.bytes for artifact in last.artifacts))
    parts = [language.gettext("saved"), *status, total]
    words = remarks(last.quality.reasons, language)
    if last.quality.verdict is not Verdict.GOOD:
        parts.append(what_and_why(last.quality.verdict.value, words, language))
    elif words:
        parts.append(words)
    if last.final_url is not None and _page(last.final_url) != _page(one.url):
        parts.append(language.gettext("led to %(address)s", address=last.final_url[:300]))
    if stays and one.current != last:
        # this visit brought less of the page than the one that is still shown
        parts.append(stays)
    return " · ".join(parts)


def _failure(last: Snapshot, kind: str, language: Language) -> str:
    """The page itself did not come."""
    why = f"{reason(kind, language)} [{kind}]"
    if last.outcome is Outcome.STORED:
        said = language.gettext("kept as %(what)s: %(why)s", what=kept_as(last, language), why=why)
        return language.gettext(", ").join(
            [str(last.http_status)] * bool(last.http_status) + [said]
        )
    if kind == EXPIRED:
        return language.gettext("not visited: %(why)s", why=why)
    more = detail(last.failure.detail, language) if last.failure else ""
    why = what_and_why(why, more, language)
    return language.gettext("failed, nothing was kept: %(why)s", why=why)


def _taken_at(visit: Snapshot, language: Language) -> str:
    """When a visit took what it kept."""
    return language.moment(visit.taken_at or visit.finished_at)


def _page(url: str) -> tuple[str, str, str]:
    """What is compared of an address: not its scheme, `www.`, a last `/` or the fragment."""
    try:
        parts = urlsplit(url)
    except ValueError:  # Python refuses some hosts that browsers open
        return url, "", ""
    return parts.netloc.removeprefix("www."), parts.path.rstrip("/"), parts.query
