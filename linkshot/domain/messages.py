"""The messages on the queue, encoded as JSON, version 1.

Readers ignore unknown fields and refuse unknown major versions (docs/messages.md). Each class has
`encode() -> bytes` and `decode(bytes)`; decode raises InvalidMessage and nothing else.
"""

import dataclasses
import json
import types
import typing
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from functools import cache, partial
from typing import Any, Self, TypeVar, Union, get_args, get_origin

import msgspec

from linkshot.domain.fidelity import Fidelity
from linkshot.domain.model import (
    Artifact,
    Change,
    Failure,
    LinkId,
    LinkState,
    ManifestReference,
    Outcome,
    Previous,
    Quality,
    Reason,
    SealedCookies,
    SnapshotId,
    TagId,
    UploadedFile,
)
from linkshot.domain.rfc3339 import rfc3339
from linkshot.domain.site_rules import VisitOptions
from linkshot.errors import InvalidMessage

VERSION = 1
MAX_BYTES = 1_000_000
"""Larger messages are refused (Kafka's own default limit)."""

SUBMISSIONS = "linkshot.submissions"
REQUESTS = "linkshot.requests"
RESULTS = "linkshot.results"
LINKS = "linkshot.links"
DEAD = "linkshot.dead"
TOPICS = (SUBMISSIONS, REQUESTS, RESULTS, LINKS, DEAD)

T = TypeVar("T")

_ATOMS = (str, int, float, bool, type(None))


def _plain(value: object) -> object:
    """JSON-ready form: dataclasses to objects, instants to RFC 3339, None fields left out."""
    if type(value) in _ATOMS:
        return value
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return rfc3339(value)
    if isinstance(value, tuple | list | frozenset):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        pairs = ((f.name, getattr(value, f.name)) for f in dataclasses.fields(value))
        return {name: _plain(item) for name, item in pairs if item is not None}
    return value


# msgspec checks and builds the values. Three things it takes otherwise than version 1 of the messages
# has always done, so they are settled before: null means that the field is absent, an instant may have
# any form of ISO 8601 and becomes UTC, and half a surrogate pair is refused. The JSON itself is read by
# the standard library, which tolerates NaN and Infinity where msgspec does not.
_Step = Callable[[object, str], object]


def _instant(raw: object, name: str) -> object:
    if not isinstance(raw, str):
        raise InvalidMessage(f"{name} is not a time")
    try:
        value = datetime.fromisoformat(raw)
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
    except (ValueError, OverflowError) as exc:
        raise InvalidMessage(f"{name} is not a time: {raw[:40]!r}") from exc


def _text(raw: object, name: str) -> object:
    if isinstance(raw, str) and not raw.isascii():
        try:
            raw.encode()
        except UnicodeEncodeError as exc:
            raise InvalidMessage(f"{name} holds half a character") from exc
    return raw


def _each(step: _Step, raw: object, name: str) -> object:
    return [step(item, name) for item in raw] if isinstance(raw, list) else raw


def _object(cls: type, raw: object, _name: str = "") -> object:
    if not isinstance(raw, dict):
        return raw
    steps = _steps(cls)
    return {
        name: steps[name](item, name) if name in steps else item
        for name, item in raw.items()
        if item is not None
    }


@cache
def _steps(cls: type) -> dict[str, _Step]:
    """Field → what is done to its value before msgspec sees it; most need nothing."""
    hints = typing.get_type_hints(cls).items()
    return {name: step for name, hint in hints if (step := _step(hint))}


def _step(hint: Any) -> _Step | None:
    origin, args = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return _step(next(arg for arg in args if arg is not type(None)))
    if origin is tuple:
        inner = _step(args[0])
        return partial(_each, inner) if inner else None
    hint = getattr(hint, "__supertype__", hint)
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        return partial(_object, hint)
    return {str: _text, datetime: _instant}.get(hint)


def read_value(cls: type[T], raw: object, where: str = "message") -> T:
    """A frozen value of `cls` from a JSON object; unknown fields are ignored."""
    if not isinstance(raw, dict):
        raise InvalidMessage(f"{where} is not a JSON object")
    try:
        return msgspec.convert(_object(cls, raw), cls)
    except (msgspec.ValidationError, UnicodeEncodeError) as exc:
        # it may quote a value of any length, with half a character in it
        said = str(exc).replace("`$", f"`{where}").encode(errors="backslashreplace").decode()
        raise InvalidMessage(said if len(said) <= 300 else f"{said[:150]}…{said[-149:]}") from exc


def plain_value(value: object) -> dict[str, Any]:
    """The JSON object of a frozen value (inverse of read_value)."""
    plain = _plain(value)
    if not isinstance(plain, dict):
        raise TypeError(f"{type(value).__name__} has no JSON object form")
    return plain


