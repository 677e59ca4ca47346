"""Commands of care: up, run, init, jobs, dead, verify, rebuild, doctor, config."""

from typing import TYPE_CHECKING, Annotated

import typer

from linkshot.cli.state import SomeFailed, console, safe, state_of

if TYPE_CHECKING:
    from linkshot.verify import Report

Context = typer.Context
Host = Annotated[str | None, typer.Option(help="Address to listen on.")]
Port = Annotated[int | None, typer.Option(help="Port to listen on.")]
MOST_FINDINGS = 50


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command("up")(up)
    app.command("run", hidden=True)(run)
    app.command("init")(init)
    app.command("jobs")(jobs)
    app.command("verify")(verify)
    app.command("rebuild")(rebuild)
    app.command("doctor")(doctor)
    dead = typer.Typer(help="Messages nobody could work on.", no_args_is_help=True)
    dead.command("ls")(dead_ls)
    dead.command("requeue")(dead_requeue)
    app.add_typer(dead, name="dead")
    config = typer.Typer(help="Settings.", no_args_is_help=True)
    config.command("show")(config_show)
    app.add_typer(config, name="config")


def up(context: Context, host: Host = None, port: Port = None) -> None:
    """Everything on this machine, in the foreground; open the address it prints."""
    from linkshot.cli.serving import serve

    serve(state_of(context), host=host, port=port)


def run(
    context: Context,
    url: Annotated[str | None, typer.Argument()] = None,
    host: Host = None,
    port: Port = None,
) -> None:
    """One link (or three sample pages) from adding to finding, then the web interface."""
    from linkshot.cli.tour import tour

    tour(state_of(context), url, host=host, port=port)


def init(context: Context) -> None:
    """Make the data folder ready, and find or install a browser and fonts for Chinese."""
    from crawler.browser_install import ensure_browser

    state = state_of(context)
    with state.opened() as app:
        app.catalogue  # noqa: B018  # opening it makes the folder and the tables
        browser = ensure_browser(app.settings, lambda sentence: typer.echo(sentence, err=True))
        if state.json:
            state.out({"data": str(app.settings.data), "browser": str(browser)})
        elif not state.quiet:
            typer.echo(f"data     {app.settings.data}\nbrowser  {browser}")


def jobs(context: Context) -> None:
    """What waits, what is being visited, what failed and when it is tried again."""
    from linkshot import jobs as work
    from linkshot.cli import shapes

    state = state_of(context)
    with state.opened() as app:
        seen = work.overview(app)
    if state.json:
        state.out(
            {
                "due": seen.due, "later": seen.later, "sent": seen.sent, "dead": seen.dead,
                "unannounced": seen.unannounced, "indexed_until": shapes.when(seen.indexed_until),
                "hosts": [{"host": h.host, "due": h.due, "sent": h.sent, "blocked_until": shapes.when(h.blocked_until)} for h in seen.hosts],
                "failed": [{"link_id": f.link_id, "url": f.url, "class": f.kind, "detail": f.detail, "attempts": f.attempts, "next_try": shapes.when(f.next_try)} for f in seen.failed],
            }
        )  # fmt: skip
        return
    typer.echo(
        f"{seen.due} waiting · {seen.sent} being visited · {seen.later} later · {seen.dead} dead letters"
    )
    for host in seen.hosts:
        blocked = f", asked to wait until {host.blocked_until:%H:%M}" if host.blocked_until else ""
        typer.echo(f"  {safe(host.host)}: {host.due} waiting, {host.sent} being visited{blocked}")
    for one in seen.failed:
        again = (
            f"next try {one.next_try:%Y-%m-%d %H:%M} UTC"
            if one.next_try
            else "not tried again by itself"
        )
        typer.echo(
            f"  {one.link_id[:10]} {safe(one.title or one.url)[:60]}: {one.kind} {safe(one.detail)[:80]} ({again})"
        )


