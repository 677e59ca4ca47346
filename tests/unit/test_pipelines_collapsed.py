"""Text that one click opens, from the nodes of a DOM snapshot written by hand."""

from typing import Any

import pytest

from pipelines.collapsed import MAX_OPTIONS, MAX_PAGE_OPTIONS
from pipelines.visible_text import visible_text

Tree = tuple[str, dict[str, str], list[Any]]


def tag(name: str, *inside: Any, **attributes: str) -> Tree:
    return (name, attributes, list(inside))


class Page:
    """A DOM snapshot; what is inside closed details and drop-down lists has no layout."""

    def __init__(self, *inside: Any) -> None:
        self.strings: list[str] = []
        self.nodes: dict[str, Any] = {
            "parentIndex": [], "nodeName": [], "nodeValue": [], "attributes": [],
            "optionSelected": {"index": []},
        }  # fmt: skip
        self.layout: dict[str, list[Any]] = {"nodeIndex": [], "text": [], "styles": []}
        self.add(tag("BODY", *inside), -1, laid=True)

    def text(self) -> str:
        return visible_text(
            {"strings": self.strings, "documents": [{"nodes": self.nodes, "layout": self.layout}]}
        )

    def add(self, one: Any, parent: int, *, laid: bool) -> None:
        name, attributes, inside = one if isinstance(one, tuple) else ("#text", {}, [])
        value = -1 if isinstance(one, tuple) else self.said(one)
        node = len(self.nodes["parentIndex"])
        self.nodes["parentIndex"].append(parent)
        self.nodes["nodeName"].append(self.said(name))
        self.nodes["nodeValue"].append(value)
        pairs = [self.said(part) for pair in attributes.items() for part in pair]
        self.nodes["attributes"].append(pairs)
        if "selected" in attributes:
            self.nodes["optionSelected"]["index"].append(node)
        if laid:
            shown = attributes.get("visibility", "visible")
            style = [self.said("block"), self.said(shown), self.said("collapse"), self.said("16px")]
            self.layout["nodeIndex"].append(node)
            self.layout["text"].append(value)
            self.layout["styles"].append(style)
        closed = name == "DETAILS" and "open" not in attributes
        for each in inside:
            summary = isinstance(each, tuple) and each[0] == "SUMMARY"
            inner = laid and name != "SELECT" and (not closed or summary)
            self.add(each, node, laid=inner)

    def said(self, text: str) -> int:
        self.strings.append(text)
        return len(self.strings) - 1


def blocks(*inside: Any) -> list[str]:
    found = Page(*inside).text()
    return found.split("\n\n") if found else []


def test_closed_details_follow_their_summary_and_precede_what_comes_next() -> None:
    closed = tag("DETAILS", tag("SUMMARY", "问题"), "答案", tag("P", "第二段"))
    assert blocks(closed, tag("P", "后面")) == ["问题", "答案", "第二段", "后面"]


def test_details_inside_closed_ones_are_text_once() -> None:
    inner = tag("DETAILS", tag("SUMMARY", "b"), "c")
    assert blocks(tag("DETAILS", tag("SUMMARY", "a"), inner), "d") == ["a", "b", "c", "d"]


def test_open_details_are_text_once() -> None:
    assert blocks(tag("DETAILS", tag("SUMMARY", "a"), tag("P", "b"), open="")) == ["a", "b"]


@pytest.mark.parametrize(
    "inside",
    [
        tag("P", "x", hidden=""),
        tag("P", "x", style="color: red; DISPLAY:none"),
        tag("P", "x", style="visibility: hidden"),
        tag("DIALOG", "x"),
        tag("SCRIPT", "x"),
        tag("TEXTAREA", "x"),
        tag("SELECT", tag("OPTION", "x")),
    ],
    ids=["hidden", "display", "visibility", "dialog", "script", "textarea", "select"],
)
def test_what_the_click_does_not_show_is_no_text(inside: Tree) -> None:
    assert blocks(tag("DETAILS", tag("SUMMARY", "a"), inside)) == ["a"]


def test_details_that_nobody_sees_are_no_text() -> None:
    hidden = tag("DETAILS", "x", visibility="hidden")
    assert blocks(hidden, tag("P", "a")) == ["a"]


def test_a_snapshot_without_attributes_says_nothing_of_details() -> None:
    page = Page(tag("DETAILS", tag("SUMMARY", "a"), "b"))
    del page.nodes["attributes"]
    assert page.text() == "a"


def options(count: int, chosen: int = -1) -> Tree:
    marks: list[dict[str, str]] = [{"selected": ""} if n == chosen else {} for n in range(count)]
    return tag("SELECT", *(tag("OPTION", f"o{n}", **mark) for n, mark in enumerate(marks)))


def test_the_options_of_a_short_list_stand_behind_its_block() -> None:
    assert blocks(tag("P", "pick ", options(3, 1), " now")) == ["pick now", "o0 o1 o2"]


def test_of_a_long_list_only_what_is_chosen_is_text() -> None:
    assert blocks(options(MAX_OPTIONS + 1, 7)) == ["o7"]


def test_the_options_of_a_page_have_a_limit() -> None:
    lists = [tag("P", options(MAX_OPTIONS)) for _ in range(20)]
    assert sum(len(block.split()) for block in blocks(*lists)) == MAX_PAGE_OPTIONS
