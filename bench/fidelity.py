"""`bench fidelity`: how much of each page of the test site its snapshot holds, beside other ways to save it."""

from __future__ import annotations

import asyncio
import io
import json
import os
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import ZipFile

from warcio.archiveiterator import ArchiveIterator

from bench import renderings
from bench.links import every_link
from bench.renderings import Rendering
from linkshot.app import App
from linkshot.domain.model import Link
from linkshot.system.config import Settings, load_settings, settings_env
from linkshot.wiring import open_app
from pipelines.picture_difference import differing_share
from tests.site import Site, torture
from tests.site.frozen import PAGES as FROZEN

SHINGLE = 5
"""Characters per shingle of the text, white space removed: works for Chinese as well."""
PIXELS_GOOD, PIXELS_LIMIT = 0.005, 0.02
TEXT_GOOD = 0.99
SITE_PAGES = (
    "/zh/article", "/en/article", "/lazy", "/lazy-after-scrolling", "/infinite", "/spa", "/frames?cross=1", "/shadow",
    "/shadow-article", "/framed-article", "/heavy", "/exchanges", "/service-worker", "/401-parts", "/consent",
    "/gbk", "/gbk-bare", "/gbk-late-meta", "/gbk-wrong-header", "/gb18030", "/big5", "/shift_jis", "/euc-kr", "/utf-16",
    "/apart", "/zh/collapsed", "/zh/wrapped", "/frameset", "/noscript", "/tables", "/deep?n=300", "/virtual-list",
    "/tall?px=12000", "/redirect/3", "/dialogs", "/permissions",
)  # fmt: skip
ENDLESS = ("/infinite",)
"""Grows for as long as one scrolls: each way down ends elsewhere, and pixels cannot be compared."""
IGNORED = ("/robots.txt", "/favicon.ico")
"""Asked for beside the page, by the worker itself."""


@dataclass(frozen=True, slots=True)
class Score:
    """One saved form of one page, against the page as a browser shows it."""

    pixels: float
    """Share of the pixels that differ."""
    recall: float
    """Share of the text that is there."""
    probes: tuple[int, int]
    """Probes that look the same, of how many."""
    leaks: int
    """Requests that left while it was shown."""


@dataclass(frozen=True, slots=True)
class Row:
    """One page."""

    name: str
    ways: Mapping[str, Score]
    text_recall: float
    """Of text.txt."""
    replay: Mapping[str, Any] | None
    """The archive, shown again without a network: `pixels`, `text`, `missing`, `leaks`, `failed`."""
    note: str


def run(only: str = "") -> None:
    """Prints a table of all pages, and the sums; of those whose name holds `only`."""
    with Site() as site, tempfile.TemporaryDirectory() as folder:
        pages = {name: url for name, url in addresses(site).items() if only in name}
        site.requests.clear()
        shots = Snapshots(Path(folder), pages)
        asked = Counter((one.method, one.path) for one in site.requests)
        try:
            print(shots.exchanges(asked), flush=True)
            rows = asyncio.run(_rows(pages, shots, Path(folder)))
        finally:
            shots.close()
    print(table(rows), totals(rows), sep="\n\n")


def addresses(site: Site) -> dict[str, str]:
    """Name → address of every page, in the order of the table."""
    named = torture.serve(site)
    for number, (name, page) in enumerate(FROZEN.items()):
        named[name] = site.put(f"/frozen/{number}/", page.response)
    return named | {path: site.url(path) for path in SITE_PAGES}


