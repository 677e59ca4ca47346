"""Decides which pages contain a string or a word, independently of linkshot's own tokens and query."""

import random
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from functools import cache

from opencc import OpenCC

SCRIPTS = ("LATIN", "CYRILLIC", "GREEK", "ARABIC", "HEBREW", "DEVANAGARI", "DIGIT")
"""Words of these are drawn; writing without spaces is drawn as strings of Han."""
LONGEST = 64
RUN = "[\u3005-\u3007\u3041-\u30ff\u3400-\u9fff]"


@cache
def _simple(char: str) -> str:
    return str(_converter().convert(char))


@cache
def _converter() -> OpenCC:
    return OpenCC("t2s")


def same(text: str) -> str:
    """The form to compare: width, case, Traditional and Simplified, nothing invisible, no line
    break inside a run of Han or kana, signs such as ™ apart."""
    text = re.sub(f"(?<={RUN})[ \t]*\r?\n[ \t]*(?={RUN})", "", text)
    text = "".join(f" {c} " if _is_sign(c) else c for c in text)
    shown = "".join(c for c in text if unicodedata.category(c) != "Cf")
    return "".join(
        map(_simple, unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", shown).casefold()))
    )


def _is_sign(char: str) -> bool:
    """Whether it is a sign that stands for letters or digits."""
    kind = unicodedata.decomposition(char).partition(">")[0]
    return kind in ("<super", "<circle", "<fraction") and unicodedata.category(char) in ("No", "So")


def words(text: str) -> list[str]:
    """Whole words: letters and digits in a row, Han apart."""
    return re.findall(r"[^\W_]+", re.sub("[\u3005-\u30ff\u3400-\u9fff\uac00-\ud7a3]", " ", text))


def parts(word: str) -> list[str]:
    """Its letters and its digits; a word that changes more than twice between them is one part."""
    found = re.findall(r"\d+|\D+", word)
    return found if len(found) <= 3 else [word]


def holds(text: str, wanted: str) -> bool:
    """Whether the parts of the word stand in a row somewhere in the text."""
    row = [part for word in words(text) for part in parts(word)]
    asked = parts(wanted)
    return any(
        row[at : at + len(asked)] == asked for at, part in enumerate(row) if part == asked[0]
    )


def pages_with(query: str, pages: Mapping[str, Sequence[str]]) -> set[str]:
    """Ids of the pages with it in one of their (folded) texts: Han as a substring, others as a word."""
    wanted = same(query)
    han = is_han(wanted)
    return {
        page
        for page, texts in pages.items()
        if any(wanted in text if han else holds(text, wanted) for text in texts)
    }


def is_han(text: str) -> bool:
    """Whether every character is a Han character."""
    return all(unicodedata.name(char, "").startswith("CJK UNIFIED") for char in text)


def draw(texts: Iterable[str], count: int, seed: int) -> list[str]:
    """Different queries out of these texts: half strings of 2 to 4 Han, half whole words."""
    rng = random.Random(seed)
    pool = sorted(texts)
    found: dict[str, None] = {}
    while len(found) < count:
        text = rng.choice(pool)
        if one := _han(rng, text) if len(found) % 2 == 0 else _word(rng, text):
            found[one] = None
    return list(found)


def _han(rng: random.Random, text: str) -> str:
    runs = re.findall("[\u4e00-\u9fff]{2,}", text)
    if not runs:
        return ""
    run: str = rng.choice(runs)
    length = rng.randint(2, 4)
    start = rng.randrange(max(len(run) - length, 0) + 1)
    return run[start : start + length]


def _word(rng: random.Random, text: str) -> str:
    written = [one for one in words(text) if len(one) <= LONGEST and one.upper() != one]
    one: str = rng.choice(written) if written else ""
    known = all(unicodedata.name(char, "").startswith(SCRIPTS) for char in one)
    return one if known else ""
