"""Tokenizes a bookmark file into relevant tags and the text between them. Streaming.

Called by netscape.py. No tag is ever lost inside another one: a quote that does not end before the next
bookmark ends nothing, and a value that is too long to keep loses its middle, not what follows it.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from linkshot.importers.field_text import DecodedText

TAG_NAME = re.compile(r"</?\w+")
TAG = re.compile(
    r"<(?:(/?)(a|h[13]|dl|dd|dt|hr|script|style)(?=[\s>/])|!--(?:-?>|(?=..)))",
    re.IGNORECASE | re.DOTALL,
)
IN_COMMENT = re.compile("-->")
"""Inside a comment only its end matters."""
LINE_COMMENT_END = re.compile(r"-->|[\r\n]")
TITLE_COMMENT_END = re.compile(r"-->|[\r\n]|</a\s{0,9}>", re.IGNORECASE)
"""What decides whether `<!--` within a line begins a comment: its end, or the end of the text it stands in."""
LONGEST_END = 13
"""Characters of these."""
PARAGRAPH = re.compile(r"</?p>", re.IGNORECASE)
STRUCTURE = frozenset({"dl", "/dl", "dt", "/dt", "/dd", "hr"})
"""Tags that hold no words: behind them a line still begins."""
MARKUP_OF_TEXT = frozenset({"script", "/script", "style", "/style", "!--", "-->"})
"""Tags that do not end a title."""
INSIDE = re.compile(
    r"""[^>=]*+(?:=\s*+(?:"[^"]*+"|'[^']*+'|(?!["'])[^\s>]*+)[^>=]*+)*+>""", re.DOTALL
)
"""The rest of a tag whose quotes all end (WHATWG HTML, 13.2.5.37 and 38)."""
NEXT = re.compile(
    r"<dt[^<>]{0,500}>\s{0,99}<a\s|[\r\n]\s{0,99}(?:<li>\s{0,9})?<a\s|</a>[^<>]{0,9}<a\s",
    re.IGNORECASE,
)
"""Another bookmark; a value of an attribute does not go on behind its beginning."""
ATTRIBUTE = re.compile(
    r"""([^\s"'>/=]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>][^\s>]*)|["']([^\s"'>]+)))?""",
    re.ASCII,
)
CHECKED = frozenset({"href", "tags"})
"""Attributes behind which nothing but another one, or the end of the tag, is as it should be."""
KNOWN = (
    "add_date|cover|data-[a-z-]+|description|favicon|feedurl|folded|hash|href|icon|icon_uri|id|important|"
    "last_charset|last_modified|last_visit|note|personal_toolbar_folder|post_data|private|public|rel|"
    "shared|shortcuturl|tags|target|time_added|title|toread|unread|unfiled_bookmarks_folder|web_?panel"
)
FOLLOWING = re.compile(
    rf"""\s{{0,20}}(?:/\s{{0,20}})?$|\s{{0,20}}(?:{KNOWN})\s{{0,9}}=|\s{{1,20}}(?:{KNOWN})(?=[\s/]|$)"""
    r"""|\s{1,20}[a-z_][\w:.-]{0,99}\s{0,9}=\s{0,9}(?:"[^"]*"|'[^']*'|[^\s"'=<>`]+)(?=[\s/]|$)""",
    re.IGNORECASE,
)
"""What may stand behind a whole value."""
MAX_STRAY = 20_000
"""Characters that are looked at for the end of a value with stray quotes."""
EQUALS = re.compile(r"\s*=\s*([\"']?)")
STRAY = re.compile(rf"""(.*?)["'](?={FOLLOWING.pattern})""", re.IGNORECASE | re.DOTALL)
UNQUOTED = re.compile(rf"(.*?)(?={FOLLOWING.pattern})", re.IGNORECASE | re.DOTALL)
VALUE = re.compile(r"""=\s*(["']?)""")
VALUE_ENDS = {
    '"': re.compile(f'"|{NEXT.pattern}', re.IGNORECASE),
    "'": re.compile(f"'|{NEXT.pattern}", re.IGNORECASE),
    "": re.compile(r"[\s>]"),
}
"""Quote at the beginning of a value → where it ends."""
MAX_TAG = 2 << 20
"""Characters of one tag."""
MAX_VALUE = 128 << 10
"""Characters of a value that are kept; icons of some megabytes are written into the tag."""
LOOK_BACK = 1000
"""Characters that an end of a value, which begins in one piece and ends in the next, may have."""
LONGEST_NAME = 10
MAX_BETWEEN = 200_000
"""Characters of text between two tags that are kept."""
COMMENT_END, SCRIPT_END, STYLE_END = "-->", "</script", "</style"


