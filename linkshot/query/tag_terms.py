"""Writes the name of a tag as a piece of a query, and reads it back. (pure)"""

import re

QUOTES = '"“”„‟〝〞＂'
"""ASCII first; the others count as it (scanner.ALIKE)."""
_PLAIN = re.compile(r"[\w/][\w/.+&#@-]*")
_ESCAPED = re.compile(rf"\\([\\{QUOTES}])")


def tag_term(name: str) -> str:
    """`#ai/编译器`, `#"to read"`, `#"say \\"hi\\""`: what finds exactly the links of this tag."""
    if _PLAIN.fullmatch(name):
        return f"#{name}"
    quoted = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'#"{quoted}"'


def quoted_end(text: str, start: int) -> int:
    """Where the name of a tag ends that begins with the quote at `start`; -1 if nowhere.

    A name between ASCII quotes may hold typographic ones. A backslash takes its meaning from a quote.
    """
    closing = '"' if text[start] == '"' else QUOTES
    end = _unescaped(text, start + 1, closing)
    return end if end >= 0 or closing != '"' else _unescaped(text, start + 1, QUOTES)


def unquoted(text: str) -> str:
    """The name between the quotes."""
    return _ESCAPED.sub(r"\1", text)


def _unescaped(text: str, place: int, closing: str) -> int:
    while place < len(text):
        if _ESCAPED.match(text, place):
            place += 2
        elif text[place] in closing:
            return place
        else:
            place += 1
    return -1
