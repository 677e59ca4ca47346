"""Is everything there and whole? The checks V1–V7 of docs/reliability.md."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import sqlalchemy as sa

from linkshot.app import App
from linkshot.catalogue.imports import import_rows, imports
from linkshot.catalogue.links import links
from linkshot.catalogue.snapshots import snapshots, versions
from linkshot.errors import Damaged
from linkshot.forgetting import old_enough, to_be_forgotten
from linkshot.layout import ATTEMPTS_PREFIX, BLOBS_PREFIX, SNAPSHOTS_PREFIX
from linkshot.manifest import Manifest
from linkshot.model import Artifact, Outcome
from linkshot.refs import link_id

Progress = Callable[[str, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something that is not as it should be."""

    check: str
    """V1 … V7."""
    subject: str
    """An id or a key."""
    detail: str


@dataclass(slots=True, kw_only=True)
class Report:
    """What was looked at and what was found."""

    findings: list[Finding] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    """links, pending, snapshots, manifests, artifacts, blobs, documents, imports; purged: blobs of
    purged links that `dispatch`, the next purge or `gc` will take."""

    @property
    def ok(self) -> bool:
        """Nothing was found."""
        return not self.findings

    def add(self, check: str, subject: str, detail: str) -> None:
        """Note a finding."""
        self.findings.append(Finding(check=check, subject=subject, detail=detail))


def verify(
    app: App, link: str | None = None, *, deep: bool = False, on_progress: Progress | None = None
) -> Report:
    """Check everything, or one link (id, prefix or URL); `deep` reads every artifact's bytes.

    Links that are due or being visited are counted as `pending` and are no findings.
    """
    tell = on_progress or (lambda _what, _count: None)
    report = Report()
    only = _only(app, link)
    _links(app, report, only)
    named = _manifests(app, report, only, deep, tell)
    if only is None:
        _blobs(app, report, named)
        _imports(app, report)
        _index(app, report)
    return report


def _only(app: App, ref: str | None) -> str | None:
    if ref is None:
        return None
    with app.catalogue.read() as conn:
        return str(link_id(app, conn, ref))


def _links(app: App, report: Report, only: str | None) -> None:
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
                report.add("V1", row.link_id, "was accepted and never ended, and nothing is due")


def _manifests(app: App, report: Report, only: str | None, deep: bool, tell: Progress) -> set[str]:
    """V2–V4: manifests and stored rows are the same set, and each is whole; the blobs they name."""
    stored = _stored_rows(app, only)
    named: set[str] = set()
    prefix = f"{SNAPSHOTS_PREFIX}{only[:2]}/{only}/" if only else SNAPSHOTS_PREFIX
    for stat in app.store.list(prefix):
        report.counts["manifests"] += 1
        if report.counts["manifests"] % 200 == 0:
            tell("manifests", report.counts["manifests"])
        try:
            finished = Manifest.decode(app.store.open(stat.key)).finished
        except (Damaged, KeyError) as exc:
            report.add("V4", stat.key, str(exc))
            continue
        if stored.pop(finished.request_id, None) is None:
            report.add("V3", stat.key, "the catalogue has no stored snapshot for this manifest")
        for artifact in finished.artifacts:
            named.add(artifact.key)
            _artifact(app, report, artifact, deep)
    for snapshot_id, manifest in stored.items():
        report.add("V3", snapshot_id, f"its manifest {manifest} is missing")
    return named


def _stored_rows(app: App, only: str | None) -> dict[str, str]:
    query = sa.select(snapshots.c.snapshot_id, snapshots.c.manifest).where(
        snapshots.c.outcome == Outcome.STORED.value, snapshots.c.dropped.is_(False)
    )
    query = query.join(links, links.c.link_id == snapshots.c.link_id).where(~links.c.purged)
    if only:
        query = query.where(snapshots.c.link_id == only)
    with app.catalogue.read() as conn:
        return {row.snapshot_id: row.manifest for row in conn.execute(query)}


def _artifact(app: App, report: Report, artifact: Artifact, deep: bool) -> None:
    report.counts["artifacts"] += 1
    stat = app.store.stat(artifact.key)
    if stat is None:
        report.add("V4", artifact.key, f"{artifact.name} is missing")
    elif stat.bytes != artifact.bytes:
        report.add(
            "V4", artifact.key, f"{artifact.name} has {stat.bytes} bytes, not {artifact.bytes}"
        )
    elif deep:
        digest = hashlib.sha256(app.store.open(artifact.key)).hexdigest()
        if digest != artifact.sha256:
            report.add("V4", artifact.key, f"{artifact.name} is not what was stored")


def _blobs(app: App, report: Report, named: set[str]) -> None:
    """V5: no old blob without a manifest, no mark of a visit that is not under way."""
    going = to_be_forgotten(app)
    for stat in app.store.list(BLOBS_PREFIX):
        report.counts["blobs"] += 1
        if stat.key in named or not old_enough(app, stat.modified_us):
            continue
        if stat.key in going:
            report.counts["purged"] += 1
        else:
            report.add("V5", stat.key, "no manifest names this blob")
    under_way = _open_requests(app)
    for stat in app.store.list(ATTEMPTS_PREFIX):
        request = stat.key.removeprefix(ATTEMPTS_PREFIX).split("/")[0]
        if request not in under_way:
            report.add("V5", stat.key, "the mark of a visit that is over was left")


def _open_requests(app: App) -> set[str]:
    query = sa.select(links.c.open_request_id).where(links.c.open_request_id.is_not(None))
    with app.catalogue.read() as conn:
        return {str(found) for found in conn.scalars(query)}


def _index(app: App, report: Report) -> None:
    """V6: the index holds exactly the kept links with their revisions, and their versions."""
    wanted = dict(_documents(app))
    for document_id, rev in app.index.revisions():
        report.counts["documents"] += 1
        expected = wanted.pop(document_id, None)
        if expected is None:
            report.add("V6", document_id, "the index has a document the catalogue does not know")
        elif expected != rev:
            report.add("V6", document_id, f"the index has revision {rev}, the catalogue {expected}")
    for document_id in wanted:
        report.add("V6", document_id, "is not in the index")


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


def _imports(app: App, report: Report) -> None:
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
                report.add("V7", one.import_id, "its counts are not those of its rows")
        for row in conn.execute(silent):
            report.add("V7", f"{row.import_id} row {row.row}", "was rejected without a reason")
