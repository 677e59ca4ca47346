"""A SearchIndex on Elasticsearch: an alias on numbered indices, bulk writes with external versions."""

import base64
import logging
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from itertools import islice
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from elasticsearch import ApiError, BadRequestError, Elasticsearch, NotFoundError, TransportError
from elasticsearch.helpers import scan, streaming_bulk

from linkshot.adapters.elasticsearch_documents import (
    MISSING_INDEX,
    action_error,
    delete_action,
    deletions,
    tombstone_action,
    tombstone_limits,
    upsert_action,
)
from linkshot.adapters.elasticsearch_dsl import (
    ALL_VALUES,
    LINKS_PER_REQUEST,
    SORT_FIELDS,
    counting_body,
    distinct_aggs,
    facet_aggs,
    more_links_body,
    of_hits,
    of_links,
    search_body,
)
from linkshot.adapters.index_elasticsearch_generations import Generations, writable
from linkshot.adapters.index_terms import LINK, TOP_FACETS, VERSION, compact, top
from linkshot.domain.tag_tree import TagTree
from linkshot.errors import ConfigError, IndexUnavailable, InvalidInput, QuerySyntax
from linkshot.ports import FACETS, Hit, Hits, IndexChange, PageRequest, Removal, Trim, Upsert
from linkshot.query import Query, Sort, at_range
from linkshot.system import secret_files
from linkshot.system.connection_errors import explain_or_kind

logger = logging.getLogger(__name__)

CHUNK, CHUNK_BYTES = 500, 10_000_000
TIMEOUT_S, SEARCH_TIMEOUT_S = 30.0, 15.0
RETRIES, BACKOFF_S, BACKOFF_MAX_S = 5, 0.2, 3.0
"""For single documents the server is too busy to take (429)."""
NEVER = -(2**63)
"""Below any revision."""
OPTIONS = {"prefix", "api_key_file", "password_file", "cafile"}
ATTEMPTS = 6
"""Times an index may be switched while one apply() goes on."""
TOO_BROAD = "too many words begin like this; write more of the word before the *"
NOT_LET_IN = (401, 403)
Json = dict[str, Any]


