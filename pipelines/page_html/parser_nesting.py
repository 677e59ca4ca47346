"""Keeps elements in each other that an HTML parser would take apart. (pure)

Scripts nest elements as they like (a <div> in a <p>, a <tr> in a <div>), and a tree of theirs that is written as HTML is
read as another one. Elements without a box of their own are put between: <applet>, an unknown element in browsers, ends
the scope in which a parser looks for a <p>, <a>, <button> or <li> to close (HTML Standard §13.2.4.2), and parts of a
table bring the others that belong around them.
"""

from functools import lru_cache
from typing import NamedTuple

import lxml.html
from lxml.html import HtmlElement

BOXLESS = "all:inherit;display:contents"
HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
CLOSES_P = HEADINGS | frozenset((
    "address", "article", "aside", "blockquote", "center", "dd", "details", "dialog", "dir", "div", "dl", "dt",
    "fieldset", "figcaption", "figure", "footer", "form", "header", "hgroup", "hr", "li", "listing", "main", "menu",
    "nav", "ol", "p", "plaintext", "pre", "search", "section", "summary", "ul", "xmp",
))  # fmt: skip
"""Start tags that close a <p> which is open (§13.2.6.4.7)."""
SCOPES = frozenset(("applet", "caption", "marquee", "object", "table", "td", "template", "th"))
"""What ends the search for an element to close."""
MARKERS = SCOPES - {"table"}
"""What ends the search for an <a> to close, which is a formatting element."""
ORDINARY = frozenset((
    "a", "abbr", "acronym", "audio", "b", "bdi", "bdo", "big", "canvas", "cite", "code", "data", "del", "dfn", "em",
    "font", "i", "ins", "kbd", "label", "map", "mark", "meter", "nobr", "output", "picture", "progress", "q", "ruby",
    "rp", "rt", "s", "samp", "slot", "small", "span", "strike", "strong", "sub", "sup", "time", "tt", "u", "var",
    "video", "address", "div", "p",
))  # fmt: skip
"""What the search for an <li>, <dt> or <dd> to close passes: all elements that are not special, and three."""
ROWS, CELLS = frozenset(("tr",)), frozenset(("td", "th"))
SECTIONS = frozenset(("tbody", "thead", "tfoot"))
ANYWHERE = frozenset(("style", "template"))
TABLE_CHILDREN = {
    "table": SECTIONS | ROWS | CELLS | {"caption", "colgroup", "col"} | ANYWHERE,
    **dict.fromkeys(SECTIONS, ROWS | CELLS | ANYWHERE),
    "tr": CELLS | ANYWHERE,
    "colgroup": frozenset(("col", "template")),
}
TABLE_PARTS = {
    **dict.fromkeys(SECTIONS | {"caption", "colgroup"}, ("table",)),
    "col": ("table", "colgroup"),
    "tr": ("table", "tbody"),
    **dict.fromkeys(CELLS, ("table", "tbody", "tr")),
}
"""What has to be around a part of a table."""
AROUND_OTHERS = {
    "table": ("tbody", "tr", "td"),
    **dict.fromkeys(SECTIONS, ("tr", "td")),
    "tr": ("td",),
}
"""What has to be between a part of a table and what is no part."""
IN_HEAD = frozenset(("base", "link", "meta", "noscript", "script", "style", "template", "title"))
CACHED = 8192
"""Combinations of tags and what is open around them that are remembered: pages have few."""
MAX_DEPTH = 450
"""Deeper elements stay as they are: a parser nests 512, and those between would be taken apart themselves."""


