"""The tokenizer, the same for the index and for queries (pure).

Scripts written without spaces, and Korean, whose particles stick to the words, become overlapping
bigrams plus the last character of each run; everything else becomes words. A run in a query is the
phrase of its bigrams, which is exactly the substring. Letters and digits of a word are tokens of
their own that stand in a row (iphone 15, utf 8, h 2 o); a word that changes more often between
them, such as a hash, is one token.
"""

import operator
import re
import sys
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from linkshot.text.normalize import fold

MAX_TOKEN = 64
"""Characters of a word that count; longer ones are cut there, in texts and in queries."""

RUN_RANGES = (
    "\u0e01-\u0e3a\u0e40-\u0e4e\u0e81-\u0eda\u0edc-\u0edf\u1000-\u103f\u1050-\u108f\u109a-\u109f"
    "\u1100-\u11ff\u1780-\u17d3\u1950-\u19df\u1a20-\u1aad\u1b00-\u1b4c\u2e80-\u2fdf\u3005-\u3007"
    "\u3021-\u3029\u3031-\u3035\u303b\u303c\u3041-\u3096\u3099\u309a\u309d-\u309f\u30a1-\u30fa"
    "\u30fc-\u318f\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua48c\ua960-\ua97f"
    "\ua980-\ua9c0\ua9e0-\ua9fe\uaa60-\uaadf\uac00-\ud7ff\uf900-\ufaff"
    "\U00016fe0-\U00018d8f\U0001aff0-\U0001b2ff\U00020000-\U0003fffd"
)
"""Han with its supplementary planes, 々〆〇, kana, Bopomofo, Hangul, Yi, Tangut, Nüshu, Thai, Lao,
Myanmar, Khmer, Tai scripts, Balinese, Javanese (Unicode 15 blocks), as a regular-expression class."""
EMOJI_RANGES = (
    "\u231a-\u23ff\u24eb-\u24ff\u2600-\u27bf\u2b05-\u2b55\u3248-\u324f\U0001f000-\U0001faff"
)
"""Each of these is a token of its own; the numbers in black and double circles are no digits to NFKC."""

_MANY_SWITCHES = re.compile(r"\D+\d+\D+\d|\d+\D+\d+\D")
"""The beginning of a word with more than two changes between digits and other characters."""
_PARTS = re.compile(r"\d+|\D+")

_NO_DIGITS = bytes(code for code in range(256) if not chr(code).isdecimal())
_TO_SPACE = {code: " " for code in range(128) if not chr(code).isalnum()}


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenPhrase:
    """Consecutive tokens; a phrase without tokens matches nothing."""

    tokens: tuple[str, ...]
    prefix: bool = False
    """The last token may be the beginning of one."""


def tokens(text: str) -> list[str]:
    """All tokens of a text in order."""
    folded = fold(text)
    if folded.isascii() and "#" not in folded and "++" not in folded:
        return _ascii_words(folded)
    found: list[str] = []
    for run, other in _splitter().findall(folded):
        if run:
            found += bigrams(run)
            found.append(run[-1])
        elif other.isalpha():
            found.append(other[:MAX_TOKEN])
        else:
            found += _parts(other)
    return found


def _ascii_words(folded: str) -> list[str]:
    """Without a digit no word is parted."""
    written = folded.translate(_TO_SPACE).split()
    if not folded.encode("ascii").translate(None, _NO_DIGITS):
        return [word[:MAX_TOKEN] for word in written]
    found: list[str] = []
    for word in written:
        if word.isalpha():
            found.append(word[:MAX_TOKEN])
        else:
            found += _parts(word)
    return found


def _parts(word: str) -> list[str]:
    """The letters and the digits of a word, or the word when it changes too often between them."""
    whole = word.isdecimal() or _MANY_SWITCHES.match(word)
    return [part[:MAX_TOKEN] for part in ([word] if whole else _PARTS.findall(word))]


def token_stream(text: str) -> str:
    """The tokens joined by spaces: what both indexes are given."""
    return " ".join(tokens(text))


def tokens_with_offsets(folded: str, start: int = 0) -> Iterator[tuple[str, int, int]]:
    """The tokens of a folded text from a place on, each with its start and end there."""
    for match in _splitter().finditer(folded, start):
        begin, end = match.span()
        run, word = match[1], match[2]
        if run:
            for place in range(begin, end - 1):
                yield folded[place : place + 2], place, place + 2
            yield run[-1], end - 1, end
        elif _MANY_SWITCHES.match(word):
            yield word[:MAX_TOKEN], begin, end
        else:
            for part in _PARTS.finditer(word):
                yield part[0][:MAX_TOKEN], begin + part.start(), begin + part.end()


def bigrams(run: str) -> list[str]:
    """Overlapping pairs of characters; [] for a single one."""
    return list(map(operator.add, run, run[1:]))


def phrase(text: str, prefix: bool = False) -> TokenPhrase:
    """The phrase of a query text; without a letter, digit or emoji it has no tokens.

    A run at the end is the substring; a run before something else must end there; a single
    character at the end may be followed by others. `prefix`: a word at the end may go on.
    """
    pieces = _splitter().findall(fold(text))
    found: list[str] = []
    open_end = prefix
    for left, (run, other) in zip(range(len(pieces) - 1, -1, -1), pieces, strict=True):
        if not run:
            found += _parts(other)
            continue
        found += bigrams(run)
        if left or len(run) == 1:
            found.append(run[-1])
        open_end = prefix if left else len(run) == 1
    return TokenPhrase(tokens=tuple(found), prefix=open_end and bool(found))


