"""Publishes a request for each uploaded page of which no snapshot has been made yet.

As request_publisher does for visits: a short lease is committed first, a long one when the queue has the
message. An upload contacts no site, so neither the caps nor the pauses of its host apply.
"""

import sqlalchemy as sa

from linkshot.app import App
from linkshot.catalogue import uploads
from linkshot.catalogue.clock import to_us
from linkshot.catalogue.leases import take_lease
from linkshot.catalogue.links import links
from linkshot.catalogue.snapshots import (
    newest_manifest,
    snapshots,
    with_newest_manifest,
)
from linkshot.dispatch.request_publisher import SENDING_LEASE_US, previous_of
from linkshot.domain.messages import REQUESTS, SnapshotRequested
from linkshot.domain.model import LinkId, Reason, SnapshotId
from linkshot.ports import Message
from linkshot.system.failpoints import failpoint
from linkshot.use_cases.uploads import to_file

BATCH = 100
u = uploads.uploads.c


def publish_uploads(app: App, holder: str) -> int:
    """Send what waits; how many requests were published. QueueUnavailable leaves it to be sent again."""
    now = to_us(app.now())
    with app.catalogue.read() as conn:  # a cheap look, before a writing transaction is begun
        if (
            conn.execute(sa.select(u.upload_id).where(u.lease_until <= now).limit(1)).first()
            is None
        ):
            return 0
    with app.catalogue.write() as conn:
        if not take_lease(conn, "uploads", holder, now, now + SENDING_LEASE_US):
            return 0
        ids = uploads.lease_due(conn, now, now + SENDING_LEASE_US, BATCH)
        requests = _requests(conn, ids)
    failpoint("dispatch-upload-leased")
    app.queue.publish(
        REQUESTS,
        [Message(key=one.host, value=app.keyring.sign(REQUESTS, one.encode())) for one in requests],
    )
    failpoint("dispatch-upload-published")
    now = to_us(app.now())
    until = now + int(app.settings.lease_s * 1_000_000)
    with app.catalogue.write() as conn:
        uploads.mark_sent(conn, ids, now, until)
    return len(requests)


def _requests(conn: sa.Connection, ids: list[str]) -> list[SnapshotRequested]:
    s = snapshots.c
    query = (
        sa.select(
            *uploads.uploads.c, links.c.url.label("link_url"), links.c.host, s.snapshot_id, s.manifest,
            s.text_sha256, s.source_text_sha256, s.quality, links.c.etag, links.c.last_modified,
        )
        .join_from(uploads.uploads, links, links.c.link_id == u.link_id)
        .outerjoin(snapshots, s.snapshot_id == links.c.current_snapshot_id)
        .where(u.upload_id.in_(ids), links.c.purged.is_(sa.false()))
        .order_by(u.upload_id)
    )  # fmt: skip
    return [
        SnapshotRequested(
            request_id=SnapshotId(row.upload_id),
            link_id=LinkId(row.link_id),
            url=row.link_url,
            host=row.host,
            reason=Reason.UPLOAD,
            previous=previous_of(row),
            previous_manifest=newest_manifest(row),
            upload=to_file(row),
        )
        for row in conn.execute(with_newest_manifest(query, links.c.link_id))
    ]