class Tag(NamedTuple):
    """A tag and the text before it; a tuple because a file has hundreds of thousands."""

    before: str
    """Text since the tag before, as in the source."""
    name: str
    """Lower case, `/a` for an end tag, `!--` and `-->`; empty for the end of the file."""
    source: str
    """The tag itself."""
    place: int
    """Characters from the start of the file."""
    end: int
    """Place after the tag."""
    line: int
    closed: bool = False
    """Of a script, style or comment: its end follows somewhere."""

    @property
    def opens_line(self) -> bool:
        """Only blanks stand before it on its line."""
        before = self.before
        line = max(before.rfind("\n"), before.rfind("\r"))
        return len(before) >= MAX_BETWEEN or (line >= 0 and not before[line:].strip())


def tokenize(text: DecodedText) -> Iterator[Tag]:
    """All tags that matter, the last one with an empty name; other markup stays in the text."""
    scan = _Tokenizer(text)
    held = ""
    for piece in text:
        whole = held + piece
        held = "\r" if whole.endswith("\r") else ""
        scan.add(whole.removesuffix("\r"))
        yield from scan.tags(final=False)
    scan.add(held)
    yield from scan.tags(final=True)


class _Tokenizer:
    """A window on the text, moving on."""

    def __init__(self, text: DecodedText) -> None:
        self._text = text
        self._buffer = ""
        self._base = 0
        """Place of the buffer's first character."""
        self._line = 1
        self._before = ""
        self._comment = False
        """Inside a comment that ends."""
        self._opens_line = True
        """Only blanks and STRUCTURE stand on the line before the buffer's text."""
        self._searched: dict[re.Pattern[str], int] = {}
        """End of a text → no such end stands between what was looked at and this place."""
        self._in_title = False
        """Behind the tag of a bookmark, before its end tag."""
        self._ends: dict[str, int] = {}
        """End of a script, style or comment → it stands at this place or behind; -1 for nowhere."""
        self._value: re.Pattern[str] | None = None
        """Ends the value whose middle is being dropped."""
        self._held = ""
        """The last characters of that value."""
        self._dropped = self._dropped_lines = 0
        """Of the tag at the beginning of the buffer."""

    def add(self, piece: str) -> None:
        """More text; of a value that is too long only its end."""
        if self._value is None:
            self._buffer += piece
            return
        rest = self._held + piece
        end = self._value.search(rest)
        cut = end.start() if end else max(len(rest) - LOOK_BACK, 0)
        self._drop(rest[:cut])
        self._held = rest[cut:]
        if end:
            self._end_value()

    def tags(self, *, final: bool) -> Iterator[Tag]:
        """The complete tags in the buffer, which are consumed."""
        if final:
            self._end_value()
        done = 0
        for start, end, name in self._found(final=final):
            yield self._tag(done, start, end, name)
            done = end
        keep = len(self._buffer) if final else self._tail(done)
        self._before = (self._before + self._buffer[done:keep])[:MAX_BETWEEN]
        self._line += _newlines(self._buffer[done:keep])
        self._base += keep
        self._buffer = self._buffer[keep:]
        if final:
            at = self._base
            yield Tag(before=self._before, name="", source="", place=at, end=at, line=self._line)
        elif len(self._buffer) > MAX_VALUE:
            self._shorten()

    def _found(self, *, final: bool) -> Iterator[tuple[int, int, str]]:
        """Start, end and name of each; a name opens or closes a comment before the next is looked for."""
        position = 0
        while match := (IN_COMMENT if self._comment else TAG).search(self._buffer, position):
            name = COMMENT_END if self._comment else f"{match[1] or ''}{match[2] or '!--'}".lower()
            end: int | None = match.end()
            if name == "!--":
                begins = self._begins_comment(position, match, final=final)
                if begins is None:
                    return
                self._comment = begins
            elif self._comment:
                self._comment = False
            else:
                end = _tag_end(self._buffer, match.end(), final=final)
            if end is None:
                return
            position = end
            yield match.start(), position, name

    def _begins_comment(self, done: int, match: re.Match[str], *, final: bool) -> bool | None:
        """Whether `<!--` begins a comment and is no word of a text about HTML; None when more text is needed.

        One that begins a line ends anywhere behind it; within a line its end is on the same line, within a
        title before the end of that.
        """
        if match[0].endswith(">"):
            return False
        if self._is_line_begin(self._before + self._buffer[done : match.start()]):
            return self._follows(COMMENT_END, match.end())
        end = self._text_end(match.end())
        if end is None and not final and len(self._buffer) - match.end() < MAX_STRAY:
            return None
        return end is not None and end[0] == COMMENT_END

    def _text_end(self, position: int) -> re.Match[str] | None:
        """The end of a comment, or else of the text that `<!--` stands in; no character is searched twice."""
        ends = TITLE_COMMENT_END if self._in_title else LINE_COMMENT_END
        begin = max(self._searched.get(ends, 0) - self._base, position)
        limit = position + MAX_STRAY
        end = ends.search(self._buffer, begin, limit)
        done = end.start() if end else min(limit, len(self._buffer)) - LONGEST_END
        self._searched[ends] = self._base + max(done, begin)
        return end

    def _is_line_begin(self, between: str) -> bool:
        line = max(between.rfind("\n"), between.rfind("\r"))
        words = PARAGRAPH.sub("", between[line + 1 :])
        return (line >= 0 or self._opens_line) and not words.strip()

    def _tag(self, done: int, start: int, end: int, name: str) -> Tag:
        between = self._buffer[done:start]
        self._line += _newlines(between)
        place, line = self._base + start, self._line
        if self._dropped:
            self._base += self._dropped
            self._line += self._dropped_lines
            self._dropped = self._dropped_lines = 0
        if name in ("script", "style"):
            closed = self._follows(SCRIPT_END if name == "script" else STYLE_END, end)
        else:
            closed = name == "!--" and self._comment
        tag = Tag(
            before=(self._before + between)[:MAX_BETWEEN] if self._before else between,
            name=name,
            source=self._buffer[start:end],
            place=place,
            end=self._base + end,
            line=line,
            closed=closed,
        )
        if name in STRUCTURE or (name == "!--" and tag.closed):
            self._opens_line = self._is_line_begin(tag.before)
        elif name != COMMENT_END:
            self._opens_line = False
        if name not in MARKUP_OF_TEXT:
            self._in_title = name == "a"
        self._before = ""
        self._line += _newlines(tag.source)
        return tag

    def _follows(self, mark: str, position: int) -> bool:
        """Whether the mark stands behind this place of the buffer, in it or in the rest of the file."""
        known = self._ends.get(mark)
        if known is not None and (known < 0 or known >= self._base + position):
            return known >= 0
        here = re.compile(mark, re.IGNORECASE).search(self._buffer, position)
        place = here.start() if here else len(self._buffer)
        found = here is not None or self._text.ahead(mark)
        self._ends[mark] = self._base + place if found else -1
        return found

    def _tail(self, done: int) -> int:
        """From where on the buffer may be the beginning of a tag."""
        match = (IN_COMMENT if self._comment else TAG).search(self._buffer, done)
        if match:
            return match.start()
        begin = max(done, len(self._buffer) - LONGEST_NAME)
        start = self._buffer.find("-" if self._comment else "<", begin)
        return len(self._buffer) if start < 0 else start

    def _shorten(self) -> None:
        """Begins to drop the value that the buffer ends in, when more of it is there than is kept."""
        position = 0
        while match := VALUE.search(self._buffer, position):
            ends = VALUE_ENDS[match[1]]
            end = ends.search(self._buffer, match.end())
            if end is None:
                break
            position = max(end.end(), match.end())
        else:
            return
        keep, cut = match.end() + MAX_VALUE, len(self._buffer) - LOOK_BACK
        if keep < cut:
            self._drop(self._buffer[keep:cut])
            self._buffer, self._held = self._buffer[:keep], self._buffer[cut:]
            self._value = ends

    def _drop(self, text: str) -> None:
        self._dropped += len(text)
        self._dropped_lines += _newlines(text)

    def _end_value(self) -> None:
        self._buffer += self._held
        self._held = ""
        self._value = None


