"""Commands about schedules: watch set, off, ls."""

from typing import Annotated

import typer

from linkshot.cli.context import state_of
from linkshot.cli.printing import headline, table
from linkshot.cli.queries import One

Context = typer.Context


def register(app: typer.Typer) -> None:
    """Add these commands."""
    watch = typer.Typer(help="Visit links again and again.", no_args_is_help=True)
    watch.command("set")(set_)
    watch.command("off")(off)
    watch.command("ls")(ls)
    app.add_typer(watch, name="watch")


def set_(
    context: Context,
    link: One,
    every: Annotated[
        str, typer.Option(metavar="TIME", help="An interval: 30m, 12h, 1d12h, 2w; at least 5m.")
    ],
) -> None:
    """Visit a link at an interval."""
    from linkshot.cli import json_output
    from linkshot.domain.schedules import describe_interval
    from linkshot.use_cases import watches

    state = state_of(context)
    with state.opened() as app:
        made = watches.set_schedule(app, link, every)
    if state.json:
        state.out(
            {
                "link_id": made.link.link_id,
                "every": made.every,
                "next_at": json_output.when(made.next_at),
            }
        )
    else:
        typer.echo(
            f"{headline(made.link.title, made.link.url)}: {describe_interval(made.every)}, next {made.next_at:%Y-%m-%d %H:%M} UTC"
        )


def off(context: Context, link: One) -> None:
    """Stop visiting a link by schedule."""
    from linkshot.cli import json_output
    from linkshot.use_cases import watches

    state = state_of(context)
    with state.opened() as app:
        one = watches.remove(app, link)
    if state.json:
        state.out(json_output.link(one))
    else:
        typer.echo(f"{headline(one.title, one.url)}: not watched any more")


def ls(context: Context) -> None:
    """What is watched, and when next."""
    from linkshot.cli import json_output
    from linkshot.use_cases import watches

    state = state_of(context)
    with state.opened() as app:
        found = watches.ls(app)
    if state.json:
        state.out(
            {
                "items": [
                    {
                        "link_id": w.link.link_id,
                        "url": w.link.url,
                        "every": w.every,
                        "next_at": json_output.when(w.next_at),
                    }
                    for w in found
                ]
            }
        )
        return
    table(
        ("id", "every", "next", "title"),
        (
            (
                w.link.link_id[:10],
                w.every,
                f"{w.next_at:%Y-%m-%d %H:%M}",
                headline(w.link.title, w.link.url),
            )
            for w in found
        ),
    )
