"""Which links, folders, notes, tags and dates are in a bookmark file of a browser?

The format nobody specified: `<DT><A HREF ADD_DATE TAGS …>title</A>`, `<DD>note`, folders as
`<DT><H3>name</H3>` before their `<DL>`; tags unclosed, in any case, with quotes of any kind.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache

from linkshot.importers.dates import read_date
from linkshot.importers.entities import in_attribute, in_text
from linkshot.importers.markup import Tag, attributes, read_tags
from linkshot.importers.row import RAW_CHARS, ImportRow, broken_row
from linkshot.importers.text import Text
from linkshot.model import NewLink
from linkshot.tagpath import MAX_DEPTH, fitting

MARKUP = re.compile(r"<(?:!--.{0,2000}?--|/?[a-zA-Z][^<>]{0,2000})>", re.DOTALL)
ICON = re.compile(r"""\s(ICON(?:_URI)?)\s*=\s*("[^"]*"|'[^']*'|[^\s>]+)""", re.IGNORECASE)
NOTES = re.compile(r"\[/?linkding-notes\]")
ARCHIVED = "linkding:bookmarks.archived"
SPACED_TAGS = re.compile(r"<title>[^<]*shaarli", re.IGNORECASE)
"""Old Shaarli separates tags by spaces."""


def read_netscape(text: Text, now: datetime) -> Iterator[ImportRow]:
    """Rows in order; one for each bookmark, whether it can be kept or not."""
    reader = _Reader(text, now)
    for tag in read_tags(text):
        yield from reader.meet(tag)


class _Reader:
    """Where in the tree we are, and the bookmark that is not finished yet."""

    def __init__(self, text: Text, now: datetime) -> None:
        self._text = text
        self._now = now
        self._folders: list[str] = []
        self._deep = 0
        """Lists opened below MAX_DEPTH levels."""
        self._next_folder = ""
        self._link: _Bookmark | None = None
        self._where = ""
        """What text belongs to: `title`, `note`, `folder`, `skip` or nothing."""
        self._expected = False
        """A DT was the last tag: an A is a bookmark."""
        self._closed = False
        """The outermost list has ended."""
        self._rows = 0
        self._spaced = False

    def meet(self, tag: Tag) -> Iterator[ImportRow]:
        """Take the text before the tag, then the tag."""
        if not self._rows and self._link is None:
            self._spaced = self._spaced or SPACED_TAGS.search(tag.before) is not None
        self._take_text(tag)
        if self._where == "skip":
            self._where = "" if tag.name in ("/script", "/style", "") else "skip"
            return
        if tag.name == "a":
            yield from self._open_link(tag)
        elif tag.name == "/a":
            self._close_title(tag)
        else:
            yield from self._structure(tag.name)

    def _structure(self, name: str) -> Iterator[ImportRow]:
        """DT, DD, DL, H3, HR, scripts and the end: everything that ends a title."""
        if name == "dd":
            self._where = "note"
            return
        if name in ("script", "style"):
            self._where = "skip"
            return
        if name not in ("/dt", "/dd"):
            yield from self._finish()
        self._where = "folder" if name == "h3" else ""
        self._expected = name == "dt"
        if name == "h3":
            self._next_folder = ""
        elif name == "dl":
            self._enter()
        elif name == "/dl":
            self._leave()

    def _take_text(self, tag: Tag) -> None:
        if self._where == "folder":
            self._next_folder += tag.before
        elif self._where == "title" and self._link:
            self._link.title += tag.before
            self._link.end = tag.place
        elif self._where == "note" and self._link:
            self._link.note += tag.before
            self._link.end = tag.place

    def _open_link(self, tag: Tag) -> Iterator[ImportRow]:
        """An anchor inside a note, or after the whole list, is not a bookmark."""
        if not self._expected and (self._where == "note" or self._closed):
            return
        yield from self._finish()
        self._link = _Bookmark(tag, tuple(self._folders))
        self._where = "title"
        self._expected = False

    def _close_title(self, tag: Tag) -> None:
        if self._where == "title" and self._link:
            self._link.end = tag.end
            self._where = ""

    def _enter(self) -> None:
        if len(self._folders) > MAX_DEPTH + 1:
            self._deep += 1
        else:
            self._folders.append(_plain(self._next_folder))
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
        if self._link is None:
            return
        self._rows += 1
        link, self._link = self._link, None
        yield self._row(link)

    def _row(self, link: "_Bookmark") -> ImportRow:
        row, line, raw = self._rows, link.line, link.raw
        broken = self._text.broken_between(link.start, link.end)
        if broken is not None:
            return broken_row(row, line, raw, broken)
        new, notices = link.read(self._now, spaced=self._spaced)
        return ImportRow(row=row, line=line, raw=raw, new=new, notices=notices)


class _Bookmark:
    """One bookmark as its parts come in."""

    def __init__(self, tag: Tag, folders: tuple[str, ...]) -> None:
        self.source = tag.source
        self.folders = folders
        self.line = tag.line
        self.start = tag.place
        self.end = tag.end
        self.title = ""
        self.note = ""

    @property
    def raw(self) -> str:
        """Its source without pictures."""
        source = ICON.sub(r' \1="…"', self.source) if len(self.source) > 200 else self.source
        return f"{source}{self.title}"[:RAW_CHARS].replace("\0", "")

    def read(self, now: datetime, *, spaced: bool) -> tuple[NewLink, tuple[str, ...]]:
        """The link it is, and what was cut or dropped."""
        given = attributes(self.source)
        added_at, dated = read_date(given.get("add_date"), now)
        tags, cut = _tags(given.get("tags", ""), self.folders, spaced=spaced)
        new = NewLink(
            url=in_attribute(given.get("href", "")).strip(),
            title=" ".join(_plain(self.title).split()),
            note=_note(self.note) or _lines(in_attribute(given.get("description", ""))),
            tags=tags,
            added_at=added_at,
            unread=given.get("toread") == "1",
        )
        return new, (*dated, *cut)


def _tags(
    raw: str, folders: tuple[str, ...], *, spaced: bool
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Full tag names: the folder path first, then those of the TAGS attribute."""
    text = in_attribute(raw)
    names = text.split() if spaced and "," not in text else text.split(",")
    folder, cut = fitting(folders)
    found: dict[str, None] = {} if folder is None else {folder.name: None}
    notices = dict.fromkeys(cut)
    for name in names:
        for_name, cut = _one_tag(name)
        if for_name:
            found[for_name] = None
        if cut:
            notices |= dict.fromkeys(cut)
    return tuple(found), tuple(notices)


@lru_cache(maxsize=4096)
def _one_tag(given: str) -> tuple[str, tuple[str, ...]]:
    """Full name of a tag of the attribute, empty for none, and codes of what was cut."""
    name = given.strip()
    if not name:
        return "", ()
    path, cut = fitting(("archived",) if name == ARCHIVED else tuple(given.split("/")))
    return path.name if path else "", cut


def _plain(source: str) -> str:
    """Text without markup, entities decoded once."""
    text = MARKUP.sub("", source) if "<" in source else source
    return in_text(text).strip()


def _note(source: str) -> str:
    """A note keeps its lines; the marks of exported notes go."""
    return _lines(_plain(NOTES.sub("\n", source)))


def _lines(text: str) -> str:
    """Without blanks at the ends of lines and of the whole."""
    lines = [line.rstrip() for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    return "\n".join(lines).strip()
