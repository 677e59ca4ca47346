"""Extracts text that a reader opens by one click from the nodes of a DOM snapshot (pure).

Closed `<details>` and drop-down lists have no layout, so blocks are told by element name (HTML
Standard §15.3), and only `hidden` and style attributes tell what stays hidden after the click.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

MAX_OPTIONS = 30
"""Of a longer list (countries, years) only the selected option counts as text of the page."""
MAX_PAGE_OPTIONS = 300
"""Limit for all lists of a document together."""
MAX_OPTION_CHARS = 200
BLOCK_TAGS = frozenset((
    "ADDRESS", "ARTICLE", "ASIDE", "BLOCKQUOTE", "BUTTON", "CAPTION", "CENTER", "DD", "DETAILS",
    "DIALOG", "DIV", "DL", "DT", "FIELDSET", "FIGCAPTION", "FIGURE", "FOOTER", "FORM", "H1", "H2",
    "H3", "H4", "H5", "H6", "HEADER", "HGROUP", "HR", "LEGEND", "LI", "MAIN", "MENU", "NAV", "OL",
    "P", "PRE", "SEARCH", "SECTION", "SUMMARY", "TABLE", "TBODY", "TD", "TFOOT", "TH", "THEAD",
    "TR", "UL",
))  # fmt: skip
"""Elements that are blocks, or have boxes of their own, by the default style sheet."""
TEXTLESS_TAGS = frozenset((
    "SCRIPT", "STYLE", "NOSCRIPT", "TEMPLATE", "HEAD", "TITLE", "INPUT", "TEXTAREA", "SELECT",
    "DATALIST", "IFRAME", "OBJECT", "CANVAS", "VIDEO", "AUDIO", "RP", "svg",
))  # fmt: skip
"""Elements whose text is not part of the page."""
HIDING_STYLE = re.compile(
    r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CollapsedText:
    """A text node inside closed details."""

    block: int
    """Node index of the nearest block ancestor."""
    text: str
    aside: bool
    """Whether it is the pronunciation of another text."""
    keeps_lines: bool
    """Whether its line breaks are preserved."""


class DomNodes:
    """The nodes of a DOMSnapshot document, in document order."""

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

    def option_text(self, node: int) -> int:
        """String index of the text of an option; -1 if it has none."""
        inside = node + 1 < len(self.parents) and self.parents[node + 1] == node
        return self._values[node + 1] if inside else -1

    def end(self, node: int) -> int:
        """The first node after the subtree of this one."""
        at = node + 1
        while at < len(self.parents) and self.parents[at] >= node:
            at += 1
        return at

    def is_closed(self, node: int) -> bool:
        """Whether these details are closed; False for old snapshots, which lack attributes."""
        return bool(self._attributes) and "open" not in self._attributes_of(node)

    def inside_details(self, details: int, laid: frozenset[int]) -> Iterator[CollapsedText]:
        """The texts below the summary of closed details; `laid` are the nodes with a layout. Empty if
        a style sheet shows the content although the details are closed."""
        end = self.end(details)
        children = (n for n in range(details + 1, end) if self.parents[n] == details)
        shown = (self.name(child) for child in children if child in laid)
        # pseudo-elements such as ::marker have a layout too
        if any(name != "SUMMARY" and not name.startswith("::") for name in shown):
            return
        states: dict[int, CollapsedText] = {
            details: CollapsedText(block=details, text="", aside=False, keeps_lines=False)
        }
        for node in range(details + 1, end):
            above = states.get(self.parents[node])
            if above is None:
                continue
            name = self.name(node)
            if name == "#text" or name == "BR":
                text = "\n" if name == "BR" else self._strings[self._values[node]]
                kept = above.keeps_lines or name == "BR"
                yield CollapsedText(
                    block=above.block, text=text, aside=above.aside, keeps_lines=kept
                )
            elif not self._is_hidden(node, name) and node not in laid:
                states[node] = CollapsedText(
                    block=node if name in BLOCK_TAGS else above.block,
                    text="",
                    aside=above.aside or name in ("RT", "RTC"),
                    keeps_lines=above.keeps_lines or name == "PRE",
                )

    def options(self, select: int, laid: frozenset[int]) -> list[str]:
        """The options of a drop-down list, or only the selected one of a long list. Empty for an open
        list, which has a layout."""
        found: list[tuple[int, str]] = []
        for node in range(select + 1, self.end(select)):
            if self.name(node) != "OPTION" or self._is_hidden(node, "OPTION"):
                continue
            if node in laid:
                return []
            value = self.option_text(node)
            text = " ".join(self._strings[value].split()) if value >= 0 else ""
            if text:
                found.append((node, text[:MAX_OPTION_CHARS]))
        chosen = [text for node, text in found if node in self._chosen]
        return chosen[:1] if len(found) > MAX_OPTIONS else [text for _, text in found]

    def _is_hidden(self, node: int, name: str) -> bool:
        if name in TEXTLESS_TAGS or name.startswith("::"):
            return True
        given = self._attributes_of(node)
        if name == "DIALOG" and "open" not in given:
            return True
        hidden = given.get("hidden")
        if hidden is not None and hidden.lower() != "until-found":
            return True
        return HIDING_STYLE.search(given.get("style", "")) is not None

    def _attributes_of(self, node: int) -> dict[str, str]:
        if node >= len(self._attributes):
            return {}
        said = [self._strings[one] if one >= 0 else "" for one in self._attributes[node]]
        return dict(zip(said[::2], said[1::2], strict=False))
