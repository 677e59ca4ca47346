"""Parses one word, phrase, tag or `field:value` of a query into a node. (pure)"""

import re
import unicodedata
from datetime import datetime

from ada_url import idna_to_ascii

from linkshot.errors import QuerySyntax
from linkshot.query import when
from linkshot.query.scanner import ALIKE, TAG_FIELDS, Lexeme
from linkshot.query.tree import (
    At,
    Between,
    HasNote,
    Is,
    Language,
    Query,
    Site,
    Status,
    TagName,
    Text,
)
from linkshot.text.tokens import phrase

STATES = (
    "new", "ok", "failing", "blocked", "gone", "partial", "doubtful", "untagged", "unread", "watched",
)  # fmt: skip
TIMES = ("added", "snapshot", "changed")
TEXTS = ("title", "url", "note")
FIELDS = frozenset((*TIMES, *TEXTS, "site", "lang", "status", "is", "has", "at", "tag"))
"""Names that may stand before a colon; any other `name:value` is text."""


def leaf(lexeme: Lexeme, now: datetime) -> Query | None:
    """The node of a word, phrase or filter; None for signs without a letter or digit."""
    if not lexeme.field:
        return _text(lexeme, None)
    value = lexeme.text.strip()
    if lexeme.text and lexeme.field in TAG_FIELDS:
        return _tag(lexeme)
    if not value:
        name = lexeme.field if lexeme.field == "#" else f"{lexeme.field}:"
        raise QuerySyntax("%(name)s needs a value", position=lexeme.position, name=name)
    if lexeme.field not in TEXTS:
        return _filter(lexeme, unicodedata.normalize("NFKC", value), now)
    found = _text(lexeme, lexeme.field)
    if found is None:
        raise QuerySyntax(
            "%(name)s needs a word", position=lexeme.position, name=f"{lexeme.field}:"
        )
    return found


def _text(lexeme: Lexeme, name: str | None) -> Text | None:
    prefix = lexeme.kind == "word" and lexeme.text.translate(ALIKE).endswith("*")
    text = lexeme.text.translate(ALIKE).rstrip("*") if prefix else lexeme.text
    return Text(text, name, prefix) if phrase(text).tokens else None


def _tag(lexeme: Lexeme) -> Query:
    """The name as it was written: it is compared as the tag's own name is (domain/tag_paths.py)."""
    quoted = lexeme.kind == "phrase"
    name = lexeme.text if quoted else lexeme.text.lstrip("#＃").strip("/ ")
    if not name.strip("#/ \u3000"):
        raise QuerySyntax("# needs the name of a tag", position=lexeme.position)
    return TagName(name)


def _filter(lexeme: Lexeme, value: str, now: datetime) -> Query:
    """The condition of `field:value` for the fields that hold no text."""
    match lexeme.field:
        case "site":
            return _site(value, lexeme)
        case "at":
            return At(*_span(value, lexeme, now))
        case "lang":
            tag = value.lower().replace("_", "-")
            if not re.fullmatch(r"[a-z]{2,3}(-[a-z0-9]{2,8})*", tag):
                raise QuerySyntax(
                    "lang: needs a language like zh, en, zh-tw", position=lexeme.position
                )
            return Language(tag)
        case "status":
            if not re.fullmatch(r"[1-9][0-9]{2}", value):
                raise QuerySyntax("status: needs a number like 404", position=lexeme.position)
            return Status(int(value))
        case "is":
            if value.lower() not in STATES:
                states = ", ".join(STATES)
                raise QuerySyntax("is: knows %(states)s", position=lexeme.position, states=states)
            return Is(value.lower())
        case "has":
            if value.lower() not in ("note", "notes"):
                raise QuerySyntax("has: knows note", position=lexeme.position)
            return HasNote()
    return Between(lexeme.field, *_span(value, lexeme, now))


def _site(value: str, lexeme: Lexeme) -> Query:
    host = re.split(r"[/?#]", value.lower().rpartition("://")[2], maxsplit=1)[0]
    host = re.sub(r":\d*$", "", host).strip(".").removeprefix("*.")
    if not host.isascii():
        host = idna_to_ascii(host).decode()
    if not re.search(r"[\w\]]", host):
        raise QuerySyntax("site: needs a host like example.com", position=lexeme.position)
    return Site(host)


def _span(value: str, lexeme: Lexeme, now: datetime) -> tuple[int, int]:
    try:
        return when.span(value, now)
    except when.NotATime as exc:
        raise QuerySyntax(
            "“%(value)s” is not a date or an age; like 2026, 2026-03, >2026-03-01, "
            "2026-01..2026-03, <7d",
            position=lexeme.position,
            value=value[:30],
        ) from exc
