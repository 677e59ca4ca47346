"""Commands for watches: watch set, off, ls."""

from typing import Annotated

import typer

from linkshot.cli.context import cli_context
from linkshot.cli.printing import headline, print_table
from linkshot.cli.queries import LinkRef

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
    link: LinkRef,
    every: Annotated[
        str, typer.Option(metavar="TIME", help="An interval: 30m, 12h, 1d12h, 2w; at least 5m.")
    ],
) -> None:
    """Visit a link at an interval."""
    from linkshot import json_shapes
    from linkshot.domain.schedules import describe_interval
    from linkshot.use_cases import watches

    cli = cli_context(context)
    with cli.open_app() as app:
        made = watches.set_schedule(app, link, every)
    if cli.json:
        cli.print_json(json_shapes.watch(made))
    else:
        typer.echo(
            f"{headline(made.link.title, made.link.url)}: {describe_interval(made.every)}, next {made.next_at:%Y-%m-%d %H:%M} UTC"
        )


def off(context: Context, link: LinkRef) -> None:
    """Stop visiting a link by schedule."""
    from linkshot import json_shapes
    from linkshot.use_cases import watches

    cli = cli_context(context)
    with cli.open_app() as app:
        one = watches.remove(app, link)
    if cli.json:
        cli.print_json(json_shapes.link(one))
    else:
        typer.echo(f"{headline(one.title, one.url)}: not watched any more")


def ls(context: Context) -> None:
    """What is watched, and when next."""
    from linkshot import json_shapes
    from linkshot.use_cases import watches

    cli = cli_context(context)
    with cli.open_app() as app:
        found = watches.list_watches(app)
    if cli.json:
        cli.print_json({"items": [json_shapes.watch(one) for one in found]})
        return
    print_table(
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
