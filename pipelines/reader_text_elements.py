"""Turns formulas and code of a page into plain elements before its article is looked for (pure).

Formulas become their source text; code keeps its lines and its indentation, whatever elements its
highlighter puts them in, and loses its line numbers.
"""

import re
from collections import Counter

from lxml.html import HtmlElement

from pipelines.collapsed import HIDING_STYLE

TEX_CLASSES = re.compile(
    r"(?:^|[ _-])(?:tex|latex|math|mathjax|katex|equation)(?:$|[ _-])", re.IGNORECASE
)
LINE_NUMBERS = re.compile(r"[\s\d.:|]+")
LINE_BOXES = frozenset(("code", "div", "p", "li", "tr"))
"""Elements that hold one line of code each when several of them are in one <pre>."""
MAX_DEPTH = 250
MOST = 0.7
"""Share of the text of a page that is shown by a script later rather than hidden."""
MAX_SOURCE = 2000
"""Characters of a formula."""


def plain_elements(root: HtmlElement) -> None:
    """Changes the page in place."""
    _remove_hidden(root)
    for math in list(root.iter("math")):
        _replace_with_text(_outermost(math), _formula(math))
    for image in list(root.iter("img")):
        named = TEX_CLASSES.search(image.get("class") or "")
        if named and (source := (image.get("alt") or "").strip()):
            _replace_with_text(image, source[:MAX_SOURCE])
    for table in list(root.iter("table")):
        if (code := _code_of_gutter_table(table)) is not None:
            _put_in_place(table, code)
    for pre in list(root.iter("pre")):
        _flatten(pre)
    for word in root.iter("rb"):
        word.attrib.pop("aria-hidden", None)


def _remove_hidden(root: HtmlElement) -> None:
    """Removes what the page itself hides; not most of its text, which a script shows later."""
    most = len(root.text_content()) * MOST
    for element in root.xpath("//*[@hidden or @style]"):
        styled = HIDING_STYLE.search(element.get("style") or "") is not None
        hidden = element.get("hidden", "until-found").lower() != "until-found"
        inside = element.getparent() is not None
        # the source of a formula is hidden beside its picture
        formula = element.find(".//math") is not None
        if inside and (styled or hidden) and not formula and len(element.text_content()) < most:
            element.drop_tree()


def _formula(math: HtmlElement) -> str:
    """The TeX source of a formula where it has one, else its signs in their order."""
    for note in math.iter("annotation"):
        if "tex" in (note.get("encoding") or "").lower() and (note.text or "").strip():
            return f"${' '.join((note.text or '').split())}$"[:MAX_SOURCE]
    if alt := (math.get("alttext") or "").strip():
        return f"${' '.join(alt.split())}$"[:MAX_SOURCE]
    for note in list(math.iter("annotation", "annotation-xml")):
        note.drop_tree()
    return "".join(math.text_content().split())[:MAX_SOURCE]


def _outermost(math: HtmlElement) -> HtmlElement:
    """The element of KaTeX or MathJax that shows the same formula a second time, else the formula."""
    found = math
    for above in math.iterancestors():
        names = above.get("class") or ""
        if above.tag == "mjx-container" or re.search(
            r"\b(?:katex|MathJax(?:_CHTML|_SVG)?|mwe-math-element)\b", names
        ):
            found = above
        elif found is not math:
            break
    return found


def _replace_with_text(element: HtmlElement, text: str) -> None:
    """Puts text in the place of an element."""
    if element.getparent() is None:
        return
    tail = element.tail or ""
    element.tail = f"{text}{tail}"
    parent = element.getparent()
    before = element.getprevious()
    if before is not None:
        before.tail = f"{before.tail or ''}{element.tail}"
    else:
        parent.text = f"{parent.text or ''}{element.tail}"
    element.tail = None
    parent.remove(element)


def _put_in_place(old: HtmlElement, new: HtmlElement) -> None:
    new.tail, old.tail = old.tail, None
    old.getparent().replace(old, new)


def _code_of_gutter_table(table: HtmlElement) -> HtmlElement | None:
    """The <pre> of a table that only sets line numbers beside code."""
    pres = list(table.iter("pre"))
    listings = [pre for pre in pres if not LINE_NUMBERS.fullmatch(pre.text_content() or " ")]
    if len(listings) != 1 or table.getparent() is None:
        return None
    outside = "".join(
        cell.text_content()
        for cell in table.iter("td", "th")
        if listings[0] not in set(cell.iter())
    )
    return listings[0] if LINE_NUMBERS.fullmatch(outside) else None


def _flatten(pre: HtmlElement) -> None:
    """One text with its line breaks in a <pre>; the empty element when there is only a gutter."""
    if pre.find(".//pre") is not None:
        return
    if any(sum(1 for _ in one.iterancestors()) > MAX_DEPTH for one in pre.iter()):
        return
    boxes = [box for box in pre.iter() if box.tag in LINE_BOXES]
    counts = Counter(box.tag for box in boxes)
    rows = {box for box in boxes if counts[box.tag] > 1}
    parts = [pre.text or ""]
    for element in list(pre):
        parts.append(_text(element, rows))
        parts.append(element.tail or "")
    text = "".join(parts).replace("\r\n", "\n")
    text = "\n".join(line.rstrip() for line in text.split("\n")).strip("\n")
    tail = pre.tail
    pre.clear()
    pre.tail = tail
    pre.text = text


def _text(element: HtmlElement, rows: set[HtmlElement]) -> str:
    """The text of an element inside <pre>, each row on a line of its own."""
    if not isinstance(element.tag, str):
        return ""
    if element.tag == "br":
        return "\n"
    inside = "".join(
        [element.text or "", *(f"{_text(child, rows)}{child.tail or ''}" for child in element)]
    )
    if element not in rows or inside.endswith("\n"):
        return inside
    return f"{inside}\n"
