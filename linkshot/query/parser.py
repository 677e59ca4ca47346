"""What does a query text mean? Text → tree; errors name the position. (pure; docs/query-language.md)"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from linkshot.errors import QuerySyntax
from linkshot.query import when
from linkshot.query.scanner import ALIKE, Lexeme, scan
from linkshot.query.tree import (
    All,
    And,
    At,
    Between,
    HasNote,
    Is,
    Language,
    Not,
    Or,
    Query,
    Site,
    Status,
    TagName,
    Text,
)
from linkshot.words import phrase

MAX_CHARS = 2000
MAX_CLAUSES = 64
MAX_DEPTH = 16
"""Beyond these a query is refused as too complex (deeply nested queries have ended search servers)."""

STATES = ("new", "ok", "failing", "blocked", "gone", "untagged", "unread", "watched")
TIMES = ("added", "snapshot", "changed")
TEXTS = ("title", "url", "note")
FIELDS = frozenset((*TIMES, *TEXTS, "site", "lang", "status", "is", "has", "at", "tag"))


def parse(text: str, now: datetime | None = None) -> Query:
    """The tree of a query; QuerySyntax with the position of what cannot be read.

    Words, unknown `field:x` and stray signs are taken literally; a text without any word or
    filter (``, `*`, `?`) is All.
    """
    if len(text) > MAX_CHARS:
        raise QuerySyntax(
            f"the query has {len(text)} characters, at most {MAX_CHARS} are read",
            position=MAX_CHARS,
            code="query.too_complex",
        )
    reader = _Reader(scan(text, FIELDS), now or datetime.now(UTC), len(text))
    return reader.whole()


@dataclass(slots=True)
class _Reader:
    """Recursive descent: or ← and ← not ← leaf."""

    lexemes: list[Lexeme]
    now: datetime
    length: int
    place: int = 0
    clauses: int = 0
    depth: int = 0
    at_seen: list[int] = field(default_factory=list)

    def whole(self) -> Query:
        tree = self._either()
        if self.place < len(self.lexemes):
            raise QuerySyntax("a ) closes nothing", position=self.lexemes[self.place].position)
        if self.at_seen and not _at_on_top(tree):
            raise QuerySyntax(
                "at: belongs to the whole query, not into parentheses, OR or -",
                position=self.at_seen[0],
            )
        return tree

    def _either(self) -> Query:
        parts = [self._all_of()]
        while self._is_or():
            position = self.lexemes[self.place].position
            self.place += 1
            if self._ends() or self._is_or() or not self._something_before():
                raise QuerySyntax("OR needs something on both sides", position=position)
            parts.append(self._all_of())
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def _something_before(self) -> bool:
        """Whether anything stands before the OR just read, inside these parentheses."""
        index = self.place - 2
        return index >= 0 and self.lexemes[index].kind != "("

    def _all_of(self) -> Query:
        parts: list[Query] = []
        while not self._ends() and not self._is_or():
            part = self._one()
            if not isinstance(part, All):
                parts.append(part)
        if not parts:
            return All()
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def _one(self) -> Query:
        lexeme = self.lexemes[self.place]
        self.place += 1
        if lexeme.kind == "-":
            return Not(self._needed(lexeme))
        if lexeme.kind == "word" and lexeme.text == "NOT" and not lexeme.field:
            return Not(self._needed(lexeme))
        if lexeme.kind == "(":
            return self._group(lexeme)
        self.clauses += 1
        if self.clauses > MAX_CLAUSES:
            raise _too_complex(f"more than {MAX_CLAUSES} words and filters", lexeme.position)
        return self._leaf(lexeme)

    def _needed(self, lexeme: Lexeme) -> Query:
        if self._ends() or self._is_or():
            raise QuerySyntax("NOT needs something after it", position=lexeme.position)
        self.depth += 1
        self._check_depth(lexeme)
        part = self._one()
        self.depth -= 1
        return part

    def _group(self, opened: Lexeme) -> Query:
        self.depth += 1
        self._check_depth(opened)
        inner = self._either()
        self.depth -= 1
        if self.place >= len(self.lexemes):
            raise QuerySyntax("a ( is opened and never closed", position=opened.position)
        self.place += 1
        return inner

    def _check_depth(self, lexeme: Lexeme) -> None:
        if self.depth > MAX_DEPTH:
            raise _too_complex(f"nested deeper than {MAX_DEPTH}", lexeme.position)

    def _ends(self) -> bool:
        return self.place >= len(self.lexemes) or self.lexemes[self.place].kind == ")"

    def _is_or(self) -> bool:
        if self.place >= len(self.lexemes):
            return False
        lexeme = self.lexemes[self.place]
        return lexeme.kind == "word" and not lexeme.field and lexeme.text in ("OR", "|", "｜")

    def _leaf(self, lexeme: Lexeme) -> Query:
        if not lexeme.field:
            return _text(lexeme, None)
        value = lexeme.text.strip()
        if not value:
            name = lexeme.field if lexeme.field == "#" else f"{lexeme.field}:"
            raise QuerySyntax(f"{name} needs a value", position=lexeme.position)
        if lexeme.field in TEXTS:
            return _text(lexeme, lexeme.field)
        if lexeme.field == "at":
            self.at_seen.append(lexeme.position)
        return _FILTERS[lexeme.field](value, lexeme, self.now)


def _text(lexeme: Lexeme, name: str | None) -> Query:
    """Words in one field or any; what holds no word at all restricts nothing."""
    prefix = lexeme.kind == "word" and lexeme.text.translate(ALIKE).endswith("*")
    text = lexeme.text.translate(ALIKE).rstrip("*") if prefix else lexeme.text
    if not phrase(text).tokens:
        return All()
    return Text(text, name, prefix)


def _tag(value: str, lexeme: Lexeme, _now: datetime) -> Query:
    name = value.strip("#/ ")
    if not name:
        raise QuerySyntax("# needs the name of a tag", position=lexeme.position)
    return TagName(name)


def _site(value: str, lexeme: Lexeme, _now: datetime) -> Query:
    host = value.lower().rpartition("://")[2].split("/")[0].rstrip(".").lstrip("*.")
    if not host.isascii():
        host = _punycode(host)
    if not host:
        raise QuerySyntax("site: needs a host like example.com", position=lexeme.position)
    return Site(host)


def _punycode(host: str) -> str:
    from ada_url import idna_to_ascii

    try:
        return idna_to_ascii(host).decode() or host
    except (ValueError, AttributeError):
        return host


def _between(value: str, lexeme: Lexeme, now: datetime) -> Query:
    start, end = _span(value, lexeme, now)
    return Between(lexeme.field, start, end)


def _at(value: str, lexeme: Lexeme, now: datetime) -> Query:
    start, end = _span(value, lexeme, now)
    return At(start, end)


def _span(value: str, lexeme: Lexeme, now: datetime) -> tuple[int, int]:
    try:
        return when.span(value.translate(str.maketrans("＞＜＝", "><=")), now)
    except when.NotATime:
        raise QuerySyntax(
            f"{value[:30]!r} is not a date or an age; like 2026, 2026-03, >2026-03-01, <7d",
            position=lexeme.position,
        ) from None


def _language(value: str, _lexeme: Lexeme, _now: datetime) -> Query:
    return Language(value.lower().replace("_", "-"))


def _status(value: str, lexeme: Lexeme, _now: datetime) -> Query:
    if not (value.isascii() and value.isdigit() and len(value) == 3):
        raise QuerySyntax("status: needs a number like 404", position=lexeme.position)
    return Status(int(value))


def _is(value: str, lexeme: Lexeme, _now: datetime) -> Query:
    if value.lower() not in STATES:
        raise QuerySyntax(f"is: knows {', '.join(STATES)}", position=lexeme.position)
    return Is(value.lower())


def _has(value: str, lexeme: Lexeme, _now: datetime) -> Query:
    if value.lower() != "note":
        raise QuerySyntax("has: knows note", position=lexeme.position)
    return HasNote()


def _too_complex(what: str, position: int) -> QuerySyntax:
    return QuerySyntax(
        f"the query is too complex ({what})", position=position, code="query.too_complex"
    )


def _at_on_top(tree: Query) -> bool:
    """Whether the only At is the tree itself or one of its AND parts."""
    return isinstance(tree, At) or (
        isinstance(tree, And) and sum(isinstance(part, At) for part in tree.children) == 1
    )


_FILTERS: dict[str, Callable[[str, Lexeme, datetime], Query]] = {
    "#": _tag,
    "tag": _tag,
    "site": _site,
    "lang": _language,
    "status": _status,
    "is": _is,
    "has": _has,
    "at": _at,
    **dict.fromkeys(TIMES, _between),
}
