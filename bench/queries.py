"""Ten kinds of query as people type them, drawn by seed from the generated texts."""

import random
import re
from collections.abc import Callable, Iterator

from bench import corpus, netscape
from linkshot.ports import PageRequest
from linkshot.query import Sort

OF_EACH = 25


def made(count: int, seed: int) -> Iterator[tuple[str, str, PageRequest]]:
    """Yields (kind, query, page): OF_EACH of every kind over `count` texts, shuffled."""
    rng = random.Random(seed)
    wanted = [kind for kind in KINDS for _ in range(OF_EACH)]
    rng.shuffle(wanted)
    for kind in wanted:
        sort = Sort.NEWEST if kind.endswith("newest first") else Sort.RELEVANCE
        yield kind, KINDS[kind](rng, count), PageRequest(sort=sort)


def _han(rng: random.Random, count: int, length: int) -> str:
    """A substring of a Chinese text."""
    clauses = re.split("[，。\n]+", corpus.text(rng.randrange(0, count, 2)))
    clause = rng.choice([one for one in clauses if len(one) >= length])
    start = rng.randrange(len(clause) - length + 1)
    return clause[start : start + length]


def _word(rng: random.Random, count: int) -> str:
    return rng.choice(_words(rng, count))


def _words(rng: random.Random, count: int) -> list[str]:
    return re.findall("[a-z]+", corpus.text(rng.randrange(1, count, 2)))


def _frequent(rng: random.Random, _count: int) -> str:
    return rng.choice(corpus.english().words[:30])


def _phrase(rng: random.Random, count: int) -> str:
    clause = rng.choice(re.split(r"[,.\n]\s*", corpus.text(rng.randrange(1, count, 2)))[:-1])
    return f'"{" ".join(clause.split()[:3])}"'


def _tag(rng: random.Random) -> str:
    return rng.choice(
        ["#编程", "#阅读", "#论文/机器学习", f"#主题/{rng.randrange(netscape.TOPICS)}"]
    )


KINDS: dict[str, Callable[[random.Random, int], str]] = {
    "two Han characters": lambda rng, n: _han(rng, n, 2),
    "four Han characters": lambda rng, n: _han(rng, n, 4),
    "one Han character": lambda rng, n: _han(rng, n, 1),
    "a word": _word,
    "a word on most English pages": _frequent,
    "two words": lambda rng, n: " ".join(rng.sample(_words(rng, n), 2)),
    "a phrase of three words": _phrase,
    "Han and a tag, newest first": lambda rng, n: f"{_han(rng, n, 2)} {_tag(rng)}",
    "a word, a site, a year": lambda rng, n: (
        f"{_word(rng, n)} site:example added:{rng.randrange(2012, 2025)}"
    ),
    "this OR that, not a third": lambda rng, n: (
        f"({_han(rng, n, 2)} OR {_word(rng, n)}) -{_frequent(rng, n)}"
    ),
}
