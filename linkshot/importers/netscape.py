"""Parses a browser's bookmark file (Netscape format): links, folders, notes, tags, dates. Streaming.

The format nobody specified: `<DT><A HREF ADD_DATE TAGS …>title</A>`, `<DD>note`, folders as
`<DT><H3>name</H3>` before their `<DL>`; tags unclosed, in any case, with quotes of any kind. Titles and
notes hold raw markup, because exporters write them as they are: no bookmark is lost in it.
"""

import re
from collections.abc import Iterator
from datetime import datetime

from linkshot.domain.tag_paths import MAX_DEPTH
from linkshot.importers.field_text import DecodedText
from linkshot.importers.html_tokens import COMMENT_END, Tag, tokenize
from linkshot.importers.inline_markup import plain_text
from linkshot.importers.netscape_bookmark import Bookmark
from linkshot.importers.row import ImportRow, broken_row

SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
SPACED_TAGS = re.compile(r"<title>[^<]*shaarli", re.IGNORECASE)
"""Old Shaarli separates tags by spaces."""
AFTER_DT = frozenset({"a", "h1", "h3", "dl", "/dl", "dt", "hr", ""})
"""Tags that may follow a real DT; before anything else it is a word in a text about HTML."""
HIDING = {"script": "/script", "style": "/style", "!--": COMMENT_END}
"""What hides the tags behind it → where that ends."""
FILE_END = re.compile(r"</(?:body|html)\s{0,9}>\Z", re.IGNORECASE)
"""Ends the file, and with it a title or note that nothing else ended."""
TAGS = re.compile(r"<[^<>]*>")
LINE_END = re.compile(r"[\r\n]")
MAX_HIDDEN = 100_000
"""Characters behind the beginning of a script that are kept, should it turn out to be text."""


def read_netscape(text: DecodedText, now: datetime) -> Iterator[ImportRow]:
    """Rows in order; one for each bookmark, whether it can be kept or not."""
    reader = _Parser(text, now)
    for tag in tokenize(text):
        yield from reader.handle_tag(tag)


