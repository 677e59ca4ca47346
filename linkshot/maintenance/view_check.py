"""Checks the records of views that were made later from archives (V4)."""

import json

import sqlalchemy as sa

from linkshot.app import App
from linkshot.catalogue.links import links
from linkshot.catalogue.snapshots import snapshots
from linkshot.domain.archive_view import VIEW_ROLES, ArchiveViewRecord
from linkshot.domain.manifest import Manifest
from linkshot.domain.model import Role
from linkshot.domain.storage_layout import VIEWS_PREFIX
from linkshot.errors import Damaged
from linkshot.maintenance.artifact_check import ArtifactCheck
from linkshot.maintenance.verify_report import VerifyReport


def check_views(app: App, report: VerifyReport, only: str | None, looking: ArtifactCheck) -> None:
    """Every record is whole, of a snapshot that is kept and of its archive; its files are there and listed; and
    every view that is listed has its record."""
    prefix = f"{VIEWS_PREFIX}{only[:2]}/{only}/" if only else VIEWS_PREFIX
    rows = _listed(app, only)
    for key in [stat.key for stat in report.listed(app.store, prefix)]:
        report.counts["views"] += 1
        link_id = key.removeprefix(VIEWS_PREFIX).split("/")[1]
        try:
            record = ArchiveViewRecord.decode(app.store.read(key))
        except KeyError:
            continue  # its link was purged while it was looked at
        except Damaged as exc:
            report.add("V4", f"view.{exc.fault}", key, exc.message, link_id)
            continue
        for artifact in record.artifacts:
            looking.at(artifact, link_id)
        row = rows.get(record.snapshot_id)
        if row is None or row.pop(record.role.value, None) != {
            one.sha256 for one in record.artifacts
        }:
            detail = "the catalogue does not list this view; `linkshot rebuild --catalogue` does"
            report.add("V4", "view.unlisted", key, detail, link_id)
        elif record.archive_sha256 not in row.get(Role.WACZ, set()) | row.get(Role.WARC, set()):
            detail = "it was made from another archive than the snapshot has"
            report.add("V4", "view.archive", key, detail, link_id)
    for snapshot_id, left in rows.items():
        roles = VIEW_ROLES.intersection(map(Role, left))
        if roles:
            _check_manifest(app, report, snapshot_id, {role: left[role.value] for role in roles})


def _listed(app: App, only: str | None) -> dict[str, dict[str, set[str]]]:
    """Snapshot → role → sha256 of the archive and the views that the catalogue lists."""
    s = snapshots.c
    wanted = {Role.WACZ.value, Role.WARC.value, *(role.value for role in VIEW_ROLES)}
    query = sa.select(s.snapshot_id, s.artifacts).where(s.artifacts != "[]", ~s.dropped)
    query = query.join(links, links.c.link_id == s.link_id).where(~links.c.purged)
    if only:
        query = query.where(s.link_id == only)
    found: dict[str, dict[str, set[str]]] = {}
    with app.catalogue.read() as conn:
        for row in conn.execute(query):
            for one in json.loads(row.artifacts):
                if one["role"] in wanted:
                    roles = found.setdefault(row.snapshot_id, {})
                    roles.setdefault(one["role"], set()).add(one["sha256"])
    return found


def _check_manifest(
    app: App, report: VerifyReport, snapshot_id: str, listed: dict[Role, set[str]]
) -> None:
    """Views without a record were made with the snapshot: its manifest names them."""
    query = sa.select(snapshots.c.link_id, snapshots.c.manifest)
    with app.catalogue.read() as conn:
        row = conn.execute(query.where(snapshots.c.snapshot_id == snapshot_id)).first()
    if row is None or row.manifest is None:
        return
    try:
        named = Manifest.decode(app.store.read(row.manifest)).finished.artifacts
    except (Damaged, KeyError):
        return  # manifest_check tells of it
    for role, digests in listed.items():
        if not digests <= {one.sha256 for one in named}:
            detail = f"the record of its {role.value} is missing"
            report.add("V4", "view.missing", snapshot_id, detail, row.link_id)
