"""The first run: links from adding to finding, then the web interface."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import typer

from linkshot.app import App
from linkshot.cli import search_hint, visit_results, wait_for_visits
from linkshot.cli.context import EXIT_FAILED, State
from linkshot.cli.messages import say
from linkshot.cli.printing import headline, paint, safe
from linkshot.cli.serving import everything, web_until
from linkshot.domain.model import Link, NewLink, Outcome
from linkshot.errors import LinkshotError
from linkshot.samples import COMMON_WORD, SampleSite
from linkshot.use_cases import links, search, snapshots
from linkshot.use_cases.paging import page_request
from linkshot.use_cases.search import SearchHit

SAMPLES = "linkshot-samples"
LOOPBACK = "127.0.0.0/8"
AROUND = 24
"""Characters shown before and after a hit."""


def tour(state: State, url: str | None, *, host: str | None, port: int | None) -> None:
    """Add, follow, show where it lies, search, serve."""
    if url:
        with state.opened(host=host, port=port, log_level=_log_level(state)) as app:
            _walk(state, app, [url], [])
        return
    state.tell(say("samples"))
    with SampleSite() as site, _samples_app(state, host=host, port=port) as app:
        urls = [page.url for page in site.urls]
        _walk(state, app, urls, [COMMON_WORD, *(page.word for page in site.urls)])


@contextmanager
def _samples_app(state: State, *, host: str | None, port: int | None) -> Iterator[App]:
    """In a data folder beside the usual one, allowed to visit this machine."""
    usual = state.settings()
    state.data = usual.data.parent / SAMPLES
    with state.opened(
        host=host,
        port=port,
        log_level=_log_level(state),
        allow_networks=",".join((*usual.allow_networks, LOOPBACK)),
        host_gap_s=0.0,
        host_gap_factor=0.0,
    ) as app:
        yield app


def _log_level(state: State) -> str:
    """Quieter than usual, unless more was asked for."""
    usual = state.settings()
    return usual.log_level if "log_level" in usual.given else "error"


def _walk(state: State, app: App, urls: Sequence[str], find: Sequence[str]) -> None:
    kept = [_add(state, app, url) for url in urls]
    since = {one.link_id: wait_for_visits.newest(one) for one in kept}
    with everything(app) as (roles, stop, told):
        told.begun()
        done = wait_for_visits.watch(
            state, app, list(since), since,
            give_up=lambda: stop.is_set() or roles.failure is not None,
        )  # fmt: skip
        if not stop.is_set() and roles.failure is None:
            wait_for_visits.until_indexed(app)
            _show(app, done, find or _words(app, done))
        if not stop.is_set():
            web_until(app, roles, stop, lambda address: _ready(app, address))
        state.tell(say("ending"))
    state.tell(say("ended"))
    if done and all(visit_results.failed(one) for one in done):
        raise typer.Exit(EXIT_FAILED)


def _add(state: State, app: App, url: str) -> Link:
    state.tell(say("adding", url=safe(url)))
    added = links.add(app, NewLink(url=url), scheme_default=True)
    if added.existing and not added.link.activity:
        snapshots.request(app, [added.link.link_id])
    return added.link


def _show(app: App, done: Sequence[Link], find: Sequence[str]) -> None:
    typer.echo()
    for one in done:
        _result(app, one, with_files=len(done) == 1)
    for word in find:
        typer.echo()
        _search(app, word)
    if find:
        typer.echo(
            f"\n{say('search_with')} {paint(search_hint.command(app.settings, find[0]), bold=True)}"
        )


def _result(app: App, one: Link, *, with_files: bool) -> None:
    """How it went and what lies where."""
    title = headline(one.title, one.url)
    last = one.last
    if last is None or visit_results.failed(one):
        typer.echo(
            f"{paint('✗', fg='red')} {say('failed', title=title, why=visit_results.sentence(one, app.now()))}"
        )
        return
    mark = paint("✓", fg="green")
    if last.outcome is Outcome.UNCHANGED:
        typer.echo(f"{mark} {say('unchanged', title=title)}")
    shown = one.current or last
    total = visit_results.size(sum(artifact.bytes for artifact in shown.artifacts))
    if last.outcome is not Outcome.UNCHANGED:
        typer.echo(f"{mark} {say('saved', title=title, files=len(shown.artifacts), size=total)}")
    if with_files:
        for artifact in shown.artifacts:
            line = f"    {artifact.name:<18}{visit_results.size(artifact.bytes):>10}"
            typer.echo(paint(line, dim=True))
    typer.echo(paint(f"    {say('where', path=_place(app, shown.manifest or ''))}", dim=True))


def _place(app: App, key: str) -> str:
    url = app.settings.url_of("store")
    return str(Path(url.removeprefix("file://")) / key) if url.startswith("file://") else key


def _words(app: App, done: Sequence[Link]) -> list[str]:
    """One word that finds the page."""
    found = (search_hint.of(app, one) for one in done if not visit_results.failed(one))
    return [word for word in found if word]


def _search(app: App, word: str) -> None:
    try:
        found = search.find(app, word, page_request(3))
    except LinkshotError:
        typer.echo(say("not_found", word=word))
        return
    shown = paint(word, bold=True)
    typer.echo(say("search" if found.total else "not_found", word=shown, total=found.total))
    for hit in found.items:
        typer.echo(f"    {headline(hit.link.title, hit.link.url)}")
        typer.echo(f"      {_excerpt(hit)}")


def _excerpt(hit: SearchHit) -> str:
    """The first hit of the snippet with a little around it, on one line."""
    at = next((n for n, (_, marked) in enumerate(hit.snippet) if marked), None)
    if at is None:
        return safe("".join(text for text, _ in hit.snippet))[: 2 * AROUND]
    before = safe("".join(text for text, _ in hit.snippet[:at]))[-AROUND:]
    after = safe("".join(text for text, _ in hit.snippet[at + 1 :]))[:AROUND]
    return f"…{before}{paint(safe(hit.snippet[at][0]), fg='yellow', bold=True)}{after}…"


def _ready(app: App, address: str) -> None:
    typer.echo(f"{say('open')} {paint(address, fg='cyan', bold=True)}")
    typer.echo(paint(say("end", data=app.settings.data), dim=True))
