"""Removes <script>, <noscript> and <embed> from a serialized page before it is parsed (pure).

The content of <noscript> is raw text to a browser that runs scripts but markup to other parsers, and
an unbalanced quote in it could swallow the rest of the page; lxml nests what follows a void <embed>
inside it, so that dropping the one would drop the rest. So this works on the text.
"""

import re

REMOVED = frozenset(("script", "noscript", "embed"))
TAG = re.compile(r"<(?:!--|(/?[a-z][^\s/>]*+)(?:[^\">]++|\"[^\"]*+\")*+>)", re.IGNORECASE)
"""Start of a comment, or a whole tag; serialized attributes have double quotes (HTML Standard §13.3)."""
RAW_TEXT_ENDS = {
    name: re.compile(rf"</{name}[^>]*>", re.IGNORECASE)
    for name in (
        "script", "noscript", "style", "textarea", "title", "xmp", "iframe", "noembed", "noframes",
    )
}  # fmt: skip
"""End tags of the raw text elements."""


def strip_scripts(html: str) -> str:
    """The document, serialized by a browser, without these elements; linear in its length."""
    pieces: list[str] = []
    at = 0
    while tag := next_tag(html, at):
        name = (tag[1] or "").lower()
        end = tag_end(html, tag, name)
        pieces.append(html[at : tag.start() if name in REMOVED else end])
        at = end
    pieces.append(html[at:])
    return "".join(pieces)


def next_tag(html: str, at: int) -> re.Match[str] | None:
    """The next complete tag; a "<" in text is skipped, an incomplete tag ends the search."""
    while (at := html.find("<", at)) >= 0:
        if tag := TAG.match(html, at):
            return tag
        if re.match(r"</?[a-z]", html[at : at + 3], re.IGNORECASE):
            return None
        at += 1
    return None


def tag_end(html: str, tag: re.Match[str], name: str) -> int:
    """The end of the comment, raw text element or tag; the end of the page if it is not closed."""
    if tag[1] is None:
        end = html.find("-->", tag.end() - 2)
        return len(html) if end < 0 else end + 3
    if name not in RAW_TEXT_ENDS:
        return tag.end()
    close = RAW_TEXT_ENDS[name].search(html, tag.end())
    return close.end() if close else len(html)
