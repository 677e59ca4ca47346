"""Reads texts of documents from the store, with a cache: every edit of a link needs its texts again."""

import logging

from cachetools import LRUCache

from linkshot.domain.storage_layout import blob_key
from linkshot.errors import Damaged
from linkshot.ports import ArtifactStore
from linkshot.use_cases import blobs

logger = logging.getLogger(__name__)

CACHE_CHARS = 20_000_000


class TextCache:
    """Texts by store key, each cut at `limit` bytes."""

    def __init__(self, store: ArtifactStore, limit: int, cache_chars: int = CACHE_CHARS) -> None:
        self._store = store
        self._limit = limit
        self._texts: LRUCache[str, str] = LRUCache(cache_chars, getsizeof=len)

    def get(self, key: str) -> str:
        """The text under this key, checked against it; Damaged when it is missing or not whole."""
        known = self._texts.get(key)
        if known is not None:
            return known
        sha256 = key.rpartition("/")[2]
        if key != blob_key(sha256):
            raise Damaged("A message names a text that is no blob.", fault="missing")
        text = blobs.read(self._store, sha256)[: self._limit].decode("utf-8", "ignore")
        if len(text) <= self._texts.maxsize:  # cachetools raises for a longer one
            self._texts[key] = text
        return text
