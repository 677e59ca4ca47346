"""The article of Chinese and Japanese pages of many templates, measured against what was written."""

from collections import Counter
from statistics import mean

import pytest

from pipelines.article import Article, extract_article
from tests.reader_pages import ReaderPage, reader_pages

PAGES = {page.name: page for page in reader_pages()}
LEAST_F1 = 0.98
PIECE = 4


@pytest.fixture(scope="module")
def articles() -> dict[str, Article]:
    return {name: extract_article(page.html, "http://a.example/") for name, page in PAGES.items()}


def f1(page: ReaderPage, article: Article) -> float:
    """Harmonic mean of precision and recall over runs of four characters; the title counts for nothing."""
    lines = [line for line in article.text.splitlines() if line != page.name.partition("-")[0]]
    got, wanted = _pieces("".join(lines)), _pieces(page.wanted)
    return 2 * (got & wanted).total() / (got.total() + wanted.total())


def _pieces(text: str) -> Counter[str]:
    plain = "".join(text.split())
    return Counter(plain[at : at + PIECE] for at in range(len(plain) - PIECE + 1))


def test_the_articles_are_what_was_written(articles: dict[str, Article]) -> None:
    assert len(PAGES) >= 60
    scores = {name: f1(page, articles[name]) for name, page in PAGES.items()}
    assert mean(scores.values()) >= LEAST_F1, sorted(scores.items(), key=lambda one: one[1])[:10]
    assert {name: score for name, score in scores.items() if score < 0.8} == {}


def test_nothing_around_an_article_is_taken_for_it(articles: dict[str, Article]) -> None:
    taken = {name: [one for one in page.unwanted if one in articles[name].text]
             for name, page in PAGES.items()}  # fmt: skip
    assert {name: words for name, words in taken.items() if words} == {}
