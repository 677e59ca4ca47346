"""What does a person see first? One link from adding to finding, then the web interface."""

import shlex
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path

import typer

from linkshot import links, search, snapshots
from linkshot.app import App
from linkshot.cli import follow
from linkshot.cli.serving import everything, web_until
from linkshot.cli.state import State, safe
from linkshot.cli.texts import say
from linkshot.model import Link, LinkId, NewLink, Role
from linkshot.paging import page_request
from linkshot.samples import COMMON_WORD, SampleSite

SAMPLES = "linkshot-samples"
LOOPBACK = "127.0.0.0/8"
FIND_S = 20.0


def tour(state: State, url: str | None, *, host: str | None, port: int | None) -> None:
    """Add, follow, show where it lies, search, serve."""
    site = SampleSite() if not url else None
    with site or nullcontext():
        if site is not None:
            state.tell(say("samples"))
            urls, words = (
                [page.url for page in site.urls],
                [COMMON_WORD, *(p.word for p in site.urls)],
            )
        else:
            urls, words = [str(url)], []
        with _opened(state, samples=site is not None, host=host, port=port) as app:
            _show(state, app, urls, words)


@contextmanager
def _opened(state: State, *, samples: bool, host: str | None, port: int | None) -> Iterator[App]:
    flags: dict[str, object] = {"host": host, "port": port, "log_level": "warning"}
    if samples:
        usual = state.settings()
        flags |= {
            "allow_networks": ",".join((*usual.allow_networks, LOOPBACK)),
            "host_gap_s": 0.0,
            "host_gap_factor": 0.0,
        }
        state.data = usual.data.parent / SAMPLES
    with state.opened(**flags) as app:
        yield app


def _show(state: State, app: App, urls: Sequence[str], words: Sequence[str]) -> None:
    kept = [_add(state, app, url) for url in urls]
    before = {one.link_id: follow.newest(one) for one in kept}
    with everything(app) as (roles, stop):
        done = _until_done(state, app, [one.link_id for one in kept], before, stop)
        follow.until_indexed(app)
        for one in done:
            _tell(app, one)
        for word in words or _words(app, done):
            _search(app, word)
        command = f"linkshot --data {shlex.quote(str(app.settings.data))} search {(words or _words(app, done) or ['…'])[0]}"
        typer.echo(say("search_with", command=command))

        def ready(address: str) -> None:
            typer.echo(say("open", address=address))
            typer.echo(say("end", data=app.settings.data))

        if not stop.is_set():
            web_until(app, roles, stop, ready)


def _add(state: State, app: App, url: str) -> Link:
    state.tell(say("adding", url=safe(url)))
    added = links.add(app, NewLink(url=url), scheme_default=True)
    if added.existing and not added.link.activity:
        snapshots.request(app, [added.link.link_id])
    return added.link


def _until_done(
    state: State, app: App, ids: Sequence[str], before: Mapping[LinkId, str | None], stop: object
) -> list[Link]:
    """As `add --wait`, with the roles this process already does."""
    return follow.watch(state, app, ids, before, give_up=stop.is_set)  # type: ignore[attr-defined]  # an Event


def _tell(app: App, one: Link) -> None:
    title = safe(one.title or one.url)
    last = one.last
    if last is None or follow.failed(one):
        typer.echo(say("failed", title=title, why=follow.sentence(one)))
        return
    typer.echo(say("saved", title=title))
    for artifact in last.artifacts:
        typer.echo(
            f"  {artifact.name:<18}{follow.size(artifact.bytes):>10}  {artifact.sha256[:12]}"
        )
    typer.echo(say("where", folder=_place(app, last.manifest or "")))


def _place(app: App, key: str) -> str:
    url = app.settings.url_of("store")
    return str(Path(url.removeprefix("file://")) / key) if url.startswith("file://") else key


def _search(app: App, word: str) -> None:
    """Search until it is there; the index follows within a moment."""
    deadline = time.monotonic() + FIND_S
    while True:
        found = search.find(app, word, page_request(3))
        if found.total or time.monotonic() > deadline:
            break
        time.sleep(0.1)
    if not found.total:
        typer.echo(say("not_found", word=word))
        return
    typer.echo(say("search", word=word, total=found.total))
    for hit in found.items:
        pieces = "".join(typer.style(safe(t), bold=True) if m else safe(t) for t, m in hit.snippet)
        typer.echo(f"  {safe(hit.link.title)[:60]}\n    {pieces}")


def _words(app: App, done: Sequence[Link]) -> list[str]:
    """One word that finds the page: two characters or a longer word its text repeats."""
    for one in done:
        text = one.last.artifact(Role.TEXT) if one.last else None
        if text is None or follow.failed(one):
            continue
        body = snapshots.read(app, text).decode("utf-8", "replace")
        if word := telling(body[:20_000]):
            return [word]
    return []


def telling(text: str) -> str:
    """A frequent word of the text: a pair of Han characters, or a word of six letters or more."""
    from linkshot.words import tokens

    counted = Counter(
        token
        for token in tokens(text)
        if (len(token) == 2 and ord(token[0]) > 0x2E7F) or (len(token) > 5 and token.isalpha())
    )
    return counted.most_common(1)[0][0] if counted else ""