def parse_object(value: bytes) -> dict[str, Any]:
    """One JSON object of a version we know; else InvalidMessage."""
    if len(value) > MAX_BYTES:
        raise InvalidMessage(
            f"the message has {len(value)} bytes, at most {MAX_BYTES} are read",
            code="message.too_large",
        )
    try:
        raw = json.loads(value.decode("utf-8"))
    except (UnicodeDecodeError, ValueError, RecursionError) as exc:
        raise InvalidMessage(f"the message is not JSON: {exc}") from exc
    if not isinstance(raw, dict):
        raise InvalidMessage("the message is not a JSON object")
    if raw.get("v", VERSION) != VERSION:
        raise InvalidMessage(
            f"the message has version {raw['v']!r}, this linkshot reads {VERSION}",
            code="message.version",
        )
    return raw


class _Encoded:
    """JSON both ways for the frozen messages below."""

    __slots__ = ()

    def encode(self) -> bytes:
        """One JSON object in UTF-8, `v` first."""
        body = {"v": VERSION, **plain_value(self)}
        return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()

    @classmethod
    def decode(cls, value: bytes) -> Self:
        """Raises InvalidMessage for anything that is not one of ours."""
        return read_value(cls, parse_object(value))


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission(_Encoded):
    """Any program → dispatch: keep this link."""

    url: str
    tags: tuple[str, ...] = ()
    note: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotRequested(_Encoded):
    """dispatch → crawler: visit this page."""

    request_id: SnapshotId
    link_id: LinkId
    url: str
    host: str
    reason: Reason
    not_after: datetime | None = None
    """A request that starts later is answered with `deferred`."""
    previous: Previous | None = None
    previous_manifest: ManifestReference | None = None
    """Of the link's newest stored snapshot, which the manifest of this one will name; `previous` is the
    one that is shown."""
    check: bool = False
    """Whether its snapshot is to be shown again and compared, whatever the worker's settings say."""
    upload: UploadedFile | None = None
    """The snapshot is made of this file, and the page is not visited. The reason is then `upload`,
    which a worker that does not know this field refuses."""
    site: VisitOptions | None = None
    """How the page is visited where the rules for its site say so. A worker that does not know this field
    visits as its settings say."""
    retry_of: Reason | None = None
    """Why the visit was asked for that a retry repeats; None in other requests and those of an older
    dispatch."""
    cookies: SealedCookies | None = None
    """With which the page is visited. A worker that cannot open them does not visit it; one that does not know
    this field visits it without them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotFinished(_Encoded):
    """crawler → dispatch: the result of a visit."""

    request_id: SnapshotId
    link_id: LinkId
    url: str
    outcome: Outcome
    reason: Reason
    started_at: datetime
    finished_at: datetime
    final_url: str | None = None
    http_status: int | None = None
    title: str | None = None
    language: str | None = None
    text_sha256: str | None = None
    source_text_sha256: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    change: Change | None = None
    quality: Quality = field(default_factory=Quality)
    fidelity: Fidelity | None = None
    manifest: str | None = None
    manifest_sha256: str | None = None
    """Of the manifest's bytes; it cannot stand in the manifest itself."""
    artifacts: tuple[Artifact, ...] = ()
    error: Failure | None = None

    @classmethod
    def of(
        cls,
        request: "SnapshotRequested",
        outcome: Outcome,
        started_at: datetime,
        finished_at: datetime,
        error: Failure | None = None,
    ) -> Self:
        """The result of this request; what a capture brought is filled in by the caller."""
        return cls(
            request_id=request.request_id,
            link_id=request.link_id,
            url=request.url,
            outcome=outcome,
            reason=request.reason,
            started_at=started_at,
            finished_at=finished_at,
            error=error,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CurrentSnapshot:
    """The current snapshot as the index needs it."""

    snapshot_id: SnapshotId
    taken_at: datetime
    http_status: int | None = None
    verdict: str | None = None
    language: str | None = None
    text_key: str | None = None
    text_sha256: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenText:
    """A distinct text of the link and when it was seen."""

    text_sha256: str
    text_key: str
    seen_from: datetime
    seen_to: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkChanged(_Encoded):
    """dispatch → indexer: the documents of a link are a function of this and the text blobs."""

    link_id: LinkId
    rev: int
    removed: bool = False
    url: str = ""
    title: str = ""
    note: str = ""
    host: str = ""
    tag_ids: tuple[TagId, ...] = ()
    by_added: int = 0
    by_changed: int = 0
    state: LinkState = LinkState.NEW
    unread: bool = False
    watched: bool = False
    current: CurrentSnapshot | None = None
    new_versions: tuple[SeenText, ...] = ()
    """All distinct texts of the link, newest 50; not only those since the last message, so that
    a lost or reordered message changes nothing."""
    older_versions: bool = False
    """The link has still older texts, which are not searched any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter(_Encoded):
    """Any role → dispatch: an unprocessable message and the reason."""

    topic: str
    where: str
    """`topic/partition@offset`, as the adapter names it."""
    key: str
    reason: str
    """Stable code."""
    detail: str
    value_base64: str
    attempts: int = 0
    at: datetime | None = None
    bytes: int | None = None
    """Of the whole message; absent in letters of an older linkshot."""
    sha256: str | None = None
    """Of the whole message, 64 hex digits."""
    cut: bool = False
    """Whether `value_base64` holds only the beginning of the message."""
    original: str | None = None
    """Where the whole message lies in the store when it was cut."""
