"""How is our query tree said in Elasticsearch's words? Core features only. (pure)"""

from collections.abc import Sequence
from typing import Any

from linkshot.index_fields import LINK, SCHEMA_VERSION, TITLE_WEIGHT, VERSION
from linkshot.ports import FACETS, PageRequest
from linkshot.query import (
    TEXT_FIELDS,
    All,
    And,
    At,
    Between,
    HasNote,
    Is,
    Language,
    Not,
    Or,
    Query,
    Site,
    Sort,
    Status,
    TagIds,
    Text,
    at_range,
)
from linkshot.words import TokenPhrase, phrase

Json = dict[str, Any]

MOST_ENDINGS = 10_000
"""Terms a prefix at the end of a phrase may stand for; two-character terms stay far below."""
MOST_GROUPS = 60_000
"""Links with a matching version that are counted exactly (search.max_buckets is 65,536)."""
ALL_VALUES = 10_000
TIMES = {"added": "by_added", "snapshot": "taken_at", "changed": "by_changed"}
SORT_FIELDS = {Sort.NEWEST: "by_added", Sort.OLDEST: "by_added", Sort.CHANGED: "by_changed"}
KEYWORDS = ("link", "suffix", "lang", "flag", *(f"f_{name}" for name in FACETS))
LONGS = ("rev", "by_added", "by_changed", "taken_at", "seen_from", "seen_to")
SHOWN = ["link", "rev", "kind", "raw", "by_added", "by_changed", "seen_from", "seen_to"]
"""Kept in _source; the token streams are only indexed."""

MATCH_NONE: Json = {"match_none": {}}
TIMEOUT = "10s"


def index_body(refresh: str = "-1") -> Json:
    """Settings and mapping of a new index; refreshed by hand after each apply()."""
    stream = {"type": "text", "analyzer": "whitespace"}
    fields: Json = dict.fromkeys(TEXT_FIELDS, stream)
    fields |= {name: {"type": "keyword"} for name in KEYWORDS}
    fields |= {name: {"type": "long"} for name in LONGS}
    fields |= {
        "kind": {"type": "integer"},
        "raw": {"type": "keyword", "index": False, "doc_values": False},
    }
    return {
        "settings": {"number_of_shards": 1, "number_of_replicas": 0, "refresh_interval": refresh},
        "mappings": {
            "dynamic": "strict",
            "_meta": {"schema": SCHEMA_VERSION},
            "_source": {"includes": SHOWN},
            "properties": fields,
        },
    }


def search_body(tree: Query, page: PageRequest) -> Json:
    """One request: total, page and facets of link documents, or versions grouped by link."""
    versions = at_range(tree) is not None
    kind = VERSION if versions else LINK
    body: Json = {
        "query": {"bool": {"must": [translate(tree)], "filter": [{"term": {"kind": kind}}]}},
        "size": page.limit,
        "sort": _sort(page.sort, versions),
        "track_scores": page.sort is Sort.RELEVANCE,
        "track_total_hits": True,
        "timeout": TIMEOUT,
        "aggs": {"total": {"value_count": {"field": "link"}}},
    }
    if page.sort is Sort.RELEVANCE:
        body["from"] = page.offset
    elif page.before is not None:
        side = "gt" if page.sort is Sort.OLDEST else "lt"
        body["post_filter"] = {"range": {SORT_FIELDS[page.sort]: {side: page.before}}}
    if versions:
        body["collapse"] = {"field": "link"}
        body["aggs"] = {"links": {"terms": {"field": "link", "size": MOST_GROUPS}}}
    elif page.facets:
        body["aggs"] |= facet_aggs()
    return body


def facets_body(link_ids: Sequence[str]) -> Json:
    """Facets of these links' own documents."""
    chosen = [{"terms": {"link": list(link_ids)}}, {"term": {"kind": LINK}}]
    return {"size": 0, "query": {"bool": {"filter": chosen}}, "aggs": facet_aggs()}


def facet_aggs() -> Json:
    """Exact counts: one shard, all values."""
    return {name: {"terms": {"field": f"f_{name}", "size": ALL_VALUES}} for name in FACETS}


def translate(tree: Query) -> Json:
    """The tree as a query; what is no text adds nothing to the score."""
    if isinstance(tree, And):
        return _all(tree.children)
    if isinstance(tree, Or):
        parts = [translate(child) for child in tree.children]
        return {"bool": {"should": parts, "minimum_should_match": 1}}
    if isinstance(tree, Not):
        return _all((tree,))
    if isinstance(tree, Text):
        return _text(tree)
    return {"constant_score": {"filter": _filter(tree), "boost": 0.0}}


def _all(children: Sequence[Query]) -> Json:
    wanted = [translate(child) for child in children if not isinstance(child, Not)]
    unwanted = [translate(child.child) for child in children if isinstance(child, Not)]
    clauses: Json = {"must": wanted} if wanted else {"filter": [{"match_all": {}}]}
    return {"bool": clauses | {"must_not": unwanted}}


def _filter(tree: Query) -> Json:
    match tree:
        case All():
            return {"match_all": {}}
        case TagIds(ids):
            return {"terms": {"f_tag": sorted(ids)}}
        case Site(host):
            return {"term": {"suffix": host}}
        case Between(what, start, end):
            low = max(start, 1) if what == "snapshot" else start
            return {"range": {TIMES[what]: {"gte": low, "lt": end}}}
        case At(start, end):
            seen = {"seen_from": {"lt": end}}, {"seen_to": {"gte": start}}
            return {"bool": {"filter": [{"range": one} for one in seen]}}
        case Language(tag):
            return {"term": {"lang": tag}}
        case Status(code):
            return {"term": {"f_status": str(code)}}
        case HasNote():
            return {"term": {"flag": "note"}}
        case Is(what):
            flag = what in ("untagged", "unread", "watched")
            return {"term": {"flag" if flag else "f_state": what}}
    raise TypeError(f"{type(tree).__name__} cannot be searched")


def _text(tree: Text) -> Json:
    wanted = phrase(tree.text, tree.prefix)
    if not wanted.tokens:
        return MATCH_NONE
    names = (tree.field,) if tree.field else TEXT_FIELDS
    parts = [_in_field(name, wanted, TITLE_WEIGHT if name == "title" else 1.0) for name in names]
    return parts[0] if len(parts) == 1 else {"bool": {"should": parts, "minimum_should_match": 1}}


def _in_field(name: str, wanted: TokenPhrase, boost: float) -> Json:
    words = " ".join(wanted.tokens)
    if len(wanted.tokens) == 1:
        kind = "prefix" if wanted.prefix else "term"
        return {kind: {name: {"value": words, "boost": boost}}}
    if wanted.prefix:
        more = {"query": words, "max_expansions": MOST_ENDINGS, "boost": boost}
        return {"match_phrase_prefix": {name: more}}
    return {"match_phrase": {name: {"query": words, "boost": boost}}}


def _sort(sort: Sort, versions: bool) -> list[Json]:
    newest_text: list[Json] = [{"seen_to": "desc"}] if versions else []
    if sort is Sort.RELEVANCE:
        return [{"_score": "desc"}, {"by_added": "desc"}, *newest_text]
    order = "asc" if sort is Sort.OLDEST else "desc"
    return [{SORT_FIELDS[sort]: order}, {"by_added": order}, *newest_text]
