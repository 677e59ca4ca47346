"""How far a visit is that has not ended, in words, with what a person can do about it."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from linkshot.cli.messages import say
from linkshot.domain.visit_stage import Stage, VisitProgress
from linkshot.system.config import Settings

NOBODY = {Stage.WAITING_FOR_WORKER: "crawl", Stage.WAITING_FOR_DISPATCH: "dispatch"}
"""Stage → the role that nobody does."""


def words(standing: VisitProgress, now: datetime, settings: Settings) -> str:
    """Where a link stands."""
    stage = standing.stage
    if stage in NOBODY:
        return say(stage.value, commands=commands((NOBODY[stage],), settings))
    if stage is Stage.VISITING and standing.since is not None:
        seconds = max(round((now - standing.since).total_seconds()), 0)
        return say("visiting", seconds=seconds)
    if standing.until is not None:
        return say("waiting_until", until=f"{standing.until:%H:%M}")
    return say(stage.value)


def summary(all_: Iterable[VisitProgress], settings: Settings) -> str:
    """How many links are at each stage, and what to start when nobody is at work."""
    counted = Counter(one.stage for one in all_)
    parts = [f"{many} {_short(stage)}" for stage, many in sorted(counted.items())]
    missing = tuple(NOBODY[stage] for stage in NOBODY if stage in counted)
    if missing:
        parts.append(say("start", commands=commands(missing, settings)))
    return ", ".join(parts)


def nobody(roles: tuple[str, ...], settings: Settings) -> str:
    """That links wait for roles that nobody does."""
    return say("not_running", commands=commands(roles, settings))


def commands(roles: tuple[str, ...], settings: Settings) -> str:
    """What is typed to have these roles done."""
    names = ("up",) if settings.is_embedded("queue") else roles
    return ", ".join(f"`linkshot {name}`" for name in names)


def _short(stage: Stage) -> str:
    return say(f"{stage.value}_short")
