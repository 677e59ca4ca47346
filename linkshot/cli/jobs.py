"""Commands for work in progress and dead letters: jobs, dead ls, show, requeue, skip."""

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from linkshot.cli.context import cli_context
from linkshot.cli.printing import headline, print_table, printable
from linkshot.domain.reason_texts import DEAD

if TYPE_CHECKING:
    from linkshot.system.config import Settings
    from linkshot.use_cases.jobs import DeadLetterContent, DeadLetterSummary, Overview

Context = typer.Context
SHOWN_BYTES = 500


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command("jobs")(jobs)
    dead = typer.Typer(help="Messages nobody could work on.", no_args_is_help=True)
    dead.command("ls")(dead_ls)
    dead.command("show")(dead_show)
    dead.command("requeue")(dead_requeue)
    dead.command("skip")(dead_skip)
    app.add_typer(dead, name="dead")


def jobs(context: Context) -> None:
    """What waits, what is being visited, what failed and when it is tried again."""
    from linkshot import json_shapes
    from linkshot.use_cases import jobs as work

    cli = cli_context(context)
    with cli.open_app() as app:
        seen, now, settings = work.overview(app), app.now(), app.settings
    if cli.json:
        cli.print_json(json_shapes.jobs(seen))
        return
    for sentence in _sentences(seen, now, settings):
        typer.echo(sentence)


def _sentences(seen: "Overview", now: datetime, settings: "Settings") -> Iterator[str]:
    from linkshot.cli import stage_text
    from linkshot.cli.language import terminal_language
    from linkshot.cli.visit_results import next_visit
    from linkshot.domain.reason_texts import detail, reason, what_and_why
    from linkshot.use_cases import incomplete_notes

    yield (
        f"{seen.waiting} waiting · {_visited(seen.visiting)} · {seen.later} later · "
        f"{seen.dead} dead letters"
    )
    language = terminal_language()
    if seen.unindexed:
        yield incomplete_notes.waiting_changes(
            seen.unindexed, language, indexer_runs=seen.indexer is not False
        )
    if seen.not_running:
        yield stage_text.not_running(seen.not_running, settings)
    elif seen.roles.crawl and seen.roles.workers == 0 and seen.waiting:
        yield "a worker is starting"
    for host in seen.hosts:
        until = f", asked to wait until {host.blocked_until:%H:%M}" if host.blocked_until else ""
        yield f"  {printable(host.host)}: {host.waiting} waiting, {_visited(host.visiting)}{until}"
    for one in seen.failed:
        title = headline(one.title, one.url)
        more = printable(detail(one.detail, language))[:80]
        why = what_and_why(f"{reason(one.kind, language)} [{one.kind}]", more, language)
        why += f" after {len(one.hops)} redirects" if one.hops else ""
        yield f"  {one.link_id[:10]} {title}: {why} ({next_visit(one, now)})"


def _visited(count: int | None) -> str:
    return "how many are being visited is not known" if count is None else f"{count} being visited"


def dead_ls(context: Context) -> None:
    """Dead letters, newest first, with the reason."""
    from linkshot import json_shapes
    from linkshot.use_cases import jobs as work

    cli = cli_context(context)
    with cli.open_app() as app:
        found = work.dead_letters(app)
    if cli.json:
        cli.print_json({"items": [json_shapes.dead_letter(one) for one in found]})
    else:
        rows = []
        for one in found:
            words = DEAD.get(one.reason)
            said = f"{words} [{one.reason}]" if words else one.reason
            again = " (sent again)" if one.requeued_at else ""
            why = f"{said}: {one.detail[:100]}{_cut(one)}{again}"
            rows.append((str(one.dead_id), f"{one.at:%Y-%m-%d %H:%M}", one.where, why))
        print_table(("id", "when", "where", "reason"), rows)


def _cut(one: "DeadLetterSummary") -> str:
    """Remark on a letter that holds only the beginning of its message."""
    if not one.cut:
        return ""
    if one.original:
        return f" (the letter holds the beginning of {one.bytes:,} bytes, the store all of them)"
    return f" (only the beginning of {one.bytes or 0:,} bytes was kept)"


def dead_show(
    context: Context,
    dead_id: Annotated[str, typer.Argument(metavar="ID", help="As `dead ls` shows it.")],
) -> None:
    """One dead letter: where it was, why it is dead, and the beginning of the message."""
    from linkshot import json_shapes
    from linkshot.use_cases import jobs as work

    cli = cli_context(context)
    with cli.open_app() as app:
        found = work.dead_letter(app, dead_id)
    if cli.json:
        cli.print_json(json_shapes.dead_letter_content(found))
        return
    for name, text in _fields(found):
        typer.echo(f"{name:<9}{printable(text)}")


def _fields(found: "DeadLetterContent") -> Iterator[tuple[str, str]]:
    line = found.line
    size = len(found.value) if line.bytes is None else line.bytes
    yield "where", line.where
    yield "at", f"{line.at:%Y-%m-%d %H:%M:%S} UTC"
    yield "reason", f"{line.reason}: {line.detail}"
    yield "attempts", str(line.attempts)
    yield "key", found.key
    yield "message", f"{size:,} bytes{_cut(line)}"
    yield "begins", found.value[:SHOWN_BYTES].decode("utf-8", "replace")


def dead_skip(
    context: Context,
    where: Annotated[
        str, typer.Argument(metavar="WHERE", help="As the log names it: linkshot.requests/3@1742.")
    ],
    because: Annotated[
        str, typer.Option("--because", metavar="TEXT", help="Why; kept with the dead letter.")
    ] = "skipped by an operator",
) -> None:
    """Have a message set aside unread that comes again and again; it becomes a dead letter.

    Every reader looks for such a request before it works on a message, within seconds where it runs,
    else when it starts. WHERE is the topic, the partition and the offset on Kafka, the topic and the
    number in the embedded queue.
    """
    from linkshot.use_cases.dead_letters import request_skip

    cli = cli_context(context)
    with cli.open_app() as app:
        request_skip(app, where, because)
    if cli.json:
        cli.print_json({"where": where, "because": because})
    else:
        typer.echo(f"{where} is set aside when a reader meets it; `linkshot dead ls` lists it then")


def dead_requeue(
    context: Context,
    ids: Annotated[list[str], typer.Argument(metavar="ID...", help="As `dead ls` shows them.")],
) -> None:
    """Send dead letters to their topics again."""
    from linkshot.use_cases import jobs as work

    cli = cli_context(context)
    with cli.open_app() as app:
        count = work.requeue(app, ids)
    if cli.json:
        cli.print_json({"requeued": count})
    else:
        typer.echo(f"{count} sent again")
