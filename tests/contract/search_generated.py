"""Random texts of many scripts and queries cut from them, with what the oracle says of each."""

import random
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property

from linkshot.domain.model import IndexDocument, LinkId
from linkshot.query import Text
from linkshot.text.tokens import TokenPhrase, contains_phrase, phrase_variants, tokens

ALPHABETS = (
    "的一是在不了有和人这中大为上个国我以要他时来用们生到",
    "鏈結體網頁軟電腦開發",
    "あいうえおカキクケコー々",
    "가나다라마바사",
    "กขคงาิี",
    "𠮷𠀋𪚥㐂〇",
    "abcdeABC",
    "ａｂＣ１２",
    "абвгд",
    "0123456789",
    "ab12",
    "é\u0301ß\u200bñ",
    "👍🏽🎉",
)
SEPARATORS = (
    *" ,.。，、！-_/＃+ 　™²½", "\n", "\n", "\n", "\r\n  ", "\n\n", "\n　", "　\n", "\u200b\n", "\u00a0\n", "\n\u2003",
)  # fmt: skip


@dataclass(frozen=True)
class Generated:
    """Documents, and the texts of queries cut from them."""

    documents: tuple[IndexDocument, ...]
    queries: tuple[Text, ...]

    def expected(self, query: Text) -> set[str]:
        """Ids of the documents in which the text is found; the same as query.matches()."""
        return {
            self.documents[number].id
            for wanted in phrase_variants(query.text, query.prefix)
            for number in self._candidates(wanted)
            if contains_phrase(self._words[number], wanted)
        }

    def _candidates(self, wanted: TokenPhrase) -> set[int]:
        if not wanted.tokens:
            return set()
        whole = wanted.tokens[:-1] if wanted.prefix else wanted.tokens
        if not whole:
            return set(range(len(self.documents)))
        return set.intersection(*(self._holders[token] for token in whole))

    @cached_property
    def _words(self) -> list[list[str]]:
        return [tokens(document.text) for document in self.documents]

    @cached_property
    def _holders(self) -> dict[str, set[int]]:
        holders: dict[str, set[int]] = defaultdict(set)
        for number, words in enumerate(self._words):
            for word in words:
                holders[word].add(number)
        return holders


def generated(seed: int, n: int = 10_000, queries: int = 400) -> Generated:
    """`n` documents of mixed scripts and `queries` queries; the same for the same seed."""
    chance = random.Random(seed)
    texts = [_text(chance) for _ in range(n)]
    return Generated(
        documents=tuple(_document(number, text) for number, text in enumerate(texts)),
        queries=tuple(_query(chance, texts) for _ in range(queries)),
    )


def _text(chance: random.Random) -> str:
    parts = []
    for _ in range(chance.randint(1, 8)):
        alphabet = chance.choice(ALPHABETS)
        parts.append("".join(chance.choices(alphabet, k=chance.randint(1, 6))))
        if chance.random() < 0.6:
            parts.append(chance.choice(SEPARATORS))
    return "".join(parts)


def _query(chance: random.Random, texts: list[str]) -> Text:
    text = chance.choice(texts)
    start = chance.randrange(len(text))
    cut = text[start : start + chance.randint(1, 7)]
    if chance.random() < 0.1:
        cut = cut[::-1]
    return Text(cut, prefix=chance.random() < 0.3)


def _document(number: int, text: str) -> IndexDocument:
    return IndexDocument(
        id=f"{number:032x}",
        link_id=LinkId(f"{number:032x}"),
        rev=1,
        text=text,
        site="generated.example.net",
        by_added=1_700_000_000_000_000 + number,
        by_changed=1_700_000_000_000_000 + number,
    )
