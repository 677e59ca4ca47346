"""Commands that bring links in and take them out: add, import, edit, rm, trash, snapshot."""

import sys
from pathlib import Path
from typing import Annotated, BinaryIO

import typer

from linkshot.cli.state import SomeFailed, State, console, lines, safe, state_of

Context = typer.Context
Links = Annotated[list[str], typer.Argument(help="Ids, unique beginnings of ids, or addresses.")]
One = Annotated[str, typer.Argument(help="An id, its unique beginning, or an address.")]
Tags = Annotated[list[str] | None, typer.Option("--tag", "-t", help="A tag; may be repeated.")]
Wait = Annotated[bool, typer.Option("--wait", "-w", help="Follow the snapshot to its end.")]


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command("add")(add)
    app.command("import")(import_)
    app.command("edit")(edit)
    app.command("rm")(remove)
    app.command("snapshot")(snapshot)
    bin_ = typer.Typer(help="What was deleted: bring it back, or for good.", no_args_is_help=True)
    bin_.command("ls")(trash_ls)
    bin_.command("restore")(trash_restore)
    bin_.command("purge")(trash_purge)
    app.add_typer(bin_, name="trash")


def add(
    context: Context,
    urls: Annotated[list[str], typer.Argument(help="Addresses; - reads them from stdin.")],
    tag: Tags = None,
    note: Annotated[str, typer.Option(help="A note for each.")] = "",
    title: Annotated[str, typer.Option(help="A title of your own.")] = "",
    wait: Wait = False,
) -> None:
    """Keep links; their snapshots follow by themselves."""
    from linkshot import links
    from linkshot.cli import follow, shapes
    from linkshot.errors import InvalidInput
    from linkshot.model import NewLink

    state = state_of(context)
    wanted = [line.strip() for line in sys.stdin if line.strip()] if urls == ["-"] else urls
    with state.opened() as app:
        added, refused = [], []
        for url in wanted:
            new = NewLink(url=url, tags=tuple(tag or ()), note=note, title=title)
            try:
                added.append(links.add(app, new, scheme_default=True))
            except InvalidInput as exc:
                if len(wanted) == 1:
                    raise
                refused.append((url, exc))
                typer.echo(f"error: {safe(url)[:80]}: {exc.message} [{exc.code}]", err=True)
        ids = list(dict.fromkeys(one.link.link_id for one in added))
        before = {
            one.link.link_id: None if not one.existing else follow.newest(one.link) for one in added
        }
        if wait and ids:
            _again(app, [one.link for one in added if one.existing])
            now = {one.link_id: one for one in follow.follow(state, app, ids, before)}
        else:
            now = {one.link.link_id: one.link for one in added}
        known = {one.link.link_id: one.existing for one in added}
        items = [shapes.kept(now[i], existing=known[i]) for i in ids if i in now]
        bad = sum(follow.failed(now[i]) for i in ids if i in now) if wait else 0
        if state.json:
            state.out({"items": items})
        else:
            for i in ids:
                _added(state, now[i], known=known[i], waited=wait)
    if bad or refused:
        raise SomeFailed(bad + len(refused), len(wanted))


def _again(app: object, known: list[object]) -> None:
    """`add --wait` of a known link visits it again when nothing is going on with it."""
    from linkshot import snapshots

    idle = [one.link_id for one in known if not one.activity]  # type: ignore[attr-defined]  # links
    if idle:
        snapshots.request(app, idle)  # type: ignore[arg-type]  # an App


def _added(state: State, one: object, *, known: bool, waited: bool) -> None:
    from linkshot.cli import follow
    from linkshot.model import Link

    if not isinstance(one, Link):
        return
    word = "known" if known else "added"
    typer.echo(f"{word} {one.link_id[:10]} {safe(one.title or one.url)}")
    if not waited:
        return
    typer.echo(f"  {follow.sentence(one)}")
    for artifact in one.last.artifacts if one.last else ():
        typer.echo(f"  {artifact.name:<18} {follow.size(artifact.bytes):>10}  {artifact.key}")
    del state


def import_(
    context: Context,
    files: Annotated[list[Path], typer.Argument(help="Bookmark files or lists; - is stdin.")],
    format_: Annotated[str, typer.Option("--format", help="auto, netscape or plain.")] = "auto",
    tag: Tags = None,
    charset: Annotated[str | None, typer.Option(help="Encoding, when it is not found out.")] = None,
    dry_run: Annotated[bool, typer.Option(help="Only say what would happen.")] = False,
    report: Annotated[
        Path | None, typer.Option(help="Write what became of each row to a CSV.")
    ] = None,
    as_lines: Annotated[bool, typer.Option("--jsonl", help="Print every row as JSON.")] = False,
) -> None:
    """Bring in links from files; each row ends accepted, duplicate or rejected with a reason."""
    from linkshot import imports
    from linkshot.cli import ledger, shapes
    from linkshot.imports import ImportReport

    state = state_of(context)
    results: list[ImportReport] = []
    with state.opened() as app:
        for file in files:
            with _source(file) as source, ledger.progress(state, file.name) as told:
                done = imports.run(
                    app, source, file.name, format=format_, tags=tuple(tag or ()),
                    charset=charset, dry_run=dry_run, on_progress=told,
                )  # fmt: skip
            results.append(done)
            if report is not None and not dry_run:
                ledger.write_csv(app, done.import_id, report)
            if as_lines and not dry_run:
                lines(ledger.rows(app, done.import_id))
            elif not state.json:
                ledger.show(app, done)
        if state.json:
            bodies = [
                shapes.report(one) | {"rows": list(ledger.rows(app, one.import_id))}
                for one in results
            ]
            state.out(bodies[0] if len(bodies) == 1 else {"items": bodies})
    rejected = sum(one.rejected for one in results)
    if rejected:
        raise SomeFailed(rejected, max(sum(one.rows for one in results), rejected + 1))