def _tag_end(buffer: str, position: int, *, final: bool) -> int | None:
    """Place after the `>` that is not inside a value; None when more text is needed.

    A value that does not end before the next bookmark, or far too late, does not count.
    """
    whole = INSIDE.match(buffer, position)
    if whole and "<" not in whole[0]:
        return whole.end()
    inside = whole.end() if whole else len(buffer)
    following = NEXT.search(buffer, position, inside + LOOK_BACK)
    complete = final or inside + LOOK_BACK <= len(buffer) or len(buffer) - position > MAX_TAG
    if not complete and not following:
        return None
    if whole and (not following or following.start() >= inside):
        return inside
    first = buffer.find(">", position) + 1
    ends = [end for end in (first, following.start() if following else 0) if end > 0]
    return min(ends, default=len(buffer))


class Attributes(NamedTuple):
    """The attributes of a tag."""

    values: dict[str, str]
    """Names in lower case → values as in the source; the first of equal names, of TAGS all with commas."""
    guessed: frozenset[str]
    """Those of CHECKED whose end is a guess, because a quote stands astray or there are several."""


def attributes(source: str) -> Attributes:
    """Read as a browser does, except for TAGS with stray quotes: there a browser would lose the rest."""
    found: dict[str, str] = {}
    guessed: set[str] = set()
    name_end = TAG_NAME.match(source)
    inside = source[name_end.end() if name_end else 0 :].rstrip(">")
    position = 0
    while match := ATTRIBUTE.search(inside, position):
        name, position = match[1].lower(), match.end()
        value = match[2] or match[3] or match[4] or match[5] or ""
        if name in CHECKED and not (FOLLOWING.match(inside, position) and match[5] is None):
            guessed.add(name)
            if name == "tags":
                value, position = _stray_quoted_value(inside, match.end(1))
        if name == "tags" and 0 < len(found.get(name, "")) < MAX_STRAY:
            guessed.add(name)
            value = f"{found.pop(name)},{value}"
        found.setdefault(name, value)
    return Attributes(found, frozenset(guessed))


def _stray_quoted_value(inside: str, name_end: int) -> tuple[str, int]:
    """A value with quotes in it, and its end: where another attribute or the end of the tag follows."""
    equals = EQUALS.match(inside, name_end)
    if equals is None:
        return "", name_end
    start, end = equals.end(), min(equals.end() + MAX_STRAY, len(inside))
    quoted = STRAY.match(inside, start, end) if equals[1] else None
    match = quoted or UNQUOTED.match(inside, start, end)
    return (match[1], match.end()) if match else (inside[start:end], end)


def _newlines(text: str) -> int:
    """Ends of lines: LF, CR or CR LF."""
    found = text.count("\n")
    return found + text.count("\r") - text.count("\r\n") if "\r" in text else found
