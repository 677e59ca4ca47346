"""Tokens that let one stored file be read without a session, for a time. (pure)

`<expiry in hex>-<64 hex digits>`: an HMAC over the expiry, the snapshot and the file, so a token is of no use
for anything else. Whoever has one can read that file, so it is short-lived, and in no log.
"""

import hmac
import re
from collections.abc import Callable

TOKEN = re.compile(r"([0-9a-f]{1,10})-([0-9a-f]{64})")
PURPOSE = "artifact-token"
LIFE_S = 3600
"""How long a player may read: it asks for parts of the archive while somebody looks around in it."""

Mac = Callable[[str, bytes], str]
"""Of a purpose and a message, by a secret of this linkshot."""


def make_token(mac: Mac, snapshot_id: str, name: str, now_s: int) -> str:
    """For this file of the snapshot, from now on."""
    expires = now_s + LIFE_S
    return f"{expires:x}-{mac(PURPOSE, _message(expires, snapshot_id, name))}"


def is_valid(mac: Mac, token: str, snapshot_id: str, name: str, now_s: int) -> bool:
    """Whether the token is for this file and has not expired; takes the same time for every wrong one."""
    found = TOKEN.fullmatch(token)
    expires, given = (int(found[1], 16), found[2]) if found else (0, "")
    right = mac(PURPOSE, _message(expires, snapshot_id, name))
    return hmac.compare_digest(right, given.ljust(len(right), "-")) and now_s < expires


def _message(expires: int, snapshot_id: str, name: str) -> bytes:
    return f"{expires}\0{snapshot_id}\0{name}".encode()
