"""The pages about the query language say what the parser does."""

import re
from pathlib import Path

import pytest

from linkshot.query import All, parse
from linkshot.query.leaves import FIELDS, STATES
from linkshot.query.parser import MAX_CHARS, MAX_CLAUSES, MAX_DEPTH

DOCS = Path(__file__).parent.parent.parent / "docs"
PAGES = ["query-language.md", "query-language.zh-CN.md"]


def _examples(page: str) -> list[str]:
    """What stands in the first column of the tables, and in the shell example."""
    text = (DOCS / page).read_text("utf-8")
    cells = [
        row.replace(r"\|", "\0").split("|")[1] for row in re.findall(r"^\|.*$", text, re.MULTILINE)
    ]
    found = [code.replace("\0", "|") for cell in cells for code in re.findall("`([^`]+)`", cell)]
    return found + re.findall("^\\$ linkshot search '(.+)'$", text, re.MULTILINE)


@pytest.mark.parametrize("page", PAGES)
def test_every_example_can_be_read(page: str) -> None:
    examples = _examples(page)
    assert len(examples) > 40
    for example in examples:
        assert parse(example) != All(), example


@pytest.mark.parametrize("page", PAGES)
def test_every_field_and_state_is_named(page: str) -> None:
    text = (DOCS / page).read_text("utf-8")
    assert [name for name in FIELDS if f"`{name}:" not in text] == []
    assert [name for name in STATES if f"`is:{name}`" not in text] == []


@pytest.mark.parametrize("page", PAGES)
def test_the_limits_are_named(page: str) -> None:
    text = (DOCS / page).read_text("utf-8")
    assert all(f"{limit:,} " in text for limit in (MAX_CHARS, MAX_CLAUSES, MAX_DEPTH))


def test_both_languages_have_the_same_examples() -> None:
    english, chinese = (map(_plain, _examples(page)) for page in PAGES)
    assert list(english) == list(chinese)


def _plain(example: str) -> str:
    return example.replace("编译器", "compilers")
