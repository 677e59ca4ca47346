"""Puts what declarative shadow roots hold into the page itself, for readers of markup that know none. (pure)

Programs that save pages write shadow roots as `<template shadowrootmode>` (HTML Standard §4.12.3), of which
parsers keep the content apart. A browser shows it in place of the host's own children; here it stands before them.
"""

import re

from pipelines.page_html.strip_scripts import next_tag, tag_end

SHADOW_ROOT = re.compile(r"\sshadowrootmode\s*=", re.IGNORECASE)
"""In the tag of a template: it holds a shadow root."""


def open_shadow_roots(html: str) -> str:
    """The document with <div> in place of the templates of shadow roots; linear in its length."""
    if not SHADOW_ROOT.search(html):
        return html
    pieces: list[str] = []
    are_roots: list[bool] = []
    at = 0
    while tag := next_tag(html, at):
        name = (tag[1] or "").lower()
        end = tag_end(html, tag, name)
        replaced = ""
        if name == "template":
            are_roots.append(bool(SHADOW_ROOT.search(tag[0])))
            replaced = "<div>" if are_roots[-1] else ""
        elif name == "/template" and are_roots:
            replaced = "</div>" if are_roots.pop() else ""
        pieces += (html[at : tag.start()], replaced) if replaced else (html[at:end],)
        at = end
    pieces.append(html[at:])
    return "".join(pieces)
