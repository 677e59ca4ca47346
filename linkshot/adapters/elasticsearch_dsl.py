"""Query trees as requests to Elasticsearch, with core features only (pure)."""

from collections.abc import Mapping, Sequence
from typing import Any

from linkshot.adapters.index_terms import FLAGS, LINK, TIMES, TITLE_WEIGHT, TOP_FACETS, VERSION
from linkshot.domain.tag_tree import TagTree
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
from linkshot.text.tokens import TokenPhrase, phrase_variants

Json = dict[str, Any]

MAX_PREFIX_EXPANSIONS = 1_000_000
"""A longer beginning (more than PREFIX_CHARS) at the end of a phrase stands for all its terms, or the
server refuses: nothing is left out silently."""
LINKS_PER_REQUEST = 10_000
"""Links with a matching version, counted in one request (search.max_buckets is 65,536)."""
ALL_VALUES = 10_000
ALL_TAGS = 60_000
SORT_FIELDS = {Sort.NEWEST: "by_added", Sort.OLDEST: "by_added", Sort.CHANGED: "by_changed"}
MATCH_NONE: Json = {"match_none": {}}
TIMEOUT = "10s"


def search_body(tree: Query, page: PageRequest) -> Json:
    """One request: page, total and facets of link documents, or versions grouped by link.

    Where nothing is counted, documents that cannot come onto the page are passed over.
    """
    versions = at_range(tree) is not None
    body: Json = {
        "query": _whole(tree, page, VERSION if versions else LINK),
        "size": page.limit,
        "track_scores": page.sort is Sort.RELEVANCE,
        "track_total_hits": False,
        "timeout": TIMEOUT,
    }
    # Of the versions of a link that are equal otherwise, collapse keeps the one seen last.
    newest_text = [{"seen_to": "desc"}] if versions else []
    if page.sort is Sort.RELEVANCE:
        body["sort"] = [{"_score": "desc"}, {"by_added": "desc"}, *newest_text]
        body["from"] = page.offset
    else:
        order, side = ("asc", "gt") if page.sort is Sort.OLDEST else ("desc", "lt")
        body["sort"] = [{SORT_FIELDS[page.sort]: order}, {"by_added": order}, *newest_text]
        if page.before is not None:  # behind the query, so that the total counts all pages
            body["post_filter"] = {"range": {SORT_FIELDS[page.sort]: {side: page.before}}}
    if versions:
        body["collapse"] = {"field": "link"}
    if page.total or page.facets:
        total: Json = {"total": {"value_count": {"field": "link"}}}
        facets = facet_aggs(TOP_FACETS, page.tags) if page.facets else {}
        body["aggs"] = links_aggs({}) if versions else total | facets
    return body


def more_links_body(tree: Query, page: PageRequest, after: Json) -> Json:
    """The next links with a matching version."""
    query = _whole(tree, page, VERSION)
    return {"size": 0, "query": query, "aggs": links_aggs(after), "timeout": TIMEOUT}


def links_aggs(after: Json) -> Json:
    """The links of the hits, LINKS_PER_REQUEST of them in order of id, behind `after`."""
    sources = [{"link": {"terms": {"field": "link"}}}]
    spec: Json = {"size": LINKS_PER_REQUEST, "sources": sources}
    return {"links": {"composite": spec | ({"after": after} if after else {})}}


def of_links(link_ids: Sequence[str]) -> Json:
    """These links' own documents, as a query."""
    return {"bool": {"filter": [{"terms": {"link": list(link_ids)}}, {"term": {"kind": LINK}}]}}


def of_hits(tree: Query, page: PageRequest) -> Json:
    """The link documents that a query means, as a query."""
    return _whole(tree, page, LINK)


def counting_body(query: Json, aggs: Json) -> Json:
    """A request that only counts."""
    return {"size": 0, "query": query, "aggs": aggs, "timeout": TIMEOUT}


