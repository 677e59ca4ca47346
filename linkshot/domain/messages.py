"""The messages on the queue, encoded as JSON, version 1.

Readers ignore unknown fields and refuse unknown major versions (docs/messages.md). Each class has
`encode() -> bytes` and `decode(bytes)`; decode raises InvalidMessage and nothing else.
"""

import dataclasses
import json
import types
import typing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from functools import cache
from typing import Any, Self, TypeVar, Union, get_args, get_origin

from linkshot.domain.model import (
    Artifact,
    Change,
    Failure,
    LinkId,
    LinkState,
    Outcome,
    Previous,
    Quality,
    Reason,
    SnapshotId,
    TagId,
)
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


def _plain(value: object) -> object:
    """JSON-ready form: dataclasses to objects, instants to RFC 3339, None fields left out."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, tuple | list | frozenset):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        pairs = ((f.name, getattr(value, f.name)) for f in dataclasses.fields(value))
        return {name: _plain(item) for name, item in pairs if item is not None}
    return value


@cache
def _hints(cls: type) -> dict[str, Any]:
    return typing.get_type_hints(cls)


def _instant(raw: object, where: str) -> datetime:
    if not isinstance(raw, str):
        raise InvalidMessage(f"{where} is not a time")
    try:
        value = datetime.fromisoformat(raw)
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
    except (ValueError, OverflowError) as exc:
        raise InvalidMessage(f"{where} is not a time: {raw[:40]!r}") from exc


def _scalar(kind: type, raw: object, where: str) -> object:
    if kind is float and isinstance(raw, int) and not isinstance(raw, bool):
        return float(raw)
    if type(raw) is not kind:
        raise InvalidMessage(f"{where} should be {kind.__name__}, not {type(raw).__name__}")
    if isinstance(raw, str):
        try:
            raw.encode()
        except UnicodeEncodeError as exc:
            raise InvalidMessage(f"{where} holds half a character") from exc
    return raw


def _read(hint: Any, raw: object, where: str) -> Any:
    """`raw` as the annotated type `hint`; InvalidMessage names `where` it went wrong."""
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):
        inner = [arg for arg in get_args(hint) if arg is not type(None)]
        return None if raw is None else _read(inner[0], raw, where)
    if origin is tuple:
        if not isinstance(raw, list):
            raise InvalidMessage(f"{where} should be a list")
        return tuple(_read(get_args(hint)[0], item, where) for item in raw)
    hint = getattr(hint, "__supertype__", hint)
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        return read_value(hint, raw, where)
    if isinstance(hint, type) and issubclass(hint, Enum):
        try:
            return hint(raw)
        except ValueError as exc:
            raise InvalidMessage(f"{where} is none of {[e.value for e in hint]}") from exc
    if hint is datetime:
        return _instant(raw, where)
    if origin is dict:
        if not isinstance(raw, dict):
            raise InvalidMessage(f"{where} should be an object")
        return raw
    return _scalar(hint, raw, where)


def read_value(cls: type[T], raw: object, where: str = "message") -> T:
    """A frozen value of `cls` from a JSON object; unknown fields are ignored."""
    if not isinstance(raw, dict):
        raise InvalidMessage(f"{where} is not a JSON object")
    hints = _hints(cls)  # type: ignore[arg-type]  # classes are hashable
    given: dict[str, Any] = {
        name: _read(hint, raw[name], f"{where}.{name}")
        for name, hint in hints.items()
        if name in raw and (raw[name] is not None)
    }
    try:
        return cls(**given)
    except TypeError as exc:
        raise InvalidMessage(f"{where}: {exc}") from exc


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
    options: dict[str, Any] = field(default_factory=dict)


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
    manifest: str | None = None
    artifacts: tuple[Artifact, ...] = ()
    error: Failure | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CurrentSnapshot:
    """The current snapshot as the index needs it."""

    snapshot_id: SnapshotId
    taken_at: datetime
    http_status: int | None = None
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
    """Of the whole message; a letter of an older linkshot does not say."""
    sha256: str | None = None
    """Of the whole message, 64 hex digits."""
    cut: bool = False
    """Whether `value_base64` holds only the beginning of the message."""
    original: str | None = None
    """Where the whole message lies in the store when it was cut."""
