"""Fills a catalogue with links that look visited, without visiting them."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import sqlalchemy as sa

from bench import corpus, netscape
from linkshot.app import App
from linkshot.catalogue.links import links
from linkshot.catalogue.schema import chunks
from linkshot.catalogue.snapshots import snapshots
from linkshot.catalogue.tags import tag_ids_of
from linkshot.domain.messages import plain_value
from linkshot.domain.model import Artifact, IndexDocument, LinkId, LinkState, Outcome, Role, TagId
from linkshot.domain.storage_layout import blob_key
from linkshot.use_cases import imports

FILES = (
    (Role.TEXT, "text.txt", "text/plain"),
    (Role.READER, "reader.html", "text/html"),
    (Role.READER, "reader.md", "text/markdown"),
    (Role.META, "meta.json", "application/json"),
    (Role.SCREENSHOT, "screenshot.webp", "image/webp"),
    (Role.THUMBNAIL, "thumb.webp", "image/webp"),
    (Role.HTML, "page.html", "text/html"),
)


def catalogue(app: App, count: int) -> Iterator[IndexDocument]:
    """Imports `count` links with a snapshot row each; yields their documents in order of adding."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "bookmarks.html"
        netscape.write(file, count)
        with file.open("rb") as source:
            imports.run(app, source, file.name)
    _visit_all(app)
    return _documents(app)


def _visit_all(app: App) -> None:
    """Rows as after a visit of each link; nothing is due, announced or journalled any more."""
    c = links.c
    with app.catalogue.write() as conn:
        rows = conn.execute(sa.select(c.link_id, c.added_at)).all()
        for part in chunks(rows):
            conn.execute(snapshots.insert(), [_snapshot(row.link_id, row.added_at) for row in part])
        conn.execute(
            links.update().values(
                state=LinkState.OK.value, due_at=None, announced_rev=c.rev, journalled_rev=c.rev,
                current_snapshot_id=c.link_id, last_snapshot_id=c.link_id, http_status=200,
                taken_at=c.added_at,
            )
        )  # fmt: skip


def _snapshot(link_id: str, at: int) -> dict[str, Any]:
    artifacts = [plain_value(_artifact(link_id, *file)) for file in FILES]
    return {
        "snapshot_id": link_id,
        "link_id": link_id,
        "outcome": Outcome.STORED.value,
        "reason": "import",
        "finished_at": at,
        "taken_at": at,
        "http_status": 200,
        "artifacts": json.dumps(artifacts),
    }


def _artifact(link_id: str, role: Role, name: str, media_type: str) -> Artifact:
    sha256 = hashlib.sha256(f"{link_id}{name}".encode()).hexdigest()
    return Artifact(
        role=role, name=name, key=blob_key(sha256), media_type=media_type, bytes=1, sha256=sha256
    )


def _documents(app: App) -> Iterator[IndexDocument]:
    with app.catalogue.read() as conn:
        rows = conn.execute(sa.select(links).order_by(links.c.by_added)).all()
        tagged = tag_ids_of(conn, [row.link_id for row in rows])
    for number, row in enumerate(rows):
        yield _document(number, row, tagged.get(row.link_id, []))


def _document(number: int, row: sa.Row[Any], tag_ids: list[str]) -> IndexDocument:
    return IndexDocument(
        id=row.link_id,
        link_id=LinkId(row.link_id),
        rev=row.rev,
        url=row.url,
        title=row.title_given,
        text=corpus.text(number),
        site=row.host,
        tag_ids=tuple(map(TagId, tag_ids)),
        language="zh" if corpus.is_chinese(number) else "en",
        state=LinkState.OK.value,
        http_status=200,
        by_added=row.by_added,
        by_changed=row.by_changed,
        taken_at=row.added_at,
    )
