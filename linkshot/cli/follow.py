"""How does a person wait for snapshots? The roles nobody else does are done here, the rows followed."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

import typer

from linkshot import links, snapshots
from linkshot.app import App
from linkshot.cli.printing import console, headline, safe
from linkshot.cli.state import State
from linkshot.cli.texts import say
from linkshot.errors import LinkshotError
from linkshot.model import Link, LinkId, Outcome, Snapshot

POLL_S = 0.2
LIMIT_S = 900.0
WIDE = 60
"""Characters of a title beside what goes on with it."""
SETTLED_INDEX_S = 15.0


def follow(
    state: State, app: App, ids: Sequence[str], since: Mapping[LinkId, str | None]
) -> list[Link]:
    """Work until each of these links has ended a visit that is newer than `since`; as they are then.

    Whoever already runs `up` does the work; otherwise it is done here.
    """
    from linkshot.roles import free_roles

    with free_roles(app) as roles:
        try:
            now = watch(state, app, ids, since, give_up=lambda: roles.failure is not None)
        except KeyboardInterrupt:
            state.tell("ending the visits under way; what was added stays (Ctrl-C again: at once)")
            raise
        if roles.failure is not None:
            raise LinkshotError(f"the work stopped: {roles.failure}") from roles.failure
        until_indexed(app)
    return now


def watch(
    state: State,
    app: App,
    ids: Sequence[str],
    since: Mapping[LinkId, str | None],
    *,
    give_up: Callable[[], bool],
) -> list[Link]:
    """Show what goes on until each link has ended a newer visit, or `give_up` says so."""
    wanted = [LinkId(one) for one in ids]
    began = time.monotonic()
    with _display(state) as show:
        while True:
            now = links.by_ids(app, wanted)
            show(app, now, since, time.monotonic() - began)
            if all(_ended(one, since) for one in now) or give_up():
                return now
            if time.monotonic() - began > LIMIT_S:
                raise LinkshotError("the snapshot is still not there; `linkshot jobs` says why")
            time.sleep(POLL_S)


def newest(one: Link) -> str | None:
    """The id of a link's newest visit."""
    return one.last.snapshot_id if one.last else None


def failed(one: Link) -> bool:
    """Whether its newest visit brought nothing."""
    return one.last is not None and one.last.outcome in (Outcome.FAILED, Outcome.DEFERRED)


def _ended(one: Link, since: Mapping[LinkId, str | None]) -> bool:
    return newest(one) != since.get(one.link_id) and newest(one) is not None


def until_indexed(app: App) -> None:
    """A moment more, so that a search right after finds it."""
    from linkshot import jobs
    from linkshot.messages import LINKS

    deadline = time.monotonic() + SETTLED_INDEX_S
    while time.monotonic() < deadline:
        if jobs.overview(app, 0).unannounced == 0 and app.queue.backlog(LINKS, "index") == 0:
            return
        time.sleep(0.05)


@contextmanager
def _display(state: State) -> Iterator["_Shower"]:
    """A live list on a terminal, else a line every few seconds."""
    err = console(stderr=True)
    if state.quiet or not err.is_terminal:
        yield _Shower(None, state)
        return
    from rich.live import Live

    with Live(console=err, refresh_per_second=5, transient=True) as live:
        yield _Shower(live, state)


class _Shower:
    """Says what is going on."""

    EVERY_S = 5.0

    def __init__(self, live: object, state: State) -> None:
        self._live = live
        self._state = state
        self._next = self.EVERY_S

    def __call__(
        self, app: App, now: Sequence[Link], since: Mapping[LinkId, str | None], seconds: float
    ) -> None:
        done = sum(_ended(one, since) for one in now)
        if self._live is not None:
            self._live.update(self._table(app, now, since, seconds))  # type: ignore[attr-defined]  # rich.live.Live
        elif seconds >= self._next:
            self._next += self.EVERY_S
            self._state.tell(say("progress", done=done, total=len(now), seconds=round(seconds)))

    def _table(
        self, app: App, now: Sequence[Link], since: Mapping[LinkId, str | None], seconds: float
    ) -> object:
        from rich.spinner import Spinner
        from rich.table import Table
        from rich.text import Text

        table = Table.grid(padding=(0, 1))
        for one in now[:10]:
            if _ended(one, since):
                mark: str | Spinner = "[red]✗[/]" if failed(one) else "[green]✓[/]"
                words = sentence(one)
            else:
                mark = Spinner("dots")
                words = going_on(app, one, seconds)
            table.add_row(mark, Text(headline(one.title, one.url)[:WIDE]), Text(words))
        return table


def going_on(app: App, one: Link, seconds: float) -> str:
    """What happens with a link just now."""
    activity = snapshots.progress(app, one.link_id).activity
    if activity == "sent":
        return say("visiting", seconds=round(seconds))
    return say("waiting", seconds=round(seconds))


def sentence(one: Link) -> str:
    """How its newest visit ended."""
    last = one.last
    if last is None:
        return "not visited yet"
    if last.failure is not None:
        again = f", next try {one.due_at:%Y-%m-%d %H:%M} UTC" if one.due_at else ""
        return f"failed: {last.failure.kind} {safe(last.failure.detail)}{again}".strip()
    total = sum(artifact.bytes for artifact in last.artifacts)
    status = f"{last.http_status} · " if last.http_status else ""
    verdict = "" if last.quality.verdict == "good" else f" · {last.quality.verdict.value}"
    return f"saved · {status}{size(total)}{verdict}"


def files(visit: Snapshot | None) -> None:
    """What was kept, and under which key of the store."""
    for artifact in visit.artifacts if visit else ():
        typer.echo(f"  {artifact.name:<18}{size(artifact.bytes):>10}  {artifact.key}")


def size(count: int) -> str:
    """Bytes for people."""
    value = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if value < 1000 or unit == "GB":
            return f"{value:.0f} {unit}" if unit == "B" else f"{value:.1f} {unit}"
        value /= 1000
    return f"{value:.1f} GB"
