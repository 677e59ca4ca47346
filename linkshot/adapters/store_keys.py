"""Validates keys and prefixes of an ArtifactStore. (pure)"""

import re

from linkshot.ports import KEY_PATTERN

_KEY = re.compile(KEY_PATTERN)


def check_key(key: str) -> str:
    """The key itself; ValueError for anything the pattern or path rules forbid."""
    whole = isinstance(key, str) and _KEY.fullmatch(key) is not None
    if not whole or any(part in ("", ".", "..") for part in key.split("/")):
        raise ValueError(f"not a store key: {str(key)[:60]!r}")
    return key


def check_prefix(prefix: str) -> str:
    """A prefix of keys: empty, a key, or a key and a slash; ValueError otherwise."""
    if prefix:
        check_key(prefix.removesuffix("/"))
    return prefix
