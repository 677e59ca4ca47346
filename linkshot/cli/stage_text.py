"""Messages for the stage of a pending visit, and the commands that unblock it."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from linkshot.cli.user_texts import message
from linkshot.domain.visit_stage import Stage, VisitProgress
from linkshot.system.config import Settings
from linkshot.use_cases import running_roles

MISSING_ROLE = {Stage.WAITING_FOR_WORKER: "crawl", Stage.WAITING_FOR_DISPATCH: "dispatch"}
"""Stage → the role that is not running."""


def stage_message(standing: VisitProgress, now: datetime, settings: Settings) -> str:
    """The stage of one link."""
    stage = standing.stage
    if stage in MISSING_ROLE:
        return message(stage.value, commands=start_commands((MISSING_ROLE[stage],), settings))
    if stage is Stage.VISITING and standing.since is not None:
        seconds = max(round((now - standing.since).total_seconds()), 0)
        return message("visiting", seconds=seconds)
    if standing.until is not None:
        return message("waiting_until", until=f"{standing.until:%H:%M}")
    return message(stage.value)


def summary(all_: Iterable[VisitProgress], settings: Settings) -> str:
    """How many links are at each stage, and what to start when a role is missing."""
    counted = Counter(one.stage for one in all_)
    parts = [f"{many} {message(f'{stage.value}_short')}" for stage, many in sorted(counted.items())]
    missing = tuple(MISSING_ROLE[stage] for stage in MISSING_ROLE if stage in counted)
    if missing:
        parts.append(message("start", commands=start_commands(missing, settings)))
    return ", ".join(parts)


def not_running(roles: tuple[str, ...], settings: Settings) -> str:
    """Tells which roles are not running and how to start them."""
    return message("not_running", commands=start_commands(roles, settings))


def start_commands(roles: tuple[str, ...], settings: Settings) -> str:
    """The commands that start these roles, as they are typed."""
    return ", ".join(f"`{command}`" for command in running_roles.start_commands(roles, settings))
