"""The terms of a document, for every search index alike (pure).

Both adapters index exactly this, so their answers are equal by construction.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

from linkshot.domain.model import WITHOUT_DOUBT, IndexDocument, Verdict
from linkshot.ports import FACETS, IndexChange, Removal, Trim, Upsert
from linkshot.query import TEXT_FIELDS, site_suffixes
from linkshot.text.tokens import token_stream

Barrier = TypeVar("Barrier", Removal, Trim)
SCHEMA_VERSION = 5
"""Rises when what is indexed changes; an index of another version is built again."""
STORED_CHARS = 100_000
"""Of the raw text, kept for excerpts."""
TOP_FACETS = 50
LINK, VERSION, TOMBSTONE = 0, 1, 2
"""Values of the field `kind`."""
TIMES = {"added": "by_added", "snapshot": "taken_at", "changed": "by_changed"}
"""Filter by time → the field with its µs."""
FLAGS = ("partial", "doubtful", "untagged", "unread", "watched")
"""Words of `is:` that are in the field `flag`; the others are states."""
TITLE_WEIGHT = 3.0
"""Weight of a hit in the title relative to one in the text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fields:
    """A document as terms."""

    kind: int
    streams: dict[str, str]
    """Text field → its token stream."""
    suffixes: list[str]
    languages: list[str]
    """`zh-tw` and `zh`: what `lang:` may name."""
    flags: list[str]
    """FLAGS and `note`."""
    facets: dict[str, list[str]]
    """Facet → values, as counted."""
    text: str
    """For excerpts."""


def tombstone_id(link_id: str) -> str:
    """The id of a link's tombstone; no document has such a one."""
    return f"!{link_id}"


def trim_id(link_id: str) -> str:
    """The id of the tombstone of a link's older versions."""
    return f"!{link_id}:"


def tombstone_of(change: Removal | Trim) -> str:
    """The id of the tombstone that this change leaves."""
    return tombstone_id(change.link_id) if isinstance(change, Removal) else trim_id(change.link_id)


def fields_of(document: IndexDocument, text_bytes: int) -> Fields:
    """All terms of a document; text beyond `text_bytes` (UTF-8) is not searched."""
    texts = {name: getattr(document, name) for name in TEXT_FIELDS}
    texts["text"] = cut(document.text, text_bytes)
    subtags = document.language.lower().split("-") if document.language else []
    return Fields(
        kind=VERSION if document.version else LINK,
        streams={name: token_stream(text) for name, text in texts.items()},
        suffixes=site_suffixes(document.site) if document.site else [],
        languages=["-".join(subtags[: end + 1]) for end in range(len(subtags))],
        flags=_flags(document),
        facets=_facets(document),
        text=document.text[:STORED_CHARS],
    )


def cut(text: str, most: int) -> str:
    """At most `most` bytes in UTF-8, never half a character."""
    if len(text) * 4 <= most:  # UTF-8 takes four bytes for a character at most
        return text
    # "ignore" drops the piece of a character at the end that the cut has left.
    return text.encode("utf-8", "replace")[:most].decode("utf-8", "ignore")


def compact(changes: Sequence[IndexChange]) -> list[IndexChange]:
    """The changes that count of one batch, in an order that may be applied at once.

    Of the same id the highest revision stays (the last of equal ones); removals and trims come
    first, and upserts that one of them in the same batch outdates are left out.
    """
    removals: dict[str, Removal] = {}
    trims: dict[str, Trim] = {}
    upserts: dict[str, Upsert] = {}
    for change in changes:
        if isinstance(change, Upsert):
            known = upserts.get(change.document.id)
            if known is None or known.document.rev <= change.document.rev:
                upserts[change.document.id] = change
        elif isinstance(change, Removal):
            _keep_highest(removals, change)
        else:
            _keep_highest(trims, change)
    kept = [u for u in upserts.values() if not _outdated(u.document, removals, trims)]
    return [*removals.values(), *trims.values(), *kept]


def top(counts: dict[str, int]) -> dict[str, int]:
    """The most frequent values first, equal ones by value, at most TOP_FACETS."""
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return dict(ordered[:TOP_FACETS])


def _keep_highest(found: dict[str, Barrier], change: Barrier) -> None:
    before = found.get(change.link_id)
    if before is None or before.rev <= change.rev:
        found[change.link_id] = change


def _outdated(
    document: IndexDocument, removals: dict[str, Removal], trims: dict[str, Trim]
) -> bool:
    removal, trim = removals.get(document.link_id), trims.get(document.link_id)
    if removal is not None and document.rev <= removal.rev:
        return True
    # A trim keeps what is of its own revision, a removal does not.
    return document.version and trim is not None and document.rev < trim.rev


def _flags(document: IndexDocument) -> list[str]:
    given = {
        "partial": document.verdict == Verdict.PARTIAL.value,
        "doubtful": document.verdict not in WITHOUT_DOUBT,
        "untagged": not document.tag_ids,
        "unread": document.unread,
        "watched": document.watched,
        "note": bool(document.note),
    }
    return [name for name, is_set in given.items() if is_set]


def _facets(document: IndexDocument) -> dict[str, list[str]]:
    values: dict[str, list[str]] = {
        "tag": list(document.tag_ids),
        "site": [document.site] if document.site else [],
        "year": [year_of(document.by_added)] if document.by_added else [],
        "language": [document.language] if document.language else [],
        "status": [str(document.http_status)] if document.http_status else [],
        "state": [document.state],
    }
    return {name: values[name] for name in FACETS}


def year_of(us: int) -> str:
    """The UTC year of an instant in µs since 1970."""
    return str(datetime.fromtimestamp(us // 1_000_000, UTC).year)
