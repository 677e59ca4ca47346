"""The command that takes a page as the user's own browser or a web archive has it: upload."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from linkshot.cli.adding import Tags, Wait
from linkshot.cli.context import ItemsFailed, cli_context
from linkshot.cli.printing import headline, printable

if TYPE_CHECKING:
    from linkshot.app import App
    from linkshot.domain.model import Link
    from linkshot.use_cases.uploads import AllUploaded, Uploaded


def register(app: typer.Typer) -> None:
    """Add this command."""
    app.command("upload")(upload)


def upload(
    context: typer.Context,
    link: Annotated[
        str,
        typer.Argument(
            metavar="[LINK]",
            help="The address of the page, or the id of its link; without one, what the file says.",
        ),
    ],
    file: Annotated[
        Path | None,
        typer.Argument(
            metavar="FILE",
            help="The page as HTML or MHTML, or a web archive (WACZ, WARC) that has it; - is stdin.",
        ),
    ] = None,
    tag: Tags = None,
    any_address: Annotated[
        bool,
        typer.Option("--any-address", help="Also a page that was saved from another address."),
    ] = False,
    all_pages: Annotated[
        bool,
        typer.Option("--all-pages", help="Every page of a web archive, each for its own address."),
    ] = False,
    wait: Wait = False,
) -> None:
    """Keep a page as your browser or a web archive has it; it is not visited. A new address is added."""
    from linkshot.cli import visit_results, wait_for_visits
    from linkshot.domain.model import LinkId
    from linkshot.use_cases import links

    cli = cli_context(context)
    if file is None:
        link, file = "", Path(link)
    if link and all_pages:
        raise typer.BadParameter("it takes no LINK", param_hint="--all-pages")
    data = _read(file)
    with cli.open_app() as app:
        done = _keep(app, link, data, tuple(tag or ()), any_address=any_address, every=all_pages)
        ids = list(dict.fromkeys(LinkId(one.link.link_id) for one in done.kept))
        since = {
            one.link.link_id: None if one.repeated else wait_for_visits.newest(one.link)
            for one in done.kept
        }
        now = wait_for_visits.follow(cli, app, ids, since) if wait else links.by_ids(app, ids)
        if cli.json:
            cli.print_json(_shapes(done, now))
        else:
            _print_refused(done)
            for one in now:
                said = wait_for_visits.outcome(app, one, since) if wait else "its snapshot follows"
                typer.echo(_line(done, one, said))
                if wait and wait_for_visits.ended(one, since):
                    visit_results.print_files(one.last)
    missed = wait_for_visits.missed(now, since) if wait else 0
    if missed or done.refused:
        raise ItemsFailed(missed + len(done.refused), len(now) + len(done.refused))


def _line(done: "AllUploaded", now: "Link", said: str) -> str:
    fresh = any(one.link.link_id == now.link_id and not one.repeated for one in done.kept)
    word = "uploaded" if fresh else "there already"
    return f"{word} {now.link_id[:10]} {headline(now.title, now.url)}: {said}"


def _print_refused(done: "AllUploaded") -> None:
    for url, code, message in done.refused:
        typer.echo(f"refused {printable(url[:200])}: {message} ({code})", err=True)


def _shapes(done: "AllUploaded", now: "list[Link]") -> dict[str, Any]:
    from linkshot import json_shapes

    kept = {one.link.link_id: one for one in reversed(done.kept)}
    items = [json_shapes.link_detail(one) | json_shapes.uploaded(kept[one.link_id]) for one in now]
    refused = [{"url": url, "code": code, "message": text} for url, code, text in done.refused]
    return {"items": items} | ({"refused": refused} if refused else {})


def _keep(
    app: "App", link: str, data: bytes, tags: tuple[str, ...], *, any_address: bool, every: bool
) -> "AllUploaded":
    """All pages, or the one of the link with this id, else of this address, else that the file says."""
    from linkshot.use_cases import uploads

    if every:
        return uploads.add_all_pages(app, data, tags)
    kept = _keep_one(app, link, data, tags, any_address=any_address)
    return uploads.AllUploaded(kept=(kept,), refused=())


def _keep_one(
    app: "App", link: str, data: bytes, tags: tuple[str, ...], *, any_address: bool
) -> "Uploaded":
    from linkshot.domain.model import NewLink
    from linkshot.use_cases import link_resolver, uploads
    from linkshot.use_cases import tags as tag_use_cases

    if not link or not link_resolver.is_id(link):
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
