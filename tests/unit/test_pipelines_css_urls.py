"""The addresses in CSS: which there are, and that all the rest stays as it was."""

import pytest

from pipelines.page_html.css_urls import rewrite_urls


def seen(css: str) -> tuple[list[str], list[str]]:
    """Addresses of parts, and of imported sheets."""
    parts: list[str] = []
    imports: list[str] = []

    def replace(address: str, imported: bool) -> str:
        (imports if imported else parts).append(address)
        return "X"

    rewrite_urls(css, replace)
    return parts, imports


@pytest.mark.parametrize(
    ("css", "parts"),
    [
        ("a{b:url(i.png)}", ["i.png"]),
        ("a{b:URL( 'i.png' )}", ["i.png"]),
        ('a{b:url("photo (1).png")}', ["photo (1).png"]),
        (r"a{b:url(a\(2\).png)} c{d:url(e)}", ["a(2).png", "e"]),
        (r"a{b:url('it\'s.png')}", ["it's.png"]),
        (r"a{b:url(\56fe.png)}", ["图.png"]),
        ("a{b:url(图片.png)}", ["图片.png"]),
        ("@font-face{src:url(a.eot?#x) format('eot'),url(a.woff2)}", ["a.eot?#x", "a.woff2"]),
        ("a{b:image-set(url(i.png) 1x, url(j.png) 2x)}", ["i.png", "j.png"]),
        ("a{b:url(\"data:image/svg+xml,%3Csvg fill='url(%23a)'%3E\")} c{d:url(e)}", ["e"]),
        ("a{b:url(data:image/png;base64,AA==) url(#f) url()}", []),
        ("/* url(no) */ a{content:'url(no)'} b{c:url(d)}", ["d"]),
        ("a{content:'\\'url(no)'} .my-url(x) b{c:url(d)", ["d"]),
        ("a{b:'never closed\nc:url(d)}", ["d"]),
    ],
    ids=[
        "bare", "upper case", "parentheses in quotes", "escaped parentheses", "escaped quote",
        "escaped letter", "Chinese", "fonts", "set of pictures", "inside a data address",
        "own ones", "comment and words", "escapes in words", "broken string",
    ],
)  # fmt: skip
def test_the_addresses_of_parts(css: str, parts: list[str]) -> None:
    assert seen(css) == (parts, [])


@pytest.mark.parametrize(
    "css",
    ['@import "a.css";', "@import url(a.css);", "@IMPORT url('a.css') screen;", '@import"a.css";'],
)
def test_the_addresses_of_imported_sheets(css: str) -> None:
    assert seen(css) == ([], ["a.css"])


def test_all_the_rest_stays_as_it_was() -> None:
    css = "@import 'a' layer(x) print;\n/* url(c) */ a > b{c:url( d ) no-repeat;e:'f\\'g'}\n"
    made = rewrite_urls(css, lambda address, _: f"http://h/{address}")
    assert made == (
        '@import url("http://h/a") layer(x) print;\n/* url(c) */ a > b{c:url("http://h/d") '
        "no-repeat;e:'f\\'g'}\n"
    )


def test_an_address_cannot_leave_its_quotes() -> None:
    made = rewrite_urls("a{b:url(x)}", lambda *_: 'h"\\);}\n*{c')
    assert made == 'a{b:url("h\\"\\\\);}\\a *{c")}'
