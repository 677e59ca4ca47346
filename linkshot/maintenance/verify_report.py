"""What a check of everything looked at and found."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from linkshot.errors import Damaged
from linkshot.ports import ArtifactStore, Stat

Progress = Callable[[str, int], None]
"""Called now and then with what is being checked and how many are done."""


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
    remarks: list[Finding] = field(default_factory=list)
    """What was noticed about uploaded archives, which are kept as they came; it is not held against the store."""
    counts: Counter[str] = field(default_factory=Counter)
    """links, pending, snapshots, manifests, artifacts, archives, uploaded_archives, blobs, documents, imports; signed and
    signing_keys: manifests with a right signature, and by how many keys; stamped, stamped_untrusted: manifests with
    a right time stamp, by somebody of `timestamp_roots` or not; purged: blobs of
    purged links that `dispatch`, the next purge or `gc` will take; replayed, partly_checked, not_checked,
    not_replayable: snapshots, when they are shown again (V8)."""
    signing_keys: set[str] = field(default_factory=set)
    """SHA-256 of each public key by which a manifest was signed."""

    @property
    def ok(self) -> bool:
        """Nothing was found."""
        return not self.findings

    @property
    def unchecked(self) -> int:
        """Snapshots about which, or about a part of which, the check says nothing."""
        return self.counts["not_checked"] + self.counts["partly_checked"]

    def merge(self, other: "VerifyReport") -> None:
        """Add what was looked at and found for another link."""
        self.findings += other.findings
        self.remarks += other.remarks
        self.counts += other.counts
        for key in other.signing_keys:
            self.add_signature(key, 0)

    def add_signature(self, key: str, count: int = 1) -> None:
        """Note manifests that are rightly signed by this key."""
        self.counts["signed"] += count
        self.signing_keys.add(key)
        self.counts["signing_keys"] = len(self.signing_keys)

    def add(
        self, check: str, code: str, subject: str, detail: str, link_id: str | None = None
    ) -> None:
        """Note a finding."""
        self.findings.append(
            Finding(check=check, code=code, subject=subject, detail=detail, link_id=link_id)
        )

    def note(self, check: str, code: str, subject: str, detail: str, link_id: str) -> None:
        """Note a remark."""
        self.remarks.append(
            Finding(check=check, code=code, subject=subject, detail=detail, link_id=link_id)
        )

    def listed(self, store: ArtifactStore, prefix: str) -> Iterator[Stat]:
        """What lies below this prefix; a finding when some of it may be missing from the list."""
        try:
            yield from store.list(prefix)
        except Damaged as exc:
            self.add("V4", "store.unlisted", prefix, exc.message)
