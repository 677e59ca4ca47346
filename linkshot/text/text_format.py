"""The form of a kept text, `text.txt` (pure).

Blocks (paragraphs, headings, list items, cells) stand apart by an empty line, the lines of a block
by a line break, and the text ends with one. Texts kept before this form have a block a line, no
empty line and no line break at the end; where a line break is inside a block is not known of them.
"""

import re
from collections.abc import Iterable

BLOCK_BORDER = "\n\n"
_EMPTY_LINE = re.compile(r"\n[ \t\r]*\n")


def of_blocks(blocks: Iterable[str]) -> str:
    """Blocks as one text; empty ones are left out."""
    return BLOCK_BORDER.join(block for block in blocks if block)


def ended(text: str) -> str:
    """With the line break at the end that tells this form; an empty text stays empty."""
    return text if not text or text.endswith("\n") else f"{text}\n"


def tells_blocks(text: str) -> bool:
    """Whether line breaks inside blocks can be told from those between blocks."""
    return text.endswith("\n") or _EMPTY_LINE.search(text) is not None


def with_blocks(text: str) -> str:
    """A kept text of any time in the form of today; of an older one each line is a block."""
    return text if tells_blocks(text) else text.replace("\n", BLOCK_BORDER)
