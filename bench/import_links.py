"""`bench import`: time and memory to accept a large bookmark file (parse, normalize, commit, ledger)."""

import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from bench import cpu, machine, netscape, places
from linkshot.system.config import settings_env

LINKS = 100_000
AIM_S, AIM_MB = 10.0, 100.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """The cost of one import."""

    accepted: int
    others: str
    """Duplicates and rejections, for printing."""
    wall_s: float
    cpu_s: float
    peak_bytes: int


def run(count: int = LINKS) -> None:
    """Prints one row per configuration."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "bookmarks.html"
        size = netscape.write(file, count)
        for name in places.names():
            with places.settings_of(name) as settings:
                done = _measured(file, settings_env(settings))
            print(
                f"import, {name}: {done.accepted} of {count} links{done.others} ({size / 1e6:.1f} MB) in "
                f"{done.wall_s:.1f} s ({machine.verdict(done.wall_s, AIM_S)} s), "
                f"{done.cpu_s:.1f} CPU-s, peak {done.peak_bytes / 1e6:.0f} MB resident "
                f"({machine.verdict(done.peak_bytes / 1e6, AIM_MB)} MB), {machine.load()}"
            )


def _measured(file: Path, env: dict[str, str]) -> Imported:
    command = [sys.executable, "-m", "bench.import_here", str(file)]
    used = cpu.run(command, env={**os.environ, **env})
    assert used.code == 0, used
    accepted, duplicate, rejected, wall_s, peak = used.stdout.split()
    others = "" if duplicate == rejected == "0" else f", {duplicate} known, {rejected} rejected"
    return Imported(
        accepted=int(accepted),
        others=others,
        wall_s=float(wall_s),
        cpu_s=used.cpu_s,
        peak_bytes=int(peak),
    )