def _source(file: Path) -> BinaryIO:
    if str(file) == "-":
        return sys.stdin.buffer
    return file.open("rb")


def edit(
    context: Context,
    link: One,
    title: Annotated[str | None, typer.Option(help="A title of your own.")] = None,
    note: Annotated[str | None, typer.Option(help="A new note.")] = None,
    tag: Tags = None,
    untag: Annotated[list[str] | None, typer.Option(help="Take this tag off.")] = None,
    unread: Annotated[bool | None, typer.Option("--unread/--read")] = None,
) -> None:
    """Change a link's title, note, tags or unread mark."""
    from linkshot import links
    from linkshot.cli import shapes

    state = state_of(context)
    with state.opened() as app:
        one = links.edit(app, link, title=title, note=note, unread=unread)
        if tag:
            one = links.add_tags(app, [one.link_id], tag)[0]
        if untag:
            one = links.remove_tags(app, [one.link_id], untag)[0]
        if state.json:
            state.out(shapes.kept(one))
        else:
            typer.echo(f"changed {one.link_id[:10]} {safe(one.title or one.url)}")


def remove(
    context: Context, links_: Annotated[list[str], typer.Argument(metavar="LINK...")]
) -> None:
    """Put links into the trash; `trash restore` brings them back for 30 days."""
    from linkshot import trash
    from linkshot.cli import shapes

    state = state_of(context)
    with state.opened() as app:
        gone = trash.remove(app, links_)
    if state.json:
        state.out({"items": [shapes.link(one) for one in gone]})
        return
    for one in gone:
        typer.echo(f"in the trash: {one.link_id[:10]} {safe(one.title or one.url)}")


def snapshot(
    context: Context,
    links_: Annotated[list[str], typer.Argument(metavar="LINK...")],
    wait: Wait = False,
) -> None:
    """Visit links again now."""
    from linkshot import links, snapshots
    from linkshot.cli import follow, shapes

    state = state_of(context)
    with state.opened() as app:
        before = {
            one.link_id: follow.newest(one) for one in (links.get(app, ref) for ref in links_)
        }
        now = snapshots.request(app, links_)
        if wait:
            now = follow.follow(state, app, [one.link_id for one in now], before)
        if state.json:
            state.out({"items": [shapes.kept(one) for one in now]})
        else:
            for one in now:
                words = follow.sentence(one) if wait else "will be visited"
                typer.echo(f"{one.link_id[:10]} {safe(one.title or one.url)}: {words}")
    bad = sum(follow.failed(one) for one in now) if wait else 0
    if bad:
        raise SomeFailed(bad, len(now))


def trash_ls(context: Context) -> None:
    """What is in the trash, newest first."""
    from linkshot import trash
    from linkshot.cli import shapes

    state = state_of(context)
    with state.opened() as app:
        found = trash.trash(app, 1000)
    if state.json:
        state.out({"items": [shapes.link(one) for one in found]})
        return
    from rich.table import Table

    table = Table("id", "deleted", "title", box=None)
    for one in found:
        table.add_row(
            one.link_id[:10], f"{one.deleted_at:%Y-%m-%d %H:%M}", safe(one.title or one.url)
        )
    console().print(table)


def trash_restore(
    context: Context, links_: Annotated[list[str], typer.Argument(metavar="LINK...")]
) -> None:
    """Bring links back from the trash."""
    from linkshot import trash
    from linkshot.cli import shapes

    state = state_of(context)
    with state.opened() as app:
        back = trash.restore(app, links_)
    if state.json:
        state.out({"items": [shapes.link(one) for one in back]})
    else:
        for one in back:
            typer.echo(f"restored {one.link_id[:10]} {safe(one.title or one.url)}")


def trash_purge(
    context: Context,
    links_: Annotated[list[str] | None, typer.Argument(metavar="[LINK...]")] = None,
    all_: Annotated[bool, typer.Option("--all", help="Everything, however new.")] = False,
) -> None:
    """Delete for good: these links, or without any those older than 30 days."""
    from linkshot import trash

    state = state_of(context)
    with state.opened() as app:
        wanted = [one.link_id for one in trash.trash(app, 100_000)] if all_ else links_
        count = trash.purge(app, wanted or None) if wanted != [] else 0
    if state.json:
        state.out({"purged": count})
    else:
        typer.echo(f"{count} deleted for good")
