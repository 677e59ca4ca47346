"""Commands that look: list, search, show, open, snapshots."""

from typing import TYPE_CHECKING, Annotated

import typer

from linkshot.cli.state import State, console, lines, safe, state_of

if TYPE_CHECKING:
    from linkshot.search import SearchPage

Context = typer.Context
Sort = Annotated[str, typer.Option(help="relevance, newest, oldest or changed.")]
Limit = Annotated[int, typer.Option(help="How many, up to 200.")]
Cursor = Annotated[str | None, typer.Option(help="next_cursor of the answer before.")]
Lines = Annotated[bool, typer.Option("--jsonl", help="One JSON object a line.")]
One = Annotated[str, typer.Argument(help="An id, its unique beginning, or an address.")]


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command("list")(list_)
    app.command("search")(search)
    app.command("show")(show)
    app.command("open")(open_)
    app.command("snapshots")(snapshots)


def list_(
    context: Context,
    query: Annotated[str, typer.Argument(help="A query, like '#reading is:unread'.")] = "",
    sort: Sort = "newest",
    limit: Limit = 20,
    cursor: Cursor = None,
    as_lines: Lines = False,
) -> None:
    """Links, newest first."""
    _find(state_of(context), query, sort, limit, cursor, as_lines=as_lines)


def search(
    context: Context,
    query: Annotated[str, typer.Argument(help='Words, "phrases", #tags, site:, at:, …')],
    sort: Sort = "relevance",
    limit: Limit = 20,
    cursor: Cursor = None,
    as_lines: Lines = False,
) -> None:
    """Find links by every word of their pages, with excerpts."""
    _find(state_of(context), query, sort, limit, cursor, as_lines=as_lines)


def _find(
    state: State, query: str, sort: str, limit: int, cursor: str | None, *, as_lines: bool
) -> None:
    from linkshot import search as searching
    from linkshot.cli import shapes
    from linkshot.paging import page_request

    with state.opened() as app:
        page = searching.find(app, query, page_request(limit, sort), cursor=cursor)
    if state.json:
        state.out(shapes.search(page))
    elif as_lines:
        lines(shapes.search(page)["items"])
    else:
        _print(state, page)


def _print(state: State, page: "SearchPage") -> None:
    """Two or three lines a hit."""
    from rich.text import Text

    out = console()
    for found in page.items:
        one = found.link
        head = Text(f"{one.link_id[:10]}  ", style="dim")
        head.append(safe(one.title or one.url), style="bold")
        head.append(f"  {one.state.value}", style="dim")
        out.print(head)
        tags = " ".join(f"#{tag.name}" for tag in one.tags)
        out.print(Text(f"            {safe(one.url)}  {safe(tags)}".rstrip(), style="dim"))
        if found.snippet:
            line = Text("            ")
            for piece, hit in found.snippet:
                line.append(safe(piece), style="bold yellow" if hit else "")
            out.print(line)
    state.tell(_count(page))


def _count(page: "SearchPage") -> str:
    if not page.total:
        return "nothing found"
    more = f", next: --cursor {page.next_cursor}" if page.next_cursor else ""
    return f"{len(page.items)} of {page.total}{more}"


def show(context: Context, link: One) -> None:
    """One link: its tags, its snapshot and where that lies."""
    from linkshot import links
    from linkshot.cli import follow, shapes

    state = state_of(context)
    with state.opened() as app:
        one = links.get(app, link)
    if state.json:
        state.out(shapes.kept(one))
        return
    facts = {
        "id": one.link_id,
        "address": one.url,
        "title": one.title,
        "tags": " ".join(f"#{tag.name}" for tag in one.tags),
        "note": one.note,
        "state": f"{one.state.value} · {follow.sentence(one)}",
        "added": f"{one.added_at:%Y-%m-%d %H:%M} UTC",
        "versions": str(one.versions),
    }
    for name, value in facts.items():
        if value:
            typer.echo(f"{name:<10}{safe(value)}")
    for artifact in one.current.artifacts if one.current else ():
        typer.echo(
            f"          {artifact.name:<18}{follow.size(artifact.bytes):>10}  {artifact.key}"
        )


def open_(context: Context, link: One) -> None:
    """Open a link's page in the web interface of this machine, or print its address."""
    from linkshot import links

    state = state_of(context)
    with state.opened() as app:
        one = links.get(app, link)
        settings = app.settings
    address = f"http://{settings.host}:{settings.port}/links/{one.link_id}"
    if state.json:
        state.out({"url": address})
    elif typer.launch(address) != 0:
        typer.echo(address)


def snapshots(context: Context, link: One) -> None:
    """All visits of a link, newest first."""
    from linkshot import snapshots as visits
    from linkshot.cli import shapes

    state = state_of(context)
    with state.opened() as app:
        found = visits.history(app, link)
    if state.json:
        state.out({"items": [shapes.snapshot(one) for one in found]})
        return
    from rich.table import Table

    table = Table("snapshot", "finished", "outcome", "status", "change", "quality", box=None)
    for one in found:
        change = f"{one.change.kind.value} {one.change.score:.2f}" if one.change else ""
        why = one.failure.kind if one.failure else one.quality.verdict.value
        table.add_row(
            one.snapshot_id, f"{one.finished_at:%Y-%m-%d %H:%M:%S}", one.outcome.value,
            str(one.http_status or ""), change, why,
        )  # fmt: skip
    console().print(table)
