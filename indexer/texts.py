"""Where do the texts of documents come from? The store; the last ones are remembered, edits repeat them."""

import logging
from collections import OrderedDict

from linkshot.ports import ArtifactStore

logger = logging.getLogger(__name__)

CACHE_CHARS = 20_000_000


class Texts:
    """Texts by store key, each cut at `limit` bytes."""

    def __init__(self, store: ArtifactStore, limit: int, cache_chars: int = CACHE_CHARS) -> None:
        self._store = store
        self._limit = limit
        self._cache_chars = cache_chars
        self._kept: OrderedDict[str, str] = OrderedDict()
        self._chars = 0

    def get(self, key: str) -> str:
        """The text under this key; "" and a warning when it is missing or the key is no key."""
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        try:
            text = self._store.open(key, 0, self._limit).decode("utf-8", "ignore")
        except (KeyError, ValueError):
            logger.warning("A text is not in the store", extra={"key": key[:200]})
            return ""
        self._remember(key, text)
        return text

    def _remember(self, key: str, text: str) -> None:
        self._kept[key] = text
        self._chars += len(text)
        while self._chars > self._cache_chars:
            self._chars -= len(self._kept.popitem(last=False)[1])
