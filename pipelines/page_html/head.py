"""Writes what stands at the start of each document of page.html: doctype, charset, policy, provenance."""

import re
from collections.abc import Iterable, Mapping

import lxml.html
from lxml.html import HtmlElement

LEADING_DOCTYPE = re.compile(r"\s*<!DOCTYPE\s[^<>]{1,1000}>", re.IGNORECASE)
"""At the start of the document, as crawler/page/scripts writes it."""
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; img-src data: blob:; style-src 'unsafe-inline' data:; font-src data:; "
    "media-src data:; frame-src data:; base-uri 'none'; form-action 'none'"
)
MAX_NAMED, MAX_NAMED_CHARS = 100, 500
"""Addresses of resources that are left out, and the characters of each."""


def doctype_of(html: str, *, is_xml: bool) -> str:
    """The doctype line of the page, which selects its layout mode: none means quirks, a legacy one
    limited quirks (HTML Standard §13.2.6.4.1). XML has no quirks mode, so it gets the plain one."""
    found = LEADING_DOCTYPE.match(html)
    if found:
        return f"{found[0].strip()}\n"
    return "<!DOCTYPE html>\n" if is_xml else ""


def with_left_out(facts: Mapping[str, str], addresses: Iterable[str]) -> dict[str, str]:
    """The facts, with the addresses of resources that the file is too small for, separated by spaces."""
    named = " ".join(short_addresses(addresses))
    return {**facts, "linkshot:left-out": named} if named else dict(facts)


def short_addresses(addresses: Iterable[str]) -> list[str]:
    """The first MAX_NAMED of them in order, those that are too long cut."""
    return [address[:MAX_NAMED_CHARS] for address in sorted(addresses)[:MAX_NAMED]]


def insert_metadata(tree: HtmlElement, facts: Mapping[str, str]) -> None:
    """Puts charset, policy and provenance at the start of <head>, where parsers look for the charset."""
    head = tree.find("head")
    if head is None:
        head = lxml.html.Element("head")
        tree.insert(0, head)
    head.text = None
    metas = [
        {"charset": "utf-8"},
        {"http-equiv": "Content-Security-Policy", "content": CONTENT_SECURITY_POLICY},
    ]
    metas += [{"name": name, "content": content} for name, content in facts.items()]
    for position, attributes in enumerate(metas):
        head.insert(position, lxml.html.Element("meta", attributes))
