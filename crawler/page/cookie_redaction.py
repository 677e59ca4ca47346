"""Blacks out the values of cookies where a page repeats them, before anything is kept of it. (pure)

The headers that carry cookies are never recorded, but a page may write a session into an address, a script, a
hidden field or a header of its own. Every value that looks like a token is replaced by x of the same length, in each form in
which pages write it. Short and wordy values (`dark`, `zh-CN`, a name) stay: they open no door, and the page is
full of such words. Screenshots are left alone.
"""

import html
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any, TypeVar
from urllib.parse import quote, quote_plus, unquote

from linkshot.domain.model import Capture, Failure, Picture

T = TypeVar("T", Capture, Failure)

MIN_TOKEN = 16
"""Characters of a value that can be a token."""
MIN_PIECE = 24
"""Of a part of a value, as in `user=7&session=…`."""
FILLER = "x"
_PIECE = re.compile(r"[A-Za-z0-9._~+/-]+={0,2}")


@dataclass(slots=True)
class _Blackout:
    """The forms to look for, and how often they were found."""

    texts: tuple[str, ...]
    datas: tuple[bytes, ...]
    count: int = 0

    def text(self, text: str) -> str:
        for secret in self.texts:
            if secret in text:
                self.count += text.count(secret)
                text = text.replace(secret, FILLER * len(secret))
        return text

    def data(self, data: bytes) -> bytes:
        for secret in self.datas:
            if secret in data:
                self.count += data.count(secret)
                data = data.replace(secret, FILLER.encode() * len(secret))
        return data

    def any(self, value: Any) -> Any:
        """The value with everything inside it, the same object where nothing was found."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, bytes):
            return self.data(value)
        if isinstance(value, dict):
            found = {self.any(key): self.any(item) for key, item in value.items()}
            return found if found != value else value
        if isinstance(value, list | tuple):
            items = [self.any(item) for item in value]
            same = all(new is old for new, old in zip(items, value, strict=True))
            return value if same else type(value)(items)
        if is_dataclass(value) and not isinstance(value, type) and not isinstance(value, Picture):
            return self._object(value)
        return value

    def _object(self, value: Any) -> Any:
        changed: dict[str, Any] = {}
        for one in fields(value):
            before = getattr(value, one.name)
            after = self.any(before)
            if after is not before:
                changed[one.name] = after
        return replace(value, **changed) if changed else value


def redact(brought: T, values: Iterable[str]) -> T:
    """A capture or failure without the tokens among these values of cookies; a capture's notes say under
    `cookies` how many places held one."""
    texts = sorted({form for value in values for form in forms(value)}, key=len, reverse=True)
    if not texts:
        return brought
    blackout = _Blackout(tuple(texts), tuple(text.encode() for text in texts))
    found: T = blackout.any(brought)
    if blackout.count and isinstance(found, Capture):
        noted = found.notes.get("cookies")
        told = noted if isinstance(noted, dict) else {}
        notes = found.notes | {"cookies": told | {"redacted": blackout.count}}
        return replace(found, notes=notes)
    return found


def forms(value: str) -> set[str]:
    """How pages may write the tokens in the value of a cookie; none for a value that holds no token."""
    tokens = {form for form in (value, unquote(value)) if is_token(form)}
    if tokens:
        tokens.add(value)
    pieces = _PIECE.findall(unquote(value))
    tokens |= {piece for piece in pieces if len(piece) >= MIN_PIECE and is_token(piece)}
    found: set[str] = set()
    for token in tokens:
        escaped = json.dumps(token)[1:-1]
        found |= {token, quote(token, safe=""), quote_plus(token), quote(token), html.escape(token)}
        found |= {escaped, escaped.replace("/", "\\/")}
    return found


def is_token(text: str) -> bool:
    """Whether nobody would write this as a word, name, date or address."""
    if len(text) < MIN_TOKEN or "@" in text or "://" in text or re.search(r"\s", text):
        return False
    return len(re.findall(r"[0-9]", text)) >= 2 or (
        len(text) >= MIN_PIECE and text.isascii() and text.lower() != text != text.upper()
    )
