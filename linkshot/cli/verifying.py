"""The command that checks what is stored: verify, and with --replay whether snapshots still show their pages."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from linkshot.cli.admin import MOST_FINDINGS
from linkshot.cli.context import CliContext, ItemsFailed, cli_context
from linkshot.cli.printing import printable

if TYPE_CHECKING:
    from linkshot.app import App
    from linkshot.cli.replaying import ReplayedSnapshot
    from linkshot.maintenance.verify_report import Finding, VerifyReport


def register(app: typer.Typer) -> None:
    """Add this command."""
    app.command("verify")(verify)


def verify(
    context: typer.Context,
    link: Annotated[
        list[str] | None, typer.Argument(metavar="[LINK]...", help="Only these links.")
    ] = None,
    deep: Annotated[bool, typer.Option("--deep", help="Read every stored byte.")] = False,
    replay: Annotated[
        bool,
        typer.Option(
            "--replay",
            help="Show every snapshot again, without a network, and compare it with the visit.",
        ),
    ] = False,
) -> None:
    """Check that everything is there and whole; exit code 1 when something is not."""
    cli = cli_context(context)
    replayed: list[ReplayedSnapshot] = []
    with cli.open_app() as app:
        report = _check(cli, app, link or [], deep=deep)
        if replay:
            from linkshot.cli.replaying import replay_snapshots

            replayed = replay_snapshots(cli, app, link or [], report)
    if cli.json:
        shown = {
            "ok": report.ok,
            "counts": dict(report.counts),
            "findings": [_shape(one) for one in report.findings],
        }
        if report.remarks:
            shown["remarks"] = [_shape(one) for one in report.remarks]
        if deep:
            shown["signing_keys"] = sorted(report.signing_keys)
        if replay:
            shown["replays"] = [asdict(one) for one in replayed]
        cli.print_json(shown)
    else:
        _print_report(report)
    if not report.ok:
        raise ItemsFailed(1, 1)


def _check(cli: CliContext, app: "App", only: list[str], *, deep: bool) -> "VerifyReport":
    from linkshot.maintenance.verify import verify as check
    from linkshot.maintenance.verify_report import VerifyReport

    report = VerifyReport()
    every: list[str | None] = [None]
    for link in [*only] or every:
        report.merge(check(app, link, deep=deep, on_progress=lambda w, n: cli.notify(f"{n} {w}")))
    return report


def _shape(one: "Finding") -> dict[str, str | None]:
    return {
        "check": one.check,
        "code": one.code,
        "subject": one.subject,
        "link_id": one.link_id,
        "detail": one.detail,
    }


def _print_report(report: "VerifyReport") -> None:
    for found, word in ((report.findings, ""), (report.remarks, "remark  ")):
        for one in found[:MOST_FINDINGS]:
            of = f" of {one.link_id[:10]}" if one.link_id and one.link_id != one.subject else ""
            typer.echo(
                f"{word}{one.check}  {one.code}  {printable(one.subject)}{of}: {printable(one.detail)}"
            )
        if len(found) > MOST_FINDINGS:
            typer.echo(f"… and {len(found) - MOST_FINDINGS} more")
    counts = ", ".join(f"{count} {what}" for what, count in report.counts.items())
    typer.echo(f"{_summary(report)}: {counts}")


def _summary(report: "VerifyReport") -> str:
    if not report.ok:
        return f"{len(report.findings)} findings"
    if report.unchecked:
        return f"nothing was found, but {report.unchecked} of the snapshots were not checked whole"
    return "all is well"
