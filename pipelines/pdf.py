"""The text of a PDF, of its first MAX_PAGES pages."""

import io
from collections.abc import Iterator

from linkshot.text.text_format import BLOCK_BORDER, join_blocks

MAX_PAGES = 500
FULL = 0.75
"""Share of the widest line of a page from which on a line is full, so that the next one may go on."""
WIDE = "\u2e80"
"""From here on characters are two columns wide."""


def pdf_text(data: bytes) -> tuple[str, int]:
    """The text, and how many pages there are; runs in the limited child, because PDFs may be bombs."""
    import pypdf

    reader = pypdf.PdfReader(io.BytesIO(data))
    pages = (page.extract_text() or "" for page in reader.pages[:MAX_PAGES])
    text = join_blocks("".join(_lines(page)).strip() for page in pages)
    return text, len(reader.pages)


def _lines(page: str) -> Iterator[str]:
    """The lines of a page; a PDF knows no paragraphs, and a short line ends one."""
    lines = page.splitlines()
    full = FULL * max(map(_columns, lines), default=0)
    for line in lines:
        yield line + ("\n" if _columns(line) >= full else BLOCK_BORDER)


def _columns(line: str) -> int:
    return sum(1 + (char >= WIDE) for char in line.rstrip())
