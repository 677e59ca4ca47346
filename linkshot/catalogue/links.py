"""The tables of links and hosts: progress and tombstones included."""

import sqlalchemy as sa

from linkshot.catalogue.schema import AUTOINCREMENT, metadata
from linkshot.domain.model import Reason

PEOPLE, SCHEDULE, IMPORT = 0, 1, 2
"""Values of `priority` and `announce_class`: lower ones are served first."""
PRIORITY_OF = {
    Reason.ADD: PEOPLE,
    Reason.MANUAL: PEOPLE,
    Reason.SCHEDULE: SCHEDULE,
    Reason.RETRY: SCHEDULE,
    Reason.UPLOAD: PEOPLE,
    Reason.IMPORT: IMPORT,
}
"""Why a visit is asked for → when it and what comes of it are served."""

links = sa.Table(
    "links",
    metadata,
    sa.Column("link_no", AUTOINCREMENT, primary_key=True),
    sa.Column("link_id", sa.String(32), nullable=False, unique=True),
    sa.Column("key_hash", sa.String(32), unique=True),
    sa.Column("url_key", sa.Text, nullable=False),
    sa.Column("key_version", sa.Integer, nullable=False, server_default="1"),
    sa.Column("url", sa.Text, nullable=False),
    sa.Column("url_given", sa.Text, nullable=False, server_default=""),
    sa.Column("host", sa.String(255), nullable=False),
    sa.Column("title", sa.Text, nullable=False, server_default=""),
    sa.Column("title_given", sa.Text, nullable=False, server_default=""),
    sa.Column("note", sa.Text, nullable=False, server_default=""),
    sa.Column("state", sa.String(10), nullable=False, server_default="new"),
    sa.Column("unread", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("added_at", sa.BigInteger, nullable=False),
    sa.Column("by_added", sa.BigInteger, nullable=False, unique=True),
    sa.Column("changed_at", sa.BigInteger, nullable=False),
    sa.Column("by_changed", sa.BigInteger, nullable=False, unique=True),
    # revisions: edited, announced to the index, written to the journal
    sa.Column("rev", sa.BigInteger, nullable=False),
    sa.Column("announced_rev", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("journalled_rev", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("announce_class", sa.SmallInteger, nullable=False, server_default="0"),
    # trash and tombstone
    sa.Column("deleted_at", sa.BigInteger),
    sa.Column("purged", sa.Boolean, nullable=False, server_default=sa.false()),
    # what was captured; language, http_status, verdict, taken_at repeat the current snapshot's
    sa.Column("current_snapshot_id", sa.String(36)),
    sa.Column("last_snapshot_id", sa.String(36)),
    sa.Column("language", sa.String(35), nullable=False, server_default=""),
    sa.Column("http_status", sa.Integer),
    sa.Column("verdict", sa.String(12), nullable=False, server_default=""),
    sa.Column("taken_at", sa.BigInteger),
    sa.Column("etag", sa.Text),
    sa.Column("last_modified", sa.Text),
    sa.Column("source_text_sha256", sa.String(64)),
    sa.Column("icon", sa.String(64)),
    # progress: due (due_at set) or sent (open_request_id set)
    sa.Column("due_at", sa.BigInteger),
    sa.Column("priority", sa.SmallInteger, nullable=False, server_default="0"),
    sa.Column("reason", sa.String(10), nullable=False, server_default="add"),
    sa.Column("open_request_id", sa.String(36)),
    sa.Column("sent_at", sa.BigInteger),
    sa.Column("lease_until", sa.BigInteger),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("first_failed_at", sa.BigInteger),
    sa.Column("gone_count", sa.Integer, nullable=False, server_default="0"),
    sa.Column("failure_kind", sa.String(40)),
    sa.Column("failure_detail", sa.Text),
    sa.Column("retry_of", sa.String(10)),
    # of the visit that is due or sent: whether its snapshot is to be shown again and compared
    sa.Column("check_wanted", sa.Boolean, nullable=False, server_default=sa.false()),
)
"""`link_no` is known inside the catalogue only: short, and in the order in which links came.
`key_hash` is the beginning of the sha256 of `url_key`: identity, short enough for any index; NULL
in a tombstone, and where another link has had the same key first (keys.py). `key_version` is the rule
that made the key; the rules since then give the same. `title` is the page's, `title_given` the user's. `retry_of`: while `reason` is `retry`, the reason of the
visit that is repeated; NULL where an older linkshot made it due. All times µs since 1970."""

hosts = sa.Table(
    "hosts",
    metadata,
    sa.Column("host", sa.String(255), primary_key=True),
    sa.Column("outstanding", sa.Integer, nullable=False, server_default="0"),
    sa.Column("blocked_until", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("next_due", sa.BigInteger),
    sa.Column("next_priority", sa.SmallInteger, nullable=False, server_default="0"),
)
"""Per host: requests on the queue, not before when, and the earliest due link with the best
priority (both may be too early, never too late)."""

sa.Index("ix_hosts_next", hosts.c.next_priority, hosts.c.next_due)
