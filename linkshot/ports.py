"""The ports queue, artifact store and search index; each sentence is a test in tests/contract.

All three are synchronous and safe to use from several threads, except that one Subscription
belongs to the thread that made it (its `ack` and `nack` may be called from any thread).
Vendor errors come out as QueueUnavailable, StoreUnavailable or IndexUnavailable.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Protocol

from linkshot.domain.model import IndexDocument
from linkshot.domain.tag_tree import TagTree
from linkshot.query import Query, Sort

KEY_PATTERN = r"^[a-z0-9/._-]{1,200}$"
"""What a store key looks like; also no empty, `.` or `..` segment, no leading or trailing `/`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """Bytes with a key; order is kept among messages of one key in one topic."""

    key: str
    value: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A message handed out, until it is acknowledged (ack) or returned (nack)."""

    topic: str
    key: str
    value: bytes
    handle: object
    """Opaque; how the subscription finds it again. Hashable."""
    where: str
    """For people: `linkshot.requests/3@1742`."""


class Subscription(Protocol):
    """One member of a group, reading some topics."""

    def take(self, timeout_s: float) -> list[Delivery]:
        """New deliveries, as soon as there are any, else [] after `timeout_s`; never more than
        the window of unacknowledged ones in all. Must be called at least every few seconds: it is also
        the heartbeat."""
        ...

    def ack(self, delivery: Delivery) -> None:
        """Acknowledges the delivery; it will not be redelivered (once the ack is durable: after a crash
        a few acknowledged ones may be). Acknowledging a lost one does nothing."""
        ...

    def nack(self, delivery: Delivery) -> None:
        """Returns the delivery: it is redelivered, to this member or another."""
        ...

    def lost(self) -> list[Delivery]:
        """Deliveries that are no longer ours since the last call: another member has them or will
        within seconds. Work under way may go on, and an ack in that time counts; nack what has not
        begun, so that nobody waits for it."""
        ...

    def close(self) -> None:
        """Leaves the group; unacknowledged messages are redelivered to others at once. Repeatable."""
        ...


class Queue(Protocol):
    """Topics of messages, at least once, order kept per key."""

    def publish(self, topic: str, messages: Sequence[Message]) -> None:
        """Returns when all are durable; raises QueueUnavailable within 10 s otherwise (some may
        have been published then)."""
        ...

    def subscribe(self, topics: Sequence[str], group: str, window: int) -> Subscription:
        """Join `group` from the earliest unacknowledged message; hold at most `window` at a time."""
        ...

    def backlog(self, topic: str, group: str) -> int:
        """Messages of the topic that the group has not acknowledged (Kafka: not committed); 0 for a
        topic that does not exist."""
        ...

    def topic_ids(self, topics: Sequence[str]) -> dict[str, str]:
        """Topic → its identity, of those topics that exist; creates none. A topic that was deleted
        and created again has another identity, and what had been published on it is gone."""
        ...

    def create_topics(self, topics: Sequence[str]) -> list[str]:
        """Create those of these topics that do not exist; which ones."""
        ...

    def consumers(self, topic: str, group: str) -> int:
        """Members of the group that are subscribed to the topic now. A member that closed is out
        at once, one that died without closing when its silence is over (SQLite: at once when its
        process is gone). Joins nothing and makes no topic. While a Kafka group shares its
        partitions out anew its topics are unknown, and every member counts."""
        ...

    def close(self) -> None:
        """Release connections. Repeatable."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Stat:
    """Size and age of a stored object."""

    key: str
    bytes: int
    modified_us: int
    """µs since 1970."""


