"""Trees that scripts make: what an HTML parser reads of page.html has the same elements in each other."""

import lxml.html
import pytest
from selectolax.lexbor import LexborHTMLParser

from pipelines.page_html.parser_nesting import BOXLESS, keep_nesting


def kept(body: str, *, is_quirks: bool = False) -> str:
    """The document as HTML, of a body that is read as XML."""
    source = f"<html><head></head><body>{body}</body></html>"
    tree = lxml.html.document_fromstring(
        source.encode(), parser=lxml.html.XHTMLParser(huge_tree=True)
    )
    keep_nesting(tree, is_quirks=is_quirks)
    return lxml.html.tostring(tree, encoding="unicode")


def nested(html: str, outer: str, inner: str) -> bool:
    """Whether a parser finds the inner element in the outer one."""
    document = LexborHTMLParser(f"<!DOCTYPE html>{html}")
    return document.css_first(f"{outer} {inner}") is not None


@pytest.mark.parametrize(
    ("body", "outer", "inner"),
    [
        ("<p>a<div>b</div>c</p>", "p", "div"),
        ("<p><span><ul><li>b</li></ul></span></p>", "p", "li"),
        ("<p><table><tr><td>b</td></tr></table></p>", "p", "td"),
        ("<a>a<b><a>b</a></b></a>", "a", "a"),
        ("<button>a<button>b</button></button>", "button", "button"),
        ("<h1>a<h2>b</h2></h1>", "h1", "h2"),
        ("<ul><li>a<span><li>b</li></span></li></ul>", "li", "li"),
        ("<dl><dd>a<div><dt>b</dt></div></dd></dl>", "dd", "dt"),
        ("<div><tr><td>b</td></tr></div>", "div", "tr"),
        ("<div><td>b</td></div>", "div", "td"),
        ("<table><div>b</div></table>", "table", "div"),
        ("<table><tbody><tr><div>b</div></tr></tbody></table>", "tr", "div"),
        ("<table><tbody><tr><tr><td>b</td></tr></tr></tbody></table>", "tr", "tr"),
        ("<table><table><tr><td>b</td></tr></table></table>", "table", "table"),
    ],
)  # fmt: skip
def test_what_a_parser_takes_apart_stays_together(body: str, outer: str, inner: str) -> None:
    assert not nested(body, outer, inner)
    assert nested(kept(body), outer, inner)


@pytest.mark.parametrize(
    "body",
    [
        "<p>a <b>b</b></p><div><p>c</p></div>",
        "<ul><li>a<ul><li>b</li></ul></li></ul>",
        "<table><caption>a</caption><tbody><tr><td><p>b</p><div>c</div></td></tr></tbody></table>",
        "<button><div>a</div></button><a><div>b</div></a>",
        "<dl><dt>a</dt><dd><p>b</p></dd></dl>",
        "<svg><a><a>x</a></a></svg>",
    ],
)
def test_what_a_parser_keeps_stays_as_it_is(body: str) -> None:
    assert BOXLESS not in kept(body)


def test_a_form_in_a_form_becomes_a_box() -> None:
    made = LexborHTMLParser(kept("<form>a<p><form class='x'>b</form></p></form><form>c</form>"))
    assert made.css_first("form p div.x") is not None
    assert len(made.css("form")) == 2


def test_text_between_the_rows_of_a_table_stays_there() -> None:
    made = LexborHTMLParser(kept("<table>a<tbody>b<tr>c<td>d</td>e</tr></tbody></table>"))
    assert made.css_first("table").text() == "abcde"


def test_in_quirks_mode_a_table_stands_in_a_paragraph() -> None:
    assert BOXLESS not in kept("<p><table><tr><td>b</td></tr></table></p>", is_quirks=True)


def test_deep_trees_are_left_alone() -> None:
    assert BOXLESS not in kept("<b>" * 460 + "<p><div>x</div></p>" + "</b>" * 460)
