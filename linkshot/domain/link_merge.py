"""What happens to the title, note and place of a link when it is given again: nothing is lost silently. (pure)

A second note is added below the first, a second title is left out, and so is a `#section` beside another
address of the same page. Each of these has a code, which warnings of the API and notices of imports carry.
"""

from dataclasses import dataclass

from linkshot.domain import urls

MAX_NOTE = 100_000
"""Characters of a note."""
BORDER = "\n\n"
"""Between two notes."""


@dataclass(slots=True)
class MergedLink:
    """The words of a link as they are so far."""

    title: str
    """The given one, else the page's."""
    note: str
    section: str
    """Behind `#` in its address, unless it is a route; see section()."""
    in_trash: bool = False

    def add(self, title: str, note: str, section: str) -> tuple[str, ...]:
        """Takes what was given for the link again; returns codes of what is not as it was given."""
        codes = []
        if self.in_trash:
            self.in_trash = False
            codes.append("restored")
        if section and section != self.section:
            codes.append("fragment.dropped")
        if title and self.title and title != self.title:
            codes.append("title.kept")
        self.title = self.title or title
        joined = join_notes(self.note, note)
        if joined is None:
            codes.append("note.dropped")
        elif joined != self.note:
            if self.note:
                codes.append("note.joined")
            self.note = joined
        return tuple(codes)


def join_notes(note: str, more: str) -> str | None:
    """Both with an empty line between them, each text once; None when they are too long together."""
    if not more.strip() or _holds(note, more):
        return note
    if not note.strip() or _holds(more, note):
        return more
    joined = f"{note.rstrip()}{BORDER}{more.strip()}"
    return joined if len(joined) <= MAX_NOTE else None


def _holds(note: str, text: str) -> bool:
    """Whether the text stands in the note between empty lines."""
    return _bordered(text) in _bordered(note)


def _bordered(text: str) -> str:
    lines = text.replace("\r\n", "\n").strip()
    return f"{BORDER}{lines}{BORDER}"


def section(url: str) -> str:
    """What stands behind `#` and belongs to no route of an application; see urls.route()."""
    fragment = url.partition("#")[2]
    return "" if urls.ROOT.fullmatch(fragment) else fragment.removeprefix(urls.route(fragment))
