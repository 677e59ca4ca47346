"""Read-only commands: list, search, show, open, snapshots."""

from itertools import chain, repeat
from typing import TYPE_CHECKING, Annotated

import typer

from linkshot.cli.context import CliContext, cli_context
from linkshot.cli.printing import headline, print_json_lines, print_table, printable, styled

if TYPE_CHECKING:
    from datetime import datetime

    from linkshot.domain.model import Link
    from linkshot.use_cases.search import SearchHit

Context = typer.Context
Sort = Annotated[str, typer.Option(metavar="ORDER", help="relevance, newest, oldest or changed.")]
Limit = Annotated[int, typer.Option(metavar="N", help="How many, up to 200.")]
Cursor = Annotated[
    str | None, typer.Option(metavar="CURSOR", help="next_cursor of the answer before.")
]
AsLines = Annotated[bool, typer.Option("--jsonl", help="One JSON object a line.")]
LinkRef = Annotated[
    str, typer.Argument(metavar="LINK", help="An id, its unique beginning, or an address.")
]
INDENT = " " * 12


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command("list")(list_)
    app.command("search")(search)
    app.command("show")(show)
    app.command("open")(open_)
    app.command("snapshots")(snapshots)


def list_(
    context: Context,
    query: Annotated[
        str, typer.Argument(metavar="[QUERY]", help="A query, like '#reading is:unread'.")
    ] = "",
    sort: Sort = "newest",
    limit: Limit = 20,
    cursor: Cursor = None,
    as_lines: AsLines = False,
) -> None:
    """Links, newest first."""
    _find(cli_context(context), query, sort, limit, cursor, as_lines=as_lines)


def search(
    context: Context,
    query: Annotated[
        list[str], typer.Argument(metavar="QUERY", help='Words, "phrases", #tags, site:, at:, …')
    ],
    sort: Sort = "relevance",
    limit: Limit = 20,
    cursor: Cursor = None,
    as_lines: AsLines = False,
) -> None:
    """Find links by every word of their pages, with excerpts."""
    _find(cli_context(context), " ".join(query), sort, limit, cursor, as_lines=as_lines)


def _find(
    cli: CliContext, query: str, sort: str, limit: int, cursor: str | None, *, as_lines: bool
) -> None:
    from linkshot import json_shapes
    from linkshot.cli.language import terminal_language
    from linkshot.cli.user_texts import message
    from linkshot.use_cases import incomplete_notes
    from linkshot.use_cases import search as searching
    from linkshot.use_cases.paging import page_request

    with cli.open_app() as app:
        page = searching.find(app, query, page_request(limit, sort), cursor=cursor)
        told = list(
            incomplete_notes.sentences(
                page.completeness, terminal_language(), app.settings, message("how_to_add")
            )
        )
    if cli.json:
        cli.print_json(json_shapes.search(page))
    elif as_lines:
        print_json_lines(json_shapes.search(page)["items"])
    else:
        for found in page.items:
            _print_hit(found)
        nothing = "nothing found yet" if page.completeness.incomplete else "nothing found"
        more = f", next: --cursor {page.next_cursor}" if page.next_cursor else ""
        cli.notify(f"{len(page.items)} of {page.total}{more}" if page.total else nothing)
    for sentence in told:
        cli.notify(sentence)


def _print_hit(found: "SearchHit") -> None:
    """Two or three lines."""
    one = found.link
    title = styled(headline(one.title, one.url), bold=True)
    number, state = styled(one.link_id[:10], dim=True), styled(one.state.value, dim=True)
    typer.echo(f"{number}  {title}  {state}")
    tags = "".join(f"  #{tag.name}" for tag in one.tags)
    typer.echo(styled(f"{INDENT}{printable(one.url)}{printable(tags)}", dim=True))
    if found.snippet:
        pieces = (
            styled(printable(text), fg="yellow", bold=True) if hit else printable(text)
            for text, hit in found.snippet
        )
        typer.echo(INDENT + "".join(pieces))