class _Parser:
    """The place in the tree of folders, and the bookmark that is not finished yet."""

    def __init__(self, text: DecodedText, now: datetime) -> None:
        self._text = text
        self._now = now
        self._folders: list[str] = []
        self._deep = 0
        """Lists opened below MAX_DEPTH levels."""
        self._next_folder = ""
        self._folder_note = False
        """A folder above the next bookmark has a description."""
        self._link: Bookmark | None = None
        self._anchors: dict[str, Bookmark] = {}
        """Address → link inside its note, or inside a folder's description."""
        self._anchor: Bookmark | None = None
        """The last of them, until it ends."""
        self._where = ""
        """What text belongs to: `title`, `note`, `folder`, `section` or nothing."""
        self._inner = 0
        """Lists opened by the text of a note."""
        self._expected = False
        """A DT was the last tag: an A is a bookmark."""
        self._uses_dt = False
        self._hidden = ""
        """What hides the tags here, a key of HIDING."""
        self._hidden_text: list[str] | None = None
        """What it hides, when that may be the text of a note."""
        self._closed = False
        """The outermost list has ended."""
        self._section = ""
        """The last heading, in lower case."""
        self._rows = 0
        self._spaced = False
        self._list_end: Tag | None = None
        """A `</dl>` inside a title or note, until what follows it is known."""

    def handle_tag(self, tag: Tag) -> Iterator[ImportRow]:
        """Take the text before the tag, then the tag."""
        if not self._rows and self._link is None:
            self._spaced = self._spaced or SPACED_TAGS.search(tag.before) is not None
        if self._hidden:
            if not self._end_hiding(tag):
                return
            tag = tag._replace(before="")
        if self._list_end:
            yield from self._after_list_end(tag)
        if self._expected and self._link:
            yield from self._handle_dt_context(tag)
        self._take_text(tag)
        if self._link and self._where in ("title", "note") and self._is_text(tag):
            self._add(tag.source, tag.end)
        elif tag.name == "/dl" and self._link and self._where in ("title", "note"):
            self._list_end = tag
        elif tag.name == "a":
            yield from self._open_link(tag)
        elif tag.name == "/a":
            self._close_title(tag)
        elif (
            tag.name in HIDING
            and self._where == "folder"
            and not (tag.name == "!--" and tag.closed)
        ):
            self._next_folder += tag.source
        elif tag.name in HIDING:
            self._hide(tag)
        else:
            yield from self._structure(tag)

    def _is_text(self, tag: Tag) -> bool:
        """Markup that belongs to the title or note it stands in."""
        name = tag.name
        if name == "dt":
            self._expected = True
            return True
        if name in ("a", "/a", "dd", "/dt", "/dd", ""):
            return bool(self._inner) and name in ("dd", "/dt", "/dd")
        if name == "!--":
            return not tag.closed
        if name in ("dl", "/dl") and not tag.opens_line:
            before = self._inner
            self._inner = max(before + (1 if name == "dl" else -1), 0)
            return self._inner > 0 or before > 0
        return name.lstrip("/") in ("script", "style", COMMENT_END) or not tag.opens_line

    def _structure(self, tag: Tag) -> Iterator[ImportRow]:
        """DT, DD, DL, H1, H3, HR and the end: everything that ends a title."""
        name = tag.name
        if name == "dd":
            if self._link and self._link.note:
                self._link.note = self._link.note.rstrip() + "\n"
            self._where = "note"
            return
        if name not in ("/dt", "/dd", COMMENT_END):
            yield from self._finish()
        self._where = {"h3": "folder", "h1": "section"}.get(name, "")
        self._expected = name == "dt"
        if name == "h3":
            self._next_folder = ""
        elif name == "dl":
            self._enter()
        elif name == "/dl":
            self._leave()

    def _handle_dt_context(self, tag: Tag) -> Iterator[ImportRow]:
        """A DT in a title or note ends it, unless words follow: then it is one of them."""
        if tag.name in AFTER_DT and not tag.before.strip():
            yield from self._finish()
            self._where = ""
        elif tag.name != "!--" or not tag.closed:
            self._expected = False

    def _after_list_end(self, tag: Tag) -> Iterator[ImportRow]:
        """A `</dl>` between words of one line is a word itself; any other ends the folder, as in browsers,
        and words behind it stay with the note."""
        end, self._list_end = self._list_end, None
        if end is None or self._link is None:
            return
        words = TAGS.sub("", tag.before if tag.name else _without_file_end(tag.before))
        line, *more = LINE_END.split(words, maxsplit=1)
        inner = "/a" if self._where == "title" else "a"
        if not end.opens_line and (line.strip() or (tag.name == inner and not more)):
            self._add(end.source, end.end)
            self._link.guessed = True
            return
        footer = tag.name in ("", *HIDING) and len(self._folders) <= 1
        if words.strip() and not footer:
            self._where = "note"
            self._add(f"\n{tag.before.lstrip()}", tag.place)
            self._link.guessed = True
        yield from self._structure(end)

    def _add(self, text: str, end: int) -> None:
        if self._anchor and self._where == "note":
            self._anchor.title += text
            self._anchor.end = end
        if self._link and self._where == "title":
            self._link.title += text
            self._link.end = end
        elif self._link and self._where == "note":
            self._link.note += text
            self._link.end = end

    def _take_text(self, tag: Tag) -> None:
        words = tag.before if tag.name else _without_file_end(tag.before)
        if self._where == "folder":
            self._next_folder += words
        elif self._where == "section":
            self._section = plain_text(words).lower()
        elif self._where == "note" and self._link is None:
            self._folder_note |= bool(self._next_folder.strip() and words.strip())
            self._add(words, tag.place)
        elif self._where:
            self._add(words, tag.place)
        elif self._link and not self._link.dropped:
            self._link.dropped = bool(TAGS.sub("", words).strip())

    def _hide(self, tag: Tag) -> None:
        """From here on tags are not read. One without an end hides nothing: the file would be lost."""
        if tag.closed:
            self._hidden = tag.name
            in_text = self._where in ("title", "note") and tag.name != "!--" and not tag.opens_line
            self._hidden_text = [tag.source] if in_text else None

    def _end_hiding(self, tag: Tag) -> bool:
        """At the end of what hides; and before a line that begins with a bookmark, which no script holds."""
        ends = tag.name in ("", HIDING[self._hidden])
        bookmark = self._hidden != "!--" and tag.name in ("dt", "a") and tag.opens_line
        if self._hidden == "!--":
            # it is no part of a title or note, which is told; in a folder's name it is, as in browsers
            if self._where == "folder" and "</h" not in self._next_folder.lower():
                self._next_folder += f"<!--{tag.before}-->"
            elif self._link and tag.before.strip():
                self._link.comment = True
        if self._hidden_text is not None:
            self._hidden_text.append(tag.before)
            if bookmark:
                self._add("".join(self._hidden_text), tag.place)
            elif sum(map(len, self._hidden_text)) < MAX_HIDDEN:
                self._hidden_text.append(tag.source)
        if ends or bookmark:
            self._hidden, self._hidden_text = "", None
        return bookmark or not tag.name

    def _open_link(self, tag: Tag) -> Iterator[ImportRow]:
        """An anchor inside a note is a link of its own, one after the whole list is none.

        In a file without any DT, one that begins a line ends the note.
        """
        inside = self._where == "note" and (self._uses_dt or not tag.opens_line)
        if not self._expected and (inside or self._closed):
            self._add(tag.source, tag.end)
            if self._where == "note" and not self._closed:
                self._open_anchor(tag)
            return
        yield from self._finish()
        self._uses_dt = self._uses_dt or self._expected
        self._link = Bookmark(tag, tuple(self._folders), self._section)
        self._link.folder_note, self._folder_note = self._folder_note, False
        self._where = "title"
        self._expected = False

    def _open_anchor(self, tag: Tag) -> None:
        """A link inside a note, which keeps its words; without a scheme it is an example in a text."""
        self._end_anchor()
        found = Bookmark(tag, tuple(self._folders), self._section)
        url = found.url
        same = url in self._anchors or (self._link and self._link.url == url)
        if SCHEME.match(url) and not same:
            self._anchors[url] = self._anchor = found

    def _end_anchor(self) -> None:
        """Without an end tag the words behind it are no title."""
        if self._anchor:
            self._anchor.title = ""
        self._anchor = None

    def _close_title(self, tag: Tag) -> None:
        if self._where == "title" and self._link:
            self._link.end = tag.end
            self._where = ""
        else:
            self._anchor = None
            self._add(tag.source, tag.end)

    def _enter(self) -> None:
        if len(self._folders) > MAX_DEPTH + 1:
            self._deep += 1
        else:
            self._folders.append(plain_text(self._next_folder))
        self._next_folder = ""
        self._closed = False

    def _leave(self) -> None:
        if self._deep:
            self._deep -= 1
        elif self._folders:
            self._folders.pop()
        self._next_folder = ""
        self._closed = not self._folders

    def _finish(self) -> Iterator[ImportRow]:
        self._inner = 0
        self._end_anchor()
        found = [*([self._link] if self._link else []), *self._anchors.values()]
        self._link, self._anchors = None, {}
        for link in found:
            self._rows += 1
            yield self._row(link)

    def _row(self, link: "Bookmark") -> ImportRow:
        row, line, raw = self._rows, link.line, link.raw
        broken = self._text.broken_between(link.start, link.end)
        if broken is not None:
            return broken_row(row, line, raw, broken)
        new, notices = link.read(self._now, spaced=self._spaced)
        more = self._text.notices_between(link.start, link.end)
        return ImportRow(row=row, line=line, raw=raw, new=new, notices=(*notices, *more))


def _without_file_end(words: str) -> str:
    left = words.rstrip()
    while match := FILE_END.search(left, max(len(left) - 20, 0)):
        left = left[: match.start()].rstrip()
    return left
