"""Checks that everything is there and whole: V1–V7 of docs/reliability.md.

One object that is damaged is a finding, and the check goes on; only a part that does not answer at
all ends it. What is found damaged is noted in the catalogue, and what is whole again forgotten.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import sqlalchemy as sa

from linkshot.app import App
from linkshot.catalogue.imports import import_rows, imports
from linkshot.catalogue.links import links
from linkshot.catalogue.snapshots import snapshots, versions
from linkshot.domain.manifest import Manifest
from linkshot.domain.model import Artifact, Fault, Outcome, Role
from linkshot.domain.storage_layout import ATTEMPTS_PREFIX, BLOBS_PREFIX, SNAPSHOTS_PREFIX
from linkshot.errors import Damaged
from linkshot.maintenance.archive_check import check_archive
from linkshot.maintenance.chain_check import ChainCheck
from linkshot.maintenance.seal_check import SealCheck
from linkshot.ports import Stat
from linkshot.use_cases import damaged_objects
from linkshot.use_cases import snapshots as reading
from linkshot.use_cases.damaged_objects import CheckedObject
from linkshot.use_cases.link_resolver import link_id
from linkshot.use_cases.purge import is_past_grace, pending_blobs

Progress = Callable[[str, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something that is not as it should be."""

    check: str
    """V1 … V8."""
    code: str
    """Stable, for programs: `artifact.unreadable`, …; docs/reliability.md lists them."""
    subject: str
    """An id or a key."""
    detail: str
    link_id: str | None = None
    """Of the link that it belongs to, where there is one."""


@dataclass(slots=True, kw_only=True)
class VerifyReport:
    """What was looked at and what was found."""

    findings: list[Finding] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    """links, pending, snapshots, manifests, artifacts, archives, blobs, documents, imports; signed and
    signing_keys: manifests with a right signature, and by how many keys; stamped, stamped_untrusted: manifests with
    a right time stamp, by somebody of `timestamp_roots` or not; purged: blobs of
    purged links that `dispatch`, the next purge or `gc` will take; replayed, not_replayable, not_checked:
    snapshots, when they are shown again (V8)."""

    @property
    def ok(self) -> bool:
        """Nothing was found."""
        return not self.findings

    def merge(self, other: "VerifyReport") -> None:
        """Add what was looked at and found for another link."""
        self.findings += other.findings
        self.counts += other.counts

    def add(
        self, check: str, code: str, subject: str, detail: str, link_id: str | None = None
    ) -> None:
        """Note a finding."""
        self.findings.append(
            Finding(check=check, code=code, subject=subject, detail=detail, link_id=link_id)
        )


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
    looking = _ArtifactChecks(app, report, deep=deep)
    seals = SealCheck(app.settings, report.counts) if deep else None
    _manifests(app, report, only, looking, seals, tell)
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


def _manifests(
    app: App,
    report: VerifyReport,
    only: str | None,
    looking: "_ArtifactChecks",
    seals: SealCheck | None,
    tell: Progress,
) -> None:
    """V2–V4: manifests and stored rows are the same set, and each is whole; the blobs they name."""
    stored = _stored_rows(app, only)
    chain = ChainCheck(lambda code, key, detail: report.add("V4", code, key, detail, _link_of(key)))
    prefix = f"{SNAPSHOTS_PREFIX}{only[:2]}/{only}/" if only else SNAPSHOTS_PREFIX
    for key in (stat.key for stat in _stats(app, report, prefix)):
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
            looking.at(artifact, finished.link_id)
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


class _ArtifactChecks:
    """V4: looks at artifacts; reads those that are known as damaged, and all when it goes deep."""

    def __init__(self, app: App, report: VerifyReport, *, deep: bool) -> None:
        self.seen: list[CheckedObject] = []
        self.named: set[str] = set()
        """Keys of all artifacts."""
        self._app = app
        self._report = report
        self._deep = deep
        self._noted = damaged_objects.list_damaged(app)
        self._known = {one.key for one in self._noted}
        self._faults: dict[str, Damaged | None] = {}

    def at(self, artifact: Artifact, link_id: str) -> None:
        """One artifact of this link; an object that several name is read once."""
        self._report.counts["artifacts"] += 1
        self.named.add(artifact.key)
        read = self._deep or artifact.key in self._known
        if artifact.key not in self._faults:
            self._faults[artifact.key] = self._fault(artifact, read=read)
            if self._deep and artifact.role is Role.WACZ and not self._faults[artifact.key]:
                self._check_archive(artifact, link_id)
        found = self._faults[artifact.key]
        if found is not None:
            said = f"{artifact.name}: {found.message}"
            self._report.add("V4", f"artifact.{found.fault}", artifact.key, said, link_id)
        if found is not None or read:
            fault = found.fault if found else None
            one = CheckedObject(
                link_id=link_id, key=artifact.key, role=artifact.role.value, fault=fault
            )
            self.seen.append(one)

    def _check_archive(self, artifact: Artifact, link_id: str) -> None:
        """An archive whose bytes are those that were stored, and so was wrong from the start."""
        self._report.counts["archives"] += 1
        try:
            with reading.open_reader(self._app, artifact) as source:
                faults = check_archive(source)
        except Damaged as exc:
            self._faults[artifact.key] = exc
            return
        for code, detail in faults:
            self._report.add("V4", code, artifact.key, f"{artifact.name}: {detail}", link_id)

    def check_unreferenced(self, only: str | None) -> None:
        """What was found damaged before and no manifest names that can be read."""
        for one in self._noted:
            if one.key in self.named or only not in (None, one.link_id):
                continue
            fault = damaged_objects.fault_of(self._app, one.key)
            role = one.role.value
            self.seen.append(
                CheckedObject(link_id=one.link_id, key=one.key, role=role, fault=fault)
            )
            if fault is not None:
                said = f"{role}: it was found damaged, and still is"
                self._report.add("V4", f"artifact.{fault}", one.key, said, one.link_id)

    def _fault(self, artifact: Artifact, *, read: bool) -> Damaged | None:
        try:
            if read:
                reading.check(self._app, artifact)
                return None
            stat = self._app.store.stat(artifact.key)
        except Damaged as exc:
            return exc
        if stat is None:
            return Damaged("it is missing from the store", fault=Fault.MISSING)
        if stat.bytes != artifact.bytes:
            said = f"it has {stat.bytes} bytes, not {artifact.bytes}"
            return Damaged(said, fault=Fault.SIZE)
        return None


def _blobs(app: App, report: VerifyReport, named: set[str]) -> None:
    """V5: no old blob without a manifest, no mark of a visit that is not under way."""
    going = pending_blobs(app)
    for stat in _stats(app, report, BLOBS_PREFIX):
        report.counts["blobs"] += 1
        if stat.key in named or not is_past_grace(app, stat.modified_us):
            continue
        if stat.key in going:
            report.counts["purged"] += 1
        else:
            report.add("V5", "blob.unnamed", stat.key, "no manifest names this blob")
    under_way = _open_requests(app)
    for stat in _stats(app, report, ATTEMPTS_PREFIX):
        request = stat.key.removeprefix(ATTEMPTS_PREFIX).split("/")[0]
        if request not in under_way:
            detail = "the mark of a visit that is over was left"
            report.add("V5", "attempt.left", stat.key, detail)


def _stats(app: App, report: VerifyReport, prefix: str) -> Iterator[Stat]:
    """What lies there; a finding when some of it may be missing from the list."""
    try:
        yield from app.store.list(prefix)
    except Damaged as exc:
        report.add("V4", "store.unlisted", prefix, exc.message)


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
