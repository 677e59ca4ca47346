"""Checks that every artifact a manifest names is there, whole, and its archives are right (V4)."""

from linkshot.app import App
from linkshot.domain.model import Artifact, Fault, Role
from linkshot.errors import Damaged
from linkshot.maintenance.archive_check import check_archive
from linkshot.maintenance.foreign_archive_check import check_foreign_archive
from linkshot.maintenance.verify_report import VerifyReport
from linkshot.use_cases import damaged_objects
from linkshot.use_cases import snapshots as reading
from linkshot.use_cases.damaged_objects import CheckedObject

ARCHIVES = (Role.WACZ, Role.WARC)


class ArtifactCheck:
    """Looks at artifacts; reads those that are known as damaged, and all when it goes deep."""

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

    def at(self, artifact: Artifact, link_id: str, *, uploaded: bool = False) -> None:
        """One artifact of this link, `uploaded` when its snapshot was; an object that several name is read once."""
        self._report.counts["artifacts"] += 1
        self.named.add(artifact.key)
        read = self._deep or artifact.key in self._known
        if artifact.key not in self._faults:
            self._faults[artifact.key] = self._fault(artifact, read=read)
            if self._deep and artifact.role in ARCHIVES and not self._faults[artifact.key]:
                check = self._look_into_upload if uploaded else self._check_archive
                check(artifact, link_id)
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

    def _look_into_upload(self, artifact: Artifact, link_id: str) -> None:
        """An archive of another program, which is kept as it came: what is wrong with it is no fault of the
        store's."""
        self._report.counts["uploaded_archives"] += 1
        try:
            with reading.open_reader(self._app, artifact) as source:
                found = check_foreign_archive(source, artifact.media_type)
        except Damaged as exc:
            self._faults[artifact.key] = exc
            return
        for code, detail in found:
            said = f"{artifact.name}, kept as it was uploaded: {detail}"
            self._report.note("V4", code, artifact.key, said, link_id)

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
