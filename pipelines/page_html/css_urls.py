"""Finds and rewrites the URLs in CSS (pure).

tinycss2 tokenizes the text (CSS Syntax Level 3, §4), and each URL is replaced at its place in the
text, so that everything else stays as it was written. tinycss2 reads half a megabyte a second, so
text without a URL and the contents of long data: URLs are kept from it.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

import tinycss2

MAY_HAVE_URLS = re.compile(r"url\(|@import|image-set\(|\\", re.IGNORECASE)
"""What text with a URL has; an escape may hide the other three."""
LONG_DATA = re.compile(r"data:[\w/+.;=,%-]{300,}")
"""Characters that leave every token as it is, however many of them there are."""
LOCAL_PREFIXES = ("data:", "#")
"""URLs that need no network."""
DESCRIPTOR_RULES = frozenset(
    ("font-face", "counter-style", "property", "font-palette-values", "page")
)
"""At-rules whose blocks hold descriptors, in which var() means nothing (CSS Variables Level 1, §3)."""
IMAGE_SETS = frozenset(("image-set", "-webkit-image-set"))
CLOSERS = {"() block": ")", "[] block": "]", "{} block": "}", "function": ")"}


class UrlContext(Enum):
    """Where a URL stands."""

    IMPORT = "import"
    DECLARATION = "declaration"
    DESCRIPTOR = "descriptor"


@dataclass(frozen=True, slots=True)
class UrlReference:
    """A URL in CSS that needs the network."""

    address: str
    """As written, without quotes and escapes."""
    place: UrlContext


CssPiece = str | UrlReference
Replacer = Callable[[str, bool], str]
"""Maps a URL, and whether it is that of an @import, to its replacement."""


def rewrite_urls(css: str, replace: Replacer) -> str:
    """The CSS with every URL replaced, except those of LOCAL_PREFIXES and empty ones."""
    return "".join(
        piece
        if isinstance(piece, str)
        else serialize_url(replace(piece.address, piece.place is UrlContext.IMPORT))
        for piece in split_urls(css)
    )


def split_urls(css: str) -> list[CssPiece]:
    """The text in order, with a UrlReference in place of every URL that needs the network."""
    if not MAY_HAVE_URLS.search(css):
        return [css]
    # as the tokenizer does it (CSS Syntax, §3.3), so that its positions are those of this text
    text = css.replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n").replace("\0", "\ufffd")
    hidden: list[str] = []

    def hide(match: re.Match[str]) -> str:
        hidden.append(match[0])
        return f"data:,linkshot-{len(hidden) - 1}-"

    text = LONG_DATA.sub(hide, text)
    pieces: list[CssPiece] = []
    at = 0
    for start, end, reference in _Scan(text).references():
        pieces += [text[at:start], reference]
        at = end
    pieces.append(text[at:])
    if not hidden:
        return pieces
    return [piece if isinstance(piece, UrlReference) else _shown(piece, hidden) for piece in pieces]


def _shown(text: str, hidden: Sequence[str]) -> str:
    return re.sub(
        r"data:,linkshot-(\d{1,9})-",
        lambda match: hidden[int(match[1])] if int(match[1]) < len(hidden) else match[0],
        text,
    )


class _Scan:
    """Walks the tokens of a text and knows where in it each one begins and ends."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._lines = [0]
        for match in re.finditer("\n", text):
            self._lines.append(match.end())

    def references(self) -> Iterator[tuple[int, int, UrlReference]]:
        """Start, end and value of every URL that needs the network, in order."""
        tokens = tinycss2.parse_component_value_list(self._text)
        yield from self._in_rules(tokens, len(self._text))

    def _start(self, token: Any) -> int:
        return int(self._lines[token.source_line - 1] + token.source_column - 1)

    def _content_end(self, token: Any, end: int) -> int:
        """The end of what is inside a block, which the end of the text may have closed."""
        return end - 1 if self._text[end - 1] == CLOSERS[token.type] else end

    def _with_ends(self, tokens: Sequence[Any], end: int) -> Iterator[tuple[Any, int]]:
        for token, following in zip(tokens, [*tokens[1:], None], strict=True):
            yield token, end if following is None else self._start(following)

    def _in_rules(self, tokens: Sequence[Any], end: int) -> Iterator[tuple[int, int, UrlReference]]:
        """Of a list of rules or declarations: at-rules decide what the URLs in them mean."""
        rule, imported = "", False
        for token, stop in self._with_ends(tokens, end):
            if token.type == "at-keyword":
                rule, imported = token.lower_value, False
            elif token.type == "literal" and token.value == ";":
                rule = ""
            elif rule == "import" and not imported:
                found = list(self._import(token, stop))
                imported = bool(found) or token.type not in ("whitespace", "comment")
                yield from found
            elif token.type == "{} block":
                inside = self._content_end(token, stop)
                if rule in DESCRIPTOR_RULES:
                    yield from self._in_value(token.content, inside, UrlContext.DESCRIPTOR)
                else:
                    yield from self._in_rules(token.content, inside)
                rule = ""
            elif rule not in ("import", "namespace"):
                yield from self._in_value([token], stop, UrlContext.DECLARATION)

    def _import(self, token: Any, stop: int) -> Iterator[tuple[int, int, UrlReference]]:
        address = token.value if token.type == "string" else _url_of(token)
        if address:
            yield from self._reference(token, stop, address, UrlContext.IMPORT)

    def _in_value(
        self, tokens: Sequence[Any], end: int, place: UrlContext, are_strings_urls: bool = False
    ) -> Iterator[tuple[int, int, UrlReference]]:
        for token, stop in self._with_ends(tokens, end):
            address = _url_of(token)
            if address is None and are_strings_urls and token.type == "string":
                address = token.value
            if address is not None:
                yield from self._reference(token, stop, address, place)
            elif token.type in CLOSERS:
                is_function = token.type == "function"
                content = token.arguments if is_function else token.content
                is_set = is_function and token.lower_name in IMAGE_SETS
                yield from self._in_value(content, self._content_end(token, stop), place, is_set)

    def _reference(
        self, token: Any, stop: int, address: str, place: UrlContext
    ) -> Iterator[tuple[int, int, UrlReference]]:
        if address and not address.startswith(LOCAL_PREFIXES):
            yield self._start(token), stop, UrlReference(address, place)


def _url_of(token: Any) -> str | None:
    """The address of a url() with or without quotes, None for any other token."""
    if token.type == "url":
        return str(token.value)
    if token.type == "function" and token.lower_name == "url":
        return next((str(part.value) for part in token.arguments if part.type == "string"), "")
    return None


def serialize_url(address: str) -> str:
    """url("…") (CSSOM, "serialize a URL")."""
    escaped = re.sub(r'["\\]', r"\\\g<0>", address).replace("\n", r"\a ")
    return f'url("{escaped}")'
