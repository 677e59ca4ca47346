"""Manages the numbered indices: the live one, the one being built, and the switch."""

import re
import time
from collections.abc import Iterable
from typing import Any

from elasticsearch import BadRequestError, Elasticsearch

from linkshot.adapters.elasticsearch_documents import index_body
from linkshot.adapters.index_terms import SCHEMA_VERSION
from linkshot.errors import IndexUnavailable

ATTEMPTS = 5
BEAT_EVERY_S = 10.0
SILENT_S = 600.0
"""A builder without a heartbeat for this long is dead; clocks of machines may differ a little."""
Aliases = dict[str, set[str]]


class Generations:
    """`name` is an alias of the index in use, `name-building` of the next one; both are
    `name-000N`, written to through their own alias `name-000N.w`, so that a bulk can never make
    an index without a mapping."""

    def __init__(self, client: Elasticsearch, name: str) -> None:
        self._client = client
        self._name = name
        self._building = f"{name}-building"
        self._beat_at = 0.0
        self._seen = False
        """Whether an index was seen before: when it is gone, the next one must be filled."""

    def ensure(self) -> str:
        """The index in use; an empty one is made where there is none."""
        for _ in range(ATTEMPTS):
            aliases = self._aliases()
            if found := _having(aliases, self._name):
                self._seen = True  # one that is gone after this must be filled, not begun empty
                return found[-1]
            self._make(aliases, self._name, filled=not self._seen)
        raise IndexUnavailable("the search index cannot be made")

    def targets(self) -> list[str]:
        """Where to write: the index in use and the one being built, by their own aliases."""
        self.ensure()
        aliases = self._aliases()
        return [
            writable(index)
            for index in _having(aliases, self._name) + _having(aliases, self._building)
        ]

    def needs_filling(self) -> bool:
        """The one in use is of another version, or was made in place of one that is gone."""
        meta = self._meta(self.ensure())
        return meta.get("schema") != SCHEMA_VERSION or not meta.get("filled")

    def begin(self) -> str:
        """A new, empty index, to which all processes write from now on; what a builder left that
        is gone is dropped, and its number not used again."""
        self.ensure()
        aliases = self._aliases()
        for index in _having(aliases, self._building):
            if time.time() - float(self._meta(index).get("beat", 0)) < SILENT_S:
                raise IndexUnavailable("the search index is being built already")
            self.drop([index])
        made = self._make(aliases, self._building, filled=False)
        if made is None:
            raise IndexUnavailable("the search index is being built already")
        return made

    def beat(self, index: str) -> None:
        """The builder's heartbeat."""
        if time.monotonic() - self._beat_at > BEAT_EVERY_S:
            self._beat_at = time.monotonic()
            self._mark(index, filled=False)

    def switch(self, made: str) -> None:
        """`made` answers from now on; the others are dropped."""
        self._mark(made, filled=True)
        old = _having(self._aliases(), self._name)
        actions: list[dict[str, Any]] = [
            {"remove": {"index": index, "alias": self._name}} for index in old
        ]
        actions += [
            {"add": {"index": made, "alias": self._name}},
            {"remove": {"index": made, "alias": self._building}},
        ]
        # One request is atomic: at no time do two indices answer, or none.
        self._client.indices.update_aliases(actions=actions)
        self.drop(index for index in self._aliases() if index < made)

    def drop(self, indices: Iterable[str]) -> None:
        """Delete them; absent ones do not matter."""
        for index in indices:
            self._client.indices.delete(index=index, ignore_unavailable=True)

    def _aliases(self) -> Aliases:
        """Numbered index → its aliases, in order."""
        found = self._client.indices.get_alias(index=f"{self._name}-*").body
        numbered = re.compile(re.escape(self._name) + r"-\d{4,}")
        return {
            index: set(found[index]["aliases"])
            for index in sorted(found, key=lambda index: (len(index), index))
            if numbered.fullmatch(index)
        }

    def _make(self, known: Aliases, alias: str, *, filled: bool) -> str | None:
        """A new index behind all known ones; None when another process made it first."""
        number = int(list(known)[-1].rpartition("-")[2]) + 1 if known else 1
        index = f"{self._name}-{number:04d}"
        meta = {"filled": filled, "beat": time.time()}
        names: dict[str, dict[str, Any]] = {alias: {}, writable(index): {}}
        try:
            self._client.indices.create(index=index, aliases=names, **index_body(meta))
        except BadRequestError as exc:
            # Of several processes that make the same number, one wins; the others use that one.
            if exc.error != "resource_already_exists_exception":
                raise
            return None
        return index

    def _meta(self, index: str) -> dict[str, Any]:
        found = self._client.indices.get_mapping(index=index).body[index]["mappings"]
        return dict(found.get("_meta", {}))

    def _mark(self, index: str, *, filled: bool) -> None:
        meta = {"schema": SCHEMA_VERSION, "filled": filled, "beat": time.time()}
        self._client.indices.put_mapping(index=index, meta=meta)


def writable(index: str) -> str:
    """The alias an index is written to by."""
    return f"{index}.w"


def _having(aliases: Aliases, alias: str) -> list[str]:
    return [index for index, names in aliases.items() if alias in names]
