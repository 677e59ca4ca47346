"""Checks that everything is there and whole: V1–V7 of docs/reliability.md.

One object that is damaged is a finding, and the check goes on; only a part that does not answer at
all ends it. What is found damaged is noted in the catalogue, and what is whole again forgotten.
"""

from collections import Counter
from collections.abc import Iterator

import sqlalchemy as sa

from linkshot.app import App
from linkshot.catalogue.imports import import_rows, imports
from linkshot.catalogue.links import links
from linkshot.catalogue.snapshots import versions
from linkshot.domain.storage_layout import ATTEMPTS_PREFIX, BLOBS_PREFIX
from linkshot.maintenance.artifact_check import ArtifactCheck
from linkshot.maintenance.manifest_check import check_manifests
from linkshot.maintenance.seal_check import SealCheck
from linkshot.maintenance.verify_report import Progress, VerifyReport
from linkshot.maintenance.view_check import check_views
from linkshot.use_cases import damaged_objects
from linkshot.use_cases.link_resolver import link_id
from linkshot.use_cases.purge import is_past_grace, pending_blobs


def verify(
    app: App, link: str | None = None, *, deep: bool = False, on_progress: Progress | None = None
) -> VerifyReport:
    """Check everything, or one link (id, prefix or URL); `deep` reads every artifact's bytes.

    Links that are due or being visited are counted as `pending` and are no findings.
    """
    tell = on_progress or (lambda _what, _count: None)
    report = VerifyReport()
    only = _only(app, link)
    _links(app, report, only)
    looking = ArtifactCheck(app, report, deep=deep)
    seals = SealCheck(app.settings, report) if deep else None
    check_manifests(app, report, only, looking, seals, tell)
    check_views(app, report, only, looking)
    looking.check_unreferenced(only)
    if only is None:
        _blobs(app, report, looking.named)
        _imports(app, report)
        _index(app, report)
    damaged_objects.record_checked(app, looking.seen)
    return report


def _only(app: App, ref: str | None) -> str | None:
    if ref is None:
        return None
    with app.catalogue.read() as conn:
        return str(link_id(app, conn, ref))


def _links(app: App, report: VerifyReport, only: str | None) -> None:
    """V1: every kept link has ended at least once, or is on its way."""
    query = sa.select(
        links.c.link_id, links.c.last_snapshot_id, links.c.due_at, links.c.open_request_id
    ).where(links.c.deleted_at.is_(None))
    if only:
        query = query.where(links.c.link_id == only)
    with app.catalogue.read() as conn:
        for row in conn.execute(query):
            report.counts["links"] += 1
            if row.due_at is not None or row.open_request_id is not None:
                report.counts["pending"] += 1
            elif row.last_snapshot_id is None:
                detail = "was accepted and never ended, and nothing is due"
                report.add("V1", "link.never_ended", row.link_id, detail, row.link_id)


def _blobs(app: App, report: VerifyReport, named: set[str]) -> None:
    """V5: no old blob without a manifest, no mark of a visit that is not under way."""
    going = pending_blobs(app)
    for stat in report.listed(app.store, BLOBS_PREFIX):
        report.counts["blobs"] += 1
        if stat.key in named or not is_past_grace(app, stat.modified_us):
            continue
        if stat.key in going:
            report.counts["purged"] += 1
        else:
            report.add("V5", "blob.unnamed", stat.key, "no manifest names this blob")
    under_way = _open_requests(app)
    for stat in report.listed(app.store, ATTEMPTS_PREFIX):
        request = stat.key.removeprefix(ATTEMPTS_PREFIX).split("/")[0]
        if request not in under_way:
            detail = "the mark of a visit that is over was left"
            report.add("V5", "attempt.left", stat.key, detail)


def _open_requests(app: App) -> set[str]:
    query = sa.select(links.c.open_request_id).where(links.c.open_request_id.is_not(None))
    with app.catalogue.read() as conn:
        return {str(found) for found in conn.scalars(query)}


def _index(app: App, report: VerifyReport) -> None:
    """V6: the index holds exactly the kept links with their revisions, and their versions."""
    wanted = dict(_documents(app))
    for document_id, rev in app.index.revisions():
        report.counts["documents"] += 1
        expected = wanted.pop(document_id, None)
        if expected is None:
            detail = "the index has a document the catalogue does not know"
            report.add("V6", "index.unknown", document_id, detail, document_id[:32])
        elif expected != rev:
            detail = f"the index has revision {rev}, the catalogue {expected}"
            report.add("V6", "index.revision", document_id, detail, document_id[:32])
    for document_id in wanted:
        report.add("V6", "index.missing", document_id, "is not in the index", document_id[:32])


def _documents(app: App) -> Iterator[tuple[str, int]]:
    """(document id, revision) of what the index should hold."""
    kept = sa.select(links.c.link_id, links.c.rev).where(links.c.deleted_at.is_(None))
    seen = (
        sa.select(versions.c.link_id, versions.c.text_sha256)
        .join(links, links.c.link_id == versions.c.link_id)
        .where(links.c.deleted_at.is_(None))
        .order_by(versions.c.link_id, versions.c.seen_to.desc(), versions.c.text_sha256)
    )
    revs: dict[str, int] = {}
    with app.catalogue.read() as conn:
        for row in conn.execute(kept):
            revs[row.link_id] = row.rev
            yield row.link_id, row.rev
        counted: Counter[str] = Counter()
        for row in conn.execute(seen):
            counted[row.link_id] += 1
            if counted[row.link_id] <= app.settings.versions_per_link:
                yield f"{row.link_id}:{row.text_sha256}", revs[row.link_id]


def _imports(app: App, report: VerifyReport) -> None:
    """V7: every row of an import has its outcome, and every rejected one a reason."""
    counted = sa.select(
        import_rows.c.import_id, import_rows.c.outcome, sa.func.count().label("rows")
    ).group_by(import_rows.c.import_id, import_rows.c.outcome)
    silent = sa.select(import_rows.c.import_id, import_rows.c.row).where(
        import_rows.c.outcome == "rejected", import_rows.c.code.is_(None)
    )
    with app.catalogue.read() as conn:
        found: dict[str, Counter[str]] = {}
        for row in conn.execute(counted):
            found.setdefault(row.import_id, Counter())[row.outcome] = row.rows
        for one in conn.execute(sa.select(imports)):
            report.counts["imports"] += 1
            said = Counter(accepted=one.accepted, duplicate=one.duplicate, rejected=one.rejected)
            if +said != +found.get(one.import_id, Counter()):
                detail = "its counts are not those of its rows"
                report.add("V7", "import.counts", one.import_id, detail)
        for row in conn.execute(silent):
            subject = f"{row.import_id} row {row.row}"
            report.add("V7", "import.silent", subject, "was rejected without a reason")