class ElasticsearchIndex:
    """See SearchIndex; indices are made when first used."""

    def __init__(self, client: Elasticsearch, name: str, text_bytes: int) -> None:
        self._client = client
        self._searcher = client.options(request_timeout=SEARCH_TIMEOUT_S, max_retries=1)
        self._name = name
        self._text_bytes = text_bytes
        self._generations = Generations(client, name)
        self._ready = False

    @classmethod
    def from_url(cls, url: str, *, text_bytes: int) -> "ElasticsearchIndex":
        """`elasticsearch+http(s)://[USER:PASSWORD@]HOST[:PORT][?prefix=…&api_key_file=…]`."""
        parts = urlsplit(url)
        asked = {key: values[-1] for key, values in parse_qs(parts.query).items()}
        if not parts.hostname or set(asked) - OPTIONS:
            raise ConfigError(
                "LINKSHOT_INDEX has the form elasticsearch+https://HOST[:PORT][?api_key_file=FILE]",
                field="index",
            )
        options: Json = {"request_timeout": TIMEOUT_S, "max_retries": 2, "retry_on_timeout": True}
        if parts.username:
            password = _secret("password_file", asked) or unquote(parts.password or "")
            # The header in UTF-8 (RFC 7617 §2.1); the client itself fails on what is not ASCII.
            login = f"{unquote(parts.username)}:{password}".encode()
            basic = base64.b64encode(login).decode()
            options["headers"] = {"authorization": f"Basic {basic}"}
        if "api_key_file" in asked:
            options["api_key"] = _secret("api_key_file", asked)
        if "cafile" in asked:
            options["ca_certs"] = asked["cafile"]
        server = parts.netloc.rpartition("@")[2]
        port = "" if parts.port else ":9200"
        client = Elasticsearch(f"{parts.scheme.rpartition('+')[2]}://{server}{port}", **options)
        return cls(client, asked.get("prefix", "") + "linkshot-links", text_bytes)

    @property
    def needs_rebuild(self) -> bool:
        """See SearchIndex.needs_rebuild; asked of the server each time."""
        with self._unavailable():
            return self._generations.needs_filling()

    def apply(self, changes: Sequence[IndexChange]) -> None:
        """See SearchIndex.apply; InvalidInput names the documents the server refuses for ever,
        after all the others were written."""
        kept = compact(changes)
        if not kept:
            return
        with self._unavailable():
            refused = self._write_everywhere(kept)
        if refused:
            raise InvalidInput(
                f"the search index refuses {len(refused)} documents: "
                f"{', '.join(f'{name} ({kind})' for name, kind in sorted(refused.items())[:5])}",
                code="index.refused",
            )

    def search(self, query: Query, page: PageRequest) -> Hits:
        """See SearchIndex.search."""
        with self._unavailable():
            self._ensure()
            answer = self._search(search_body(query, page))
            hits = tuple(_hit(raw, page.sort) for raw in answer["hits"]["hits"])
            if not (page.total or page.facets):
                return Hits(total=0, hits=hits)
            if at_range(query) is not None:
                ids = list(self._links(query, page, answer))
                facets = self._facets_of(ids, page.tags) if page.facets else {}
                return Hits(total=len(ids), hits=hits, facets=facets)
            found = answer["aggregations"]
            facets = _facets(found)
            if page.tags is not None and facets:
                hit = [of_hits(query, page)]
                facets["tag"] = page.tags.top(
                    facets["tag"], lambda several: self._distinct(hit, several)
                )
            return Hits(total=int(found["total"]["value"]), hits=hits, facets=facets)

    def replace(self, changes: Iterable[IndexChange]) -> None:
        """See SearchIndex.replace; refused documents are logged."""
        with self._unavailable():
            made = self._generations.begin()
        try:
            rest = iter(changes)
            while batch := list(islice(rest, CHUNK)):
                with self._unavailable():
                    refused = self._write(writable(made), compact(batch), refresh=False)
                    for name, kind in refused.items():
                        extra = {"id": name, "error": kind}
                        logger.error("The index refuses a document", extra=extra)
                    self._generations.beat(made)
            with self._unavailable():
                self._client.indices.refresh(index=made)
                self._generations.switch(made)
        except BaseException:
            with suppress(ApiError, TransportError):
                self._generations.drop([made])
            raise

    def count(self) -> int:
        """See SearchIndex.count."""
        with self._unavailable():
            self._ensure()
            query = {"term": {"kind": LINK}}
            return int(self._client.count(index=self._name, query=query)["count"])

    def revisions(self) -> Iterator[tuple[str, int]]:
        """See SearchIndex.revisions."""
        with self._unavailable():
            self._ensure()
            wanted = {"query": {"terms": {"kind": [LINK, VERSION]}}, "_source": ["rev"]}
            for raw in scan(self._client, index=self._name, query=wanted, size=1000):
                yield raw["_id"], int(raw["_source"]["rev"])

    def revisions_of(self, document_ids: Sequence[str]) -> dict[str, int]:
        """See SearchIndex.revisions_of."""
        if not document_ids:
            return {}
        with self._unavailable():
            self._ensure()
            answer = self._client.mget(
                index=self._name, ids=list(document_ids), source_includes=["rev"]
            )
            found = (raw for raw in answer["docs"] if raw.get("found"))
            return {raw["_id"]: int(raw["_source"]["rev"]) for raw in found}

    def close(self) -> None:
        """See SearchIndex.close."""
        self._client.close()

    def _ensure(self) -> None:
        if not self._ready:
            self._generations.ensure()
            self._ready = True

    def _write_everywhere(self, kept: Sequence[IndexChange]) -> dict[str, str]:
        """Into the index in use and the one being built, also when they change meanwhile."""
        written: set[str] = set()
        refused: dict[str, str] = {}
        for _ in range(ATTEMPTS):
            missing = [one for one in self._generations.targets() if one not in written]
            if not missing:
                return refused
            for target in missing:
                with suppress(NotFoundError, _IndexGone):
                    refused |= self._write(target, kept)
                    written.add(target)
        raise IndexUnavailable("the search index changed too often while it was written to")

    def _write(
        self, target: str, kept: Sequence[IndexChange], *, refresh: bool = True
    ) -> dict[str, str]:
        """`kept` as compact() orders them; id → kind of error of those refused.

        Tombstones are looked at before and after: a removal by another process either sees what
        was written here, or is seen here.
        """
        closing = [change for change in kept if not isinstance(change, Upsert)]
        upserts = self._not_outdated(target, [c for c in kept if isinstance(c, Upsert)])
        actions = [tombstone_action(change) for change in closing]
        actions += [upsert_action(upsert.document, self._text_bytes) for upsert in upserts]
        refused = self._bulk(target, actions)
        stayed = {id(upsert) for upsert in self._not_outdated(target, upserts)}
        late = [
            delete_action(u.document.id, u.document.rev) for u in upserts if id(u) not in stayed
        ]
        if closing:
            self._client.indices.refresh(index=target)
            late += self._outdated(target, closing)
        self._bulk(target, late)
        if refresh:
            self._client.indices.refresh(index=target)
        return refused

    def _not_outdated(self, target: str, upserts: Sequence[Upsert]) -> list[Upsert]:
        """Those that no tombstone outdates, read in real time."""
        wanted = [(upsert, tombstone_limits(upsert.document)) for upsert in upserts]
        ids = sorted({tombstone for _, limits in wanted for tombstone in limits})
        if not ids:
            return []
        docs = self._client.mget(index=target, ids=ids, source_includes=["rev"])["docs"]
        revs = {doc["_id"]: int(doc["_source"]["rev"]) for doc in docs if doc.get("found")}
        return [
            upsert
            for upsert, limits in wanted
            if all(revs.get(tombstone, NEVER) < limit for tombstone, limit in limits.items())
        ]

    def _outdated(self, target: str, closing: Sequence[Removal | Trim]) -> list[Json]:
        """Deletions of what the removals and trims cover."""
        links = sorted({change.link_id for change in closing})
        wanted = [{"terms": {"link": links}}, {"terms": {"kind": [LINK, VERSION]}}]
        query = {"query": {"bool": {"filter": wanted}}, "_source": ["link", "kind", "rev"]}
        found = scan(self._client, index=target, query=query, size=1000)
        return deletions(closing, ((raw["_id"], raw["_source"]) for raw in found))

    def _bulk(self, target: str, actions: Sequence[Json]) -> dict[str, str]:
        """Each action by itself; id → kind of error of those refused; other failures are raised."""
        refused: dict[str, str] = {}
        results = streaming_bulk(
            self._client,
            actions,
            index=target,
            require_alias=True,  # where the index was dropped, a bulk would make one without a mapping
            chunk_size=CHUNK,
            max_chunk_bytes=CHUNK_BYTES,
            max_retries=RETRIES,
            initial_backoff=BACKOFF_S,
            max_backoff=BACKOFF_MAX_S,
            raise_on_error=False,
        )
        for _, item in results:
            status, kind = action_error(item)
            if kind == MISSING_INDEX:
                raise _IndexGone
            if status == 400:  # the document itself is refused, and always will be
                refused[str(next(iter(item.values()))["_id"])] = kind
            elif status:
                raise IndexUnavailable(f"the search index could not write ({status} {kind})")
        return refused

    def _search(self, body: Json) -> Json:
        answer = self._searcher.search(
            # an answer that lacks shards looks like one that found less
            index=self._name,
            body=body,
            allow_partial_search_results=False,
        )
        if answer["timed_out"]:
            raise IndexUnavailable("the search takes too long")
        return dict(answer.body)

    def _links(self, query: Query, page: PageRequest, answer: Json) -> Iterator[str]:
        """Ids of all links with a matching version."""
        while True:
            found = answer["aggregations"]["links"]
            yield from (bucket["key"]["link"] for bucket in found["buckets"])
            if len(found["buckets"]) < LINKS_PER_REQUEST:
                return
            answer = self._search(more_links_body(query, page, found["after_key"]))

    def _facets_of(self, ids: Sequence[str], tags: TagTree | None) -> dict[str, dict[str, int]]:
        """Of the links' own documents, summed over parts of them."""
        starts = range(0, len(ids), LINKS_PER_REQUEST)
        parts = [of_links(ids[start : start + LINKS_PER_REQUEST]) for start in starts]
        aggs = facet_aggs(TOP_FACETS if len(parts) < 2 else ALL_VALUES, tags)
        sums: dict[str, Counter[str]] = {name: Counter() for name in FACETS}
        for part in parts:
            found = self._search(counting_body(part, aggs))["aggregations"]
            for name, counts in _facets(found).items():
                sums[name].update(counts)
        facets = {name: top(counts) for name, counts in sums.items()}
        if tags is not None:
            facets["tag"] = tags.top(sums["tag"], lambda several: self._distinct(parts, several))
        return facets

    def _distinct(
        self, parts: Sequence[Json], several: Mapping[str, Sequence[str]]
    ) -> dict[str, int]:
        """Tag → how many documents of these parts have one of its tags."""
        sums: Counter[str] = Counter()
        for part in parts:
            found = self._search(counting_body(part, distinct_aggs(several)))["aggregations"]
            buckets = found["distinct"]["buckets"]
            sums.update({tag: int(bucket["doc_count"]) for tag, bucket in buckets.items()})
        return dict(sums)

    @contextmanager
    def _unavailable(self) -> Iterator[None]:
        try:
            yield
        except NotFoundError as exc:
            self._ready = False
            raise IndexUnavailable("the search index is missing; it is made again") from exc
        except BadRequestError as exc:
            if "too many clauses" in str(exc).lower():
                raise QuerySyntax(TOO_BROAD, code="query.too_broad") from exc
            raise IndexUnavailable(f"the search index refused ({exc.error})") from exc
        except ApiError as exc:
            look = ": look at the login in LINKSHOT_INDEX" if exc.status_code in NOT_LET_IN else ""
            raise IndexUnavailable(f"the search index refused ({exc.status_code}){look}") from exc
        except TransportError as exc:
            raise IndexUnavailable(
                f"the search index does not answer: {explain_or_kind(exc)}"
            ) from exc


class _IndexGone(Exception):
    """An index was dropped while it was written to: another one has taken over."""


def _secret(option: str, asked: dict[str, str]) -> str:
    """The secret in the file that the URL names; empty when it names none."""
    return secret_files.read_secret(option, asked[option], "index") if option in asked else ""


def _hit(raw: Json, sort: Sort) -> Hit:
    source = raw["_source"]
    return Hit(
        id=raw["_id"],
        link_id=source["link"],
        score=float(raw["_score"] or 0.0),
        key=int(source[SORT_FIELDS.get(sort, "by_added")]),
        text=source.get("raw", ""),
        seen_from=int(source["seen_from"]),
        seen_to=int(source["seen_to"]),
    )


def _facets(found: Json) -> dict[str, dict[str, int]]:
    """Facet → value → count, as counted."""
    return {
        name: {bucket["key"]: bucket["doc_count"] for bucket in found[name]["buckets"]}
        for name in FACETS
        if name in found
    }
