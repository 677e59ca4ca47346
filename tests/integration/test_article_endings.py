"""What a site has below an article, and what its markup says twice, is no part of the article."""

import pytest

from pipelines.article import extract_article
from tests.reader_pages import TEXTS

BODY = "".join(f"<p>{one}</p>" for one in TEXTS["瓦"])
OTHER = "".join(
    f"<p>Quite another article, number {n}, with a sentence of its own.</p>" for n in range(4)
)
CAPTION = "<p class=caption>The kiln seen from the harbour, in March.</p>"


def article(extra: str) -> str:
    head = "<html><head><title>瓦</title></head><body>"
    return extract_article(
        f"{head}<article><h1>瓦的故事</h1>{BODY}{extra}</article>", "http://a.example/"
    ).text


@pytest.mark.parametrize(
    "extra",
    [
        "<h3>You may also like…</h3>" + OTHER,
        "<p>相关阅读：</p>" + OTHER,
        "<div>sponsored links</div>" + OTHER,
        "<p>Get the latest updates. Subscribe to our newsletters.</p>",
        "<p>扫码关注我们的公众号</p>",
    ],
)
def test_what_the_site_has_below_an_article_is_left_out(extra: str) -> None:
    assert article(extra).split() == article("").split()


def test_words_of_an_ending_within_an_article_end_nothing() -> None:
    section = "<h2>Related articles of the law</h2><p>Readers who subscribe to a newsletter agree to § 4 of it.</p>"
    found = article(section + BODY.replace("瓦", "砖"))
    assert "Related articles of the law" in found
    assert "agree to § 4" in found
    assert "砖" in found


def test_an_article_goes_on_after_a_box_of_related_articles() -> None:
    box = "<div class=box><p>Related articles</p><p>Quite another article, with a sentence of its own.</p></div>"
    found = article(box + BODY.replace("瓦", "砖"))
    assert "Quite another" not in found
    assert "砖" in found


def test_titles_and_captions_stand_in_an_article_once() -> None:
    found = article(
        BODY.replace("瓦", "砖")
        + CAPTION
        + CAPTION
        + "<h1>瓦的故事</h1>"
        + BODY.replace("瓦", "窑")
    )
    assert found.count("The kiln seen from the harbour") == 1
    assert found.count("瓦的故事") == 1


def test_equal_paragraphs_are_the_author_s() -> None:
    refrain = (
        "<p>Again the tide comes in, and again the tide goes out, past the lamp of the harbour.</p>"
    )
    found = article(refrain + BODY.replace("瓦", "砖") + refrain)
    assert found.count("Again the tide comes in") == 2
