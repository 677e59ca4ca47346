"""Checks that manifests and the stored snapshots of the catalogue are the same set, and each is whole (V3, V4)."""

from typing import NamedTuple

import sqlalchemy as sa

from linkshot.app import App
from linkshot.catalogue.links import links
from linkshot.catalogue.snapshots import snapshots
from linkshot.domain.manifest import Manifest
from linkshot.domain.model import Outcome
from linkshot.domain.storage_layout import SNAPSHOTS_PREFIX
from linkshot.errors import Damaged
from linkshot.maintenance.artifact_check import ArtifactCheck
from linkshot.maintenance.chain_check import ChainCheck
from linkshot.maintenance.seal_check import SealCheck
from linkshot.maintenance.verify_report import Progress, VerifyReport


def check_manifests(
    app: App,
    report: VerifyReport,
    only: str | None,
    looking: ArtifactCheck,
    seals: SealCheck | None,
    tell: Progress,
) -> None:
    """V2–V4: manifests and stored rows are the same set, and each is whole; the blobs they name."""
    stored = _stored_rows(app, only)
    chain = ChainCheck(lambda code, key, detail: report.add("V4", code, key, detail, _link_of(key)))
    prefix = f"{SNAPSHOTS_PREFIX}{only[:2]}/{only}/" if only else SNAPSHOTS_PREFIX
    for key in (stat.key for stat in report.listed(app.store, prefix)):
        report.counts["manifests"] += 1
        if report.counts["manifests"] % 200 == 0:
            tell("manifests", report.counts["manifests"])
        data = _read_manifest(app, report, key)
        digest = chain.see(_link_of(key), key, data)
        manifest = None if data is None else _decoded(report, key, data)
        if manifest is None:
            continue
        chain.name(key, manifest)
        if seals is not None and data is not None:
            for code, detail in seals.check(data):
                report.add("V4", code, key, detail, manifest.finished.link_id)
        finished = manifest.finished
        row = stored.pop(finished.request_id, None)
        if row is None:
            detail = "the catalogue has no stored snapshot for this manifest"
            report.add("V3", "manifest.unknown", key, detail, finished.link_id)
        elif row.sha256 not in (None, digest):
            detail = "it was changed after it was written: the catalogue recorded another hash"
            report.add("V4", "manifest.altered", key, detail, finished.link_id)
        for artifact in finished.artifacts:
            looking.at(artifact, finished.link_id, uploaded="uploaded" in manifest.notes)
    chain.finish()
    for snapshot_id, row in stored.items():
        detail = f"its manifest {row.manifest} is missing"
        report.add("V3", "manifest.missing", snapshot_id, detail, row.link_id)


def _read_manifest(app: App, report: VerifyReport, key: str) -> bytes | None:
    try:
        return app.store.read(key)
    except KeyError:
        report.add("V4", "manifest.missing", key, "it was removed while it was looked at")
    except Damaged as exc:
        report.add("V4", f"manifest.{exc.fault}", key, exc.message, _link_of(key))
    return None


def _decoded(report: VerifyReport, key: str, data: bytes) -> Manifest | None:
    try:
        return Manifest.decode(data)
    except Damaged as exc:
        report.add("V4", f"manifest.{exc.fault}", key, exc.message, _link_of(key))
        return None


def _link_of(manifest: str) -> str:
    return manifest.removeprefix(SNAPSHOTS_PREFIX).split("/")[1]


class _StoredRow(NamedTuple):
    """What the catalogue knows of a stored snapshot."""

    link_id: str
    manifest: str
    sha256: str | None


def _stored_rows(app: App, only: str | None) -> dict[str, _StoredRow]:
    """Snapshot → what the catalogue knows of it."""
    s = snapshots.c
    columns = (s.snapshot_id, s.link_id, s.manifest, s.manifest_sha256)
    query = sa.select(*columns).where(
        snapshots.c.outcome == Outcome.STORED.value, snapshots.c.dropped.is_(False)
    )
    query = query.join(links, links.c.link_id == snapshots.c.link_id).where(~links.c.purged)
    if only:
        query = query.where(snapshots.c.link_id == only)
    with app.catalogue.read() as conn:
        return {
            row.snapshot_id: _StoredRow(row.link_id, row.manifest, row.manifest_sha256)
            for row in conn.execute(query)
        }
