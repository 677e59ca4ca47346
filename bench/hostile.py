"""`bench hostile`: many pages of which a fifth is hostile: outcomes, throughput, memory, what is left behind."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import psutil

from bench import machine, places, site
from bench.links import every_link
from linkshot.system.config import Settings, settings_env
from linkshot.wiring import open_app
from tests.site import Site

PAGES = 1_000
HOSTILE_SHARE = 0.2
LEAST_THROUGHPUT = 0.7
HOSTS = tuple(f"127.0.1.{number}" for number in range(1, 11))
"""Of the hostile pages: visits of one host are serialized."""
SAMPLE_S = 5.0
GONE_S = 10.0
"""After the end of the roles, until what they started must have ended."""
HOSTILE = (
    "/stuck-image", "/stuck-script", "/stuck-style", "/stuck-body", "/stuck-headers", "/endless", "/flood",
    "/gzip-bomb?mb=200", "/gzip-cut", "/wrong-encoding", "/wrong-length", "/bad-chunk", "/empty-reply", "/reset",
    "/http09", "/header-bomb", "/head-many", "/head-nul", "/head-chunked-twice", "/head-half", "/head-trickle",
    "/head-interim?n=0", "/goaway", "/tls-garbage", "/deflate-bomb", "/br-bomb", "/zstd-bomb", "/script-loop",
    "/script-loop-inline", "/alert-loop", "/alert-loop-inline", "/dialogs", "/popups", "/meta-refresh-loop",
    "/location-loop", "/pushstate", "/growing", "/workers", "/shared-workers", "/wasm-hog", "/webgl", "/memory-hog",
    "/huge?nodes=200000", "/huge?mb=50", "/tall", "/wide", "/deep", "/title-hostile", "/meta-hostile", "/soup", "/xss",
    "/frames-many", "/pictures-many", "/data-picture", "/styles-many", "/rules-many", "/import-loop", "/torn-pictures",
    "/font-bomb", "/attributes", "/links-many", "/comment", "/tables", "/img-private", "/file-private",
    "/redirect-loop", "/redirect-private", "/redirect-file", "/401", "/429", "/empty",
)  # fmt: skip


@dataclass(slots=True)
class Run:
    """What one list of pages came to."""

    good: int
    good_s: float = 0.0
    """Until each good page had an outcome."""
    all_s: float = 0.0
    resident: list[int] = field(default_factory=list)
    """Bytes of worker and browser, every SAMPLE_S."""
    outcomes: Counter[str] = field(default_factory=Counter)
    without: list[str] = field(default_factory=list)
    """Addresses without any outcome."""
    left: list[str] = field(default_factory=list)
    """Processes that were there after the end."""

    @property
    def rate(self) -> float:
        """Good pages per minute, while the others were visited, too."""
        return self.good / self.good_s * 60


def run(count: int = PAGES) -> None:
    """Prints the run without hostile pages, then the one with them, and the check of all that was stored."""
    hostile = int(count * HOSTILE_SHARE)
    with site.serving() as port, served() as bad:
        good = site.urls(port, "light", count - hostile)
        plain = measured(good, [], check=False)
        _print(f"{len(good)} good pages alone", plain)
        mixed = measured(good, list(bad(hostile)), check=True)
        _print(f"the same with {hostile} hostile ones among them", mixed)
    ratio = mixed.rate / plain.rate
    met = "met" if ratio >= LEAST_THROUGHPUT else "MISSED"
    print(
        f"throughput of the good ones: {ratio:.2f} (aim {LEAST_THROUGHPUT}: {met}), {machine.load()}"
    )


@contextmanager
def served() -> Iterator[Any]:
    """Yields a function: `count` addresses of hostile pages, spread over HOSTS."""
    with ExitStack() as stack:
        sites = [stack.enter_context(Site(address=host)) for host in HOSTS]

        def addresses(count: int) -> Iterator[str]:
            for number in range(count):
                path = HOSTILE[number % len(HOSTILE)]
                mark = "&" if "?" in path else "?"
                yield sites[number % len(sites)].url(f"{path}{mark}run={number}")

        yield addresses


def measured(good: list[str], bad: list[str], *, check: bool) -> Run:
    """The pages in a data folder and a process of their own, the hostile ones evenly among the others."""
    found = Run(good=len(good))
    every = max(1, len(good) // (len(bad) or 1))
    urls = list(good)
    for number, url in enumerate(bad):
        urls.insert(min(len(urls), number * (every + 1)), url)
    given = {"host_gap_s": 0.0, "host_gap_factor": 0.0, "allow_networks": "127.0.0.0/8"}
    with (
        TemporaryDirectory(prefix="linkshot-run-") as scratch,
        places.settings_of(places.EMBEDDED, log_level="error", **given) as settings,
    ):
        env = {**os.environ, **settings_env(settings), "TMPDIR": scratch}
        command = [sys.executable, "-m", "bench.until_outcome"]
        with subprocess.Popen(command, env=env, stdin=subprocess.PIPE, text=True, stdout=subprocess.PIPE) as process:  # fmt: skip
            assert process.stdin
            process.stdin.write(json.dumps({"good": good, "all": urls}))
            process.stdin.close()
            _sample(process, found)
            assert process.stdout
            told = json.loads(process.stdout.read())
        found.good_s, found.all_s = told["good_s"], told["all_s"]
        found.left = _left(scratch)
        _outcomes(settings, found)
        if check:
            print(_verified(settings), flush=True)
    return found


def _sample(process: subprocess.Popen[str], found: Run) -> None:
    while process.poll() is None:
        total = 0
        for child in psutil.Process(process.pid).children(recursive=True):
            try:
                total += child.memory_info().rss
            except psutil.Error:
                continue
        found.resident.append(total)
        time.sleep(SAMPLE_S)


def _left(scratch: str) -> list[str]:
    """Processes whose temporary files lie there: workers, browsers and drivers of this run."""
    deadline = time.monotonic() + GONE_S
    while True:
        names = [one.info["name"] for one in psutil.process_iter(["name", "environ"])
                 if (one.info["environ"] or {}).get("TMPDIR") == scratch]  # fmt: skip
        if not names or time.monotonic() > deadline:
            return names
        time.sleep(0.2)


def _outcomes(settings: Settings, found: Run) -> None:
    app = open_app(settings)
    try:
        for link in every_link(app):
            if link.last is None:
                found.without.append(link.url)
                continue
            failure = link.last.failure.kind if link.last.failure else ""
            found.outcomes[f"{link.last.outcome.value} {failure}".strip()] += 1
    finally:
        app.close()


def _verified(settings: Settings) -> str:
    command = [sys.executable, "-m", "linkshot", "verify", "--deep", "--replay"]
    done = subprocess.run(command, env={**os.environ, **settings_env(settings)}, capture_output=True, text=True, check=False)  # fmt: skip
    return f"verify --deep --replay: exit code {done.returncode}\n{(done.stdout or done.stderr).strip()[-3000:]}"


def _print(name: str, found: Run) -> None:
    third = max(1, len(found.resident) // 3)
    early, late = (
        median(part) / 1e6 for part in (found.resident[third : 2 * third], found.resident[-third:])
    )
    print(f"{name}: {found.rate:.0f} good pages/min, {found.all_s:.0f} s in all, {machine.load()}")
    print(f"  outcomes: {', '.join(f'{kind} {n}' for kind, n in found.outcomes.most_common())}")
    print(
        f"  without an outcome: {found.without or 'none'}; processes left: {found.left or 'none'}"
    )
    print(f"  memory of worker and browser: second third {early:.0f} MB, last third {late:.0f} MB, most {max(found.resident) / 1e6:.0f} MB", flush=True)  # fmt: skip
