"""Extracts the text of the first MAX_PAGES pages of a PDF."""

import io
from collections.abc import Iterator

from linkshot.text.text_format import BLOCK_BORDER, join_blocks

MAX_PAGES = 500
FULL_LINE = 0.75
"""Share of the widest line from which a line counts as full, so that its paragraph may continue."""
FIRST_WIDE = "\u2e80"
"""Characters from here on (CJK) are two columns wide."""


def pdf_text(data: bytes) -> tuple[str, int]:
    """The text and the number of pages. Call it in the sandbox: PDFs may be decompression bombs."""
    import pypdf

    reader = pypdf.PdfReader(io.BytesIO(data))
    pages = (page.extract_text() or "" for page in reader.pages[:MAX_PAGES])
    text = join_blocks("".join(_lines(page)).strip() for page in pages)
    return text, len(reader.pages)


def _lines(page: str) -> Iterator[str]:
    """The lines of a page; PDF has no paragraphs, so a short line is taken as the end of one."""
    lines = page.splitlines()
    full = FULL_LINE * max(map(_columns, lines), default=0)
    for line in lines:
        yield line + ("\n" if _columns(line) >= full else BLOCK_BORDER)


def _columns(line: str) -> int:
    return sum(1 + (char >= FIRST_WIDE) for char in line.rstrip())
