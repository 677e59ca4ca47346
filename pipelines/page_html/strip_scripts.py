"""Which parts of a serialised page are raw text to a browser that runs scripts? (pure)

What stands in <noscript> is raw text to such a browser and elements to other parsers, whose quotes
may swallow the rest of the page; so it goes before anything is parsed.
"""

import re
from collections.abc import Iterator

GONE = frozenset(("script", "noscript"))
TAG = re.compile(r"<(?:!--|(/?[a-z][^\s/>]*+)(?:[^\">]++|\"[^\"]*+\")*+>)", re.IGNORECASE)
"""A comment's beginning or a whole tag; attributes stand in double quotes (HTML Standard §13.3)."""
ENDS = {
    name: re.compile(rf"</{name}[^>]*>", re.IGNORECASE)
    for name in (
        "script", "noscript", "style", "textarea", "title", "xmp", "iframe", "noembed", "noframes",
    )
}  # fmt: skip
"""Elements of raw text, and how each ends."""


def without_scripts(html: str) -> str:
    """A document as browsers write it, without scripts and <noscript>; linear in its length."""
    return "".join(_pieces(html))


def _pieces(html: str) -> Iterator[str]:
    at = 0
    while tag := _next_tag(html, at):
        name = (tag[1] or "").lower()
        end = _end(html, tag, name)
        yield html[at : tag.start() if name in GONE else end]
        at = end
    yield html[at:]


def _next_tag(html: str, at: int) -> re.Match[str] | None:
    """The next tag that is whole; a "<" in text is none."""
    while (at := html.find("<", at)) >= 0:
        if tag := TAG.match(html, at):
            return tag
        if re.match(r"</?[a-z]", html[at : at + 3], re.IGNORECASE):
            return None
        at += 1
    return None


def _end(html: str, tag: re.Match[str], name: str) -> int:
    """Where the comment, element of raw text or tag ends; the end of the page when nowhere."""
    if tag[1] is None:
        end = html.find("-->", tag.end() - 2)
        return len(html) if end < 0 else end + 3
    if name not in ENDS:
        return tag.end()
    close = ENDS[name].search(html, tag.end())
    return close.end() if close else len(html)
