"""Commands that add links and request visits: add, snapshot."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated

import typer

from linkshot.cli import exit_status
from linkshot.cli.context import CliContext, ItemsFailed, cli_context, stdin_lines
from linkshot.cli.printing import headline, printable

if TYPE_CHECKING:
    from linkshot.app import App
    from linkshot.cli.wait_for_visits import Baseline
    from linkshot.domain.model import Link, NewLink
    from linkshot.use_cases.links import AddedLink

Context = typer.Context
Tags = Annotated[
    list[str] | None, typer.Option("--tag", "-t", metavar="TAG", help="A tag; may be repeated.")
]
Wait = Annotated[bool, typer.Option("--wait", "-w", help="Follow the snapshot to its end.")]
LinkRefs = Annotated[
    list[str],
    typer.Argument(metavar="LINK...", help="Ids, unique beginnings of ids, or addresses."),
]


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command("add")(add)
    app.command("snapshot")(snapshot)


def add(
    context: Context,
    urls: Annotated[
        list[str], typer.Argument(metavar="URL...", help="Addresses; - reads them from stdin.")
    ],
    tag: Tags = None,
    note: Annotated[str, typer.Option(metavar="TEXT", help="A note for each.")] = "",
    title: Annotated[str, typer.Option(metavar="TEXT", help="A title of your own.")] = "",
    wait: Wait = False,
) -> None:
    """Keep links; their snapshots follow by themselves."""
    from linkshot.cli import wait_for_visits
    from linkshot.domain.model import NewLink

    cli = cli_context(context)
    wanted = stdin_lines() if urls == ["-"] else urls
    new = [NewLink(url=url, tags=tuple(tag or ()), note=note, title=title) for url in wanted]
    with cli.open_app() as app:
        taken = _add_all(cli, app, new)
        since = _request_visits(app, taken.added) if wait and taken.added else None
        now = (
            taken.links() if since is None else wait_for_visits.follow(cli, app, list(since), since)
        )
        _print_result(cli, app, now, taken, since)
    bad = 0 if since is None else wait_for_visits.missed(now, since)
    if bad or taken.refused:
        raise ItemsFailed(bad + taken.refused, len(now) + taken.refused)


@dataclass(slots=True)
class _AddResult:
    """Links that were added, and how many URLs were rejected."""

    added: "list[AddedLink]" = field(default_factory=list)
    refused: int = 0

    def links(self) -> "list[Link]":
        """Each link once."""
        return list({one.link.link_id: one.link for one in self.added}.values())

    def warnings(self) -> dict[str, list[str]]:
        """Link → codes of what was changed about its address, each once."""
        found: dict[str, list[str]] = {}
        for one in self.added:
            mine = found.setdefault(one.link.link_id, [])
            mine += [code for code in one.warnings if code not in mine]
        return found

    def dropped(self, link: "Link", code: str) -> Iterable[str]:
        """The addresses as given of which the part behind `#` was left out, when the code says so."""
        mine = (one for one in self.added if one.link.link_id == link.link_id)
        return (one.url for one in mine if code == "fragment.dropped" and code in one.warnings)

    def known(self) -> dict[str, bool]:
        """Link → whether it existed before; its first mention counts."""
        return {one.link.link_id: one.existing for one in reversed(self.added)}


def _add_all(cli: CliContext, app: "App", wanted: "Sequence[NewLink]") -> _AddResult:
    """Adds links one by one; prints invalid ones and goes on, unless there is only one."""
    from linkshot.errors import InvalidInput
    from linkshot.use_cases import links

    taken = _AddResult()
    for new in wanted:
        try:
            taken.added.append(links.add(app, new, scheme_default=True))
        except InvalidInput as exc:
            if len(wanted) == 1:
                raise
            taken.refused += 1
            message = f"{printable(new.url)[:80]}: {exc.message}"
            exit_status.print_error(exc.code, message, exc.field, as_json=cli.json)
    return taken


def _request_visits(app: "App", added: "Sequence[AddedLink]") -> "Baseline":
    """Requests visits of known idle links; returns the baseline to wait from."""
    from linkshot.cli import wait_for_visits
    from linkshot.use_cases import snapshots

    since = {a.link.link_id: wait_for_visits.newest(a.link) if a.existing else None for a in added}
    idle = [
        a.link.link_id
        for a in added
        if a.existing and not a.link.activity and not a.link.no_snapshot_rule
    ]
    if idle:
        snapshots.request(app, idle)
    return since


def _print_result(
    cli: CliContext, app: "App", now: "Sequence[Link]", taken: _AddResult, since: "Baseline | None"
) -> None:
    from linkshot import json_shapes
    from linkshot.cli import import_notices, stage_text, visit_results, wait_for_visits
    from linkshot.use_cases import visit_status

    known, warnings = taken.known(), taken.warnings()
    standing = visit_status.of_links(app, now) if cli.json or since is None else {}
    if cli.json:
        items = [
            json_shapes.link_detail(one, standing.get(one.link_id))
            | {"existing": known[one.link_id], "warnings": warnings[one.link_id]}
            for one in now
        ]
        cli.print_json({"items": items})
        return
    for one in now:
        word = "known" if known[one.link_id] else "added"
        typer.echo(f"{word} {one.link_id[:10]} {headline(one.title, one.url)}")
        for code in warnings[one.link_id]:
            about = "".join(f": {printable(url)}" for url in taken.dropped(one, code))
            typer.echo(f"  {import_notices.notice_message(code)} [{code}]{about}")
        if since is not None:
            typer.echo(f"  {wait_for_visits.outcome(app, one, since)}")
            if wait_for_visits.ended(one, since):
                visit_results.print_files(one.last)
            if wait_for_visits.ended(one, since) and not wait_for_visits.missed([one], since):
                _print_search_hint(app, one)
    if standing:
        cli.notify(stage_text.summary(standing.values(), app.settings))


def _print_search_hint(app: "App", one: "Link") -> None:
    """A search that finds it."""
    from linkshot.cli import search_hint

    if word := search_hint.distinctive_word(app, one):
        typer.echo(f"  find it again: {search_hint.search_command(app.settings, word)}")


def snapshot(
    context: Context,
    links_: LinkRefs,
    wait: Wait = False,
    check: Annotated[
        bool,
        typer.Option(
            "--check", help="Also show each snapshot again, and compare it with the visit."
        ),
    ] = False,
) -> None:
    """Visit links again now."""
    from linkshot import json_shapes
    from linkshot.cli import wait_for_visits
    from linkshot.use_cases import links, snapshots, visit_status

    cli = cli_context(context)
    with cli.open_app() as app:
        since = {
            o.link_id: wait_for_visits.newest(o) for o in (links.get(app, ref) for ref in links_)
        }
        now = snapshots.request(app, links_, check=check)
        if wait:
            now = wait_for_visits.follow(cli, app, [one.link_id for one in now], since)
        standing = visit_status.of_links(app, now)
        said = [
            wait_for_visits.outcome(app, one, since) if wait else "will be visited" for one in now
        ]
    if cli.json:
        items = [json_shapes.link_detail(one, standing.get(one.link_id)) for one in now]
        cli.print_json({"items": items})
    else:
        for one, words in zip(now, said, strict=True):
            typer.echo(f"{one.link_id[:10]} {headline(one.title, one.url)}: {words}")
    if wait and (bad := wait_for_visits.missed(now, since)):
        raise ItemsFailed(bad, len(now))
