"""The tables of visits and of the distinct texts of a link; rows become Snapshot."""

import json
from typing import Any, TypeVar

import sqlalchemy as sa

from linkshot.catalogue.clock import from_us, from_us_or_none
from linkshot.catalogue.schema import metadata
from linkshot.domain.fidelity import Fidelity
from linkshot.domain.messages import read_value
from linkshot.domain.model import (
    Artifact,
    Change,
    Failure,
    LinkId,
    ManifestReference,
    Outcome,
    Quality,
    Reason,
    Role,
    Snapshot,
    SnapshotId,
)

Value = TypeVar("Value")

snapshots = sa.Table(
    "snapshots",
    metadata,
    sa.Column("snapshot_id", sa.String(36), primary_key=True),
    sa.Column("link_id", sa.String(32), sa.ForeignKey("links.link_id"), nullable=False),
    sa.Column("outcome", sa.String(10), nullable=False),
    sa.Column("reason", sa.String(10), nullable=False),
    sa.Column("started_at", sa.BigInteger),
    sa.Column("finished_at", sa.BigInteger, nullable=False),
    sa.Column("taken_at", sa.BigInteger),
    sa.Column("final_url", sa.Text),
    sa.Column("http_status", sa.Integer),
    sa.Column("title", sa.Text),
    sa.Column("language", sa.String(35)),
    sa.Column("text_sha256", sa.String(64)),
    sa.Column("source_text_sha256", sa.String(64)),
    sa.Column("etag", sa.Text),
    sa.Column("last_modified", sa.Text),
    sa.Column("change", sa.Text),
    sa.Column("quality", sa.Text),
    sa.Column("fidelity", sa.Text),
    sa.Column("manifest", sa.Text),
    sa.Column("manifest_sha256", sa.String(64)),
    sa.Column("artifacts", sa.Text, nullable=False, server_default="[]"),
    sa.Column("failure", sa.Text),
    sa.Column("dropped", sa.Boolean, nullable=False, server_default=sa.false()),
)
"""One row per request that ended. `change`, `quality`, `fidelity`, `failure` (one object each) and
`artifacts` (a list) are JSON as in messages.py. `dropped`: came in for a tombstone."""

sa.Index("ix_snapshots_link", snapshots.c.link_id, snapshots.c.finished_at)

versions = sa.Table(
    "versions",
    metadata,
    sa.Column("link_id", sa.String(32), sa.ForeignKey("links.link_id"), primary_key=True),
    sa.Column("text_sha256", sa.String(64), primary_key=True),
    sa.Column("text_key", sa.Text, nullable=False),
    sa.Column("seen_from", sa.BigInteger, nullable=False),
    sa.Column("seen_to", sa.BigInteger, nullable=False),
)
"""Each distinct text of a link once, with the times it was first and last seen."""


_newest = snapshots.alias("newest")


def with_newest_manifest(query: sa.Select[Any], link_id: sa.ColumnElement[str]) -> sa.Select[Any]:
    """The query with the manifest of the newest stored snapshot of each link, for newest_manifest()."""
    stored = snapshots.alias("stored").c
    newest_id = (
        sa.select(stored.snapshot_id)
        .where(
            stored.link_id == link_id,
            stored.outcome == Outcome.STORED.value,
            stored.dropped.is_(sa.false()),
        )
        .order_by(stored.finished_at.desc(), stored.snapshot_id.desc())
        .limit(1)
        .scalar_subquery()
    )
    return query.outerjoin(_newest, _newest.c.snapshot_id == newest_id).add_columns(
        _newest.c.manifest.label("newest_manifest"),
        _newest.c.manifest_sha256.label("newest_sha256"),
    )


def newest_manifest(row: Any) -> ManifestReference | None:
    """The manifest in a row of with_newest_manifest(); None without a snapshot."""
    if row.newest_manifest is None:
        return None
    return ManifestReference(manifest=row.newest_manifest, sha256=row.newest_sha256)


def to_snapshot(row: sa.Row[Any]) -> Snapshot:
    """The noun from its row."""
    return Snapshot(
        snapshot_id=SnapshotId(row.snapshot_id),
        link_id=LinkId(row.link_id),
        outcome=Outcome(row.outcome),
        reason=Reason(row.reason),
        finished_at=from_us(row.finished_at),
        taken_at=from_us_or_none(row.taken_at),
        final_url=row.final_url,
        http_status=row.http_status,
        title=row.title,
        language=row.language,
        text_sha256=row.text_sha256,
        change=decode_column(Change, row.change),
        quality=decode_column(Quality, row.quality) or Quality(),
        fidelity=decode_column(Fidelity, row.fidelity),
        manifest=row.manifest,
        artifacts=tuple(
            _artifact(item) for item in json.loads(row.artifacts) if item["role"] in KNOWN_ROLES
        ),
        failure=decode_column(Failure, row.failure),
    )


KNOWN_ROLES = frozenset(role.value for role in Role)
"""A row may name an artifact of a role that this version does not know; the others are shown."""


def _artifact(item: dict[str, Any]) -> Artifact:
    """As we wrote it: a list of links reads hundreds, so nothing is checked again."""
    return Artifact(
        role=Role(item["role"]),
        name=item["name"],
        key=item["key"],
        media_type=item["media_type"],
        bytes=item["bytes"],
        sha256=item["sha256"],
    )


def decode_column(cls: type[Value], text: str | None) -> Value | None:
    """The value in a column that holds one object; None for an empty one."""
    return None if text is None else read_value(cls, json.loads(text))
