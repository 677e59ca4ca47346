"""Which part of a text is shown beside a hit, and what in it is marked? (pure)"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from linkshot.folding import fold
from linkshot.words import TokenPhrase

LOOKED_AT = 60_000
"""Characters of a text that are searched for hits."""
ELLIPSIS = "…"
Piece = tuple[str, bool]


@dataclass(frozen=True, slots=True)
class Span:
    """Characters [start, end) of the original text, found by phrase number `which`."""

    start: int
    end: int
    which: int


def snippet(text: str, phrases: Sequence[TokenPhrase], length: int = 160) -> tuple[Piece, ...]:
    """Pieces (text, is a hit) of about `length` characters around the best place.

    The best place shows the most different phrases; without a hit it is the beginning. Cut ends
    carry an ellipsis; line breaks become spaces; a character and its marks stay together.
    """
    shown = text[:LOOKED_AT]
    spans = _spans(shown, phrases)
    start, end = _window(shown, spans, length)
    inside = [span for span in spans if start <= span.start and span.end <= end]
    pieces = _cut(shown, start, end, inside)
    return _with_ellipses(pieces, start > 0, end < len(text))


def _spans(text: str, phrases: Sequence[TokenPhrase]) -> list[Span]:
    patterns = [phrase.pattern for phrase in phrases if phrase.pattern]
    if not patterns:
        return []
    folded, offsets = _folded(text)
    found = [
        Span(_back(offsets, match.start()), _back(offsets, match.end()), which)
        for which, pattern in enumerate(patterns)
        for match in _first(re.finditer(pattern, folded), 50)
        if match.end() > match.start()
    ]
    return sorted(found, key=lambda span: (span.start, -span.end))


def _first(matches: object, count: int) -> list[re.Match[str]]:
    from itertools import islice

    return list(islice(matches, count))  # type: ignore[call-overload]  # any iterator of matches


def _folded(text: str) -> tuple[str, list[int] | None]:
    """Folded text, and where each of its characters came from (None: the same place)."""
    whole = fold(text)
    if len(whole) == len(text):
        return whole, None
    parts: list[str] = []
    offsets: list[int] = []
    for start, cluster in _clusters(text):
        piece = fold(cluster)
        parts.append(piece)
        offsets += [start] * len(piece)
    offsets.append(len(text))
    return "".join(parts), offsets


def _clusters(text: str) -> list[tuple[int, str]]:
    """A character with the marks that follow it, each with its place."""
    found: list[tuple[int, str]] = []
    for place, char in enumerate(text):
        if found and (_is_mark(char) or unicodedata.category(char) == "Cf"):
            start, before = found[-1]
            found[-1] = (start, before + char)
        else:
            found.append((place, char))
    return found


def _is_mark(char: str) -> bool:
    return unicodedata.category(char)[0] == "M" or char in "\uff9e\uff9f"


def _back(offsets: list[int] | None, place: int) -> int:
    return place if offsets is None else offsets[place]


def _window(text: str, spans: Sequence[Span], length: int) -> tuple[int, int]:
    if not spans:
        return 0, _border(text, min(length, len(text)))
    best = max(spans, key=lambda first: (_variety(spans, first, length), -first.start))
    start = max(0, best.start - length // 4)
    end = min(len(text), max(start + length, best.end))
    start = max(0, min(start, end - length))
    return _border(text, start) if start else 0, _border(text, end)


def _variety(spans: Sequence[Span], first: Span, length: int) -> int:
    end = first.start + length * 3 // 4
    return len({span.which for span in spans if first.start <= span.start and span.end <= end})


def _border(text: str, place: int) -> int:
    """The nearest place at or before `place` that cuts no word and no character from its marks."""
    if place >= len(text):
        return len(text)
    for back in range(place, max(place - 20, 0), -1):
        if text[back - 1].isspace() or (ord(text[back]) > 0x2E7F and not _is_mark(text[back])):
            return back
    while place > 0 and (_is_mark(text[place]) or unicodedata.category(text[place]) == "Cf"):
        place -= 1
    return place


def _cut(text: str, start: int, end: int, spans: Sequence[Span]) -> list[Piece]:
    pieces: list[Piece] = []
    place = start
    for span in spans:
        if span.end <= place:
            continue
        begin = max(span.start, place)
        pieces += [(text[place:begin], False), (text[begin : span.end], True)]
        place = span.end
    pieces.append((text[place:end], False))
    return [(re.sub(r"\s+", " ", piece), hit) for piece, hit in pieces if piece]


def _with_ellipses(pieces: list[Piece], before: bool, after: bool) -> tuple[Piece, ...]:
    if pieces and before:
        first, hit = pieces[0]
        pieces[0:1] = [(ELLIPSIS, False), (first, True)] if hit else [(ELLIPSIS + first, False)]
    if pieces and after:
        last, hit = pieces[-1]
        pieces[-1:] = [(last, True), (ELLIPSIS, False)] if hit else [(last + ELLIPSIS, False)]
    return tuple(pieces)
