"""Waits for visits: runs the roles that no other process runs, and polls the links."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from linkshot.app import App
from linkshot.cli import exit_status, stage_text
from linkshot.cli.context import CliContext
from linkshot.cli.language import terminal_language
from linkshot.cli.printing import console, headline
from linkshot.cli.user_texts import message
from linkshot.cli.visit_results import failed, next_visit, sentence
from linkshot.domain.model import Link, LinkId, Outcome
from linkshot.domain.reason_texts import what_and_why
from linkshot.domain.visit_stage import VisitProgress
from linkshot.domain.visit_texts import NOT_VISITED
from linkshot.use_cases import links, visit_status

POLL_S = 0.2
LIMIT_S = 900.0
WIDE = 60
"""Characters of a title beside what goes on with it."""
SETTLED_INDEX_S = 15.0

Baseline = Mapping[LinkId, str | None]
"""Link → the id of its newest visit before it is followed."""


def follow(cli: CliContext, app: App, ids: Sequence[str], since: Baseline) -> list[Link]:
    """Waits at most LIMIT_S until each link has a finished visit newer than `since`; returns the links.

    A running `up` does the work; otherwise the free roles run in this process.
    """
    from linkshot.processes.role_takeover import free_roles

    with free_roles(app) as roles:
        try:
            now = watch(cli, app, ids, since, give_up=lambda: roles.failure is not None)
        except KeyboardInterrupt:
            cli.notify("ending the visits under way; what was added stays (Ctrl-C again: at once)")
            raise
        if roles.failure is not None:
            exit_status.print_error(
                "work.stopped", f"the work stopped: {roles.failure}", as_json=cli.json
            )
        elif any(ended(one, since) for one in now):
            until_indexed(app)
    return now


def watch(
    cli: CliContext,
    app: App,
    ids: Sequence[str],
    since: Baseline,
    *,
    give_up: Callable[[], bool],
) -> list[Link]:
    """Show what goes on until each link has ended a newer visit, `give_up` says so or LIMIT_S is over."""
    wanted = [LinkId(one) for one in ids]
    began = time.monotonic()
    with _display(cli) as show:
        while True:
            now = links.by_ids(app, wanted)
            show(app, now, since, time.monotonic() - began)
            over = time.monotonic() - began > LIMIT_S
            if over or all(ended(one, since) or is_kept_out(one) for one in now) or give_up():
                return now
            time.sleep(POLL_S)


def newest(one: Link) -> str | None:
    """The id of a link's newest visit."""
    return one.last.snapshot_id if one.last else None


def ended(one: Link, since: Baseline) -> bool:
    """Whether it has ended a newer visit; one that was put off is due again at once."""
    last = one.last
    fresh = last is not None and last.snapshot_id != since.get(one.link_id)
    return fresh and last is not None and last.outcome is not Outcome.DEFERRED


def is_kept_out(one: Link) -> bool:
    """Whether a rule for its site keeps it from being visited, and no visit is under way all the same."""
    return bool(one.no_snapshot_rule) and not one.activity


def missed(now: Sequence[Link], since: Baseline) -> int:
    """How many of them have no newer visit that brought the page, though they are visited."""
    return sum(failed(one) if ended(one, since) else not is_kept_out(one) for one in now)


def outcome(app: App, one: Link, since: Baseline) -> str:
    """How the visit that was waited for ended, or that it has not."""
    if ended(one, since):
        return sentence(one, app.now())
    language = terminal_language()
    if is_kept_out(one):
        return next_visit(one, app.now())
    now = going_on(app, one, visit_status.of_link(app, one))
    return what_and_why(language.gettext(NOT_VISITED), now, language)


def until_indexed(app: App) -> None:
    """Waits until the index has caught up, so that a search right after finds the page."""
    from linkshot.domain.messages import LINKS
    from linkshot.use_cases import index_completeness

    deadline = time.monotonic() + SETTLED_INDEX_S
    while time.monotonic() < deadline:
        if index_completeness.unannounced(app) == 0 and app.queue.backlog(LINKS, "index") == 0:
            return
        time.sleep(0.05)


@contextmanager
def _display(cli: CliContext) -> Iterator["ProgressDisplay"]:
    """A live list on a terminal, else a line every few seconds."""
    err = console(stderr=True)
    if cli.quiet or not err.is_terminal:
        yield ProgressDisplay(None, cli)
        return
    from rich.live import Live

    with Live(console=err, refresh_per_second=5, transient=True) as live:
        yield ProgressDisplay(live, cli)


class ProgressDisplay:
    """Shows progress: a live list on a terminal, else a line every EVERY_S."""

    EVERY_S = 5.0

    def __init__(self, live: object, cli: CliContext) -> None:
        self._live = live
        self._cli = cli
        self._next = self.EVERY_S

    def __call__(self, app: App, now: Sequence[Link], since: Baseline, seconds: float) -> None:
        done = sum(ended(one, since) for one in now)
        if self._live is not None:
            self._live.update(self._table(app, now, since))  # type: ignore[attr-defined]  # rich.live.Live
        elif seconds >= self._next:
            self._next += self.EVERY_S
            line = message("progress", done=done, total=len(now), seconds=round(seconds))
            how = stage_text.summary(visit_status.of_links(app, now).values(), app.settings)
            self._cli.notify(f"{line}: {how}" if how else line)

    def _table(self, app: App, now: Sequence[Link], since: Baseline) -> object:
        from rich.spinner import Spinner
        from rich.table import Table
        from rich.text import Text

        table = Table.grid(padding=(0, 1))
        # ten fit on any screen; those that have not ended come first
        shown = sorted(now, key=lambda one: ended(one, since))[:10]
        standing = visit_status.of_links(app, shown)
        for one in shown:
            if ended(one, since):
                mark: str | Spinner = "[red]✗[/]" if failed(one) else "[green]✓[/]"
                words = sentence(one, app.now())
            else:
                mark = "–" if is_kept_out(one) else Spinner("dots")
                words = going_on(app, one, standing.get(one.link_id))
            table.add_row(mark, Text(headline(one.title, one.url)[:WIDE]), Text(words))
        return table


def going_on(app: App, one: Link, standing: VisitProgress | None) -> str:
    """What happens with a link just now."""
    if standing is not None:
        return stage_text.stage_message(standing, app.now())
    return next_visit(one, app.now())
