"""Holds the key that signs messages between the roles; it is stored in the artifact store.

The first process creates it, and a new one after the object was deleted. Other processes pick it up within
RENEW_S, or at once when they meet a signature by an unknown key. Messages signed with the old key count as
unsigned, and dispatch re-sends them.
"""

import json
import logging
import secrets
import threading
import time
from collections.abc import Callable

from linkshot.domain.message_signing import SigningKey, key_id, mac, sign, verify
from linkshot.domain.storage_layout import MESSAGE_KEY
from linkshot.errors import Damaged, InvalidMessage, StoreUnavailable
from linkshot.ports import ArtifactStore

logger = logging.getLogger(__name__)

RENEW_S = 60.0
AGAIN_S = 1.0
"""Least interval between look-ups of unknown keys: forged messages must not load the store."""


class Keyring:
    """Signs, and checks signatures; safe to use from several threads."""

    def __init__(
        self, store: Callable[[], ArtifactStore], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._store = store
        self._clock = clock
        self._lock = threading.Lock()
        self._key: SigningKey | None = None
        self._read_at = float("-inf")

    def sign(self, topic: str, message: bytes) -> bytes:
        """The message with its signature; StoreUnavailable while there is no key yet."""
        return sign(self._current(RENEW_S), topic, message)

    def mac(self, purpose: str, message: bytes) -> str:
        """64 hex digits that vouch for the message, for this purpose; StoreUnavailable while there is no key yet."""
        return mac(self._current(RENEW_S), purpose, message)

    def check(self, topic: str, value: bytes) -> None:
        """InvalidMessage, `message.unsigned` or `message.forged`, unless one of us wrote it for this
        topic; StoreUnavailable while there is no key yet."""
        named = key_id(value)
        if named is None:
            raise InvalidMessage("the message has no signature", code="message.unsigned")
        key = self._current(RENEW_S)
        if key.id != named:
            key = self._current(AGAIN_S)
        if key.id != named:
            raise InvalidMessage("an older or foreign key signed it", code="message.unsigned")
        if not verify(key, topic, value):
            raise InvalidMessage("the signature does not fit the message", code="message.forged")

    def _current(self, at_most_s: float) -> SigningKey:
        """The key, read from the store at most this long ago; the known one while the store is down."""
        with self._lock:
            if self._key is None or self._clock() - self._read_at > at_most_s:
                try:
                    self._key = self._read()
                except StoreUnavailable:
                    if self._key is None:
                        raise
                # Also after a failure: a store that is away is not asked for every message.
                self._read_at = self._clock()
            return self._key

    def _read(self) -> SigningKey:
        store = self._store()
        fresh = {"id": secrets.token_hex(4), "secret": secrets.token_hex(32)}
        made = json.dumps(fresh).encode()
        for _ in range(2):
            try:
                return _key(store.read(MESSAGE_KEY))
            except KeyError:
                store.create(MESSAGE_KEY, made)  # keeps one that another process made first
            except (ValueError, TypeError, Damaged):
                logger.exception("The key of messages cannot be read; a new one is made")
                store.put(MESSAGE_KEY, made, "application/json")
        return _key(store.read(MESSAGE_KEY))


def _key(raw: bytes) -> SigningKey:
    """ValueError or TypeError for what is no key."""
    said = json.loads(raw)
    if not isinstance(said, dict) or not {"id", "secret"} <= set(said):
        raise ValueError("no key")
    key = SigningKey(id=said["id"], secret=bytes.fromhex(said["secret"]))
    if key_id(sign(key, "", b"{}")) != key.id or len(key.secret) < 32:
        raise ValueError("no key")
    return key
