"""Scans a query text into words, quoted phrases, tags and parentheses. (pure)"""

from dataclasses import dataclass

from linkshot.errors import QuerySyntax

ALIKE = str.maketrans("（）“”„‟〝〞＂：＃－＊｜　", '()""""""":#-*| ')
"""Full-width and typographic forms count as their ASCII ones."""
STOP = ' ()"|'
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
    if line.startswith('"', place):
        end = line.find('"', place + 1)
        if end < 0:
            raise QuerySyntax('a " is opened and never closed', position=place)
        return Lexeme("phrase", text[place + 1 : end], start, field), end + 1
    end = place
    while end < len(line) and line[end] not in STOP:
        end += 1
    word = text[place:end]
    if word in OPERATORS and not field:
        return Lexeme("-" if word == "NOT" else word.lower(), word, start), end
    return Lexeme("word", word, start, field), end
