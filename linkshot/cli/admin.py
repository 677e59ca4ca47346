"""Administrative commands: up, run, init, rebuild, gc, doctor, config."""

from typing import Annotated

import typer

from linkshot.cli.context import ItemsFailed, cli_context
from linkshot.cli.printing import printable, styled

Context = typer.Context
Host = Annotated[str | None, typer.Option(metavar="ADDRESS", help="Address to listen on.")]
Port = Annotated[int | None, typer.Option(metavar="N", help="Port to listen on.")]
BasePath = Annotated[
    str | None,
    typer.Option(metavar="PATH", help="Path below which a reverse proxy shows it, like /linkshot."),
]
MOST_FINDINGS = 50
COLOURS = {"ok": "green", "warn": "yellow", "fail": "red"}


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command("up")(up)
    app.command("run", hidden=True)(run)
    app.command("init")(init)
    app.command("rebuild")(rebuild)
    app.command("gc")(gc)
    app.command("doctor")(doctor)
    config = typer.Typer(help="Settings.", no_args_is_help=True)
    config.command("show")(config_show)
    app.add_typer(config, name="config")


def up(context: Context, host: Host = None, port: Port = None, base_path: BasePath = None) -> None:
    """Everything on this machine, in the foreground; open the address it prints."""
    from linkshot.cli.serving import serve

    serve(cli_context(context), host=host, port=port, base_path=base_path)


def run(
    context: Context,
    url: Annotated[
        str | None,
        typer.Argument(metavar="[URL]", help="What to keep; without it three sample pages."),
    ] = None,
    host: Host = None,
    port: Port = None,
) -> None:
    """One link (or three sample pages) from adding to finding, then the web interface."""
    from linkshot.cli.demo import run_demo

    run_demo(cli_context(context), url, host=host, port=port)


def init(context: Context) -> None:
    """Make the data folder ready, and find or install a browser and fonts for Chinese."""
    from crawler.browser.install import ensure_browser

    cli = cli_context(context)
    with cli.open_app() as app:
        app.catalogue  # noqa: B018  # opening it makes the folder and the tables
        browser = ensure_browser(app.settings, lambda sentence: typer.echo(sentence, err=True))
        if cli.json:
            cli.print_json({"data": str(app.settings.data), "browser": str(browser)})
        elif not cli.quiet:
            typer.echo(f"data     {app.settings.data}\nbrowser  {browser}")


def rebuild(
    context: Context,
    catalogue: Annotated[
        bool,
        typer.Option("--catalogue", help="Also links, tags and snapshot rows, from the store."),
    ] = False,
) -> None:
    """Make the search index again; with --catalogue everything that the store can bring back."""
    from linkshot.cli.rebuilding import rebuild_all

    cli = cli_context(context)
    with cli.open_app() as app:
        made = rebuild_all(app, catalogue=catalogue, tell=lambda w, n: cli.notify(f"{n} {w}"))
    if cli.json:
        cli.print_json(made.counts | ({"damaged_keys": list(made.damaged)} if catalogue else {}))
    else:
        typer.echo(", ".join(f"{count} {what}" for what, count in made.counts.items()))
        for key in made.damaged:
            typer.echo(f"damaged, nothing was made of it: {key}")
        if made.counts.get("unreadable_texts"):
            typer.echo("texts that cannot be read are not indexed; `linkshot verify` lists them")
        if catalogue:
            typer.echo("import ledgers are not in the store and were not made again")


def gc(
    context: Context,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would go, and leave it.")
    ] = False,
) -> None:
    """Remove stored bytes that nothing names any more, and what the journal knows of purged links."""
    from linkshot.maintenance.gc import collect

    cli = cli_context(context)
    with cli.open_app() as app:
        gone = collect(app, dry_run=dry_run, on_progress=lambda w, n: cli.notify(f"{n} {w}"))
    if cli.json:
        unknown = list(gone.unknown)
        shown = {"blobs": gone.blobs, "bytes": gone.bytes, "unknown": unknown, "dry_run": dry_run}
        cli.print_json(shown)
    else:
        word = "would go" if dry_run else "gone"
        typer.echo(f"{gone.blobs} blobs {word}, {gone.bytes:,} bytes")
        for key in gone.unknown[:MOST_FINDINGS]:
            typer.echo(f"stays, unknown to the catalogue: {key}")
        if gone.unknown:
            typer.echo(
                f"{len(gone.unknown)} manifests are unknown to the catalogue; "
                "`linkshot rebuild --catalogue` takes them in"
            )


def doctor(context: Context) -> None:
    """What is ready here, what is not, and what to do about it."""
    from linkshot.cli.doctor import run_checks

    cli = cli_context(context)
    found = run_checks(cli.configured())
    if cli.json:
        checks = [{"what": c.what, "status": c.status, "detail": c.detail} for c in found]
        cli.print_json({"items": checks})
    else:
        for check in found:
            status = styled(f"{check.status:<5}", fg=COLOURS[check.status])
            typer.echo(f"{status}{check.what:<15}{printable(check.detail)}")
    if any(check.status == "fail" for check in found):
        raise ItemsFailed(1, 1)


def config_show(context: Context) -> None:
    """Every setting as it is in effect; secrets are masked."""
    from linkshot.cli.masking import masked_settings

    cli = cli_context(context)
    values = masked_settings(cli.settings())
    if cli.json:
        cli.print_json(values)
    else:
        for name, value in values.items():
            typer.echo(f"{name} = {value}")
