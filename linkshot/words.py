"""How does text become tokens, for the index and for queries alike? (pure)

Scripts written without spaces (Han, kana, Thai, …) become overlapping bigrams plus the last
character of each run; everything else becomes words. A run in a query is the phrase of its
bigrams, which is exactly the substring.
"""

import re
import sys
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache

from linkshot.folding import fold

MAX_TOKEN = 64
"""Characters of a word that count; longer ones are cut there, in texts and in queries."""

RUN_RANGES = (
    "\u3005\u3007\u3021-\u3029\u303b\u3041-\u3096\u3099\u309a\u309d-\u309f\u30a1-\u30fa"
    "\u30fc-\u30ff\u3105-\u312f\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua48c\uf900-\ufaff"
    "\u0e01-\u0e3a\u0e40-\u0e4e\u0e81-\u0eda\u0edc-\u0edf\u1000-\u103f\u1050-\u108f\u1780-\u17d3"
    "\U0001b000-\U0001b16f\U00020000-\U0003fffd"
)
"""Han with its supplementary planes, 々〇, kana, Bopomofo, Yi, Thai, Lao, Myanmar, Khmer
(Unicode 15 block and script data), as a regular-expression class body."""
EMOJI_RANGES = "\u2600-\u27bf\U0001f000-\U0001faff"


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenPhrase:
    """Tokens that must stand in a row."""

    tokens: tuple[str, ...]
    prefix: bool = False
    """The last token may be the beginning of one."""
    pattern: str = field(default="", compare=False)
    """Regular expression that finds it in folded text, for marking hits."""


def tokens(text: str) -> list[str]:
    """All tokens of a text in order."""
    found: list[str] = []
    for run, other in _pieces(fold(text)):
        if run:
            found += bigrams(run)
            found.append(run[-1])
        else:
            found.append(other[:MAX_TOKEN])
    return found


def token_stream(text: str) -> str:
    """The tokens joined by spaces: what both indexes are given."""
    return " ".join(tokens(text))


def bigrams(run: str) -> list[str]:
    """Overlapping pairs of characters; [] for a single one."""
    return [run[i : i + 2] for i in range(len(run) - 1)]


def phrase(text: str, prefix: bool = False) -> TokenPhrase:
    """What a query text looks for; no tokens when it holds none (it then matches nothing).

    A run at the end is the substring; a run before something else must end there; a single
    character at the end is the beginning of a run's rest.
    """
    pieces = list(_pieces(fold(text)))
    found: list[str] = []
    open_end = prefix
    for position, (run, other) in enumerate(pieces):
        last = position == len(pieces) - 1
        if not run:
            found.append(other[:MAX_TOKEN])
            continue
        found += bigrams(run)
        if not last or len(run) == 1:
            found.append(run[-1])
        if last:
            open_end = len(run) == 1
    return TokenPhrase(tokens=tuple(found), prefix=open_end, pattern=_pattern(pieces, prefix))


def contains(words: Sequence[str], wanted: TokenPhrase) -> bool:
    """Whether the tokens stand in a row in `words`: the oracle's primitive."""
    length = len(wanted.tokens)
    if not length:
        return False
    *head, tail = wanted.tokens
    for start in range(len(words) - length + 1):
        if list(words[start : start + length - 1]) != head:
            continue
        end = words[start + length - 1]
        if end == tail or (wanted.prefix and end.startswith(tail)):
            return True
    return False


def _pieces(folded: str) -> Iterator[tuple[str, str]]:
    """(run, "") or ("", word) in order."""
    for match in _splitter().finditer(folded):
        yield match[1] or "", match[2] or ""


@cache
def _splitter() -> re.Pattern[str]:
    return re.compile(f"([{RUN_RANGES}]+)|([{word_class()}]+|[{EMOJI_RANGES}])")


@cache
def word_class() -> str:
    """Class body of letters, digits and marks that are not written as runs."""
    run = re.compile(f"[{RUN_RANGES}{EMOJI_RANGES}]")
    wanted = ("L", "N", "M")
    ranges: list[list[int]] = []
    for code in range(min(sys.maxunicode, 0x1FFFF) + 1):
        char = chr(code)
        if unicodedata.category(char)[0] not in wanted or run.match(char):
            continue
        if ranges and ranges[-1][1] == code - 1:
            ranges[-1][1] = code
        else:
            ranges.append([code, code])
    return "".join(f"{chr(first)}-{chr(last)}" for first, last in ranges)


def _pattern(pieces: Sequence[tuple[str, str]], prefix: bool) -> str:
    word = word_class() if pieces else ""
    parts = []
    for position, (run, other) in enumerate(pieces):
        last = position == len(pieces) - 1
        if run:
            parts.append(re.escape(run) + ("" if last else f"(?![{RUN_RANGES}])"))
        else:
            end = "" if last and prefix else f"(?![{word}])"
            parts.append(f"(?<![{word}]){re.escape(other)}{end}")
    return f"[^{word}{RUN_RANGES}{EMOJI_RANGES}]*".join(parts)
