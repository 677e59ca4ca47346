"""The format of a stored text, `text.txt` (pure).

Blocks (paragraphs, headings, list items, cells) stand apart by an empty line, the lines of a block
by a line break, and the text ends with one. Texts kept before this form have a block a line, no
empty line and no line break at the end; line breaks inside their blocks cannot be recovered.
"""

import re
from collections.abc import Iterable

BLOCK_BORDER = "\n\n"
_EMPTY_LINE = re.compile(r"\n[ \t\r]*\n")


def join_blocks(blocks: Iterable[str]) -> str:
    """Joins blocks into one text; empty ones are left out."""
    return BLOCK_BORDER.join(block for block in blocks if block)


def terminated(text: str) -> str:
    """The text with the final line break that marks this format; an empty text stays empty."""
    return text if not text or text.endswith("\n") else f"{text}\n"


def has_block_separators(text: str) -> bool:
    """Whether the text is in this format, which separates blocks from lines."""
    return text.endswith("\n") or _EMPTY_LINE.search(text) is not None


def upgraded_text(text: str) -> str:
    """A stored text of any age in the present format; in an older one each line is a block."""
    return text if has_block_separators(text) else text.replace("\n", BLOCK_BORDER)