def dead_ls(context: Context) -> None:
    """Dead letters, newest first, with the reason."""
    from linkshot import jobs as work
    from linkshot.cli import shapes

    state = state_of(context)
    with state.opened() as app:
        found = work.dead_letters(app)
    if state.json:
        state.out(
            {
                "items": [
                    {
                        "dead_id": d.dead_id,
                        "topic": d.topic,
                        "where": d.where,
                        "reason": d.reason,
                        "detail": d.detail,
                        "attempts": d.attempts,
                        "at": shapes.when(d.at),
                        "requeued_at": shapes.when(d.requeued_at),
                    }
                    for d in found
                ]
            }
        )
        return
    for one in found:
        again = " (sent again)" if one.requeued_at else ""
        typer.echo(
            f"{one.dead_id}  {one.at:%Y-%m-%d %H:%M}  {one.where}  {one.reason}: {safe(one.detail)[:100]}{again}"
        )


def dead_requeue(
    context: Context, ids: Annotated[list[str], typer.Argument(metavar="ID...")]
) -> None:
    """Send dead letters to their topics again."""
    from linkshot import jobs as work

    state = state_of(context)
    with state.opened() as app:
        count = work.requeue(app, ids)
    if state.json:
        state.out({"requeued": count})
    else:
        typer.echo(f"{count} sent again")


def verify(
    context: Context,
    link: Annotated[str | None, typer.Argument(help="Only this link.")] = None,
    deep: Annotated[bool, typer.Option(help="Read every stored byte.")] = False,
) -> None:
    """Check that everything is there and whole; exit code 1 when something is not."""
    from linkshot.verify import verify as check

    state = state_of(context)
    with state.opened() as app:
        report = check(app, link, deep=deep, on_progress=lambda w, n: state.tell(f"{n} {w}"))
    if state.json:
        state.out(
            {
                "ok": report.ok,
                "counts": dict(report.counts),
                "findings": [
                    {"check": f.check, "subject": f.subject, "detail": f.detail}
                    for f in report.findings
                ],
            }
        )
    else:
        _say(report)
    if not report.ok:
        raise SomeFailed(1, 1)


def _say(report: "Report") -> None:
    for one in report.findings[:MOST_FINDINGS]:
        typer.echo(f"{one.check}  {safe(one.subject)}: {safe(one.detail)}")
    if len(report.findings) > MOST_FINDINGS:
        typer.echo(f"… and {len(report.findings) - MOST_FINDINGS} more")
    counts = ", ".join(f"{count} {what}" for what, count in report.counts.items())
    typer.echo(f"{'all is well' if report.ok else f'{len(report.findings)} findings'}: {counts}")


def rebuild(
    context: Context,
    catalogue: Annotated[
        bool,
        typer.Option("--catalogue", help="Also links, tags and snapshot rows, from the store."),
    ] = False,
) -> None:
    """Make the search index again; with --catalogue everything that the store can bring back."""
    from linkshot.cli.rebuilding import rebuild_all

    state = state_of(context)
    with state.opened() as app:
        made = rebuild_all(app, catalogue=catalogue, tell=lambda w, n: state.tell(f"{n} {w}"))
    if state.json:
        state.out(made)
    else:
        typer.echo(", ".join(f"{count} {what}" for what, count in made.items()))
        if catalogue:
            typer.echo("import ledgers are not in the store and were not made again")


def doctor(context: Context) -> None:
    """What is ready here, what is not, and what to do about it."""
    from linkshot.cli.health import examine

    state = state_of(context)
    found = examine(state.settings())
    if state.json:
        state.out(
            {"items": [{"what": c.what, "status": c.status, "detail": c.detail} for c in found]}
        )
    else:
        colours = {"ok": "green", "warn": "yellow", "fail": "red"}
        out = console()
        for check in found:
            out.print(f"[{colours[check.status]}]{check.status:<5}[/]", end="")
            out.print(f"{check.what:<12}{safe(check.detail)}", markup=False)
    if any(check.status == "fail" for check in found):
        raise SomeFailed(1, 1)


def config_show(context: Context) -> None:
    """Every setting as it is in effect; secrets are masked."""
    from linkshot.cli.masking import shown

    state = state_of(context)
    values = shown(state.settings())
    if state.json:
        state.out(values)
    else:
        for name, value in values.items():
            typer.echo(f"{name} = {value}")