def facet_aggs(size: int, tags: TagTree | None) -> Json:
    """Exact, because there is one shard; most frequent first, equal ones by value.

    Of tags in a tree all are asked for: those below it make up what a tag counts.
    """
    aggs = {name: {"terms": {"field": f"f_{name}", "size": size}} for name in FACETS}
    if tags is not None:
        aggs["tag"]["terms"]["size"] = min(max(size, len(tags.parents) + TOP_FACETS), ALL_TAGS)
    return aggs


def distinct_aggs(several: Mapping[str, Sequence[str]]) -> Json:
    """How many documents have one of these tags, for each of the names."""
    chosen = {tag: {"terms": {"f_tag": list(ids)}} for tag, ids in several.items()}
    return {"distinct": {"filters": {"filters": chosen}}}


def translate(tree: Query) -> Json:
    """The tree as a query; what is no text adds nothing to the score."""
    if isinstance(tree, And):
        return _all(tree.children)
    if isinstance(tree, Or):
        return _any([translate(child) for child in tree.children])
    if isinstance(tree, Not):
        if isinstance(tree.child, Not):
            return translate(tree.child.child)
        return _all((tree,))
    if isinstance(tree, Text):
        return _text(tree)
    return {"constant_score": {"filter": _filter(tree), "boost": 0.0}}


def _whole(tree: Query, page: PageRequest, kind: int) -> Json:
    clauses: Json = {"must": [translate(tree)], "filter": [{"term": {"kind": kind}}]}
    if page.exclude:
        clauses["must_not"] = [{"terms": {"link": sorted(page.exclude)}}]
    return {"bool": clauses}


def _all(children: Sequence[Query]) -> Json:
    wanted = [translate(child) for child in children if not isinstance(child, Not)]
    unwanted = [translate(child.child) for child in children if isinstance(child, Not)]
    clauses: Json = {"must": wanted} if wanted else {"filter": [{"match_all": {}}]}
    return {"bool": clauses | {"must_not": unwanted}}


def _any(parts: Sequence[Json]) -> Json:
    if len(parts) == 1:
        return parts[0]
    return {"bool": {"should": list(parts), "minimum_should_match": 1}}


def _filter(tree: Query) -> Json:
    match tree:
        case All():
            return {"match_all": {}}
        case TagIds(ids):
            return {"terms": {"f_tag": sorted(ids)}}
        case Site(host):
            return {"term": {"suffix": host}}
        case Between(what, start, end):
            # A time that is not known is 0, the key of a link that has not changed lies below it.
            low = start if what == "added" else max(start, 1)
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
            return {"term": {"flag" if what in FLAGS else "f_state": what}}
    raise TypeError(f"{type(tree).__name__} cannot be searched")


def _text(tree: Text) -> Json:
    wanted = [one for one in phrase_variants(tree.text, tree.prefix) if one.tokens]
    if not wanted:
        return MATCH_NONE
    names = (tree.field,) if tree.field else TEXT_FIELDS
    parts = [
        _in_field(name, one, TITLE_WEIGHT if name == "title" else 1.0)
        for name in names
        for one in wanted
    ]
    if wanted[0].prefix and len(wanted[0].tokens) == 1:
        # the beginning of a word alone: all that hold it are alike, but for the title
        return {"dis_max": {"queries": parts}}
    return _any(parts)


def _in_field(name: str, wanted: TokenPhrase, boost: float) -> Json:
    words = " ".join(wanted.tokens)
    if len(wanted.tokens) == 1:
        kind = "prefix" if wanted.prefix else "term"
        return {kind: {name: {"value": words, "boost": boost}}}
    if wanted.prefix:
        more = {"query": words, "max_expansions": MAX_PREFIX_EXPANSIONS, "boost": boost}
        return {"match_phrase_prefix": {name: more}}
    return {"match_phrase": {name: {"query": words, "boost": boost}}}
