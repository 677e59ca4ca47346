"""Commands that edit and remove links: edit, rm, trash."""

from typing import TYPE_CHECKING, Annotated

import typer

from linkshot.cli.adding import LinkRefs, Tags
from linkshot.cli.context import CliContext, cli_context
from linkshot.cli.printing import headline, print_table
from linkshot.cli.queries import LinkRef

if TYPE_CHECKING:
    from collections.abc import Sequence

    from linkshot.app import App
    from linkshot.domain.model import Link

Context = typer.Context


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command("edit")(edit)
    app.command("rm")(remove)
    trash = typer.Typer(help="What was deleted: bring it back, or for good.", no_args_is_help=True)
    trash.command("ls")(trash_ls)
    trash.command("restore")(trash_restore)
    trash.command("purge")(trash_purge)
    app.add_typer(trash, name="trash")


def edit(
    context: Context,
    link: LinkRef,
    title: Annotated[
        str | None, typer.Option(metavar="TEXT", help="A title of your own; empty = the page's.")
    ] = None,
    note: Annotated[str | None, typer.Option(metavar="TEXT", help="A new note.")] = None,
    tag: Tags = None,
    untag: Annotated[
        list[str] | None, typer.Option(metavar="TAG", help="Take this tag off; may be repeated.")
    ] = None,
    unread: Annotated[
        bool | None, typer.Option("--unread/--read", help="Mark it as still to be read, or not.")
    ] = None,
) -> None:
    """Change a link's title, note, tags or unread mark."""
    from linkshot import json_shapes
    from linkshot.use_cases import links, tags

    cli = cli_context(context)
    with cli.open_app() as app:
        one = links.edit(app, link, title=title, note=note, unread=unread)
        if tag:
            one = tags.add_to(app, [one.link_id], tag)[0]
        if untag:
            one = tags.remove_from(app, [one.link_id], untag)[0]
    if cli.json:
        cli.print_json(json_shapes.link_detail(one))
    else:
        _print_lines("changed", [one])


def remove(context: Context, links_: LinkRefs) -> None:
    """Put links into the trash; `trash restore` brings them back for 30 days."""
    from linkshot.use_cases import trash

    cli = cli_context(context)
    with cli.open_app() as app:
        gone = trash.remove(app, links_)
    _print_links(cli, "in the trash:", gone)


def trash_ls(context: Context) -> None:
    """What is in the trash, newest first."""
    from linkshot import json_shapes

    cli = cli_context(context)
    with cli.open_app() as app:
        found = _all_of_trash(app)
    if cli.json:
        cli.print_json({"items": [json_shapes.link(one) for one in found]})
        return
    rows = (
        (o.link_id[:10], f"{o.deleted_at:%Y-%m-%d %H:%M}", headline(o.title, o.url)) for o in found
    )
    print_table(("id", "deleted", "title"), rows)


def trash_restore(context: Context, links_: LinkRefs) -> None:
    """Bring links back from the trash."""
    from linkshot.use_cases import trash

    cli = cli_context(context)
    with cli.open_app() as app:
        back = trash.restore(app, links_)
    _print_links(cli, "restored", back)


def trash_purge(
    context: Context,
    links_: Annotated[
        list[str] | None,
        typer.Argument(metavar="[LINK...]", help="Ids or addresses of links in the trash."),
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="All of the trash, however new.")
    ] = False,
) -> None:
    """Delete for good: these links, or without any those deleted more than 30 days ago."""
    from linkshot.use_cases import trash

    cli = cli_context(context)
    with cli.open_app() as app:
        chosen = [one.link_id for one in _all_of_trash(app)] if everything else links_
        count = 0 if everything and not chosen else trash.purge(app, chosen or None)
    if cli.json:
        cli.print_json({"purged": count})
    else:
        typer.echo(f"{count} deleted for good")


def _all_of_trash(app: "App") -> "list[Link]":
    from linkshot.use_cases import trash

    return trash.list_trash(app, 100_000)


def _print_links(cli: CliContext, word: str, links: "Sequence[Link]") -> None:
    from linkshot import json_shapes

    if cli.json:
        cli.print_json({"items": [json_shapes.link(one) for one in links]})
    else:
        _print_lines(word, links)


def _print_lines(word: str, links: "Sequence[Link]") -> None:
    for one in links:
        typer.echo(f"{word} {one.link_id[:10]} {headline(one.title, one.url)}")