class ArtifactStore(Protocol):
    """Objects under keys that match KEY_PATTERN; other keys are a ValueError before any I/O.

    An object that fails again and again while another one can be read is Damaged, and says nothing
    about the store; StoreUnavailable means that nothing can be read now.
    """

    def put(self, key: str, data: bytes | Path, media_type: str) -> None:
        """All or nothing, durable on return, repeatable; replaces what was there, also an object
        that is damaged."""
        ...

    def create(self, key: str, data: bytes) -> bool:
        """Write only if absent; True if this call wrote it. Of many at once exactly one wins.
        A damaged object is there."""
        ...

    def read(self, key: str, start: int = 0, length: int | None = None) -> bytes:
        """The bytes from `start`, at most `length`, in memory; KeyError if absent, Damaged if they
        cannot be read. Bytes that were changed in the store may come back: see
        linkshot.use_cases.blobs."""
        ...

    def open(self, key: str) -> BinaryIO:
        """A seekable reader of the object that holds at most 2 MiB beside what is asked of it; for
        blobs, which are never replaced (a put meanwhile would mix old and new bytes). KeyError if
        absent; Damaged, also when it is gone meanwhile, or StoreUnavailable while reading."""
        ...

    def stat(self, key: str) -> Stat | None:
        """Size and age, None if absent, Damaged if that cannot be known."""
        ...

    def list(self, prefix: str) -> Iterator[Stat]:
        """All objects whose key starts with `prefix`, in order of key; Damaged after all others
        when some may be missing from the list. An object that is damaged itself may be left out."""
        ...

    def delete(self, keys: Iterable[str]) -> None:
        """Remove them, damaged ones too; absent ones do not matter."""
        ...

    def close(self) -> None:
        """Release connections. Repeatable."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Upsert:
    """This document, unless a newer revision of the same id was applied before."""

    document: IndexDocument


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """Remove the link's document and all its version documents; later upserts with a revision
    at or below `rev` stay without effect, however late they come."""

    link_id: str
    rev: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Trim:
    """Remove the link's version documents with a revision below `rev`; later upserts of versions
    with a lower revision stay without effect, however late they come."""

    link_id: str
    rev: int


IndexChange = Upsert | Removal | Trim

FACETS = ("tag", "site", "year", "language", "status", "state")
"""Facets counted by both adapters; `tag` counts tag ids, each with all below it when a request brings
the tree, `year` that of by_added (UTC)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRequest:
    """Which part of the hits."""

    limit: int = 20
    sort: Sort = Sort.RELEVANCE
    before: int | None = None
    """Sorts by date: only keys < this (newest, changed) or > this (oldest); the last key shown."""
    offset: int = 0
    """Relevance only; offset + limit ≤ 1,000."""
    facets: bool = True
    total: bool = True
    """False, without facets: nothing is counted and `Hits.total` is 0; the page is found faster."""
    exclude: Collection[str] = ()
    tags: TagTree | None = None
    """How tags lie below each other now; without it each one counts by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One document found."""

    id: str
    link_id: str
    score: float
    key: int
    """by_added or by_changed, by the sort; the `before` of the next page."""
    text: str = ""
    """First 100,000 characters of the raw text, for the snippet."""
    seen_from: int = 0
    seen_to: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Hits:
    """What a search found."""

    total: int
    """All that match, on this page or not."""
    hits: tuple[Hit, ...] = ()
    facets: dict[str, dict[str, int]] = field(default_factory=dict)
    """facet → value → exact count over all hits (of link documents); at most the top 50. With a tree
    of tags, `tag` counts each link once in a whole subtree and has every tag of the top level besides
    (500 at most); tags that are not in the tree are left out."""


class SearchIndex(Protocol):
    """Findable documents; equal answers on every adapter."""

    @property
    def needs_rebuild(self) -> bool:
        """What is indexed changed with this version, or the index was broken: an empty one (or
        the old one) serves until replace() has filled a new one."""
        ...

    def apply(self, changes: Sequence[IndexChange]) -> None:
        """Upserts, removals and trims, each with its revision; an older one never overwrites a newer
        one; the same id twice in one call is handled; equal revisions overwrite; findable when
        it returns."""
        ...

    def search(self, query: Query, page: PageRequest) -> Hits:
        """Link documents that match, by the oracle query.matches(). Tag leaves must have been
        resolved to ids. A query with an At leaf searches version documents of that time instead,
        (hits are then versions; `total` counts distinct links)."""
        ...

    def replace(self, changes: Iterable[IndexChange]) -> None:
        """Build a new index beside the old one and switch at once; apply() calls made meanwhile
        are in both."""
        ...

    def count(self) -> int:
        """Link documents (neither versions nor tombstones)."""
        ...

    def revisions(self) -> Iterator[tuple[str, int]]:
        """(document id, rev) of every document, versions included, tombstones not; for verify."""
        ...

    def revisions_of(self, document_ids: Sequence[str]) -> dict[str, int]:
        """Document id → rev, of those of these documents that exist."""
        ...

    def close(self) -> None:
        """Release files and connections. Repeatable."""
        ...
