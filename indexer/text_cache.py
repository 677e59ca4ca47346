"""Reads texts of documents from the store, with a cache: every edit of a link needs its texts again."""

import logging
from collections import OrderedDict

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
        self._cache_chars = cache_chars
        self._entries: OrderedDict[str, str] = OrderedDict()
        self._chars = 0

    def get(self, key: str) -> str:
        """The text under this key, checked against it; Damaged when it is missing or not whole."""
        if key in self._entries:
            self._entries.move_to_end(key)
            return self._entries[key]
        sha256 = key.rpartition("/")[2]
        if key != blob_key(sha256):
            raise Damaged("A message names a text that is no blob.", fault="missing")
        text = blobs.read(self._store, sha256)[: self._limit].decode("utf-8", "ignore")
        self._add(key, text)
        return text

    def _add(self, key: str, text: str) -> None:
        self._entries[key] = text
        self._chars += len(text)
        while self._chars > self._cache_chars:
            self._chars -= len(self._entries.popitem(last=False)[1])
