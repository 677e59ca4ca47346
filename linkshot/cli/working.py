"""Commands about work under way: jobs, dead ls, dead requeue."""

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from linkshot.cli.printing import headline, safe, table
from linkshot.cli.state import state_of

if TYPE_CHECKING:
    from linkshot.jobs import DeadLine, Overview

Context = typer.Context


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command("jobs")(jobs)
    dead = typer.Typer(help="Messages nobody could work on.", no_args_is_help=True)
    dead.command("ls")(dead_ls)
    dead.command("requeue")(dead_requeue)
    app.add_typer(dead, name="dead")


def jobs(context: Context) -> None:
    """What waits, what is being visited, what failed and when it is tried again."""
    from linkshot import jobs as work
    from linkshot.cli import shapes

    state = state_of(context)
    with state.opened() as app:
        seen, now = work.overview(app), app.now()
    if state.json:
        state.out(shapes.jobs(seen))
        return
    for sentence in _sentences(seen, now):
        typer.echo(sentence)


def _sentences(seen: "Overview", now: datetime) -> Iterator[str]:
    from linkshot.cli.ended import again

    yield (
        f"{seen.due} waiting · {seen.sent} being visited · {seen.later} later · "
        f"{seen.dead} dead letters"
    )
    for host in seen.hosts:
        until = f", asked to wait until {host.blocked_until:%H:%M}" if host.blocked_until else ""
        yield f"  {safe(host.host)}: {host.due} waiting, {host.sent} being visited{until}"
    for one in seen.failed:
        title, why = headline(one.title, one.url), f"{one.kind} {safe(one.detail)[:80]}".strip()
        why += f" after {len(one.hops)} redirects" if one.hops else ""
        yield f"  {one.link_id[:10]} {title}: {why} ({again(one, now)})"


def dead_ls(context: Context) -> None:
    """Dead letters, newest first, with the reason."""
    from linkshot import jobs as work
    from linkshot.cli import shapes

    state = state_of(context)
    with state.opened() as app:
        found = work.dead_letters(app)
    if state.json:
        state.out({"items": [shapes.dead(one) for one in found]})
    else:
        table(("id", "when", "where", "reason"), map(_letter, found))


def _letter(one: "DeadLine") -> tuple[str, ...]:
    again = " (sent again)" if one.requeued_at else ""
    why = f"{one.reason}: {one.detail[:100]}{again}"
    return str(one.dead_id), f"{one.at:%Y-%m-%d %H:%M}", one.where, why


def dead_requeue(
    context: Context,
    ids: Annotated[list[str], typer.Argument(metavar="ID...", help="As `dead ls` shows them.")],
) -> None:
    """Send dead letters to their topics again."""
    from linkshot import jobs as work

    state = state_of(context)
    with state.opened() as app:
        count = work.requeue(app, ids)
    if state.json:
        state.out({"requeued": count})
    else:
        typer.echo(f"{count} sent again")
