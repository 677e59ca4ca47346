"""How is a query text cut into words, quoted phrases, tags, parentheses? (pure)"""

from dataclasses import dataclass

from linkshot.errors import QuerySyntax

ALIKE = str.maketrans("（）“”„〝〞＂：＃－＊｜　", '()"""""":#-*| ')
"""Full-width and typographic forms count as their ASCII ones."""
STOP = ' \t\n\r\f\v()"'


@dataclass(frozen=True, slots=True)
class Lexeme:
    """One piece of a query."""

    kind: str
    """`word`, `phrase`, `(`, `)`, `-`."""
    text: str
    position: int
    """0-based index of its first character."""
    field: str = ""
    """Before the colon, lower case, for `word` and `phrase`."""
    glued: bool = False
    """Nothing stands between it and the piece before."""


def scan(text: str, fields: frozenset[str]) -> list[Lexeme]:
    """The pieces in order; QuerySyntax for a quote that does not end."""
    line = text.translate(ALIKE)
    found: list[Lexeme] = []
    place = 0
    while place < len(line):
        char = line[place]
        if char.isspace():
            place += 1
        elif char in "()|":
            found.append(Lexeme("word" if char == "|" else char, char, place))
            place += 1
        elif char == "-" and _begins(line, place):
            found.append(Lexeme("-", char, place))
            place += 1
        else:
            lexeme, place = _piece(text, line, place, fields)
            found.append(lexeme)
    return found


def _begins(line: str, place: int) -> bool:
    """A minus negates when it begins a piece and something follows it at once."""
    before = place == 0 or line[place - 1] in " \t\n\r\f\v(|"
    after = place + 1 < len(line) and not line[place + 1].isspace() and line[place + 1] != ")"
    return before and after


def _piece(text: str, line: str, place: int, fields: frozenset[str]) -> tuple[Lexeme, int]:
    start, field = place, ""
    name, colon, _ = line[place : place + 20].partition(":")
    if colon and name.lower() in fields:
        field, place = name.lower(), place + len(name) + 1
    tagged = not field and line[place] == "#"
    if tagged:
        field, place = "#", place + 1
    if place < len(line) and line[place] == '"':
        end = line.find('"', place + 1)
        if end < 0:
            raise QuerySyntax('a " is opened and never closed', position=place)
        return Lexeme("phrase", text[place + 1 : end], start, field), end + 1
    end = place
    while end < len(line) and line[end] not in STOP:
        end += 1
    return Lexeme("word", text[place:end], start, field), max(end, start + 1)
