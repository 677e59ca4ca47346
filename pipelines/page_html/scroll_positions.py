"""Scrolls boxes of page.html to where they were, without scripts.

`scroll-initial-target` (CSS Scroll Snap Level 2, §5) names what a box is scrolled to when it is first laid out: a
pseudo-element without a size at the corner of what was in view. Readers can scroll on from there; a browser that does
not know it shows the box from its beginning.
"""

import re

import lxml.html
from lxml.html import HtmlElement

SCROLLED = re.compile(r"(before|after) (-?\d{1,9}(?:\.\d{1,9})?) (-?\d{1,9}(?:\.\d{1,9})?)")
"""As crawler/page/scripts/freeze.js writes it: a free pseudo-element, and the position in pixels."""
RULE = (
    '[data-linkshot-scroll="{}"]::{}{{all:initial!important;content:""!important;position:absolute!important;'
    "left:{}px!important;top:{}px!important;width:0!important;height:0!important;scroll-initial-target:nearest!important}}"
)


def insert_scroll_positions(tree: HtmlElement) -> None:
    """Adds the rules of scrolled boxes, each in the shadow root or document that its box is in."""
    rules: dict[HtmlElement, list[str]] = {}
    for number, box in enumerate(tree.xpath("//*[@data-linkshot-scroll]")):
        found = SCROLLED.fullmatch(box.attrib.pop("data-linkshot-scroll"))
        if found is None:
            continue
        box.set("data-linkshot-scroll", str(number))
        root = next(box.iterancestors("template"), None)
        scope = tree.find("head") if root is None else root
        rules.setdefault(tree if scope is None else scope, []).append(
            RULE.format(number, *found.groups())
        )
    for scope, lines in rules.items():
        style = lxml.html.Element("style")
        style.text = "\n".join(lines)
        scope.append(style)
