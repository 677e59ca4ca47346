"""The date of an article is one that is written in full, and not that of a copyright line or an infobox."""

import pytest

from pipelines.article import extract_article
from pipelines.sandbox import run_sandboxed
from tests.reader_pages import TEXTS

BODY = "".join(f"<p>{one}</p>" for one in TEXTS["瓦"])


@pytest.mark.parametrize(
    ("extra", "found"),
    [
        ("<footer>© 2026 Harbour Times. All rights reserved</footer>", ""),
        ("<div class=copyright>Copyright 2019-2026</div>", ""),
        ("<div>版权所有 © 2026 海港时报</div>", ""),
        ("<table class=infobox><tr><th>开业</th><td>2019-05-04</td></tr></table>", ""),
        ("<p>Posted on <time datetime='2024-03-02'>2 March 2024</time></p>", "2024-03-02"),
        ("<p>发布时间：2024-03-02 08:00</p>", "2024-03-02"),
        ("<p>Published March 2, 2024</p><footer>© 2026 Harbour Times</footer>", "2024-03-02"),
    ],
)  # fmt: skip
def test_only_a_date_of_the_page_is_taken(extra: str, found: str) -> None:
    page = f"<html><head><title>瓦</title></head><body><article><h1>瓦</h1>{BODY}</article>{extra}</body></html>"
    assert extract_article(page, "http://a.example/").date == found


@pytest.mark.usefixtures("sandbox_closed")
def test_the_date_of_a_page_without_line_breaks_is_found_in_linear_time() -> None:
    words = "".join(f"<span>sentence {n} of the same line. </span>" for n in range(8_000))
    page = f"<html><body><article>{BODY}<p>{words}</p><p>Posted on 2 March 2024</p></article></body></html>"
    assert (
        run_sandboxed(extract_article, page, "http://a.example/", default=None, timeout_s=20.0).date
        == "2024-03-02"
    )