class _Open(NamedTuple):
    """What a parser has open where an element begins."""

    parent: str = ""
    p: bool = False
    a: bool = False
    button: bool = False
    li: bool = False
    item: bool = False
    """A <dt> or <dd>."""
    form: bool = False
    """A parser leaves out a <form> in a <form>, whatever stands between."""

    def closes(self, tag: str, *, is_quirks: bool) -> bool:
        """Whether this start tag would close an element that is open."""
        return (
            (self.p and (tag in CLOSES_P or (tag == "table" and not is_quirks)))
            or (self.a and tag == "a")
            or (self.button and tag == "button")
            or (self.li and tag == "li")
            or (self.item and tag in ("dt", "dd"))
            or (self.parent in HEADINGS and tag in HEADINGS)
        )


@lru_cache(CACHED)
def _inside(around: _Open, tag: str) -> _Open:
    """What is open after this start tag."""
    passes = tag in ORDINARY or "-" in tag
    return _Open(
        parent=tag,
        p=tag == "p" or (around.p and tag not in SCOPES and tag != "button"),
        a=tag == "a" or (around.a and tag not in MARKERS),
        button=tag == "button" or (around.button and tag not in SCOPES),
        li=tag == "li" or (around.li and passes),
        item=tag in ("dt", "dd") or (around.item and passes),
        form=tag == "form" or (around.form and tag != "template"),
    )


def keep_nesting(tree: HtmlElement, *, is_quirks: bool) -> None:
    """Changes the tree so that what an HTML parser reads of it has the same boxes."""
    head = tree.find("head")
    if head is not None:
        for child in [one for one in head if one.tag not in IN_HEAD]:
            head.remove(child)  # nothing of the head is shown
    waiting = [(child, _Open(), 0) for child in tree]
    while waiting:
        element, around, depth = waiting.pop()
        tag = element.tag
        if not isinstance(tag, str) or tag in ("svg", "math") or depth > MAX_DEPTH:
            continue
        inside = _inside(around, tag)
        if tag in AROUND_OTHERS:
            _wrap_text(element)
        for child in list(element):
            between = _between(child.tag, inside, is_quirks)
            opened = inside
            for name in between:
                opened = _inside(opened, name)
            if child.tag == "form" and opened.form:
                child.tag = "div"
            if between:
                _wrap(child, between)
            if len(child) or child.tag in AROUND_OTHERS:
                waiting.append((child, opened, depth + 1 + len(between)))


@lru_cache(CACHED)
def _between(tag: object, around: _Open, is_quirks: bool) -> tuple[str, ...]:  # a key
    """Tags of the elements that have to stand between an element and its parent."""
    if not isinstance(tag, str):
        return ()
    allowed = TABLE_CHILDREN.get(around.parent)
    if allowed is not None:
        if tag in allowed:
            return ()
        return (*AROUND_OTHERS.get(around.parent, ()), *TABLE_PARTS.get(tag, ()))
    if tag in TABLE_PARTS:
        first = ("applet",) if around.closes("table", is_quirks=is_quirks) else ()
        return (*first, *TABLE_PARTS[tag])
    return ("applet",) if around.closes(tag, is_quirks=is_quirks) else ()


def _wrap(child: HtmlElement, names: tuple[str, ...]) -> None:
    outer = inner = lxml.html.Element(names[0], style=BOXLESS)
    for name in names[1:]:
        added = lxml.html.Element(name, style=BOXLESS)
        inner.append(added)
        inner = added
    child.addprevious(outer)
    outer.tail, child.tail = child.tail, None
    inner.append(child)


def _wrap_text(element: HtmlElement) -> None:
    """Text between the parts of a table, which a parser puts before the table."""
    names = AROUND_OTHERS[element.tag]
    if element.text and element.text.strip():
        element.insert(0, _holding(element.text, names))
        element.text = None
    for child in list(element):
        if child.tail and child.tail.strip():
            text, child.tail = child.tail, None
            child.addnext(_holding(text, names))


def _holding(text: str, names: tuple[str, ...]) -> HtmlElement:
    inner = lxml.html.Element(names[-1], style=BOXLESS)
    inner.text = text
    for name in reversed(names[:-1]):
        outer = lxml.html.Element(name, style=BOXLESS)
        outer.append(inner)
        inner = outer
    return inner
