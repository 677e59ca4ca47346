"""The benchmarks use tests and pipelines, and are run by hand: they at least still import."""

import subprocess
import sys

from tests.fleet import ROOT

MODULES = sorted(
    f"bench.{file.stem}" for file in (ROOT / "bench").glob("*.py") if file.stem != "__main__"
)


def test_every_module_of_the_benchmarks_imports() -> None:
    done = subprocess.run(
        [sys.executable, "-c", f"import {', '.join(MODULES)}"], cwd=ROOT, capture_output=True, text=True, check=False
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
