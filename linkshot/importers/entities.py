"""Decodes HTML's character references, in text and in attributes, once. (pure)

The two rules differ (WHATWG HTML, 13.2.5.73 "Named character reference state"): in an attribute
`&copy` before `=`, a letter or a digit is no reference, so `?a=1&copy=2` is an address as it stands.
"""

import html
import re
from html.entities import html5

REFERENCE = re.compile(r"&(?:#(?:[0-9]+|[xX][0-9a-fA-F]+);?|[A-Za-z][A-Za-z0-9]*+(?:;|(?!=)))")
"""A number, or a whole name: with its semicolon, or without one and without `=` behind it."""
LONGEST = 20
"""Characters of a reference; a longer number is beyond Unicode, and Python refuses to read it."""
NUMBER = re.compile(r"&#[xX]?[0-9a-fA-F]{20,};?")


def decode_text(source: str) -> str:
    """The text of a title, a note or a folder."""
    if "&" not in source:
        return source
    return html.unescape(NUMBER.sub("\ufffd", source) if "&#" in source else source)


def decode_attribute(source: str) -> str:
    """The value of an attribute: an address, tags, a note."""
    return REFERENCE.sub(_value, source) if "&" in source else source


def _value(match: re.Match[str]) -> str:
    reference = match[0]
    if reference[1] != "#":
        return html5.get(reference[1:], reference)
    return "\ufffd" if len(reference) > LONGEST else html.unescape(reference)
