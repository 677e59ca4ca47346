"""Commands for tags: tag ls, add, rename, rm."""

from typing import Annotated

import typer

from linkshot.cli.context import cli_context
from linkshot.cli.printing import printable

Context = typer.Context
Name = Annotated[str, typer.Argument(metavar="TAG", help="A tag like reading or ai/编译器.")]
New = Annotated[str, typer.Argument(metavar="NEW", help="Its new name, perhaps below another tag.")]


def register(app: typer.Typer) -> None:
    """Add these commands."""
    tag = typer.Typer(help="Tags: a tree of names, kept apart from links.", no_args_is_help=True)
    tag.command("ls")(ls)
    tag.command("add")(add)
    tag.command("rename")(rename)
    tag.command("rm")(remove)
    app.add_typer(tag, name="tag")


def ls(context: Context) -> None:
    """All tags with how many links carry each one or a tag below it."""
    from linkshot import json_shapes
    from linkshot.use_cases import tags

    cli = cli_context(context)
    with cli.open_app() as app:
        found = tags.list_tags(app)
    if cli.json:
        cli.print_json({"items": [json_shapes.tag(one) for one in found]})
        return
    for one in found:
        depth = one.name.count("/")
        typer.echo(f"{one.count:>7}  {'  ' * depth}{printable(one.name.rpartition('/')[2])}")


def add(
    context: Context,
    name: Name,
    links_: Annotated[
        list[str] | None, typer.Argument(metavar="[LINK...]", help="Links that get it.")
    ] = None,
) -> None:
    """Make a tag, and put it on these links."""
    from linkshot import json_shapes
    from linkshot.use_cases import tags

    cli = cli_context(context)
    with cli.open_app() as app:
        made = tags.add(app, name)
        count = len(tags.add_to(app, links_, [name])) if links_ else 0
    if cli.json:
        cli.print_json(json_shapes.tag(made) | {"links": count})
    else:
        typer.echo(f"#{printable(made.name)}" + (f" on {count} links" if count else ""))


def rename(context: Context, old: Name, new: New) -> None:
    """Rename or move a tag with its children; every link that carries it shows it at once."""
    from linkshot import json_shapes
    from linkshot.use_cases import tags

    cli = cli_context(context)
    with cli.open_app() as app:
        made = tags.rename(app, old, new)
    if cli.json:
        cli.print_json(json_shapes.tag(made))
    else:
        typer.echo(f"#{printable(old)} is now #{printable(made.name)}")


def remove(context: Context, name: Name) -> None:
    """Take a tag and its children off all links; the links stay."""
    from linkshot.use_cases import tags

    cli = cli_context(context)
    with cli.open_app() as app:
        removed = tags.remove(app, name)
    if cli.json:
        counts = {"links": removed.links, "trashed": removed.trashed}
        cli.print_json({"removed": name} | counts)
    else:
        more = f", and from {removed.trashed} in the trash" if removed.trashed else ""
        typer.echo(f"#{printable(name)} removed from {removed.links} links{more}")