class Snapshots:
    """The pages as linkshot keeps them, with its defaults, in a data folder of their own."""

    def __init__(self, folder: Path, pages: Mapping[str, str]) -> None:
        self.settings = _settings(folder / "data")
        env = {**os.environ, **settings_env(self.settings)}
        command = [sys.executable, "-m", "bench.whole"]
        subprocess.run(command, env=env, input=json.dumps(list(pages.values())), text=True, check=True, stdout=subprocess.DEVNULL)  # fmt: skip
        self.app: App = open_app(self.settings)
        self._links = {link.url: link for link in every_link(self.app)}

    def link(self, url: str) -> Link:
        """The link of this address."""
        return self._links[url]

    def artifact(self, url: str, name: str) -> bytes | None:
        """A file of the newest snapshot; None when it has none of this name."""
        last = self.link(url).last
        found = [one for one in last.artifacts if one.name == name] if last else []
        return self.app.store.read(found[0].key) if found else None

    def exchanges(self, asked: Counter[tuple[str, str]]) -> str:
        """The exchanges in all archives against the requests in the log of the server."""
        kept: Counter[tuple[str, str]] = Counter()
        for url in self._links:
            if data := self.artifact(url, "archive.wacz"):
                kept.update(_exchanges(data))
        asked = Counter({key: count for key, count in asked.items() if key[1] not in IGNORED})
        kept = Counter({key: count for key, count in kept.items() if key[1] not in IGNORED})
        missing, extra = asked - kept, kept - asked
        told = f"exchanges: {asked.total()} at the server, {kept.total()} in the archives"
        for what, which in (("not recorded", missing), ("not at the server", extra)):
            named = ", ".join(
                f"{method} {path} ×{n}" for (method, path), n in which.most_common(12)
            )
            told += f"\n  {what}: {which.total()} {named}"
        return told

    def replays(self) -> dict[str, dict[str, Any]]:
        """Address → what `verify --replay` says of the archive; pages without an archive are missing."""
        command = [sys.executable, "-m", "linkshot", "--json", "--quiet", "verify", "--replay"]
        env = {**os.environ, **settings_env(self.settings)}
        done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
        told = json.loads(done.stdout)["replays"]
        return {one["url"]: one["archive"] for one in told if one["archive"]}

    def close(self) -> None:
        """Close the data folder."""
        self.app.close()


def _settings(data: Path) -> Settings:
    """The defaults, but that boxes which ask for consent stay: the live page shows them, too."""
    return load_settings(
        data=data,
        allow_networks="127.0.0.0/8",
        host_gap_s=0.0,
        host_gap_factor=0.0,
        consent="leave",
        log_level="error",
    )


def _exchanges(wacz: bytes) -> Counter[tuple[str, str]]:
    """(method, path with query) of every request record that went to the site."""
    found: Counter[tuple[str, str]] = Counter()
    with ZipFile(io.BytesIO(wacz)) as packed, packed.open("archive/data.warc.gz") as warc:
        for record in ArchiveIterator(warc):
            if record.rec_type == "request":
                url = record.rec_headers.get_header("WARC-Target-URI")
                path = re.sub(r"^https?://[^/]+", "", url) or "/"
                found[record.http_headers.protocol, path.partition("#")[0]] += 1
    return found


async def _rows(pages: Mapping[str, str], shots: Snapshots, folder: Path) -> list[Row]:
    rows = []
    replays = shots.replays()
    async with renderings.browser(offline=False) as online, renderings.browser(offline=True) as cut:
        for name, url in pages.items():
            seen = await renderings.live(online, url)
            files = {"page.html": shots.artifact(url, "page.html"), "page.content()": seen.content}
            files["MHTML"] = seen.mhtml
            ways = {}
            for way, data in files.items():
                if data is not None:
                    file = folder / f"saved.{'mhtml' if way == 'MHTML' else 'html'}"
                    file.write_bytes(data)
                    ways[way] = score(seen.seen, await renderings.offline(cut, file))
            text = (shots.artifact(url, "text.txt") or b"").decode()
            rows.append(
                Row(
                    name,
                    ways,
                    recall(seen.seen.text, text),
                    replays.get(url),
                    _note(shots.link(url)),
                )
            )
            print(
                rows[-1].name,
                {way: round(one.pixels * 100, 2) for way, one in ways.items()},
                file=sys.stderr,
            )
    return rows


def score(live: Rendering, shown: Rendering) -> Score:
    """How much of the page is there."""
    same = sum(shown.probes.get(name) == looks for name, looks in live.probes.items())
    return Score(
        pixels=differing_share(live.picture, shown.picture),
        recall=recall(live.text, shown.text),
        probes=(same, len(live.probes)),
        leaks=len(shown.requests),
    )