def show(context: Context, link: LinkRef) -> None:
    """One link: its tags, its snapshot and where that lies."""
    from linkshot import json_shapes
    from linkshot.cli import stage_text, visit_results
    from linkshot.use_cases import damaged_objects, links, provenance, visit_status

    cli = cli_context(context)
    with cli.open_app() as app:
        one, now = links.get(app, link), app.now()
        standing = visit_status.of_link(app, one)
        going_on = stage_text.stage_message(standing, now) if standing else ""
        damaged = damaged_objects.of_link(app, one.link_id)
        proof = provenance.try_of_snapshot(app, one.current)
    if cli.json:
        body = json_shapes.link_detail(one, standing)
        body["damaged"] = [json_shapes.damage(each) for each in damaged]
        cli.print_json(body | {"provenance": json_shapes.provenance(proof) if proof else None})
    else:
        _print_link(one, now, going_on)
        visit_results.print_provenance(proof)
        visit_results.print_damage(damaged)


def _print_link(one: "Link", now: "datetime", going_on: str) -> None:
    from linkshot.cli import visit_results
    from linkshot.cli.language import terminal_language
    from linkshot.domain.fidelity_texts import fidelity_text
    from linkshot.domain.model import Role
    from linkshot.domain.reason_texts import remarks
    from linkshot.domain.visit_texts import next_visit

    language = terminal_language()
    facts = {
        "id": one.link_id,
        "address": one.url,
        "title": one.title,
        "tags": " ".join(f"#{tag.name}" for tag in one.tags),
        "note": one.note,
        "state": f"{one.state.value} · {visit_results.sentence(one, now)}",
        "now": going_on,
        "next": language.gettext(
            "visited by its watch %(when)s", when=language.coming(one.watch_at, now)
        )
        if one.watch_at and not one.no_snapshot_rule
        else "",
        "rule": next_visit(one, now, language) if one.no_snapshot_rule and one.last else "",
        "added": f"{one.added_at:%Y-%m-%d %H:%M} UTC",
        "versions": str(one.versions),
        # of the page that is shown; those of the newest visit stand in `state`
        "remarks": remarks(one.current.quality.reasons, language)
        if one.current and one.current != one.last
        else "",
        "checked": fidelity_text(one.current.fidelity, language)
        if one.current and one.current.artifact(Role.HTML)
        else "",
    }
    for name, value in facts.items():
        written = value.expandtabs(4).splitlines()
        for label, line in zip(chain((name,), repeat("")), written, strict=False):
            typer.echo(f"{label:<10}{printable(line)}".rstrip())
    followed = one.last.failure.hops if one.last and one.last.failure else ()
    for name, hop in zip(chain(("redirects",), repeat("")), followed, strict=False):
        typer.echo(f"{name:<10}{hop.status} {printable(hop.url)}")
    visit_results.print_files(one.current, "files")
    if one.last is not None and one.last != one.current:
        visit_results.print_files(one.last, "files")


def open_(context: Context, link: LinkRef) -> None:
    """Print the address of a link's page in the web interface, and open it where a browser can be shown."""
    from linkshot.cli import browser_open
    from linkshot.use_cases import links

    cli = cli_context(context)
    with cli.open_app() as app:
        one = links.get(app, link)
        settings = app.settings
    address = browser_open.page_url(settings, f"/links/{one.link_id}")
    if cli.json:
        cli.print_json({"url": address})
        return
    typer.echo(address)
    cli.notify(browser_open.open_browser(settings, address))


def snapshots(context: Context, link: LinkRef) -> None:
    """All visits of a link, newest first."""
    from linkshot import json_shapes
    from linkshot.cli.language import terminal_language
    from linkshot.domain.visit_texts import change_text
    from linkshot.use_cases import snapshots as visits

    cli = cli_context(context)
    with cli.open_app() as app:
        found = visits.history(app, link)
    if cli.json:
        cli.print_json({"items": [json_shapes.snapshot(one) for one in found]})
    else:
        heads = ("snapshot", "finished", "outcome", "status", "change", "quality")
        rows, language = [], terminal_language()
        for one in found:
            change = change_text(one.change, language) if one.change else ""
            if one.change and one.change.score:
                change += f" {one.change.score:.2f}"
            why = one.failure.kind if one.failure else one.quality.verdict.value
            finished = f"{one.finished_at:%Y-%m-%d %H:%M:%S}"
            status = str(one.http_status or "")
            rows.append((one.snapshot_id, finished, one.outcome.value, status, change, why))
        print_table(heads, rows)