def phrase_variants(text: str, prefix: bool = False) -> tuple[TokenPhrase, ...]:
    """Alternative phrases, one of which must match; the first is phrase(text, prefix).

    The beginning of a word with letters and digits (`python3*`, `e83c*`) may go on as a word that
    changes more often between them and so is one token.
    """
    first = phrase(text, prefix)
    if not (prefix and first.tokens):
        return (first,)
    run, last = _splitter().findall(fold(text))[-1]
    parts = len(_parts(last))
    if run or parts < 2:
        return (first,)
    whole = (*first.tokens[:-parts], last[:MAX_TOKEN])
    return first, TokenPhrase(tokens=whole, prefix=True)


def contains_phrase(words: Sequence[str], wanted: TokenPhrase) -> bool:
    """Whether `words` holds the phrase; the oracle's primitive."""
    return any(True for _ in phrase_positions(words, wanted))


def phrase_positions(words: Sequence[str], wanted: TokenPhrase) -> Iterator[int]:
    """All positions in `words` where the phrase begins."""
    if not wanted.tokens:
        return
    *head, tail = wanted.tokens
    for last in range(len(head), len(words)):
        end = words[last]
        if not (end == tail or (wanted.prefix and end.startswith(tail))):
            continue
        if list(words[last - len(head) : last]) == head:
            yield last - len(head)


def phrase_spans(folded: str, wanted: TokenPhrase) -> Iterator[tuple[int, int]]:
    """The spans [start, end) of the phrase in a folded text.

    As phrase_positions() over all tokens of the text, but only those from a possible beginning on are
    made: an excerpt needs one or two places of a long text.
    """
    if not wanted.tokens:
        return
    first = wanted.tokens[0]
    place = folded.find(first)
    while place >= 0:
        end = _end_of(folded, place, wanted)
        if end is not None:
            yield place, end
        place = folded.find(first, place + 1)


def _end_of(folded: str, start: int, wanted: TokenPhrase) -> int | None:
    """The end of the phrase when its tokens are those from here on."""
    if not _begins(folded, start):
        return None
    last = len(wanted.tokens) - 1
    for number, (token, begin, end) in enumerate(tokens_with_offsets(folded, start)):
        if number == 0 and begin != start:
            return None
        if number == last and wanted.prefix and token.startswith(wanted.tokens[last]):
            return begin + len(wanted.tokens[last])
        if token != wanted.tokens[number]:
            return None
        if number == last:
            return end
    return None


def _begins(folded: str, place: int) -> bool:
    """Whether a token may begin here: at the beginning of a word, or of letters or digits in it."""
    if not place or not _inside_word().match(folded, place - 1):
        return True
    if folded[place - 1].isdecimal() == folded[place].isdecimal():
        return False
    start = _start_of_word(folded, place)
    word = None if start is None else _word().match(folded, start)
    return word is not None and not _MANY_SWITCHES.match(word[0])


def _start_of_word(folded: str, place: int) -> int | None:
    """Where the word around a place begins; None beyond so many switches that it is one token."""
    switches = 0
    while place and _inside_word().match(folded, place - 1):
        switches += folded[place - 1].isdecimal() != folded[place].isdecimal()
        if switches > 2:
            return None
        place -= 1
    return place


@cache
def _inside_word() -> re.Pattern[str]:
    """Two characters of one word."""
    return re.compile(f"[{_word_class()}]{{2}}")


@cache
def _word() -> re.Pattern[str]:
    return re.compile(f"[{_word_class()}]+")


@cache
def _splitter() -> re.Pattern[str]:
    """Groups: a run, anything else that is a token."""
    word = _word_class()
    return re.compile(f"([{RUN_RANGES}]+)|([{word}]+|[{EMOJI_RANGES}]|{_signs(word)})")


def _signs(word: str) -> str:
    """What makes C++ and C# other words than C: the signs are a token of their own after the letter.

    A hash before a digit counts after a single letter only (C#12, F#8): page#3 and issue#12 are two
    words with a sign between them, as a#b is.
    """
    plus = r"\+\+(?<=[a-z]\+\+)"
    at_end = "#(?<=[a-z]#)(?![a-z0-9])"
    before_digit = f"#(?<=[a-z]#)(?<![{word}][a-z]#)(?=[0-9])"
    return f"{plus}|{at_end}|{before_digit}"


def _word_class() -> str:
    """Class body of the letters, digits and marks that are not written as runs (planes 0 and 1)."""
    taken = re.compile(f"[{RUN_RANGES}{EMOJI_RANGES}]")
    codes = range(min(sys.maxunicode, 0x1FFFF) + 1)
    letters = "".join(chr(code) for code in codes if unicodedata.category(chr(code))[0] in "LNM")
    ranges: list[list[int]] = []
    for code in map(ord, taken.sub("", letters)):
        if ranges and ranges[-1][1] == code - 1:
            ranges[-1][1] = code
        else:
            ranges.append([code, code])
    return "".join(f"{chr(first)}-{chr(last)}" for first, last in ranges)
