"""Prints the outcome of a visit and its files, for `add --wait`, `snapshot`, `show` and `run`.

The outcome agrees with the log, `jobs`, REST and the pages: all use linkshot.domain.visit_problem.
"""

from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import typer

from linkshot.cli.printing import printable
from linkshot.domain import reason_texts
from linkshot.domain.byte_size import size_text
from linkshot.domain.failures import FAILURES
from linkshot.domain.language import ENGLISH
from linkshot.domain.model import Fault, Link, Outcome, Role, Snapshot, Verdict
from linkshot.domain.visit_problem import EXPIRED, problem_now, problem_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from linkshot.use_cases.damaged_objects import DamagedObject
    from linkshot.use_cases.jobs import FailedLink

KEPT_AS = {
    Verdict.BLOCKED: "what the site shows instead of the page",
    Verdict.EMPTY: "an empty page",
    Verdict.LOGIN: "a login form",
    Verdict.NOT_FOUND: "the site's error page",
}
"""Verdict → what was kept; anything else is the site's error page."""

FAULTS = {
    Fault.MISSING: "missing from the store",
    Fault.SIZE: "shorter or longer than what was stored",
    Fault.CONTENT: "not the bytes that were stored",
    Fault.UNREADABLE: "cannot be read from the store",
}


def failed(one: Link) -> bool:
    """Whether its newest visit did not bring the page."""
    return problem_now(one) is not None


def sentence(one: Link, now: datetime) -> str:
    """How its newest visit ended, and when the next one is if it did not bring the page."""
    last = one.last
    if last is None:
        return "not visited yet"
    kind = problem_of(last)
    if kind is None:
        return _success(one, last)
    return f"{_failure(last, kind)}; {next_visit(one, now)}"


def next_visit(one: "Link | FailedLink", now: datetime) -> str:
    """The next visit: under way, a retry, by its watch, or when a person asks for it."""
    if one.activity == "sent" or (one.due_at is not None and one.due_at <= now):
        return "its next visit waits or is under way"
    if one.next_visit_at is None:
        return f"not by itself again: `linkshot snapshot {one.link_id[:10]}` tries it"
    word = "next try" if one.next_visit_at == one.due_at else "next visit by its watch"
    return f"{word} {one.next_visit_at:%Y-%m-%d %H:%M} UTC"


def print_files(visit: Snapshot | None, heading: str = "") -> None:
    """What was kept, and under which key of the store; below a line that says of what."""
    if visit is None or not visit.artifacts:
        return
    if heading:
        typer.echo(f"{heading:<10}of {kept_as(visit)} of {taken_at(visit)}")
    for artifact in visit.artifacts:
        typer.echo(f"  {artifact.name:<18}{size_text(artifact.bytes):>10}  {artifact.key}")


def print_damage(found: "Sequence[DamagedObject]") -> None:
    """What of the snapshots cannot be read whole from the store, and what follows."""
    for one in found:
        since = f"{one.found_at:%Y-%m-%d %H:%M} UTC"
        typer.echo(f"damaged   {one.role.value}: {FAULTS[one.fault]}, since {since}  {one.key}")
    if any(one.role is Role.TEXT for one in found):
        typer.echo(f"{'':<10}search does not know the words of that text until it is whole again")


def kept_as(visit: Snapshot) -> str:
    """What was kept of a visit: the page, or what came in its place."""
    if problem_of(visit) is None:
        return "a part of the page" if visit.quality.breaks_off else "the page"
    return KEPT_AS.get(visit.quality.verdict, "the site's error page")


def taken_at(visit: Snapshot) -> str:
    """When a visit took what it kept."""
    return f"{visit.taken_at or visit.finished_at:%Y-%m-%d %H:%M} UTC"


def detail(text: str) -> str:
    """The detail of a failure in words."""
    return printable(reason_texts.detail(text, ENGLISH))


def _success(one: Link, last: Snapshot) -> str:
    """The page itself came."""
    status = f"{last.http_status} · " if last.http_status else ""
    if last.outcome is Outcome.UNCHANGED:
        shown = (
            f"the page of {taken_at(one.current)} stays" if one.current else "nothing new was kept"
        )
        return f"unchanged · {status}{shown}"
    total = size_text(sum(artifact.bytes for artifact in last.artifacts))
    parts = [f"saved · {status}{total}"]
    if last.quality.verdict is not Verdict.GOOD:
        words = reason_texts.remarks(last.quality.reasons, ENGLISH)
        verdict = last.quality.verdict.value
        parts.append(f"{verdict}: {printable(words)}" if words else verdict)
    if last.final_url is not None and _page(last.final_url) != _page(one.url):
        parts.append(f"led to {printable(last.final_url)[:300]}")
    if one.current is not None and one.current != last:
        # this visit brought less of the page than the one that is still shown
        parts.append(f"the page of {taken_at(one.current)} stays")
    return " · ".join(parts)


def _page(url: str) -> tuple[str, str, str]:
    """What is compared of an address: not its scheme, `www.`, a last `/` or the fragment."""
    try:
        parts = urlsplit(url)
    except ValueError:  # Python refuses some hosts that browsers open
        return url, "", ""
    return parts.netloc.removeprefix("www."), parts.path.rstrip("/"), parts.query


def _failure(last: Snapshot, kind: str) -> str:
    """The page itself did not come."""
    why = FAILURES[kind].sentence if kind in FAILURES else "it failed"
    if last.outcome is Outcome.STORED:
        status = f"{last.http_status}, " if last.http_status else ""
        return f"{status}kept as {kept_as(last)}: {why} [{kind}]"
    if kind == EXPIRED:
        return f"not visited: {why} [{kind}]"
    more = detail(last.failure.detail) if last.failure else ""
    return f"failed, nothing was kept: {why} [{kind}]" + (f": {more}" if more else "")
