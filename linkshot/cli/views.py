"""The command that makes views of snapshots from their archives: render."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from linkshot.cli.context import CliContext, ItemsFailed, cli_context
from linkshot.cli.printing import headline

if TYPE_CHECKING:
    from crawler.replay.local_checker import LocalChecker
    from crawler.replay.view_rendering import ArchiveView
    from linkshot.app import App
    from linkshot.domain.archive_view import ArchiveViewRecord
    from linkshot.domain.model import Role, Snapshot


def register(app: typer.Typer) -> None:
    """Add this command."""
    app.command("render")(render)


def render(
    context: typer.Context,
    link: Annotated[list[str], typer.Argument(metavar="LINK...", help="Ids or addresses.")],
    pdf: Annotated[bool, typer.Option("--pdf", help="A PDF (A4). The default.")] = False,
    mobile: Annotated[
        bool, typer.Option("--mobile", help="The page as a phone of 390 × 844 shows it.")
    ] = False,
    snapshot: Annotated[
        str | None,
        typer.Option(metavar="ID", help="Of this older snapshot of the link."),
    ] = None,
) -> None:
    """Make a PDF or a mobile view of the newest snapshot, from its archive; the page is not visited."""
    from crawler.replay.local_checker import LocalChecker
    from linkshot.domain.model import Role
    from linkshot.use_cases import links, snapshots

    cli = cli_context(context)
    roles = [role for role, wanted in ((Role.PDF, pdf), (Role.MOBILE, mobile)) if wanted]
    shown: list[dict[str, Any]] = []
    with cli.open_app() as app:
        kept = [links.get(app, ref) for ref in link]
        wanted = [
            one.current if snapshot is None else snapshots.get(app, one.link_id, snapshot)
            for one in kept
        ]
        with LocalChecker(app.settings) as browser:
            for one, at in zip(kept, wanted, strict=True):
                if not cli.json:
                    typer.echo(f"{one.link_id[:10]} {headline(one.title, one.url)}")
                shown += _views(cli, app, browser, at, roles or [Role.PDF], one.link_id)
    if cli.json:
        cli.print_json({"items": shown})
    failed = sum("failed" in one for one in shown)
    if failed:
        raise ItemsFailed(failed, len(shown))


def _views(
    cli: CliContext,
    app: "App",
    browser: "LocalChecker",
    snapshot: "Snapshot | None",
    roles: Sequence["Role"],
    link_id: str,
) -> list[dict[str, Any]]:
    """What became of each view, as JSON; printed for people."""
    from crawler.replay.rendering import RenderingFailed
    from linkshot.domain.messages import plain_value
    from linkshot.errors import Damaged, NotFound

    made: list[dict[str, Any]] = []
    for role in roles:
        found: dict[str, Any] = {"link_id": link_id, "role": role.value}
        try:
            record = _make(app, browser, snapshot, role)
            found |= plain_value(record)
        except RenderingFailed as exc:
            found["failed"] = exc.code
        except (Damaged, NotFound) as exc:
            found["failed"] = exc.code
        made.append(found)
        if not cli.json:
            _print(found)
    return made


def _make(
    app: "App", browser: "LocalChecker", snapshot: "Snapshot | None", role: "Role"
) -> "ArchiveViewRecord":
    """Make a view and keep it. Raises NotFound, Damaged, RenderingFailed."""
    from linkshot.cli.replaying import archived_page
    from linkshot.errors import NotFound
    from linkshot.use_cases import archive_views

    if snapshot is None:
        raise NotFound("There is no such snapshot.", code="snapshot.not_found")
    archive = archive_views.archive_of(snapshot)
    view = browser.view(archived_page(app, snapshot), role)
    record = _record(app, snapshot, role, view, archive.sha256, browser.browser_version)
    archive_views.keep(app, record)
    return record


def _record(
    app: "App",
    snapshot: "Snapshot",
    role: "Role",
    view: "ArchiveView",
    archive_sha256: str,
    browser_version: str,
) -> "ArchiveViewRecord":
    from crawler.replay.view_rendering import VIEW_OPTIONS
    from linkshot import __version__
    from linkshot.domain.archive_view import VIEW_MEDIA_TYPES, ArchiveViewRecord, view_file_name
    from linkshot.use_cases import archive_views

    artifacts = [
        archive_views.put_blob(app, role, view_file_name(role, n), VIEW_MEDIA_TYPES[role], data)
        for n, data in enumerate(view.files, 1)
    ]
    return ArchiveViewRecord(
        snapshot_id=snapshot.snapshot_id,
        link_id=snapshot.link_id,
        artifacts=tuple(artifacts),
        made_at=datetime.now(UTC),
        archive_sha256=archive_sha256,
        missing=view.missing,
        cut_at=view.cut_at,
        software={"linkshot": __version__, "chromium": browser_version},
        options=dict(VIEW_OPTIONS[role]),
    )


def _print(found: dict[str, Any]) -> None:
    from linkshot.cli.replaying import WHY
    from linkshot.domain.byte_size import size_text

    if "failed" in found:
        why = WHY.get(found["failed"], found["failed"])
        typer.echo(f"  {found['role']}: not made: {why}")
        return
    for one in found["artifacts"]:
        typer.echo(f"  {one['name']:<18}{size_text(one['bytes']):>10}  {one['key']}")
    if found.get("cut_at"):
        typer.echo(f"  the pictures end before the page, which is {found['cut_at']} pixels high")
    if found.get("missing"):
        typer.echo(f"  {found['missing']} requests had no answer in the archive")
