"""Signatures of the messages between the roles. (pure)

Write access to the queue alone must not suffice to make a worker visit a page or to change catalogue
or index: requests, results and announcements carry an HMAC-SHA256 (RFC 2104)
as their last field, `"sig":"<key id>:<64 hex digits>"`, over the topic, a NUL and the message as it is
without that field. The topic is covered, so that a message cannot be replayed on another topic.
"""

import hashlib
import hmac
import re
from dataclasses import dataclass, field

SIGNATURE = re.compile(rb',"sig":"(?P<key>[0-9a-f]{8}):(?P<mac>[0-9a-f]{64})"\}\Z')
LENGTH = len(b',"sig":"12345678:"}') + 64


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningKey:
    """A secret that all roles of one linkshot share."""

    id: str
    """8 hex digits, in every signature made with it."""
    secret: bytes = field(repr=False)


def sign(key: SigningKey, topic: str, message: bytes) -> bytes:
    """A JSON object with at least one field, with its signature."""
    mac = _mac(key, topic, message)
    return b'%s,"sig":"%s:%s"}' % (message[:-1], key.id.encode(), mac.encode())


def mac(key: SigningKey, purpose: str, message: bytes) -> str:
    """64 hex digits for a message that is no queue message; `purpose` is none of their topics."""
    return _mac(key, purpose, message)


def key_id(value: bytes) -> str | None:
    """The id of the key it claims to be signed with; None without a signature."""
    found = _found(value)
    return found["key"].decode() if found else None


def verify(key: SigningKey, topic: str, value: bytes) -> bool:
    """Whether the key signed exactly this for this topic."""
    found = _found(value)
    if found is None or found["key"].decode() != key.id:
        return False
    mac = _mac(key, topic, value[:-LENGTH] + b"}")
    return hmac.compare_digest(mac, found["mac"].decode())


def _found(value: bytes) -> re.Match[bytes] | None:
    return SIGNATURE.fullmatch(value[-LENGTH:])


def _mac(key: SigningKey, topic: str, message: bytes) -> str:
    return hmac.new(key.secret, topic.encode() + b"\0" + message, hashlib.sha256).hexdigest()
