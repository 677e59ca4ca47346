"""Messages for the stage of a pending visit, and the commands that unblock it."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from linkshot.cli.language import terminal_language
from linkshot.domain.stage_texts import stage_line, stages_summary
from linkshot.domain.visit_stage import Stage, VisitProgress
from linkshot.system.config import Settings
from linkshot.use_cases import incomplete_notes

MISSING_ROLE = {Stage.WAITING_FOR_WORKER: "crawl", Stage.WAITING_FOR_DISPATCH: "dispatch"}
"""Stage → the role that is not running."""


def stage_message(standing: VisitProgress, now: datetime) -> str:
    """The stage of one link; with what to do about it where a person has to."""
    return stage_line(standing, now, terminal_language())


def summary(all_: Iterable[VisitProgress], settings: Settings) -> str:
    """How many links are at each stage, and what to start when a role is missing."""
    counted = Counter(one.stage for one in all_)
    language = terminal_language()
    said = stages_summary(counted, language)
    missing = tuple(MISSING_ROLE[stage] for stage in MISSING_ROLE if stage in counted)
    if not missing:
        return said
    return language.gettext("%(text)s. %(more)s", text=said, more=not_running(missing, settings))


def not_running(roles: tuple[str, ...], settings: Settings) -> str:
    """Tells which roles are not running and how to start them."""
    return incomplete_notes.what_to_start(roles, terminal_language(), settings)
