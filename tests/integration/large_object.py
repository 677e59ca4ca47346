"""A program that stores, verifies and downloads a file larger than the memory it allows itself.

Arguments: data folder, file, allowance in bytes beyond what the process holds at the start.
Prints one JSON object with what came out.
"""

import hashlib
import http.client
import json
import resource
import sys
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from catalogue_app import Clock, open_on
from pipelines_world import capture, item, through
from uuid_utils import uuid7
from web_shelf import kept_link

from linkshot.app import App
from linkshot.dispatch.results import apply_result
from linkshot.domain.model import Role
from linkshot.maintenance.verify import verify
from pipelines.item import PendingArtifact
from pipelines.store import StorePipeline
from tests.serving import served


def main(folder: Path, file: Path, allowance: int) -> None:
    clock = Clock()
    app = open_on(folder, f"sqlite:///{folder / 'catalogue.db'}", clock)
    link = kept_link(app)
    forbid_more_memory_than(allowance)
    snapshot_id, digest = store(app, link.link_id, file, clock.now)
    report = verify(app, deep=True)
    print(
        json.dumps(
            {
                "stored": digest,
                "downloaded": download(app, f"/s/{snapshot_id}/original"),
                "part": download(app, f"/s/{snapshot_id}/original", "bytes=7-"),
                "codes": sorted({one.code for one in report.findings}),
                "artifacts": report.counts["artifacts"],
                "limit_bites": limit_bites(file.stat().st_size),
            }
        )
    )
    app.close()


def forbid_more_memory_than(allowance: int) -> None:
    """Limits data of this process (Linux counts private anonymous mappings too, since 4.7)."""
    status = Path("/proc/self/status").read_text()
    held = next(int(row.split()[1]) for row in status.splitlines() if row.startswith("VmData"))
    limit = held * 1024 + allowance
    resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))


def store(app: App, link_id: str, file: Path, now: datetime) -> tuple[str, str]:
    """Snapshot id and sha256 of the stored file."""
    one = item(capture("<p>x</p>", started_at=now, finished_at=now), request_id=str(uuid7()))
    one.request = replace(one.request, link_id=link_id)
    given = file.with_name("given")
    given.hardlink_to(file)  # the pipeline removes what it has stored
    one.artifacts.append(
        PendingArtifact(role=Role.ORIGINAL, name="film.mp4", media_type="video/mp4", data=given)
    )
    finished = through(one, StorePipeline(app)).finished
    assert finished is not None
    apply_result(app, finished)
    return finished.request_id, finished.artifacts[-1].sha256


def download(app: App, path: str, spans: str | None = None) -> str:
    """The sha256 of what the web server sends."""
    with served(app) as address:
        connection = http.client.HTTPConnection(address.removeprefix("http://"), timeout=120)
        connection.request("GET", path, headers={"Range": spans} if spans else {})
        with connection.getresponse() as answer:
            assert answer.status == (206 if spans else 200), answer.status
            return hashlib.file_digest(answer, "sha256").hexdigest()


def limit_bites(size: int) -> bool:
    """Whether this process could not hold the file: else the test would prove nothing."""
    try:
        bytearray(size)
    except MemoryError:
        return True
    return False


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
