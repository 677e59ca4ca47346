"""A SearchIndex on Elasticsearch: an alias on numbered indices, bulk writes with external versions."""

import logging
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from elasticsearch import ApiError, Elasticsearch, NotFoundError, TransportError
from elasticsearch.helpers import scan, streaming_bulk

from linkshot.adapters.elasticsearch_dsl import (
    SORT_FIELDS,
    facets_body,
    index_body,
    search_body,
)
from linkshot.errors import ConfigError, IndexUnavailable
from linkshot.index_fields import (
    LINK,
    SCHEMA_VERSION,
    TOMBSTONE,
    VERSION,
    fields_of,
    newest,
    top,
)
from linkshot.model import IndexDocument
from linkshot.ports import FACETS, Hit, Hits, IndexChange, PageRequest, Removal, Upsert
from linkshot.query import Query, Sort, at_range

logger = logging.getLogger(__name__)

CHUNK, CHUNK_BYTES = 500, 10_000_000
TIMEOUT_S = 30.0
RETRIES = 4
MOST_VERSIONS = 1000
Json = dict[str, Any]


class ElasticsearchIndex:
    """See SearchIndex. `name` is an alias; `name-000N` are the indices behind it."""

    def __init__(self, client: Elasticsearch, name: str, text_bytes: int) -> None:
        self._client = client
        self._name = name
        self._building = f"{name}-building"
        self._text_bytes = text_bytes
        self.needs_rebuild = False
        """The index was made by another version and must be filled again."""
        self._ready = False

    @classmethod
    def from_url(cls, url: str, *, text_bytes: int) -> "ElasticsearchIndex":
        """`elasticsearch+http(s)://[USER:PASSWORD@]HOST[:PORT][?prefix=…&api_key_file=…]`."""
        parts = urlsplit(url)
        asked = {key: values[-1] for key, values in parse_qs(parts.query).items()}
        if not parts.hostname or set(asked) - {"prefix", "api_key_file", "cafile"}:
            raise ConfigError(
                "LINKSHOT_INDEX has the form elasticsearch+https://HOST[:PORT][?api_key_file=FILE]",
                field="index",
            )
        options: Json = {"request_timeout": TIMEOUT_S, "max_retries": 2, "retry_on_timeout": True}
        if parts.username:
            options["basic_auth"] = (unquote(parts.username), unquote(parts.password or ""))
        if "api_key_file" in asked:
            options["api_key"] = Path(asked["api_key_file"]).read_text("utf-8").strip()
        if "cafile" in asked:
            options["ca_certs"] = asked["cafile"]
        scheme = parts.scheme.rpartition("+")[2]
        host = f"{scheme}://{parts.hostname}:{parts.port or 9200}"
        client = Elasticsearch(host, **options)
        return cls(client, asked.get("prefix", "") + "linkshot-links", text_bytes)

    def apply(self, changes: Sequence[IndexChange]) -> None:
        """See SearchIndex.apply; a document the server refuses is logged, the others go on."""
        with _unavailable():
            self._ensure()
            kept = newest(changes)
            self._write(self._name, kept)
            if self._client.indices.exists_alias(name=self._building):
                self._write(self._building, kept)

    def search(self, query: Query, page: PageRequest) -> Hits:
        """See SearchIndex.search."""
        with _unavailable():
            self._ensure()
            answer = self._client.search(index=self._name, body=search_body(query, page)).body
            versions = at_range(query) is not None
            found = answer["aggregations"]
            if versions:
                ids = [bucket["key"] for bucket in found["links"]["buckets"]]
                total = len(ids)
                found = self._facets_of(ids) if page.facets else {}
            else:
                total = int(found["total"]["value"])
            hits = tuple(_hit(raw, page.sort) for raw in answer["hits"]["hits"])
            return Hits(total=total, hits=hits, facets=_facets(found))

    def replace(self, changes: Iterable[IndexChange]) -> None:
        """See SearchIndex.replace: build N+1 beside N, both are written to, the alias moves at once."""
        with _unavailable():
            self._ensure()
            old = self._behind(self._name)
            made = self._make(max(map(_number, old), default=0) + 1, self._building)
            try:
                rest = iter(changes)
                while batch := list(islice(rest, CHUNK)):
                    self._write(made, newest(batch), refresh=False)
                self._client.indices.refresh(index=made)
                self._switch(old, made)
            except BaseException:
                self._client.indices.delete(index=made, ignore_unavailable=True)
                raise
            self.needs_rebuild = False

    def count(self) -> int:
        """See SearchIndex.count."""
        with _unavailable():
            self._ensure()
            query = {"term": {"kind": LINK}}
            return int(self._client.count(index=self._name, query=query)["count"])

    def revisions(self) -> Iterator[tuple[str, int]]:
        """See SearchIndex.revisions."""
        with _unavailable():
            self._ensure()
            wanted = {"query": {"terms": {"kind": [LINK, VERSION]}}, "_source": ["rev"]}
            for raw in scan(self._client, index=self._name, query=wanted, size=1000):
                yield raw["_id"], int(raw["_source"]["rev"])

    def close(self) -> None:
        """See SearchIndex.close."""
        self._client.close()

    def _ensure(self) -> None:
        """The alias exists and points to an index of this version."""
        if self._ready:
            return
        behind = self._behind(self._name)
        if not behind:
            self._make(1, self._name)
        else:
            self.needs_rebuild = self._schema_of(behind[0]) != SCHEMA_VERSION
        self._ready = True

    def _behind(self, alias: str) -> list[str]:
        try:
            return sorted(self._client.indices.get_alias(name=alias).body)
        except NotFoundError:
            return []

    def _schema_of(self, index: str) -> int:
        mapping = self._client.indices.get_mapping(index=index).body[index]["mappings"]
        return int(mapping.get("_meta", {}).get("schema", 0))

    def _make(self, number: int, alias: str) -> str:
        index = f"{self._name}-{number:04d}"
        try:
            self._client.indices.create(index=index, **index_body(), aliases={alias: {}})
        except ApiError as exc:
            if exc.error != "resource_already_exists_exception":
                raise
            self._client.indices.put_alias(index=index, name=alias)
        return index

    def _switch(self, old: Sequence[str], new: str) -> None:
        actions: list[Json] = [{"remove": {"index": index, "alias": self._name}} for index in old]
        actions += [
            {"add": {"index": new, "alias": self._name}},
            {"remove": {"index": new, "alias": self._building}},
        ]
        self._client.indices.update_aliases(actions=actions)
        for index in old:
            self._client.indices.delete(index=index, ignore_unavailable=True)

    def _write(self, index: str, changes: Sequence[IndexChange], *, refresh: bool = True) -> None:
        known = self._known(index, changes)
        actions = [action for change in changes for action in self._actions(index, change, known)]
        self._bulk(actions)
        if refresh:
            self._client.indices.refresh(index=index)

    def _known(self, index: str, changes: Sequence[IndexChange]) -> dict[str, tuple[int, int]]:
        """id → (kind, rev) of what is there of these documents and their links, read in real time."""
        ids = {c.link_id if isinstance(c, Removal) else c.document.link_id for c in changes}
        ids |= {c.document.id for c in changes if isinstance(c, Upsert)}
        if not ids:
            return {}
        docs = self._client.mget(index=index, ids=sorted(ids), source_includes=["kind", "rev"])
        return {
            doc["_id"]: (int(doc["_source"]["kind"]), int(doc["_source"]["rev"]))
            for doc in docs["docs"]
            if doc.get("found")
        }

    def _actions(
        self, index: str, change: IndexChange, known: dict[str, tuple[int, int]]
    ) -> Iterator[Json]:
        if isinstance(change, Removal):
            kind, rev = known.get(change.link_id, (LINK, -1))
            if rev <= change.rev:
                yield _stone(index, change.link_id, change)
                for version in self._versions(index, change.link_id):
                    yield _stone(index, version, change)
            return
        document = change.document
        for name in {document.id, document.link_id}:
            kind, rev = known.get(name, (LINK, -1))
            if kind == TOMBSTONE and rev >= document.rev:
                return
        yield _action(index, document.id, document.rev, self._body(document))

    def _versions(self, index: str, link_id: str) -> list[str]:
        wanted = [{"term": {"link": link_id}}, {"term": {"kind": VERSION}}]
        found = self._client.search(
            index=index, query={"bool": {"filter": wanted}}, size=MOST_VERSIONS, source=False
        )
        return [raw["_id"] for raw in found["hits"]["hits"]]

    def _body(self, document: IndexDocument) -> Json:
        fields = fields_of(document, self._text_bytes)
        body: Json = {
            "kind": fields.kind,
            "link": document.link_id,
            "suffix": fields.suffixes,
            "lang": fields.languages,
            "flag": fields.flags,
            "raw": fields.text,
            "rev": document.rev,
            "by_added": document.by_added,
            "by_changed": document.by_changed,
            "taken_at": document.taken_at,
            "seen_from": document.seen_from,
            "seen_to": document.seen_to,
        }
        body |= {f"f_{name}": values for name, values in fields.facets.items()}
        return body | fields.streams

    def _bulk(self, actions: Sequence[Json]) -> None:
        """Each item by itself: older ones are fine, refused ones are logged, others are trouble."""
        results = streaming_bulk(
            self._client,
            actions,
            chunk_size=CHUNK,
            max_chunk_bytes=CHUNK_BYTES,
            max_retries=RETRIES,
            initial_backoff=0.2,
            raise_on_error=False,
        )
        for fine, item in results:
            if not fine:
                _judge(next(iter(item.values())))

    def _facets_of(self, link_ids: Sequence[str]) -> Json:
        answer = self._client.search(index=self._name, body=facets_body(link_ids))
        return dict(answer["aggregations"])


