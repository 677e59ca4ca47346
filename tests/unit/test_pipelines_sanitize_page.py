"""What is taken out of a page, attribute by attribute, and how addresses become absolute."""

import lxml.html
import pytest

from pipelines.page_html.sanitize_page import absolute_url, sanitize, sanitize_stylesheet

BASE = "http://a.example/d/p.html"


def sanitized(html: str) -> str:
    tree = lxml.html.document_fromstring(f"<body>{html}</body>")
    sanitize(tree, BASE)
    made: str = lxml.html.tostring(tree.find("body"), encoding="unicode")
    return made.removeprefix("<body>").removesuffix("</body>")


ATTRIBUTES = {
    "a handler": ('<p onclick="x">a</p>', "<p>a</p>"),
    "a script address": ('<a href="javascript:x">a</a>', "<a>a</a>"),
    "one with a tab inside": ('<a href="java\tscript:x">a</a>', "<a>a</a>"),
    "one behind a zero-width space": ('<a href="\u200bjavascript:x">a</a>', "<a>a</a>"),
    "a document in an address": ('<a href="data:text/html,x">a</a>', "<a>a</a>"),
    "a word that looks like one": ('<b title="javascript: a language">a</b>', None),
    "a ping": ('<a ping="/x">a</a>', "<a>a</a>"),
    "where a form goes": (
        '<form action="s">a</form>',
        '<form action="http://a.example/d/s">a</form>',
    ),
    "a mail address": ('<a href="mailto:x@a.example">a</a>', None),
    "a place on the page": ('<a href="#x">a</a>', None),
    "a password": ('<input type=" Password " value="x">', '<input type=" Password ">'),
    "a search": ('<input type="search" value="x">', None),
    "a poster": (
        '<video poster="x.png"></video>',
        '<video poster="http://a.example/d/x.png"></video>',
    ),
    "a background": (
        '<table background="x.png"></table>',
        '<table background="http://a.example/d/x.png"></table>',
    ),
    "a background elsewhere": ('<p background="x.png">a</p>', "<p>a</p>"),
    "an icon": ('<link rel="icon" href="/i">', '<link rel="icon" href="http://a.example/i">'),
    "another link": ('<link rel="preload" href="/i">', ""),
    "a frame": ("<iframe src='x'></iframe>a", "a"),
    "elements in an element that goes": ("<object><object></object></object>a", "a"),
}


@pytest.mark.parametrize(("html", "left"), ATTRIBUTES.values(), ids=ATTRIBUTES)
def test_an_attribute_stays_changes_or_goes(html: str, left: str | None) -> None:
    assert sanitized(html) == (html if left is None else left)


@pytest.mark.parametrize(
    ("address", "absolute"),
    [
        ("x y", "http://a.example/d/x%20y"),
        (" ../书 ", "http://a.example/%E4%B9%A6"),
        ("//b.example", "http://b.example/"),
        ("data:image/png;base64,AA==", "data:image/png;base64,AA=="),
        ("http://[::1", ""),
    ],
)
def test_addresses_are_what_a_browser_asks_for(address: str, absolute: str) -> None:
    assert absolute_url(BASE, address) == absolute


def test_a_style_sheet_has_absolute_addresses_and_cannot_end_its_element() -> None:
    css = "p { background: url(x.png); content: '</style><script>' }"
    assert sanitize_stylesheet(css, BASE) == (
        "p { background: url(\"http://a.example/d/x.png\"); content: '\\3c /style><script>' }"
    )
