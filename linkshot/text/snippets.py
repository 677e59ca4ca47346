"""Builds the excerpt of a hit, with its matches marked (pure)."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from linkshot.text.line_breaks import JOINER, between_wide, mark_breaks
from linkshot.text.offset_map import fold_with_offsets, joins
from linkshot.text.tokens import TokenPhrase, phrase_spans

MAX_SEARCHED_CHARS = 100_000
"""Characters of a text that are searched for hits."""
CHUNK, LARGEST_CHUNK, OVERLAP = 500, 8000, 200
"""Characters looked at together, at first and later, and how many of them again with the next ones;
reading stops where all phrases stand together, which is mostly near the beginning."""
MAX_CHUNK_HITS = 50
"""Per phrase and chunk; further hits are not marked."""
ELLIPSIS = "…"
MAX_CUT_SHIFT = 20
"""Characters a cut may move back to reach a word boundary."""
SPACELESS = "\u2e80"
"""From here on a text may be cut between any two characters (Han, kana, Hangul)."""
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
    carry an ellipsis; white space becomes one space, a line break inside writing without spaces
    nothing; a character and its marks stay together.
    """
    wanted = list(dict.fromkeys(phrase for phrase in phrases if phrase.tokens))
    best: list[Span] = []
    for spans in _chunks(text[:MAX_SEARCHED_CHARS], wanted):
        group = _group(spans, length)
        if _variety(group) > _variety(best):
            best = group
        if _variety(best) == len(wanted):
            break
    start, end = _window(text, best, length)
    before, after = bool(text[:start].strip()), bool(text[end:].strip())
    return _with_ellipses(_cut(text, start, end, best), before, after)


def _chunks(text: str, wanted: Sequence[TokenPhrase]) -> Iterator[list[Span]]:
    """Hits of each chunk in order; chunks overlap, so that no hit falls between two."""
    if not wanted:
        return
    place, size = 0, CHUNK
    while place < len(text):
        end = _border(text, min(place + size, len(text)))
        size = min(size * 2, LARGEST_CHUNK)
        yield _spans(text, place, end, wanted)
        place = end if end == len(text) else max(_border(text, end - OVERLAP), place + 1)


def _spans(text: str, start: int, end: int, wanted: Sequence[TokenPhrase]) -> list[Span]:
    chunk = fold_with_offsets(text[start:end])
    found: list[Span] = []
    for which, phrase in enumerate(wanted):
        if not all(token in chunk.text for token in phrase.tokens):
            continue
        for place, stop in islice(phrase_spans(chunk.text, phrase), MAX_CHUNK_HITS):
            first, after = chunk.span(place, stop)
            found.append(Span(start + first, start + after, which))
    return sorted(found, key=lambda span: (span.start, -span.end))


def _group(spans: Sequence[Span], length: int) -> list[Span]:
    """The hits that can be shown together with the most different phrases."""
    best: list[Span] = []
    for number, first in enumerate(spans):
        limit = first.start + length * 3 // 4
        group = []
        for span in islice(spans, number, None):
            if span.start >= limit:
                break
            if span.end <= limit:
                group.append(span)
        group = group or [first]
        if _variety(group) > _variety(best):
            best = group
    return best


def _variety(spans: Sequence[Span]) -> int:
    return len({span.which for span in spans})


def _window(text: str, spans: Sequence[Span], length: int) -> tuple[int, int]:
    if not spans:
        start = len(text) - len(text.lstrip())
        return start if start < MAX_SEARCHED_CHARS else 0, _border(
            text, min(start + length, len(text))
        )
    first, last = spans[0].start, max(span.end for span in spans)
    end = min(len(text), max(first - length // 4, 0) + length)
    start = _border(text, max(0, end - length)) if end - length > 0 else 0
    return min(start, first), max(_border(text, end), last)


def _border(text: str, place: int) -> int:
    """The nearest place at or before `place` that cuts no word and no character from its marks."""
    if place >= len(text) or place <= 0:
        return max(min(place, len(text)), 0)
    for back in range(place, max(place - MAX_CUT_SHIFT, 0), -1):
        if _free(text, back):
            return back
    while place > 0 and joins(text, place):
        place -= 1
    return place


def _free(text: str, place: int) -> bool:
    before, after = text[place - 1], text[place]
    apart = (
        before.isspace()
        or after.isspace()
        or before >= SPACELESS
        or after >= SPACELESS
        or unicodedata.category(before)[0] == "P"
    )
    return apart and not joins(text, place)


def _cut(text: str, start: int, end: int, spans: Sequence[Span]) -> list[Piece]:
    window = mark_breaks(text[start:end], between_wide)
    pieces: list[Piece] = []
    place = 0
    for span in spans:
        stop = span.end - start
        if stop <= place:
            continue
        begin = max(span.start - start, place)
        pieces += [(window[place:begin], False), (window[begin:stop], True)]
        place = stop
    pieces.append((window[place:], False))
    shown = [(piece.replace(JOINER, ""), hit) for piece, hit in pieces]
    squeezed = [(re.sub(r"\s+", " ", piece), hit) for piece, hit in shown if piece]
    while squeezed and not squeezed[0][0].strip():
        squeezed.pop(0)
    while squeezed and not squeezed[-1][0].strip():
        squeezed.pop()
    if squeezed:
        squeezed[0] = (squeezed[0][0].lstrip(), squeezed[0][1])
        squeezed[-1] = (squeezed[-1][0].rstrip(), squeezed[-1][1])
    return squeezed


def _with_ellipses(pieces: list[Piece], before: bool, after: bool) -> tuple[Piece, ...]:
    if pieces and before:
        first, hit = pieces[0]
        pieces[0:1] = [(ELLIPSIS, False), (first, True)] if hit else [(ELLIPSIS + first, False)]
    if pieces and after:
        last, hit = pieces[-1]
        pieces[-1:] = [(last, True), (ELLIPSIS, False)] if hit else [(last + ELLIPSIS, False)]
    return tuple(pieces)
