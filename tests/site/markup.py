"""Writes the HTML of small pages, and finds the written pages in pages/."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from pathlib import Path

from linkshot.samples.loopback import Answer, Response

_PAGES = Path(__file__).parent / "pages"


@dataclass(frozen=True, slots=True)
class Page:
    """A place of the test site. A path that ends in `/` (but `/`) serves everything below it."""

    path: str
    about: str
    answer: Answer


def read(name: str) -> str:
    """A page that lies as a file in pages/."""
    return (_PAGES / name).read_text(encoding="utf-8")


def html(title: str, body: str, *, lang: str = "en", head: str = "") -> bytes:
    """A whole page around a body that is HTML already; the title is text."""
    return (
        f'<!doctype html>\n<html lang="{lang}">\n<head>\n<meta charset="utf-8">\n'
        f"<title>{escape(title)}</title>\n{head}\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    ).encode()


def page(title: str, body: str, *, lang: str = "en", head: str = "", status: int = 200) -> Response:
    """The same as an answer."""
    return Response(status=status, body=html(title, body, lang=lang, head=head))


def fixed(response: Response) -> Answer:
    """An answer that does not look at the request."""
    return lambda _: response


def paragraphs(*texts: str) -> str:
    """Texts as paragraphs; they are HTML already."""
    return "\n".join(f"<p>{text}</p>" for text in texts)
