"""Text that a reader opens by one click, in the nodes of a DOM snapshot (pure).

Closed `<details>` and drop-down lists have no layout, so which of their elements are blocks follows
from the names of the elements (HTML Standard §15.3), and only `hidden` and style attributes tell
what stays hidden.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

MAX_OPTIONS = 30
"""A longer list (of countries, of years) is no text of the page, but for what is chosen in it."""
MAX_PAGE_OPTIONS = 300
"""Of all lists of a document together."""
MAX_OPTION_CHARS = 200
BLOCKS = frozenset((
    "ADDRESS", "ARTICLE", "ASIDE", "BLOCKQUOTE", "BUTTON", "CAPTION", "CENTER", "DD", "DETAILS",
    "DIALOG", "DIV", "DL", "DT", "FIELDSET", "FIGCAPTION", "FIGURE", "FOOTER", "FORM", "H1", "H2",
    "H3", "H4", "H5", "H6", "HEADER", "HGROUP", "HR", "LEGEND", "LI", "MAIN", "MENU", "NAV", "OL",
    "P", "PRE", "SEARCH", "SECTION", "SUMMARY", "TABLE", "TBODY", "TD", "TFOOT", "TH", "THEAD",
    "TR", "UL",
))  # fmt: skip
"""Elements that are blocks, or boxes of their own, without a style sheet."""
NO_TEXT = frozenset((
    "SCRIPT", "STYLE", "NOSCRIPT", "TEMPLATE", "HEAD", "TITLE", "INPUT", "TEXTAREA", "SELECT",
    "DATALIST", "IFRAME", "OBJECT", "CANVAS", "VIDEO", "AUDIO", "RP", "svg",
))  # fmt: skip
"""Elements whose text is no text of the page."""
_HIDING = re.compile(r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """A text of closed details."""

    block: int
    """Index of the nearest element above that is a block."""
    text: str
    aside: bool
    """Whether it says how another text is read."""
    keeps_lines: bool
    """Whether its line breaks are seen."""


class Nodes:
    """The nodes of a document, in document order."""

    def __init__(self, nodes: dict[str, Any], strings: Sequence[str]) -> None:
        self._strings = strings
        self.parents: Sequence[int] = nodes["parentIndex"]
        self._names: Sequence[int] = nodes["nodeName"]
        self._values: Sequence[int] = nodes.get("nodeValue", ())
        self._attributes: Sequence[Sequence[int]] = nodes.get("attributes", ())
        self._chosen = frozenset(nodes.get("optionSelected", {}).get("index", ()))

    def name(self, node: int) -> str:
        """`DIV`, `#text`, `::marker`."""
        return self._strings[self._names[node]]

    def option(self, node: int) -> int:
        """Index of the string that an option says; -1 for none."""
        inside = node + 1 < len(self.parents) and self.parents[node + 1] == node
        return self._values[node + 1] if inside else -1

    def end(self, node: int) -> int:
        """The first node behind everything that is inside this one."""
        at = node + 1
        while at < len(self.parents) and self.parents[at] >= node:
            at += 1
        return at

    def is_closed(self, node: int) -> bool:
        """Whether these details are closed; not known of snapshots without attributes."""
        return bool(self._attributes) and "open" not in self._attributes_of(node)

    def inside_details(self, details: int, laid: frozenset[int]) -> Iterator[Words]:
        """The texts below the summary of closed details; `laid` are the nodes with a layout. None
        when a style sheet shows them although they are closed."""
        end = self.end(details)
        if any(
            self.parents[n] == details and self._is_text_of(n, laid)
            for n in range(details + 1, end)
        ):
            return
        states: dict[int, Words] = {
            details: Words(block=details, text="", aside=False, keeps_lines=False)
        }
        for node in range(details + 1, end):
            above = states.get(self.parents[node])
            if above is None:
                continue
            name = self.name(node)
            if name == "#text" or name == "BR":
                text = "\n" if name == "BR" else self._strings[self._values[node]]
                kept = above.keeps_lines or name == "BR"
                yield Words(block=above.block, text=text, aside=above.aside, keeps_lines=kept)
            elif not self._is_hidden(node, name) and node not in laid:
                states[node] = Words(
                    block=node if name in BLOCKS else above.block,
                    text="",
                    aside=above.aside or name in ("RT", "RTC"),
                    keeps_lines=above.keeps_lines or name == "PRE",
                )

    def options(self, select: int, laid: frozenset[int]) -> list[str]:
        """What a drop-down list offers, or only what is chosen when that is much; nothing of an open
        list, which is laid out."""
        found: list[tuple[int, str]] = []
        for node in range(select + 1, self.end(select)):
            if self.name(node) != "OPTION" or self._is_hidden(node, "OPTION"):
                continue
            if node in laid:
                return []
            value = self.option(node)
            text = " ".join(self._strings[value].split()) if value >= 0 else ""
            if text:
                found.append((node, text[:MAX_OPTION_CHARS]))
        chosen = [text for node, text in found if node in self._chosen]
        return chosen[:1] if len(found) > MAX_OPTIONS else [text for _, text in found]

    def _is_text_of(self, node: int, laid: frozenset[int]) -> bool:
        """Whether something of the details but their summary has a layout."""
        name = self.name(node)
        return node in laid and name != "SUMMARY" and not name.startswith("::")

    def _is_hidden(self, node: int, name: str) -> bool:
        if name in NO_TEXT or name.startswith("::"):
            return True
        given = self._attributes_of(node)
        if name == "DIALOG" and "open" not in given:
            return True
        hidden = given.get("hidden")
        if hidden is not None and hidden.lower() != "until-found":
            return True
        return _HIDING.search(given.get("style", "")) is not None

    def _attributes_of(self, node: int) -> dict[str, str]:
        if node >= len(self._attributes):
            return {}
        said = [self._strings[one] if one >= 0 else "" for one in self._attributes[node]]
        return dict(zip(said[::2], said[1::2], strict=False))
