"""Snapshots with real archives, for the tests that show them again."""

import io
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path

from warcio.archiveiterator import ArchiveIterator
from warcio.warcwriter import WARCWriter

from crawler.replay.snapshot_check import StoredPage, consent_policy
from linkshot.app import App
from linkshot.dispatch import request_publisher
from linkshot.dispatch.results import apply_result
from linkshot.domain.messages import REQUESTS, SnapshotRequested
from linkshot.domain.model import Capture, NewLink, Role
from linkshot.maintenance.archive_check import WARC
from linkshot.use_cases import links
from pipelines.archive.wacz_pipeline import WaczPipeline
from pipelines.item import SnapshotItem
from pipelines.page_html.page import PagePipeline
from pipelines.quality import QualityPipeline
from pipelines.screenshot import ScreenshotPipeline
from pipelines.store import StorePipeline
from pipelines.text import TextPipeline
from tests.integration.pipelines_world import item, through


def packed(capture: Capture, **given: object) -> SnapshotItem:
    """The item of a visit with everything that is shown again."""
    steps = (TextPipeline(), ScreenshotPipeline(), PagePipeline(), QualityPipeline())
    return through(item(capture, **given), *steps, WaczPipeline(enabled=True))


def archive_of(capture: Capture) -> bytes:
    """archive.wacz of a visit."""
    (path,) = (one.data for one in packed(capture).artifacts if one.role is Role.WACZ)
    assert isinstance(path, Path)
    data = path.read_bytes()
    path.unlink()
    return data


def stored_page(capture: Capture, url: str, archive: bytes | None = None) -> StoredPage:
    """What a snapshot of this visit has; with another archive when one is given."""
    made = packed(capture)
    files = {one.role: one.data for one in reversed(made.artifacts)}
    path = files[Role.WACZ]
    assert isinstance(path, Path)
    data = archive or path.read_bytes()
    path.unlink()
    page = files[Role.HTML]
    assert isinstance(page, bytes)
    tiles = [one.data for one in made.artifacts if one.role is Role.SCREENSHOT]
    shots = tuple(one for one in tiles if isinstance(one, bytes))
    return StoredPage(
        name="test", url=url, screenshots=shots, text=made.text, html=page,
        open_archive=lambda: io.BytesIO(data), consent=consent_policy(capture.notes),
    )  # fmt: skip


def without(archive: bytes, lost: Callable[[str], bool]) -> bytes:
    """The archive without the records of some addresses."""
    kept = io.BytesIO()
    writer = WARCWriter(kept, gzip=True)
    with zipfile.ZipFile(io.BytesIO(archive)) as source:
        for record in ArchiveIterator(io.BytesIO(source.read(WARC))):
            if not lost(record.rec_headers.get_header("WARC-Target-URI") or ""):
                writer.write_record(record)
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as target:
            for name in source.namelist():
                target.writestr(name, kept.getvalue() if name == WARC else source.read(name))
    return out.getvalue()


def keep(
    app: App,
    url: str,
    capture: Capture,
    roles: Iterable[Role] = tuple(Role),
    archive: bytes | None = None,
) -> str:
    """The link of a stored snapshot that has artifacts of these roles, or another archive; its id."""
    link = links.add(app, NewLink(url=url)).link
    request_publisher.publish_due(app, "test")
    reading = app.queue.subscribe([REQUESTS], "test", 1)
    (delivery,) = reading.take(5.0)
    reading.ack(delivery)
    reading.close()
    request = SnapshotRequested.decode(delivery.value)
    made = packed(capture)
    made.request = request
    for one in made.artifacts:
        if archive is not None and isinstance(one.data, Path):
            one.data.write_bytes(archive)
    for one in made.artifacts:
        if one.role not in tuple(roles) and isinstance(one.data, Path):
            one.data.unlink()
    made.artifacts = [one for one in made.artifacts if one.role in tuple(roles)]
    finished = through(made, StorePipeline(app)).finished
    assert finished is not None
    apply_result(app, finished)
    return str(link.link_id)
