"""The measured process of `bench import`: one file into the linkshot of the environment's settings."""

import sys
import time
from pathlib import Path

from bench import machine
from linkshot.system.config import load_settings
from linkshot.use_cases import imports
from linkshot.wiring import open_app


def import_here(file: Path) -> None:
    """Import, then print links, seconds, peak bytes."""
    app = open_app(load_settings())
    assert app.catalogue
    began = time.monotonic()
    with file.open("rb") as source:
        report = imports.run(app, source, file.name)
    spent_s = time.monotonic() - began
    counts = report.accepted, report.duplicate, report.rejected
    print(*counts, spent_s, machine.peak_memory())
    app.close()


if __name__ == "__main__":
    import_here(Path(sys.argv[1]))
