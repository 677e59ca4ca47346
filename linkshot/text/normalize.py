"""The form in which texts and queries are compared (pure).

NFKC, case folding, Traditional → Simplified, nothing invisible, no line break inside writing without
spaces. A compatibility sign, such as ¹ or ½, becomes a word of its own; ™ and other marks of ownership
are no words and part words, as ® and © do.
"""

import re
import unicodedata
from functools import cache
from importlib.resources import files

from linkshot.text.line_breaks import mark_breaks

_INVISIBLE = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\u3164\ufe00-\ufe0f\ufeff\uffa0\U0001bca0-\U0001bca3\U000e0000-\U000e0fff"
)
"""Soft hyphen, zero-width and direction characters, fillers, variation selectors, language tags:
what Unicode calls Default_Ignorable (DerivedCoreProperties)."""
INVISIBLE = re.compile(f"[{_INVISIBLE}]+")
SUPERSCRIPTS = "\u00b2\u00b3\u00b9\u2070\u2074-\u2079"
ROMAN = "\u2160-\u217f"
_SINGLE = (
    "\u00bc-\u00be\u20a8\u2100\u2101\u2103\u2105\u2106\u2109\u2116\u2121\u213b"
    "\u2150-\u215f\u2189\u2460-\u2473\u2488-\u249b\u24b6-\u24ea\u3250-\u325f\u32b1-\u32cf"
    "\u3358-\u337a\u3380-\u33ff\ufdfc\U0001f100-\U0001f10a\U0001f12b-\U0001f12e"
    "\U0001f130-\U0001f14f\U0001f190"
)
SIGN = re.compile(f"[{SUPERSCRIPTS}]+|[{ROMAN}]+|[{_SINGLE}]")
"""Signs that NFKC makes letters or digits of, which would stick to the word beside them: superior
digits, Roman numerals, fractions, circled and squared letters and numbers, № and its like (general
categories No, Nl, So, Sc). Inferior digits are part of a formula (H₂O) and not among them."""
_MARKS = "\u2120\u2122\U0001f16a-\U0001f16c"
MARK = re.compile(f"[{_MARKS}]")
"""℠, ™, 🅪, 🅫, 🅬: NFKC would make letters of them that nobody searches for, and a phrase continues after them."""
_ODD = re.compile(f"[{_INVISIBLE}{_MARKS}{SUPERSCRIPTS}{ROMAN}{_SINGLE}]")
DOTTED_I = re.compile("i\u0307+")
"""What İ (U+0130) becomes when its case is folded, and more dots that follow."""


def fold(text: str) -> str:
    """The form in which texts and queries are compared; folding twice changes nothing more."""
    if text.isascii():
        return text.lower()
    text = mark_breaks(text)
    if _ODD.search(text):
        text = SIGN.sub(r" \g<0> ", MARK.sub(" ", INVISIBLE.sub("", text)))
    folded = _composed(_composed(text).casefold())
    if "\u0307" in folded:  # what follows the dot may go together with the i
        folded = _composed(DOTTED_I.sub("i", folded))
    return folded.translate(_simplified())


def _composed(text: str) -> str:
    return text if unicodedata.is_normalized("NFKC", text) else unicodedata.normalize("NFKC", text)


@cache
def _simplified() -> dict[int, int]:
    """Traditional → Simplified by single characters (OpenCC's TSCharacters, Apache-2.0)."""
    source = files("opencc").joinpath("dictionary", "TSCharacters.txt").read_text("utf-8")
    pairs = (line.split("\t") for line in source.splitlines() if "\t" in line)
    table = {ord(old): ord(new.split()[0]) for old, new in pairs if len(old) == 1}
    return {char: _last(table, target) for char, target in table.items()}


def _last(table: dict[int, int], char: int) -> int:
    """Follow chains, so that folding is idempotent."""
    seen: set[int] = set()
    while char in table and char not in seen:
        seen.add(char)
        char = table[char]
    return char
