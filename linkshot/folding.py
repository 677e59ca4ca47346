"""Which characters count as the same? NFKC, case folding, Traditional → Simplified, nothing invisible."""

import re
import unicodedata
from functools import cache
from importlib.resources import files

_INVISIBLE = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\u3164\ufe00-\ufe0f\ufeff\uffa0\U0001bca0-\U0001bca3\U000e0000-\U000e0fff"
)
"""Soft hyphen, zero-width and direction characters, fillers, variation selectors, language tags:
what Unicode calls Default_Ignorable (DerivedCoreProperties)."""
INVISIBLE = re.compile(f"[{_INVISIBLE}]+")
DOTTED_I = re.compile("i\u0307+")
"""What İ (U+0130) becomes when its case is folded, and more dots that follow."""


def fold(text: str) -> str:
    """The form in which texts and queries are compared; folding twice changes nothing more."""
    if text.isascii():
        return text.lower()
    if INVISIBLE.search(text):
        text = INVISIBLE.sub("", text)
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
