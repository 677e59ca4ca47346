"""One bookmark of a bookmark file, and the link that its attributes, title and notes make.

Called by netscape.py, which finds where it begins and ends and which folders it stands in.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from functools import cached_property

from linkshot.domain.model import NewLink
from linkshot.importers.dates import first_date
from linkshot.importers.entities import decode_attribute
from linkshot.importers.html_tokens import Tag, attributes
from linkshot.importers.inline_markup import plain_text
from linkshot.importers.row import RAW_CHARS
from linkshot.importers.tag_fields import tags_of
from linkshot.text.line_breaks import join_lines

ICON = re.compile(r"""\s(ICON(?:_URI)?)\s*=\s*("[^"]*"|'[^']*'|[^\s>]+)""", re.IGNORECASE)
NOTES = re.compile(r"\[/?linkding-notes\]")
DATES = ("add_date", "time_added", "last_modified")
"""Attributes that tell when a bookmark was made, the surest first; Pocket writes the second."""
TRUE = frozenset({"1", "true", "yes", "on"})
GUESSED = {"href": "address.guessed", "tags": "tags.guessed"}
"""Attribute whose end is a guess → what its row says."""
SPILLED = re.compile(r"""[^="']*["']>""")
"""The end of a value at the beginning of a title: a quote and a `>` stood in the value."""
ARCHIVES = frozenset({"read archive", "archive"})
"""Headings above what Pocket's readers have read."""


class Bookmark:
    """One bookmark as its parts come in."""

    def __init__(self, tag: Tag, folders: tuple[str, ...], section: str) -> None:
        self.source = tag.source
        self.section = section
        self.folders = folders
        self.line = tag.line
        self.start = tag.place
        self.end = tag.end
        self.title = ""
        self.note = ""
        self.folder_note = False
        """A folder's description stood before it."""
        self.guessed = False
        """A `</dl>` occurs in its title or note."""
        self.dropped = False
        """Words behind it are neither title nor note."""
        self.comment = False
        """A comment stands in or behind its text."""

    @cached_property
    def url(self) -> str:
        """Its address, as written."""
        return decode_attribute(attributes(self.source).values.get("href", "")).strip()

    @property
    def raw(self) -> str:
        """Its source without pictures."""
        source = ICON.sub(r' \1="…"', self.source) if len(self.source) > 200 else self.source
        return f"{source}{self.title}"[:RAW_CHARS].replace("\0", "")

    def read(self, now: datetime, *, spaced: bool) -> tuple[NewLink, tuple[str, ...]]:
        """The link it is, and what was cut or dropped."""
        given, guessed = attributes(self.source)
        pocket = "time_added" in given
        added_at, dated = first_date(map(given.get, DATES), now)
        names = decode_attribute(given.get("tags", ""))
        by_blanks = spaced and "," not in names
        tags, cut = tags_of(names.split() if by_blanks else names.split(","), self.folders)
        url = decode_attribute(given.get("href", "")).strip()
        title = " ".join(join_lines(plain_text(self.title)).split())
        new = NewLink(
            url=url,
            title="" if pocket and title == url else title,
            note=self._notes(given),
            tags=tags,
            added_at=added_at,
            unread=given.get("toread", "").lower() in TRUE or (pocket and self.section == "unread"),
        )
        if SPILLED.match(self.title) and self.source.endswith(('">', "'>")) and "tags" in given:
            guessed |= {"tags"}
        guesses = [code for name, code in GUESSED.items() if name in guessed]
        archived = ("archived.dropped",) if pocket and self.section in ARCHIVES else ()
        said = {
            "folder_end.guessed": self.guessed,
            "words.dropped": self.dropped,
            "comment.dropped": self.comment,
            "folder_note.dropped": self.folder_note,
        }
        return new, (*dated, *cut, *guesses, *archived, *(code for code in said if said[code]))

    def _notes(self, given: Mapping[str, str]) -> str:
        """What a person wrote, then what the page says of itself; each text once, however its blanks are written."""
        # the marks that linkding puts around the notes of its export go, their lines stay
        below = _lines(plain_text(NOTES.sub("\n", self.note))) if self.note else ""
        found: dict[str, str] = {}
        for note in (_written(given.get("note")), below, _written(given.get("description"))):
            if note:
                found.setdefault(" ".join(note.split()), note)
        return "\n\n".join(found.values())


def _written(value: str | None) -> str:
    """The note in an attribute, as some services write it: text, no markup."""
    return _lines(decode_attribute(value)) if value else ""


def _lines(text: str) -> str:
    """Without blanks at the ends of lines and of the whole."""
    lines = [line.rstrip() for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    return "\n".join(lines).strip()
