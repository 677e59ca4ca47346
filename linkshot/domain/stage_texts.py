"""Sentences for the stages of a pending visit. (pure)"""

from collections.abc import Mapping
from datetime import datetime

from linkshot.domain.language import Language
from linkshot.domain.visit_stage import Stage, VisitProgress


def _(message: str) -> str:
    """Marks a message for extraction; it is translated when it is said."""
    return message


STAGES = {
    Stage.QUEUED: _("waiting for its turn"),
    Stage.WAITING_FOR_HOST: _("waiting for its site"),
    Stage.WAITING_FOR_WORKER: _("waiting for a worker, none is running"),
    Stage.WORKER_STARTING: _("the worker is starting"),
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
STUCK = (Stage.WAITING_FOR_WORKER, Stage.WAITING_FOR_DISPATCH)
"""Stages that a person has to end."""


def stage_text(progress: VisitProgress, now: datetime, language: Language) -> str:
    """The stage as part of a sentence, with how long it has lasted or when it ends, where that is known."""
    if progress.until is not None:
        when = language.until(progress.until, now)
        return language.gettext(
            "waiting for its site, which asked for a pause: %(when)s", when=when
        )
    if progress.since is not None:
        seconds = max(int((now - progress.since).total_seconds()), 0)
        return language.gettext("taking a snapshot… %(seconds)s s", seconds=seconds)
    return language.gettext(STAGES[progress.stage])


def stage_reason(progress: VisitProgress, language: Language) -> str:
    """More about the stage, one sentence; empty when there is nothing to explain."""
    why = STAGES_WHY.get(progress.stage)
    return language.gettext(why) if why and progress.until is None else ""


def stages_summary(counted: Mapping[Stage, int], language: Language) -> str:
    """How many links are at each stage, on one line."""
    return language.gettext("; ").join(
        language.gettext(
            "%(stage)s (%(n)s)", stage=language.gettext(STAGES[stage]), n=language.number(n)
        )
        for stage, n in sorted(counted.items())
    )


def stage_line(progress: VisitProgress, now: datetime, language: Language) -> str:
    """The stage on one line, with what a person has to do about it where that is so."""
    text = stage_text(progress, now, language)
    if progress.stage not in STUCK:
        return text
    return language.gettext("%(text)s. %(more)s", text=text, more=stage_reason(progress, language))
