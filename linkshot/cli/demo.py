"""The demo of `run`: adds links, waits for their snapshots, searches them, serves the web interface."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import typer

from linkshot.app import App
from linkshot.cli import search_hint, visit_results, wait_for_visits
from linkshot.cli.context import EXIT_FAILED, CliContext
from linkshot.cli.printing import headline, printable, styled
from linkshot.cli.serving import run_all_roles, serve_web
from linkshot.cli.user_texts import message
from linkshot.domain.byte_size import size_text
from linkshot.domain.model import Link, NewLink, Outcome
from linkshot.errors import LinkshotError
from linkshot.samples import COMMON_WORD, SampleSite
from linkshot.use_cases import links, search, snapshots
from linkshot.use_cases.paging import page_request
from linkshot.use_cases.search import SearchHit

SAMPLES = "linkshot-samples"
LOOPBACK = "127.0.0.0/8"
CONTEXT_CHARS = 24
"""Characters shown before and after a hit."""


def run_demo(cli: CliContext, url: str | None, *, host: str | None, port: int | None) -> None:
    """Runs the demo with one URL, or with the bundled sample pages."""
    if url:
        with cli.open_app(host=host, port=port, log_level=_log_level(cli)) as app:
            _run(cli, app, [url], [])
        return
    cli.notify(message("samples"))
    with SampleSite() as site, _samples_app(cli, host=host, port=port) as app:
        urls = [page.url for page in site.urls]
        _run(cli, app, urls, [COMMON_WORD, *(page.word for page in site.urls)])


@contextmanager
def _samples_app(cli: CliContext, *, host: str | None, port: int | None) -> Iterator[App]:
    """An App with a data folder of its own, allowed to visit loopback addresses."""
    usual = cli.settings()
    cli.data = usual.data.parent / SAMPLES
    with cli.open_app(
        host=host,
        port=port,
        log_level=_log_level(cli),
        allow_networks=",".join((*usual.allow_networks, LOOPBACK)),
        host_gap_s=0.0,
        host_gap_factor=0.0,
    ) as app:
        yield app


def _log_level(cli: CliContext) -> str:
    """Errors only, unless a level was configured."""
    usual = cli.settings()
    return usual.log_level if "log_level" in usual.given else "error"


def _run(cli: CliContext, app: App, urls: Sequence[str], find: Sequence[str]) -> None:
    kept = []
    for url in urls:
        cli.notify(message("adding", url=printable(url)))
        added = links.add(app, NewLink(url=url), scheme_default=True)
        if added.existing and not added.link.activity:
            snapshots.request(app, [added.link.link_id])
        kept.append(added.link)

    def ready(address: str) -> None:
        typer.echo(f"{message('open')} {styled(address, fg='cyan', bold=True)}")
        typer.echo(styled(message("end", data=app.settings.data), dim=True))

    since = {one.link_id: wait_for_visits.newest(one) for one in kept}
    with run_all_roles(app) as (roles, stop, told):
        told.begun()
        done = wait_for_visits.watch(
            cli, app, list(since), since,
            give_up=lambda: stop.is_set() or roles.failure is not None,
        )  # fmt: skip
        if not stop.is_set() and roles.failure is None:
            wait_for_visits.until_indexed(app)
            saved = (one for one in done if not visit_results.failed(one))
            words = (search_hint.distinctive_word(app, one) for one in saved)
            _show(app, done, find or [word for word in words if word])
        if not stop.is_set():
            serve_web(app, roles, stop, ready)
        cli.notify(message("ending"))
    cli.notify(message("ended"))
    if done and all(visit_results.failed(one) for one in done):
        raise typer.Exit(EXIT_FAILED)


def _show(app: App, done: Sequence[Link], find: Sequence[str]) -> None:
    typer.echo()
    for one in done:
        _result(app, one, with_files=len(done) == 1)
    for word in find:
        typer.echo()
        _search(app, word)
    if find:
        typer.echo(
            f"\n{message('search_with')} {styled(search_hint.search_command(app.settings, find[0]), bold=True)}"
        )


def _result(app: App, one: Link, *, with_files: bool) -> None:
    """Prints the outcome and where the files are."""
    title = headline(one.title, one.url)
    last = one.last
    if last is None or visit_results.failed(one):
        typer.echo(
            f"{styled('✗', fg='red')} {message('failed', title=title, why=visit_results.sentence(one, app.now()))}"
        )
        return
    mark = styled("✓", fg="green")
    if last.outcome is Outcome.UNCHANGED:
        typer.echo(f"{mark} {message('unchanged', title=title)}")
    shown = one.current or last
    total = size_text(sum(artifact.bytes for artifact in shown.artifacts))
    if last.outcome is not Outcome.UNCHANGED:
        typer.echo(
            f"{mark} {message('saved', title=title, files=len(shown.artifacts), size=total)}"
        )
    if with_files:
        for artifact in shown.artifacts:
            line = f"    {artifact.name:<18}{size_text(artifact.bytes):>10}"
            typer.echo(styled(line, dim=True))
    path, store = shown.manifest or "", app.settings.url_of("store")
    if store.startswith("file://"):
        path = str(Path(store.removeprefix("file://")) / path)
    typer.echo(styled(f"    {message('where', path=path)}", dim=True))


def _search(app: App, word: str) -> None:
    try:
        found = search.find(app, word, page_request(3), check_completeness=False)
    except LinkshotError:
        typer.echo(message("not_found", word=word))
        return
    shown = styled(word, bold=True)
    typer.echo(message("search" if found.total else "not_found", word=shown, total=found.total))
    for hit in found.items:
        typer.echo(f"    {headline(hit.link.title, hit.link.url)}")
        typer.echo(f"      {_excerpt(hit)}")


def _excerpt(hit: SearchHit) -> str:
    """The first hit of the snippet with a little around it, on one line."""
    at = next((n for n, (_, marked) in enumerate(hit.snippet) if marked), None)
    if at is None:
        return printable("".join(text for text, _ in hit.snippet))[: 2 * CONTEXT_CHARS]
    before = printable("".join(text for text, _ in hit.snippet[:at]))[-CONTEXT_CHARS:]
    after = printable("".join(text for text, _ in hit.snippet[at + 1 :]))[:CONTEXT_CHARS]
    return f"…{before}{styled(printable(hit.snippet[at][0]), fg='yellow', bold=True)}{after}…"
