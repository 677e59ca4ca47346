"""Which format has this file, told by its content, and who reads it?"""

import codecs
import re
from collections.abc import Iterator
from datetime import datetime

from linkshot.errors import InvalidImport
from linkshot.importers.netscape import read_netscape
from linkshot.importers.plain import read_plain
from linkshot.importers.row import ImportRow
from linkshot.importers.text import Text

FORMATS = ("netscape", "plain")

HTML = re.compile(r"<!doctype|<(?:html|head|meta|title|h1|dl|dt|ul|p|body)\b|<a\s", re.IGNORECASE)
DATA = re.compile(r"\s*[\[{]\s*[\"\[{\]}]")


def choose(given: str, head: bytes, charset: str) -> str:
    """`netscape` or `plain`; `auto` looks at the beginning. InvalidImport for others."""
    if given in FORMATS:
        return given
    if given != "auto":
        raise InvalidImport(
            f"{given[:40]!r} is no format linkshot reads; auto, {', '.join(FORMATS)} are.",
            code="import.format_unknown",
            field="format",
        )
    text = codecs.getincrementaldecoder(charset)("replace").decode(head).lstrip("\ufeff")
    if DATA.match(text):
        raise InvalidImport(
            "This looks like JSON, which linkshot does not import yet; HTML bookmark files and "
            "plain lists of links work.",
            code="import.format_unknown",
            field="format",
        )
    return "netscape" if HTML.search(text) and not _begins_with_link(text) else "plain"


def _begins_with_link(text: str) -> bool:
    """Then it is a list, whatever stands in a title: `https://… | How <a href> works`."""
    lines = (line.strip() for line in text.splitlines())
    first = next((line for line in lines if line and not line.startswith("#")), "")
    return first.lower().startswith(("http://", "https://"))


def read(kind: str, text: Text, now: datetime) -> Iterator[ImportRow]:
    """The rows of a file of this format."""
    if kind == "netscape":
        return read_netscape(text, now)
    return read_plain(text)
