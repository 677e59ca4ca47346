"""The nouns of linkshot, as frozen values."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import NewType

from linkshot.domain.fidelity import Fidelity

LinkId = NewType("LinkId", str)
"""32 hex digits; minted once from the first normal form of the URL."""
SnapshotId = NewType("SnapshotId", str)
"""UUIDv7 in its canonical form with hyphens; equal to the request that asked for it."""
TagId = NewType("TagId", str)
"""UUIDv7; stays when the tag is renamed or moved."""


MAX_HOPS = 20
"""Redirects kept with a failure; browsers follow no more (Chromium's net::kMaxRedirects)."""
MAX_HOP_URL = 300
"""Characters kept of each one's address: a message stays below 10 kB."""


class LinkState(StrEnum):
    """Durable state of a link; progress of a visit under way is separate."""

    NEW = "new"
    OK = "ok"
    FAILING = "failing"
    BLOCKED = "blocked"
    GONE = "gone"


class Outcome(StrEnum):
    """How one request for a snapshot ended; precedence when two results meet: in this order."""

    STORED = "stored"
    UNCHANGED = "unchanged"
    FAILED = "failed"
    DEFERRED = "deferred"


class Reason(StrEnum):
    """Why a snapshot was asked for."""

    ADD = "add"
    IMPORT = "import"
    SCHEDULE = "schedule"
    MANUAL = "manual"
    RETRY = "retry"
    UPLOAD = "upload"
    """Somebody gave the page as their browser had it; it is not visited."""


class Fault(StrEnum):
    """What is wrong with a stored object."""

    MISSING = "missing"
    SIZE = "size"
    """It is shorter or longer than what was stored."""
    CONTENT = "content"
    """Its bytes are not those that were stored."""
    UNREADABLE = "unreadable"
    """It cannot be read, though others can."""


class Role(StrEnum):
    """What an artifact is for."""

    TEXT = "text"
    READER = "reader"
    HTML = "html"
    SCREENSHOT = "screenshot"
    THUMBNAIL = "thumbnail"
    META = "meta"
    ICON = "icon"
    WACZ = "wacz"
    ORIGINAL = "original"
    MHTML = "mhtml"
    PDF = "pdf"
    """Made later from the archive, as the next one; archive_view.py."""
    MOBILE = "mobile"
    WARC = "warc"
    """As it was uploaded."""


class Verdict(StrEnum):
    """Whether what was captured is the page."""

    GOOD = "good"
    PARTIAL = "partial"
    """Something of it is missing."""
    DOUBTFUL = "doubtful"
    """It is the page, but readers may see something else."""
    EMPTY = "empty"
    BLOCKED = "blocked"
    LOGIN = "login"
    """A login form in place of the page."""
    NOT_FOUND = "not_found"
    """A page in its place that says there is none, sent with status 200."""
    HTTP_ERROR = "http_error"
    """An error page in its place, whatever its status."""

    @property
    def is_page(self) -> bool:
        """Whether what was captured is the page itself, whole or in part."""
        return self in (Verdict.GOOD, Verdict.PARTIAL, Verdict.DOUBTFUL)


class ChangeKind(StrEnum):
    """Against the previous snapshot. NOISE: only white space or the separators of blocks differ."""

    FIRST = "first"
    SAME = "same"
    NOISE = "noise"
    MINOR = "minor"
    MAJOR = "major"
    GONE = "gone"
    BACK = "back"


WITHOUT_DOUBT = ("", Verdict.GOOD.value, Verdict.PARTIAL.value)
"""Verdicts of a current snapshot that `is:doubtful` does not find; "" = there is none, or it is not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Artifact:
    """One kept form of a page: a content-addressed blob with a role."""

    role: Role
    name: str
    """File name shown to people, e.g. `reader.html`; never a path."""
    key: str
    """Key in the ArtifactStore, `blobs/sha256/ab/cd/<64 hex>`."""
    media_type: str
    bytes: int
    sha256: str
    """64 hex digits of the stored bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """How a snapshot differs from the one before."""

    kind: ChangeKind
    score: float = 0.0
    """0 = same … 1 = nothing in common."""


OUT_OF_TIME = "timeout"
"""Reason of a snapshot whose visit ended before all of its steps, because its time was up."""
UNRENDERED = "unrendered"
"""Reason of a snapshot of a page that the browser could not show: it has the server's answer and its text."""
SCRIPTS_OFF = "scripts_off"
"""Reason of a snapshot of a page that ended the browser with its scripts, and was shown without them."""
WITHOUT_SCRIPTS = frozenset((UNRENDERED, SCRIPTS_OFF))
"""Reasons of snapshots that do not have what the page's scripts make of it."""
BREAKS_OFF = frozenset(("body", "bytes", "end")) | WITHOUT_SCRIPTS
"""Reasons for which a page may lack a part of its text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """Whether the captured thing is the page, and why not."""

    verdict: Verdict = Verdict.GOOD
    reasons: tuple[str, ...] = ()

    @property
    def breaks_off(self) -> bool:
        """Whether a part of the text may be missing, because the page did not come to its end."""
        return self.verdict.is_page and not BREAKS_OFF.isdisjoint(self.reasons)

    @property
    def is_rendered(self) -> bool:
        """Whether the text is what a browser showed, scripts and all, as opposed to what the server sent."""
        return WITHOUT_SCRIPTS.isdisjoint(self.reasons)


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsParameters:
    """What the two ends of a TLS connection agreed on."""

    version: str = ""
    """`TLS 1.3`, or `0x0304` for one without a name."""
    cipher: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    """One redirect on the way to the page."""

    url: str
    """Where it was met, without credentials."""
    status: int

    def short(self) -> "Hop":
        """With an address of MAX_HOP_URL characters at most, `…` at its end when it was cut."""
        if len(self.url) <= MAX_HOP_URL:
            return self
        return replace(self, url=f"{self.url[: MAX_HOP_URL - 1]}…")


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why a request ended without a snapshot."""

    kind: str
    """Stable reason: `dns`, `connect`, `tls`, `timeout`, `http_5xx`, `address_blocked`, `crash`, …"""
    retryable: bool
    detail: str = ""
    retry_after_s: float | None = None
    hops: tuple[Hop, ...] = ()
    """Redirects that were followed until it failed, at most MAX_HOPS; older results have none."""

    def after(self, hops: Sequence[Hop]) -> "Failure":
        """The same failure with the redirects that led to it, at most MAX_HOPS."""
        return replace(self, hops=tuple(hop.short() for hop in hops[:MAX_HOPS]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Previous:
    """Facts about the previous snapshot that a worker needs."""

    snapshot_id: SnapshotId
    manifest: str
    text_sha256: str | None = None
    source_text_sha256: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    is_rendered: bool = True
    """Whether its text is what a browser showed; that of another kind is not compared with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ManifestReference:
    """A manifest in the store, and what its bytes were."""

    manifest: str
    """Its key."""
    sha256: str | None = None
    """64 hex digits; None when nobody knows: it is older than the record, or could not be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadedFile:
    """A page as somebody's browser had it, kept as a blob until a worker makes a snapshot of it."""

    sha256: str
    """64 hex digits; names the blob."""
    bytes: int
    media_type: str
    """`text/html` or `multipart/related` (MHTML)."""
    url: str
    """Where the browser had the page from, in its normal form."""
    received_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedCookies:
    """The cookies that somebody gave for a site, kept as a blob that only workers can open."""

    site: str
    """ASCII; the cookies are for it and for hosts below it."""
    sha256: str
    """64 hex digits; names the blob."""
    bytes: int
    key: str
    """Names the key they are sealed for; see cookie_sealing.key_id()."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tag:
    """A tag; its full name is the path, e.g. `ai/编译器`."""

    tag_id: TagId
    name: str
    parent_id: TagId | None = None
    count: int = 0
    """Links that carry the tag or one below it, each once, trash excluded."""
    own: int = 0
    """Links that carry the tag itself, trash excluded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """One visit that ended; `stored` ones have artifacts."""

    snapshot_id: SnapshotId
    link_id: LinkId
    outcome: Outcome
    reason: Reason
    finished_at: datetime
    taken_at: datetime | None = None
    final_url: str | None = None
    http_status: int | None = None
    title: str | None = None
    language: str | None = None
    text_sha256: str | None = None
    change: Change | None = None
    quality: Quality = field(default_factory=Quality)
    fidelity: Fidelity | None = None
    """None: it was not checked whether it shows the page."""
    manifest: str | None = None
    artifacts: tuple[Artifact, ...] = ()
    failure: Failure | None = None

    def artifact(self, role: Role) -> Artifact | None:
        """The artifact with this role, if kept."""
        return next((a for a in self.artifacts if a.role is role), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A kept link as the catalogue has it."""

    link_id: LinkId
    url: str
    """As it is opened: normal form with its fragment, without credentials."""
    url_key: str
    """Identity: the normal form without trackers and without a `#section`; see urls.identity()."""
    host: str
    title: str
    note: str
    tags: tuple[Tag, ...]
    state: LinkState
    unread: bool
    watched: bool
    added_at: datetime
    changed_at: datetime | None
    """When the page's text last changed; None as long as it is that of the first snapshot."""
    rev: int
    by_added: int
    """Unique µs since 1970; sort and paging key."""
    by_changed: int
    """As by_added, for links that changed; see change_key.py for those that have not."""
    activity: str = ""
    """Progress in a word: `` (nothing going on), `due`, `sent`."""
    due_at: datetime | None = None
    watch_at: datetime | None = None
    """When its watch visits it next; None without a watch."""
    current: Snapshot | None = None
    """The snapshot shown; last one that passed the quality check."""
    last: Snapshot | None = None
    """The newest snapshot row, whatever its outcome."""
    icon: str | None = None
    """sha256 of the site's icon in the store (64 hex digits), when one was kept."""
    versions: int = 0
    deleted_at: datetime | None = None
    no_snapshot_rule: str | None = None
    """The site whose rule keeps it from being visited; None: it may be."""

    @property
    def next_visit_at(self) -> datetime | None:
        """When the next retry or scheduled visit is due; None: no automatic visit is planned."""
        if self.no_snapshot_rule:
            return None
        return min((at for at in (self.due_at, self.watch_at) if at is not None), default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewLink:
    """A link somebody wants kept, before it is checked."""

    url: str
    tags: tuple[str, ...] = ()
    title: str = ""
    note: str = ""
    added_at: datetime | None = None
    unread: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A distinct text of a link and when it was seen."""

    text_sha256: str
    text_key: str
    seen_from: datetime
    seen_to: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexDocument:
    """What a SearchIndex holds of one link, or of one version of its text.

    The id of a link document is the link_id; that of a version document is
    `<link_id>:<text_sha256>`. Version documents repeat the link's own fields.
    """

    id: str
    link_id: LinkId
    rev: int
    version: bool = False
    url: str = ""
    title: str = ""
    note: str = ""
    text: str = ""
    """Raw text as shown; normalized and tokenized by text/tokens.py inside the adapter."""
    site: str = ""
    """Host; `site:` finds it and its parents' queries (example.com finds www.example.com)."""
    tag_ids: tuple[TagId, ...] = ()
    language: str = ""
    """BCP 47 primary tag, `zh`, `en`, … or empty."""
    state: str = "new"
    http_status: int | None = None
    verdict: str = ""
    """Verdict of the current snapshot; empty = none, or not known."""
    unread: bool = False
    watched: bool = False
    by_added: int = 0
    """Unique µs since 1970 (unique among link documents)."""
    by_changed: int = 0
    """See change_key.py; below 0 for a link that has not changed."""
    taken_at: int = 0
    """µs since 1970 of the current snapshot; 0 = none."""
    seen_from: int = 0
    """Version documents: µs since 1970 of the first sighting."""
    seen_to: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A bitmap of the page as the browser encoded it."""

    data: bytes
    media_type: str
    """`image/webp`, `image/png` or `image/jpeg`."""
    width: int
    height: int
    page: tuple[int, int] | None = None
    """Width and height of the whole page, which may be more than the picture shows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One HTTP request of a page and its answer."""

    url: str
    """As requested, without fragment and credentials."""
    method: str
    status: int
    reason: str = ""
    """The phrase after the status; empty on HTTP/2 and later."""
    request_headers: tuple[tuple[str, str], ...] = ()
    response_headers: tuple[tuple[str, str], ...] = ()
    """In the order of the answer, without cookies and credentials; a name may be there twice."""
    body: bytes = b""
    """Decoded from content and transfer encoding."""
    resource_type: str = "other"
    """What it was requested for, in the words of CDP's Network.ResourceType in lower case."""
    started_at: datetime
    """When the answer began."""
    truncated: str = ""
    """Why the body is not whole, in the words of WARC 1.1 §5.13: `length` (over a limit), `time`,
    `disconnect` or `unspecified` (a stream without end, or a range)."""
    post_data: bytes = b""
    """The body of the request."""
    remote_address: str = ""
    """The address that answered, without port; empty when unknown."""
    tls: str = ""
    """The version of TLS in the first connection to this host, `TLS 1.3`; empty without one, and when unknown."""

    def request_header(self, name: str) -> str:
        """The first value of a request header; empty without one."""
        return _first_value(self.request_headers, name)

    def response_header(self, name: str) -> str:
        """The first value of a response header; empty without one."""
        return _first_value(self.response_headers, name)


def _first_value(headers: tuple[tuple[str, str], ...], name: str) -> str:
    return next((value for given, value in headers if given.lower() == name), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class FrozenSheet:
    """One style sheet of a frozen document, as the browser applied it."""

    address: str = ""
    """Where it came from; empty when it stood in the page or a script made it."""
    base: str
    """What its references are relative to."""
    chunks: tuple[str, ...] = ()
    """Its rules as CSS: one or more rules in each piece, in order."""
    is_recorded: bool = False
    """Whether the recorded answer has the better text: the page may not read the rules, or the browser
    writes them with losses; `chunks` then is the substitute."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FrozenFrame:
    """One document of a page as it stood, with the documents in its frames."""

    url: str
    base: str
    """What its references are relative to."""
    doctype: str = ""
    markup: str
    """The tree as well-formed XML with the names of HTML and no namespaces, without scripts; attributes
    `data-linkshot-…` refer to the fields below by position (crawler/page/scripts/freeze.js)."""
    is_quirks: bool = False
    """Whether the document is laid out in quirks mode."""
    sheets: tuple[FrozenSheet, ...] = ()
    blobs: dict[str, str] = field(default_factory=dict)
    """blob: address → data: address."""
    painted: tuple[str, ...] = ()
    """Canvases that scripts may not read, as data: addresses of pictures; empty where there is none."""
    frames: "tuple[FrozenFrame | None, ...]" = ()
    """The documents of its frames, None where one could not be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FrozenPage:
    """The page as it stood in the browser: what page.html is made of, without pictures and fonts."""

    main: FrozenFrame
    frames_left_out: int = 0
    """Documents in frames that could not be read or were too many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """What one visit brought back, before anything is derived from it."""

    started_at: datetime
    finished_at: datetime
    final_url: str
    http_status: int
    media_type: str
    """Of the main response, lower case, without parameters."""
    headers: dict[str, str] = field(default_factory=dict)
    """Of the main response, names in lower case; no cookies, no credentials."""
    hops: tuple[Hop, ...] = ()
    body: bytes = b""
    """Raw main response, decoded from its transfer encodings; cut at `body_bytes`."""
    body_truncated: bool = False
    html: str = ""
    """The rendered main document as text; empty for non-HTML."""
    styles: dict[str, str] = field(default_factory=dict)
    """Style sheets by address, of a page that was uploaded; those of a visit are in its exchanges."""
    parts: dict[str, str] = field(default_factory=dict)
    """Pictures and fonts of an uploaded page, address → data: address."""
    exchanges: tuple[Exchange, ...] = ()
    """Every HTTP exchange of the page in the order of the answers, redirects included."""
    frozen: FrozenPage | None = None
    """The page as it stood; None for files, and when freezing failed: `mhtml` or `html` stands in for it."""
    mhtml: bytes = b""
    """The page as the browser itself saves it; only where freezing failed."""
    dom: dict[str, object] = field(default_factory=dict)
    """CDP DOMSnapshot.captureSnapshot of all frames; empty if it could not be made."""
    title: str = ""
    screenshot: Picture | None = None
    screenshot_tiles: tuple[Picture, ...] = ()
    """What follows below the screenshot, from top to bottom."""
    thumbnail: Picture | None = None
    """The top of the page at half its size, 640 × 360; only where there is no whole screenshot."""
    favicon: bytes = b""
    favicon_url: str = ""
    partial: tuple[str, ...] = ()
    """What was cut short, as stable words: `load`, `quiet`, `scroll`, `screenshot`, `bytes`, `dialogs`, …"""
    notes: dict[str, object] = field(default_factory=dict)
    """Facts for the manifest: counts, step times, blocked requests, TLS state, addresses."""
    browser: str = ""
    """Version of the browser; empty for what was uploaded."""
    options: dict[str, object] = field(default_factory=dict)
    """What shaped the visit: viewport, User-Agent, limits."""

    @property
    def is_rendered(self) -> bool:
        """Whether a browser showed it, as far as it is a page."""
        return UNRENDERED not in self.partial
