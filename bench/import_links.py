"""`bench import`: how fast is a large bookmark file accepted (parsed, normal form, committed, ledger)?"""

import sys
import tempfile
from pathlib import Path

from bench import cpu, netscape

LINKS = 100_000
CODE = """
import sys, time
from pathlib import Path
from linkshot import imports
from linkshot.config import load_settings
from linkshot.wiring import open_app
app = open_app(load_settings(data=Path(sys.argv[1])))
app.catalogue
began = time.monotonic()
with open(sys.argv[2], "rb") as source:
    report = imports.run(app, source, "bookmarks.html")
print(report.accepted, report.duplicate, report.rejected, time.monotonic() - began)
app.close()
"""


def main() -> None:
    """Print one table row."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "bookmarks.html"
        size = netscape.write(file, LINKS)
        used = cpu.run([sys.executable, "-c", CODE, f"{folder}/data", str(file)])
        accepted, duplicate, rejected, wall = used.stdout.split()
        print(
            f"import: {LINKS} links, {size / 1e6:.1f} MB: accepted {accepted}, duplicate "
            f"{duplicate}, rejected {rejected} in {float(wall):.1f} s wall, {used.cpu_s:.1f} CPU-s, "
            f"peak {used.peak_bytes / 1e6:.0f} MB (cgroup, page cache included)"
        )


if __name__ == "__main__":
    main()
