"""Scans a query text into words, quoted phrases, tags and parentheses. (pure)"""

from dataclasses import dataclass, replace

from linkshot.errors import QuerySyntax
from linkshot.query.tag_terms import quoted_end, unquoted

ALIKE = str.maketrans("（）“”„‟〝〞＂：＃－＊｜　", '()""""""":#-*| ')
"""Full-width and typographic forms count as their ASCII ones."""
STOP = ' ()"|'
TAG_STOP = " ()|"
TAG_FIELDS = ("#", "tag")
OPERATORS = ("AND", "OR", "NOT")


@dataclass(frozen=True, slots=True)
class Lexeme:
    """One piece of a query."""

    kind: str
    """`word`, `phrase`, `(`, `)`, `-`, `and`, `or`."""
    text: str
    position: int
    """0-based index of its first character."""
    field: str = ""
    """Before the colon, lower case, for `word` and `phrase`; `#` for a tag."""


def scan(text: str, fields: frozenset[str]) -> list[Lexeme]:
    """The pieces in order; QuerySyntax for a quote that does not end."""
    line = "".join(" " if char.isspace() else char for char in text.translate(ALIKE))
    found: list[Lexeme] = []
    place = 0
    while place < len(line):
        char = line[place]
        if char == " ":
            place += 1
        elif char in "()" or (char == "-" and _begins(line, place)):
            found.append(Lexeme(char, char, place))
            place += 1
        elif char == "|":
            found.append(Lexeme("or", char, place))
            place += 2 if line.startswith("||", place) else 1
        else:
            lexeme, place = _piece(text, line, place, fields)
            found.append(lexeme)
    return found


def _begins(line: str, place: int) -> bool:
    """A minus negates when it begins a piece and something follows it at once."""
    before = place == 0 or line[place - 1] in " (|"
    after = place + 1 < len(line) and line[place + 1] not in " )|"
    return before and after


def _piece(text: str, line: str, place: int, fields: frozenset[str]) -> tuple[Lexeme, int]:
    start, field = place, ""
    name, colon, _ = line[place : place + 20].partition(":")
    if colon and name.lower() in fields:
        field, place = name.lower(), place + len(name) + 1
    elif line[place] == "#" and line[place + 1 : place + 2] not in ("", *" ()|"):
        field, place = "#", place + 1
    if field in TAG_FIELDS:
        return _tag(text, line, place, Lexeme("word", "", start, field))
    if line.startswith('"', place):
        end = line.find('"', place + 1)
        if end < 0:
            raise QuerySyntax('a " is opened and never closed', position=place)
        return Lexeme("phrase", text[place + 1 : end], start, field), end + 1
    end = _word_end(line, place, STOP)
    word = text[place:end]
    if word in OPERATORS and not field:
        return Lexeme("-" if word == "NOT" else word.lower(), word, start), end
    return Lexeme("word", word, start, field), end


def _tag(text: str, line: str, place: int, found: Lexeme) -> tuple[Lexeme, int]:
    """The name of a tag: between quotes, where a backslash stands before a quote that belongs to it; or up to
    a space or parenthesis, quotes included: `#“双减”政策`."""
    end = place
    if line.startswith('"', place):
        close = quoted_end(text, place)
        if close < 0:
            raise QuerySyntax('a " is opened and never closed', position=place)
        end = close + 1
        if line[end : end + 1] in ("", *TAG_STOP):
            name = unquoted(text[place + 1 : close])
            return replace(found, kind="phrase", text=name), end
    end = _word_end(line, end, TAG_STOP)
    return replace(found, text=text[place:end]), end


def _word_end(line: str, place: int, stop: str) -> int:
    while place < len(line) and line[place] not in stop:
        place += 1
    return place
