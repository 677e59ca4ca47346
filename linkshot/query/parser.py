"""Parses a query text into a tree; errors carry the position. (pure; docs/query-language.md)"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from linkshot.errors import QuerySyntax
from linkshot.query.leaves import FIELDS, leaf
from linkshot.query.scanner import Lexeme, scan
from linkshot.query.tree import All, And, At, Not, Or, Query
from linkshot.query.walk import leaves

UNUSABLE = re.compile("[\x00\ud800-\udfff]")
"""NUL and half characters: no database takes them."""
MAX_CHARS = 2000
MAX_CLAUSES = 64
MAX_DEPTH = 16
"""Beyond these a query is refused as too complex (deeply nested queries have ended search servers)."""


def parse(text: str, now: datetime | None = None) -> Query:
    """The tree of a query; QuerySyntax with the position of what cannot be read.

    An unknown `field:x` is text; signs without a letter or digit restrict nothing, so that ``,
    `*` and `?` are All.
    """
    if len(text) > MAX_CHARS:
        raise QuerySyntax(
            "the query has %(length)s characters, at most %(most)s are read",
            position=MAX_CHARS,
            code="query.too_complex",
            length=len(text),
            most=MAX_CHARS,
        )
    text = UNUSABLE.sub("\ufffd", text)
    tree = _Parser(scan(text, FIELDS), now or datetime.now(UTC)).whole()
    return All() if tree is None else tree


@dataclass(slots=True)
class _Parser:
    """Recursive descent: either ← all_of ← one. None restricts nothing."""

    lexemes: list[Lexeme]
    now: datetime
    place: int = 0
    clauses: int = 0
    depth: int = 0

    def whole(self) -> Query | None:
        tree = self._either()
        if self._kind() == ")":
            raise QuerySyntax("a ) closes nothing", position=self.lexemes[self.place].position)
        if tree is None:
            return None
        # an At decides for the whole query whether links or versions are searched
        top = tree.children if isinstance(tree, And) else (tree,)
        on_top = sum(isinstance(part, At) for part in top)
        if sum(isinstance(part, At) for part, _ in leaves(tree)) > min(on_top, 1):
            at = next(piece for piece in self.lexemes if piece.field == "at")
            raise QuerySyntax(
                "at: may stand once, for the whole query; not in parentheses, beside OR or after -",
                position=at.position,
            )
        return tree

    def _either(self) -> Query | None:
        parts = [self._all_of()]
        while self._kind() == "or":
            position = self._next().position
            parts.append(self._all_of())
            if parts[-1] is None or parts[-2] is None:
                raise QuerySyntax("OR needs something on both sides", position=position)
        kept = [part for part in parts if part is not None]
        return Or(tuple(kept)) if len(kept) > 1 else parts[0]

    def _all_of(self) -> Query | None:
        parts: list[Query] = []
        read = False
        while self._kind() not in ("", ")", "or"):
            if self._kind() == "and":
                position = self._next().position
                if not read or self._kind() in ("", ")", "or", "and"):
                    raise QuerySyntax("AND needs something on both sides", position=position)
                continue
            part, read = self._one(), True
            parts += [] if part is None else [part]
        if not parts:
            return None
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def _one(self) -> Query | None:
        lexeme = self._next()
        if lexeme.kind == "-":
            return self._deeper(lexeme, self._not)
        if lexeme.kind == "(":
            return self._deeper(lexeme, self._group)
        self.clauses += 1
        if self.clauses > MAX_CLAUSES:
            raise QuerySyntax(
                "the query is too complex: more than %(most)s words and filters",
                position=lexeme.position,
                code="query.too_complex",
                most=MAX_CLAUSES,
            )
        return leaf(lexeme, self.now)

    def _deeper(self, lexeme: Lexeme, read: Callable[[Lexeme], Query | None]) -> Query | None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise QuerySyntax(
                "the query is too complex: nested deeper than %(most)s",
                position=lexeme.position,
                code="query.too_complex",
                most=MAX_DEPTH,
            )
        part = read(lexeme)
        self.depth -= 1
        return part

    def _not(self, lexeme: Lexeme) -> Query | None:
        if self._kind() in ("", ")", "or", "and"):
            raise QuerySyntax("NOT needs something after it", position=lexeme.position)
        part = self._one()
        return None if part is None else Not(part)

    def _group(self, opened: Lexeme) -> Query | None:
        inner = self._either()
        if self._kind() != ")":
            raise QuerySyntax("a ( is opened and never closed", position=opened.position)
        self._next()
        return inner

    def _kind(self) -> str:
        """Of the next piece, `` at the end."""
        return self.lexemes[self.place].kind if self.place < len(self.lexemes) else ""

    def _next(self) -> Lexeme:
        self.place += 1
        return self.lexemes[self.place - 1]
