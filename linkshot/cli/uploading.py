"""The command that takes a page as the user's own browser had it: upload."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from linkshot.cli.adding import Tags, Wait
from linkshot.cli.context import ItemsFailed, cli_context
from linkshot.cli.printing import headline

if TYPE_CHECKING:
    from linkshot.app import App
    from linkshot.use_cases.uploads import Uploaded


def register(app: typer.Typer) -> None:
    """Add this command."""
    app.command("upload")(upload)


def upload(
    context: typer.Context,
    link: Annotated[
        str, typer.Argument(metavar="LINK", help="The address of the page, or the id of its link.")
    ],
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="The page as HTML or MHTML; - is stdin.")
    ],
    tag: Tags = None,
    any_address: Annotated[
        bool,
        typer.Option("--any-address", help="Also a page that was saved from another address."),
    ] = False,
    wait: Wait = False,
) -> None:
    """Keep a page as your browser has it; it is not visited. A new address is added."""
    from linkshot import json_shapes
    from linkshot.cli import visit_results, wait_for_visits
    from linkshot.use_cases import links

    cli = cli_context(context)
    data = _read(file)
    with cli.open_app() as app:
        kept = _keep(app, link, data, tuple(tag or ()), any_address=any_address)
        since = {kept.link.link_id: None if kept.repeated else wait_for_visits.newest(kept.link)}
        now = links.get(app, kept.link.link_id)
        if wait:
            (now,) = wait_for_visits.follow(cli, app, [kept.link.link_id], since)
        said = wait_for_visits.outcome(app, now, since) if wait else "its snapshot follows"
    if cli.json:
        more = json_shapes.uploaded(kept)
        cli.print_json({"items": [json_shapes.link_detail(now) | more]})
    else:
        word = "there already" if kept.repeated else "uploaded"
        typer.echo(f"{word} {now.link_id[:10]} {headline(now.title, now.url)}: {said}")
        if wait and wait_for_visits.ended(now, since):
            visit_results.print_files(now.last)
    if wait and wait_for_visits.missed([now], since):
        raise ItemsFailed(1, 1)


def _keep(
    app: "App", link: str, data: bytes, tags: tuple[str, ...], *, any_address: bool
) -> "Uploaded":
    """For the link with this id, else for this address."""
    from linkshot.domain.model import NewLink
    from linkshot.use_cases import link_resolver, uploads
    from linkshot.use_cases import tags as tag_use_cases

    if not link_resolver.is_id(link):
        new = NewLink(url=link, tags=tags)
        return uploads.add(app, new, data, any_address=any_address)
    kept = uploads.add_to(app, link, data, any_address=any_address)
    if tags:
        tag_use_cases.add_to(app, [kept.link.link_id], tags)
    return kept


def _read(file: Path) -> bytes:
    """The file, one byte more than is taken at most."""
    from linkshot.use_cases.uploads import MAX_BYTES

    if str(file) == "-":
        return sys.stdin.buffer.read(MAX_BYTES + 1)
    with file.open("rb") as source:
        return source.read(MAX_BYTES + 1)