def _judge(item: Json) -> None:
    status = int(item.get("status", 0))
    if status == 409:
        return
    kind = str(item.get("error", {}).get("type", "")) if isinstance(item.get("error"), dict) else ""
    if status == 400:
        logger.error("The index refuses a document", extra={"id": item.get("_id"), "error": kind})
        return
    raise IndexUnavailable(f"the search index could not write ({status} {kind})")


def _stone(index: str, document_id: str, removal: Removal) -> Json:
    body = {"kind": TOMBSTONE, "link": removal.link_id, "rev": removal.rev}
    return _action(index, document_id, removal.rev, body)


def _action(index: str, document_id: str, rev: int, body: Json) -> Json:
    return {
        "_op_type": "index",
        "_index": index,
        "_id": document_id,
        "version": rev,
        "version_type": "external_gte",
        "_source": body,
    }


def _number(index: str) -> int:
    tail = index.rpartition("-")[2]
    return int(tail) if tail.isdigit() else 0


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
    return {
        name: top({b["key"]: b["doc_count"] for b in found[name]["buckets"]})
        for name in FACETS
        if name in found
    }


@contextmanager
def _unavailable() -> Iterator[None]:
    try:
        yield
    except ApiError as exc:
        raise IndexUnavailable(f"the search index refused ({exc.status_code})") from exc
    except TransportError as exc:
        raise IndexUnavailable(f"the search index does not answer: {type(exc).__name__}") from exc
