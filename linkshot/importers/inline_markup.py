"""Strips the markup from a title or note written in HTML. (pure)"""

import re

from linkshot.importers.entities import decode_text

MARKUP = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)(?:[\s/][^<>]{0,2000})?>")
SINGLE = frozenset(
    """br col dd dt hr img li p rp rt tbody td tfoot th thead tr wbr""".split()  # noqa: SIM905
)
"""Tags that shape a text and need no end tag (WHATWG HTML, 13.1.2)."""
PAIRED = frozenset(
    """a abbr acronym address article aside b bdi bdo big blockquote caption center cite code colgroup
    del details dfn div dl em figcaption figure font footer h1 h2 h3 h4 h5 h6 header i ins kbd label
    main mark nav nobr ol picture pre q ruby s samp section small span strike strong sub summary sup
    table time tt u ul var""".split()  # noqa: SIM905  # a list of words
)
"""Tags that shape a text up to their end tag. Without it, and others anyway, they are words of a text
about HTML: `<script>` in a title, `use <b> for bold`."""


BORDERS = frozenset(
    """article aside blockquote caption center dd details div dl dt figcaption figure footer h1 h2 h3 h4 h5
    h6 header hr li main nav ol p pre section summary table tbody tfoot thead tr ul""".split()  # noqa: SIM905
)
"""Tags at which a browser begins a new line."""
CELLS = frozenset(["td", "th"])
GAPS = ("", " ", "\n", "\n\n")


def plain_text(source: str) -> str:
    """The words without markup, character references decoded once; lines and blocks stay lines."""
    return decode_text(_without_markup(source) if "<" in source else source).strip()


def _without_markup(source: str) -> str:
    made = _LineBuilder()
    place = 0
    for tag in _shaping(list(MARKUP.finditer(source))):
        made.add(source[place : tag.start()])
        made.border(tag[2].lower())
        place = tag.end()
    made.add(source[place:])
    return "".join(made.parts)


def _shaping(tags: list[re.Match[str]]) -> list[re.Match[str]]:
    """Those that shape the text, in order: single ones, and pairs of beginning and end."""
    found = []
    begun: dict[str, list[re.Match[str]]] = {}
    for tag in tags:
        name = tag[2].lower()
        if name in SINGLE:
            found.append(tag)
        elif name in PAIRED and not tag[1]:
            begun.setdefault(name, []).append(tag)
        elif begun.get(name):
            found += [begun[name].pop(), tag]
    return sorted(found, key=lambda tag: tag.start())


class _LineBuilder:
    """Words with a blank, a line break or a blank line where markup stood between them."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self._gap = 0
        """Index in GAPS: what stands before the next words."""
        self._breaks = 0

    def add(self, words: str) -> None:
        if self._gap and not words.strip():
            return
        if self._gap and self.parts:
            self.parts[-1] = self.parts[-1].rstrip()
            self.parts.append(GAPS[self._gap])
            words = words.lstrip()
        self.parts.append(words)
        self._gap = self._breaks = 0

    def border(self, name: str) -> None:
        self._breaks += name == "br"
        wide = 2 if name in BORDERS or name == "br" else 1 if name in CELLS else 0
        self._gap = max(self._gap, wide, 3 if self._breaks > 1 else 0)
