"""Line breaks inside writing without spaces (pure).

Han and kana are written without spaces, so a line break between two such characters, with or
without indentation, comes from the width of a page or of a source file and parts no words (CSS
Text 3 §4.1.3, segment break transformation), whatever white space stands beside it. An empty line,
an ideographic space that begins a line (the indentation of a paragraph) and white space without a line
break are borders. Hangul has spaces between its words and is left alone.
"""

import re
from collections.abc import Callable, Iterator

_LETTERS = (
    "\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3031-\u3035\u3038-\u303c\u3041-\u309f\u30a1-\u30fa"
    "\u30fc-\u30ff\u3105-\u312f\u3192-\u31bf\u31f0-\u31ff\u3244-\u3247\u3280-\u32b0\u32d0-\u32ff"
    "\u3300-\u3357\u337b-\u337f\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f"
    "\U0001aff0-\U0001b2ff\U0001f200-\U0001f23b\U0001f250\U0001f251\U00020000-\U0003fffd"
)
"""Han, kana, Bopomofo and their compatibility forms, as a regular-expression class."""
_SIGNS = (
    "\u3001-\u3004\u3008-\u3020\u3030\u303d\u30a0\u30fb\ufe10-\ufe19\ufe30-\ufe6b\uff01-\uff0f"
    "\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65"
)
"""Their punctuation; full-width letters and digits make words and are not among them."""
_LETTER = re.compile(f"[{_LETTERS}]").match
_WIDE = re.compile(f"[{_LETTERS}{_SIGNS}]").match
_QUOTES = frozenset("‘’“”…—·")
"""Punctuation of Chinese and of English: wide when its neighbour is."""
_AROUND = frozenset(
    (" ", "\t", "\v", "\f", "\u00a0", "\u1680", "\u202f", "\u205f", *map(chr, range(0x2000, 0x200B)),
     "\u00ad", "\u2060", "\ufeff", *map(chr, range(0x200B, 0x2010)),
     *map(chr, range(0xFE00, 0xFE10)), *map(chr, range(0xE0100, 0xE01F0)))
)  # fmt: skip
"""White space of any width (the separators of Unicode, Zs), and what is invisible: zero-width
characters, soft hyphens, variation selectors."""
_BEFORE = _AROUND | {"\u3000"}
"""An ideographic space is invisible at the end of a line."""
_RARE_BREAKS = ("\r", "\u0085", "\u2028")
_BREAK = re.compile("\r\n|[\n\r\u0085\u2028]")
_LINE_FEED = re.compile("\n")
_WRAP = re.compile(r"[ \t]*[\n\r][ \t\n\r]*")
JOINER = "\u2060"
"""WORD JOINER: invisible, no break."""
BORDER = "\x1f"
"""UNIT SEPARATOR: white space that is no line break."""
Joins = Callable[[str, int, int], bool]
"""Whether the characters at two positions are written without a space between."""


def between_letters(text: str, left: int, right: int) -> bool:
    """Whether a run of Han and kana goes on."""
    return _LETTER(text, left) is not None and _LETTER(text, right) is not None


def between_wide(text: str, left: int, right: int) -> bool:
    """Whether both are written without a space between: Han, kana and their punctuation."""
    if _WIDE(text, left):
        return _WIDE(text, right) is not None or text[right] in _QUOTES
    return text[left] in _QUOTES and _WIDE(text, right) is not None


def join_lines(text: str) -> str:
    """The text for display, without line breaks inside writing without spaces."""
    pieces: list[str] = []
    done = 0
    for start, end in _inside(text, between_wide):
        pieces.append(text[done:start])
        done = end
    return "".join((*pieces, text[done:])) if done else text


def reflow(text: str) -> str:
    """Text of a source file as it is laid out: each line break a space, or nothing."""
    if "\n" not in text and "\r" not in text:
        return text
    return _WRAP.sub(" ", join_lines(_WRAP.sub("\n", text)))


def mark_breaks(text: str, joins: Joins = between_letters) -> str:
    """A text of the same length without line breaks: a JOINER for each character of those that
    part nothing, a BORDER for each of the others."""
    rare = any(sign in text for sign in _RARE_BREAKS)
    if not rare and "\n" not in text:
        return text
    pieces: list[str] = []
    done = 0
    for start, end in _inside(text, joins):
        pieces += (text[done:start], JOINER * (end - start))
        done = end
    left = "".join((*pieces, text[done:])) if done else text
    if rare:
        return _BREAK.sub(lambda found: BORDER * len(found[0]), left)
    return left.replace("\n", BORDER)


def _inside(text: str, joins: Joins) -> Iterator[tuple[int, int]]:
    """[start, end) of each single line break where both sides join, with the blanks around it."""
    rare = any(sign in text for sign in _RARE_BREAKS)
    for found in (_BREAK if rare else _LINE_FEED).finditer(text):
        start, end = found.span()
        while start and text[start - 1] in _BEFORE:
            start -= 1
        while end < len(text) and text[end] in _AROUND:
            end += 1
        if start > 0 and end < len(text) and joins(text, start - 1, end):
            yield start, end
