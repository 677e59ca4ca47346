"""`bench capture`: CPU time per snapshot through the whole pipeline, against a bare browser loop."""

import json
import os
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from statistics import median

from PIL import Image

from bench import cpu, machine, places, site
from bench.links import every_link
from linkshot.app import App
from linkshot.domain.manifest import Manifest
from linkshot.domain.model import Artifact, Link, Outcome
from linkshot.system.config import Settings, settings_env
from linkshot.wiring import open_app

PAGES = 40
"""Pages of each kind."""
AIM_RATIO = 1.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """The cost of one run."""

    pages: int
    cpu_s: float
    wall_s: float
    lines: list[str]
    """Further figures, for printing."""

    @property
    def each(self) -> float:
        """CPU seconds per page, including startup and shutdown."""
        return self.cpu_s / self.pages


def run(count: int = PAGES) -> None:
    """Prints both costs and their ratio for light and heavy pages."""
    with site.serving() as port:
        for kind in ("light", "heavy"):
            urls = site.urls(port, kind, count)
            # both compile their modules and read them from disk once, unmeasured
            _bare(urls[:1])
            _ours(urls[:1])
            bare = _bare(urls)
            _print(f"capture, {kind}, bare loop", bare)
            ours = _ours(urls)
            _print(f"capture, {kind}, linkshot", ours)
            ratio = ours.each / bare.each
            print(f"  ratio {ratio:.2f} ({machine.verdict(ratio, AIM_RATIO)})", flush=True)


def _print(name: str, cost: Cost) -> None:
    rate = cost.pages / cost.wall_s * 60
    print(f"{name}: {cost.each:.2f} CPU-s/page, {rate:.0f} pages/min, {machine.load()}")
    for line in cost.lines:
        print(f"  {line}")


def _bare(urls: list[str]) -> Cost:
    used = cpu.run([sys.executable, "-m", "bench.bare"], stdin=json.dumps(urls))
    assert used.code == 0, used
    seen = json.loads(used.stdout)
    height, html, png = (median(one[part] for one in seen) for part in range(3))
    lines = [f"height {height:.0f} px, HTML {html / 1000:.0f} kB, PNG {png / 1000:.0f} kB"]
    return Cost(pages=len(urls), cpu_s=used.cpu_s, wall_s=used.wall_s, lines=lines)


def _ours(urls: list[str]) -> Cost:
    given = {"host_gap_s": 0.0, "host_gap_factor": 0.0, "allow_networks": "127.0.0.0/8"}
    with places.settings_of(places.EMBEDDED, log_level="warning", **given) as settings:
        env = {**os.environ, **settings_env(settings)}
        used = cpu.run([sys.executable, "-m", "bench.whole"], env=env, stdin=json.dumps(urls))
        assert used.code == 0, used
        lines = [*_stored(settings), _split(json.loads(used.stdout), used.cpu_s, len(urls))]
    return Cost(pages=len(urls), cpu_s=used.cpu_s, wall_s=used.wall_s, lines=lines)


def _split(by_kind: dict[str, float], cpu_s: float, count: int) -> str:
    rest = {"not seen": cpu_s - sum(by_kind.values())}
    shares = (f"{kind} {spent / count:.2f}" for kind, spent in (by_kind | rest).items())
    return f"CPU-s/page by process: {', '.join(shares)}"


def _stored(settings: Settings) -> Iterator[str]:
    """Sizes of the artifacts and durations of the steps."""
    app = open_app(settings)
    try:
        every = list(every_link(app))
        stored = [one for one in every if one.last and one.last.outcome is Outcome.STORED]
        verdicts = sorted({one.last.quality.verdict.value for one in stored if one.last})
        yield f"{len(stored)} of {len(every)} stored, {', '.join(verdicts)}; {_sizes(app, stored)}"
        yield f"median seconds: {_steps(app, stored)}"
    finally:
        app.close()


def _sizes(app: App, stored: list[Link]) -> str:
    sizes: dict[str, list[int]] = defaultdict(list)
    pixels = []
    for one in stored:
        for artifact in one.last.artifacts if one.last else ():
            sizes[artifact.name].append(artifact.bytes)
            if artifact.name == "screenshot.webp":
                pixels.append(_height(app, artifact))
    whole = ", ".join(f"{name} {median(of) / 1000:.0f} kB" for name, of in sizes.items())
    return f"screenshot {median(pixels):.0f} px tall; {whole}"


def _height(app: App, artifact: Artifact) -> int:
    return int(Image.open(BytesIO(app.store.read(artifact.key))).height)


def _steps(app: App, stored: list[Link]) -> str:
    steps: dict[str, list[float]] = defaultdict(list)
    for one in stored:
        assert one.last
        assert one.last.manifest
        notes = Manifest.decode(app.store.read(one.last.manifest)).notes
        for name, seconds in notes.get("seconds", {}).items():
            steps[name].append(seconds)
    return ", ".join(f"{name} {median(of):.2f}" for name, of in steps.items())
