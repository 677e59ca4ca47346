"""`bench search`: time to index 100,000 documents, and to search them with facets and excerpts."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from statistics import quantiles

from bench import fill, machine, places, queries
from linkshot.app import App
from linkshot.domain.model import IndexDocument
from linkshot.ports import Hits, IndexChange, PageRequest, SearchIndex, Upsert
from linkshot.query import Query
from linkshot.system.config import Settings
from linkshot.use_cases import search
from linkshot.wiring import open_app

DOCUMENTS = 100_000
BATCH = 500
"""Documents of one call, as the indexer does by default."""
WARM_ROUNDS = 14
"""Of 250 queries each before those that count: a Java server compiles what it does often, and
after its start needs some thousand queries until its answers do not get faster any more."""
LAST_SEED = 2
AIM_MS = {places.EMBEDDED: 10.0, places.SERVERS: 25.0}


@dataclass(slots=True)
class TimedIndex:
    """Passes searches on and remembers the longest: hits and facets are asked for side by side."""

    inside: SearchIndex
    longest_s: float = 0.0

    def search(self, query: Query, page: PageRequest) -> Hits:
        """As the index inside."""
        began = time.perf_counter()
        try:
            return self.inside.search(query, page)
        finally:
            self.longest_s = max(self.longest_s, time.perf_counter() - began)

    def __getattr__(self, name: str) -> object:
        return getattr(self.inside, name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One query and its times in seconds."""

    kind: str
    total_s: float
    cpu_s: float
    """Of this process: what load on the machine does not change."""
    index_s: float
    found: int


def run(count: int = DOCUMENTS) -> None:
    """Print documents/s and a table of queries for each place."""
    for name in places.names():
        with places.settings_of(name) as settings:
            _fill(name, settings, count)
            print(f"search, {name}: {count} documents")
            for asked in _ask_all(settings, count):
                _print_round(asked)
            print(f"  the last of these rounds, {machine.load()}:")
            _print_table(asked, AIM_MS[name])


def _fill(name: str, settings: Settings, count: int) -> None:
    app = open_app(settings)
    try:
        documents = fill.catalogue(app, count)
        spent_s, cpu_s = _index(app, documents)
    finally:
        app.close()
    print(
        f"index, {name}: {count / spent_s:.0f} documents/s ({count / cpu_s:.0f} per CPU-s of this "
        f"process), {machine.load()}"
    )


def _index(app: App, documents: Iterator[IndexDocument]) -> tuple[float, float]:
    """Wall and CPU seconds in the index; making the texts does not count."""
    spent_s = cpu_s = 0.0
    batch: list[IndexChange] = []
    for document in documents:
        batch.append(Upsert(document=document))
        if len(batch) == BATCH:
            spent_s, cpu_s = _apply(app, batch, spent_s, cpu_s)
            batch = []
    return _apply(app, batch, spent_s, cpu_s)


def _apply(app: App, batch: list[IndexChange], spent_s: float, cpu_s: float) -> tuple[float, float]:
    began, began_cpu = time.perf_counter(), time.process_time()
    app.index.apply(batch)
    return spent_s + time.perf_counter() - began, cpu_s + time.process_time() - began_cpu


def _ask_all(settings: Settings, count: int) -> Iterator[list[Asked]]:
    """Rounds of queries, each asked once; the last round counts, its seed is always the same."""
    app = open_app(settings)
    timed = TimedIndex(app.openers.index())
    app.openers = replace(app.openers, index=lambda: timed)  # type: ignore[arg-type,return-value]
    try:
        for seed in range(LAST_SEED + WARM_ROUNDS, LAST_SEED - 1, -1):
            yield [_ask(app, timed, *made) for made in queries.made(count, seed)]
    finally:
        app.close()


def _ask(app: App, timed: TimedIndex, kind: str, text: str, page: PageRequest) -> Asked:
    timed.longest_s = 0.0
    began, began_cpu = time.perf_counter(), time.process_time()
    found = search.find(app, text, page, check_completeness=False)
    return Asked(
        kind=kind,
        total_s=time.perf_counter() - began,
        cpu_s=time.process_time() - began_cpu,
        index_s=timed.longest_s,
        found=found.total,
    )


def _print_round(asked: list[Asked]) -> None:
    ms = [_percentile(asked, lambda one: one.total_s * 1000, part) for part in (50, 95)]
    print(f"  a round of {len(asked)}: p50 {ms[0]:.1f} ms, p95 {ms[1]:.1f} ms")


def _print_table(asked: list[Asked], aim_ms: float) -> None:
    heads = ("p50", "p95", "CPU p50", "CPU p95", "index p50", "p95", "hits p50")
    print(f"  {'milliseconds':<34}" + "".join(f"{head:>10}" for head in heads))
    for kind in dict.fromkeys(one.kind for one in asked):
        _print_row(kind, [one for one in asked if one.kind == kind])
    _print_row("all", asked)
    p95 = _percentile(asked, lambda one: one.total_s * 1000, 95)
    print(f"  p95 of all {p95:.1f} ms, {machine.verdict(p95, aim_ms)}")


def _print_row(name: str, asked: list[Asked]) -> None:
    times: list[Callable[[Asked], float]] = [
        lambda one: one.total_s,
        lambda one: one.cpu_s,
        lambda one: one.index_s,
    ]
    columns = [f"{_percentile(asked, of, part) * 1000:>10.1f}" for of in times for part in (50, 95)]
    hits = _percentile(asked, lambda one: one.found, 50)
    print(f"  {name:<34}{''.join(columns)}{hits:>10.0f}")


def _percentile(asked: list[Asked], of: Callable[[Asked], float], part: int) -> float:
    return quantiles([of(one) for one in asked], n=100, method="inclusive")[part - 1]
