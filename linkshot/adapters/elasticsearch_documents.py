"""Documents, tombstones, bulk actions and the mapping in Elasticsearch. (pure)"""

from collections.abc import Iterable, Sequence
from typing import Any

from linkshot.adapters.index_terms import (
    SCHEMA_VERSION,
    TOMBSTONE,
    VERSION,
    fields_of,
    tombstone_id,
    tombstone_of,
    trim_id,
)
from linkshot.domain.model import IndexDocument
from linkshot.ports import FACETS, Removal, Trim
from linkshot.query import TEXT_FIELDS

Json = dict[str, Any]

KEYWORDS = ("link", "suffix", "lang", "flag", *(f"f_{name}" for name in FACETS))
LONGS = ("rev", "by_added", "by_changed", "taken_at", "seen_from", "seen_to")
SHOWN = ["link", "rev", "kind", "raw", "by_added", "by_changed", "seen_from", "seen_to"]
"""Kept in _source; the token streams are only indexed."""
PREFIX_CHARS = 4
"""Beginnings of tokens that are terms themselves, a third more index: a single Han character or two
letters begin tens of thousands of tokens, more than a phrase may try one by one."""
MISSING_INDEX = "index_not_found_exception"


def index_body(meta: Json) -> Json:
    """Settings and mapping of a new index; it is refreshed by hand after each apply()."""
    stream = {
        "type": "text",
        "analyzer": "whitespace",
        "index_prefixes": {"min_chars": 1, "max_chars": PREFIX_CHARS},
    }
    fields: Json = dict.fromkeys(TEXT_FIELDS, stream)
    fields |= {name: {"type": "keyword"} for name in KEYWORDS}
    fields |= {name: {"type": "long"} for name in LONGS}
    fields |= {
        "kind": {"type": "integer"},
        "raw": {"type": "keyword", "index": False, "doc_values": False},
    }
    return {
        "settings": {
            "number_of_shards": 1,  # counts of terms are exact with one only
            "auto_expand_replicas": "0-1",  # a server alone stays green, a cluster has a copy
            "refresh_interval": "-1",
        },
        "mappings": {
            "dynamic": "strict",
            "_meta": {"schema": SCHEMA_VERSION} | meta,
            "_source": {"includes": SHOWN},
            "properties": fields,
        },
    }


def upsert_action(document: IndexDocument, text_bytes: int) -> Json:
    """The bulk action that writes a document unless a newer revision is there."""
    return _action("index", document.id, document.rev) | {"_source": _source(document, text_bytes)}


def tombstone_action(change: Removal | Trim) -> Json:
    """The bulk action that writes a hidden tombstone, which keeps late upserts out."""
    body = {"kind": TOMBSTONE, "link": change.link_id, "rev": change.rev}
    return _action("index", tombstone_of(change), change.rev) | {"_source": body}


def delete_action(document_id: str, rev: int) -> Json:
    """The bulk action that deletes a document unless it is newer than `rev`."""
    return _action("delete", document_id, rev)


def tombstone_limits(document: IndexDocument) -> dict[str, int]:
    """Id of a tombstone → the lowest revision of it that outdates this document."""
    removed = {tombstone_id(document.link_id): document.rev}
    if not document.version:
        return removed
    return removed | {trim_id(document.link_id): document.rev + 1}


def deletions(closing: Sequence[Removal | Trim], found: Iterable[tuple[str, Json]]) -> list[Json]:
    """Deletions of those (id, source) that a removal or trim covers, each up to its revision."""
    removed = {c.link_id: c.rev for c in closing if isinstance(c, Removal)}
    trimmed = {c.link_id: c.rev - 1 for c in closing if isinstance(c, Trim)}
    actions = []
    for name, source in found:
        limits = [removed.get(source["link"])]
        if source["kind"] == VERSION:
            limits.append(trimmed.get(source["link"]))
        covers = [limit for limit in limits if limit is not None and source["rev"] <= limit]
        if covers:
            actions.append(delete_action(name, max(covers)))
    return actions


def action_error(item: Json) -> tuple[int, str]:
    """Status and kind of what went wrong with one action of a bulk; (0, "") when nothing did.

    409: something newer is there, which is fine; 404 at a deletion: it is gone already.
    """
    ((operation, found),) = item.items()
    status, error = int(found.get("status", 0)), found.get("error")
    if not error and (status < 300 or (operation == "delete" and status == 404)):
        return 0, ""
    if status == 409:
        return 0, ""
    return status, str(error.get("type", "")) if isinstance(error, dict) else str(error)


def _action(operation: str, document_id: str, rev: int) -> Json:
    return {
        "_op_type": operation,
        "_id": document_id,
        "version": rev,
        "version_type": "external_gte",  # the same revision again is written, an older one refused
    }


def _source(document: IndexDocument, text_bytes: int) -> Json:
    fields = fields_of(document, text_bytes)
    body: Json = {
        "kind": fields.kind,
        "link": document.link_id,
        "suffix": fields.suffixes,
        "lang": fields.languages,
        "flag": fields.flags,
        "raw": fields.text,
    }
    body |= {name: getattr(document, name) for name in LONGS}
    body |= {f"f_{name}": values for name, values in fields.facets.items()}
    return body | fields.streams
