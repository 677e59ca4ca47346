"""Which characters count as the same? NFKC, case folding, Traditional → Simplified, nothing invisible."""

import unicodedata
from functools import cache
from importlib.resources import files

INVISIBLE = dict.fromkeys(
    [0x00AD, 0x180E, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2065), 0xFEFF]
)
"""Soft hyphen, zero-width and direction characters: dropped."""


def fold(text: str) -> str:
    """The form in which texts and queries are compared; folding twice changes nothing more."""
    if text.isascii():
        return text.lower()
    folded = unicodedata.normalize("NFKC", text).casefold()
    if not unicodedata.is_normalized("NFKC", folded):
        folded = unicodedata.normalize("NFKC", folded)
    return folded.translate(_table())


@cache
def _table() -> dict[int, int | None]:
    """Traditional → Simplified by single characters (OpenCC's TSCharacters, Apache-2.0)."""
    source = files("opencc").joinpath("dictionary", "TSCharacters.txt").read_text("utf-8")
    pairs = (line.split("\t") for line in source.splitlines() if "\t" in line)
    table: dict[int, int | None] = {
        ord(old): ord(new.split()[0]) for old, new in pairs if len(old) == 1
    }
    for char, target in list(table.items()):
        table[char] = _last(table, target)
    return table | INVISIBLE


def _last(table: dict[int, int | None], char: int | None) -> int | None:
    """Follow chains, so that folding is idempotent."""
    seen = set()
    while char in table and char not in seen and char is not None:
        seen.add(char)
        char = table[char]
    return char
