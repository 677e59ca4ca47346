"""Detects the charset of a file."""

import codecs
import re

from linkshot.errors import InvalidImport
from linkshot.importers.file_scan import FileScan
from linkshot.text.charset_labels import web_codec

DECLARED = re.compile(rb"""<meta[^>]{0,200}charset\s*=\s*["']?\s*([a-z0-9_:.-]+)""", re.IGNORECASE)
HEAD = 4096
CANDIDATES = (
    "gb18030",
    "cp1252",
    "big5hkscs",
    "big5",
    "cp932",
    "euc_jp",
    "cp949",
    "cp1251",
    "cp1250",
    "koi8_r",
    "cp1253",
)
"""What undeclared files are written in, in the order in which equals are preferred."""


def detect_charset(seen: FileScan, given: str | None = None) -> str:
    """Python's name of the charset: given, BOM, UTF-16 by its NULs, declared, UTF-8, detected, in this
    order.

    InvalidImport `import.charset_unknown` when the given one is not known.
    """
    if given:
        return _given(given, seen)
    if seen.head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if seen.wide:
        return seen.wide
    declared = DECLARED.search(seen.head[:HEAD])
    name = _known(declared[1].decode("ascii")) if declared else None
    if name and name != "utf-8":
        return name
    return "utf-8" if _is_utf8(seen, declared=bool(name)) else _detected(seen)


def _given(label: str, seen: FileScan) -> str:
    name = _known(label)
    if name is None:
        raise InvalidImport(
            f"{label[:40]!r} is not a charset this linkshot knows.",
            code="import.charset_unknown",
            field="charset",
        )
    # the bytes tell the byte order, of which people and labels say nothing
    return seen.wide if seen.wide and name.startswith("utf-16") else name


def _known(label: str) -> str | None:
    """As on the web; else any charset of Python, because old files are in those of their systems."""
    if codec := web_codec(label):
        return codec
    try:
        name = codecs.lookup(label).name
        b"a".decode(name, "ignore")
    except (LookupError, ValueError):
        return None
    return name


def _is_utf8(seen: FileScan, *, declared: bool) -> bool:
    """Whether the file is UTF-8, be it with lines in another charset, as two files put together have.

    A few broken sequences among many good characters, or a single one, do not change the charset; neither
    do broken lines beside enough whole ones: as many, a tenth when the file declares UTF-8, a twentieth of
    those that can hardly be anything else. Of a file in GBK a short line may be UTF-8 by accident.
    """
    whole, broken = seen.high_lines - seen.broken_lines, seen.broken_lines
    if seen.invalid <= 1 or seen.invalid * 4 < seen.valid or seen.utf8_lines * 20 >= broken:
        return True
    return whole * (10 if declared else 1) >= broken


def _detected(seen: FileScan) -> str:
    """By charset-normalizer, over lines that have something to tell; of equals the likeliest."""
    from charset_normalizer import from_bytes

    matches = list(from_bytes(seen.high, cp_isolation=list(CANDIDATES)))
    close = [match for match in matches if match.chaos <= matches[0].chaos + 0.02]
    found = {name for match in close for name in match.could_be_from_charset}
    return next((name for name in CANDIDATES if name in found), "cp1252")