def recall(live: str, kept: str) -> float:
    """Share of the shingles of the text that the kept one has; 1 when there is no text."""
    wanted = _shingles(live)
    return len(wanted & _shingles(kept)) / len(wanted) if wanted else 1.0


def _shingles(text: str) -> set[str]:
    plain = "".join(text.split())
    return {plain[n : n + SHINGLE] for n in range(max(1, len(plain) - SHINGLE + 1))} - {""}


def _note(link: Link) -> str:
    last = link.last
    if last is None:
        return "no visit"
    return (
        ", ".join([last.quality.verdict.value, *last.quality.reasons])
        if last.quality
        else last.outcome.value
    )


WAYS = ("page.html", "page.content()", "MHTML")


def table(rows: list[Row]) -> str:
    """Markdown: pixels that differ in per cent / text recall, by page and way."""
    lines = [
        "| page | " + " | ".join(WAYS) + " | archive.wacz | text.txt | probes | leaks | verdict |"
    ]
    lines.append("|---" * (len(WAYS) + 6) + "|")
    for row in rows:
        ours = row.ways.get("page.html")
        cells = [_cell(row.ways.get(way)) for way in WAYS]
        probes = f"{ours.probes[0]}/{ours.probes[1]}" if ours and ours.probes[1] else "–"
        leaks = str(ours.leaks) if ours else "–"
        if row.name in ENDLESS:
            cells = [f"– / {row.ways[way].recall:.3f}" for way in WAYS if way in row.ways]
        lines.append(
            f"| {row.name} | {' | '.join(cells)} | {_replayed(row.replay)} | {row.text_recall:.3f} | {probes} | {leaks} | {row.note} |"
        )
    return "\n".join(lines)


def _cell(one: Score | None) -> str:
    return f"{one.pixels * 100:.2f} / {one.recall:.3f}" if one else "missing"


def _replayed(one: Mapping[str, Any] | None) -> str:
    if one is None or one["failed"]:
        return one["failed"] if one else "missing"
    pixels = "–" if one["pixels"] is None else f"{one['pixels'] * 100:.2f}"
    text = "–" if one["text"] is None else f"{one['text']:.3f}"
    return f"{pixels} / {text}"


def totals(rows: list[Row]) -> str:
    """The sums over all pages, for each way."""
    lines = []
    for way in WAYS:
        scores = [row.ways[way] for row in rows if way in row.ways]
        pixels = [
            row.ways[way].pixels for row in rows if way in row.ways and row.name not in ENDLESS
        ]
        compared = sum(row.name not in ENDLESS for row in rows)
        good = sum(one <= PIXELS_GOOD for one in pixels)
        bearable = sum(one <= PIXELS_LIMIT for one in pixels)
        texts = sum(one.recall >= TEXT_GOOD for one in scores)
        lines.append(
            f"{way}: pixels ≤ {PIXELS_GOOD:.1%} on {good} of {compared}, ≤ {PIXELS_LIMIT:.0%} on {bearable}; "
            f"text recall ≥ {TEXT_GOOD} on {texts} of {len(rows)}; leaks {sum(one.leaks for one in scores)}"
        )
    shown = [row.replay for row in rows if row.replay and row.replay["pixels"] is not None]
    good = sum(one["pixels"] <= PIXELS_GOOD for one in shown)
    words = [row.replay["text"] for row in rows if row.replay and row.replay["text"] is not None]
    texts = sum(one >= TEXT_GOOD for one in words)
    lines.append(
        f"archive.wacz, native replay: pixels ≤ {PIXELS_GOOD:.1%} on {good} of {len(shown)}; "
        f"words ≥ {TEXT_GOOD} on {texts} of {len(words)} with words; "
        f"leaks {sum(row.replay['leaks'] for row in rows if row.replay)}"
    )
    texts = sum(row.text_recall >= TEXT_GOOD for row in rows)
    probes = [row.ways["page.html"].probes for row in rows if "page.html" in row.ways]
    same, of = sum(one for one, _ in probes), sum(of for _, of in probes)
    return "\n".join(
        [*lines, f"text.txt: recall ≥ {TEXT_GOOD} on {texts} of {len(rows)}; probes {same} of {of}"]
    )
