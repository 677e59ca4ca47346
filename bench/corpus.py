"""Generates texts, half Chinese and half English, with word frequencies as in real ones."""

import random
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from itertools import accumulate

BYTES = 3000
"""Approximate bytes of one text in UTF-8."""
VOCABULARY = 30_000
"""Words of each language, of GB 2312's common characters or of syllables; frequencies follow Zipf."""
SYLLABLES = [c + v + e for c in "bcdfghklmnprstvw" for v in "aeiou" for e in ("", "n", "r", "s")]


@dataclass(frozen=True, slots=True)
class Words:
    """A vocabulary with cumulated frequencies."""

    words: list[str]
    weights: list[float]

    def draw(self, rng: random.Random, count: int) -> list[str]:
        """`count` words, drawn by their frequency."""
        return rng.choices(self.words, cum_weights=self.weights, k=count)


def is_chinese(number: int) -> bool:
    """Whether the text is Chinese: every second one."""
    return number % 2 == 0


def text(number: int, size: int = BYTES) -> str:
    """The text with this number; deterministic."""
    rng = random.Random(number)
    lines = _chinese(rng, size) if is_chinese(number) else _english(rng, size)
    return "\n".join(lines)


def _chinese(rng: random.Random, size: int) -> list[str]:
    return [
        "，".join("".join(chinese().draw(rng, rng.randint(3, 9))) for _ in range(4)) + "。"
        for _ in range(max(size // 170, 1))
    ]


def _english(rng: random.Random, size: int) -> list[str]:
    return [
        ", ".join(" ".join(english().draw(rng, rng.randint(4, 12))) for _ in range(3)) + "."
        for _ in range(max(size // 170, 1))
    ]


@cache
def chinese() -> Words:
    """Words of one to four characters, most of two."""
    rng = random.Random("chinese")
    rows = (bytes((row, place)) for row in range(0xB0, 0xD8) for place in range(0xA1, 0xFF))
    characters = [found for row in rows if (found := row.decode("gb2312", "ignore"))]
    rng.shuffle(characters)
    letters = Words(characters, _zipf(len(characters)))
    lengths = rng.choices((1, 2, 3, 4), weights=(10, 70, 12, 8), k=VOCABULARY)
    return _vocabulary("".join(letters.draw(rng, length)) for length in lengths)


@cache
def english() -> Words:
    """Words of one to four syllables."""
    rng = random.Random("english")
    lengths = rng.choices((1, 2, 3, 4), weights=(15, 40, 30, 15), k=VOCABULARY)
    return _vocabulary("".join(rng.choices(SYLLABLES, k=length)) for length in lengths)


def _vocabulary(words: Iterable[str]) -> Words:
    different = list(dict.fromkeys(words))
    return Words(different, _zipf(len(different)))


def _zipf(count: int) -> list[float]:
    return list(accumulate(1 / (rank + 2.7) for rank in range(count)))
