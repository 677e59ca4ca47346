"""Signs that belong to an address in one line of a list and stand beside it in another. (pure)"""

from datetime import UTC, datetime
from io import BytesIO

import pytest

from linkshot.importers import formats
from linkshot.importers.field_text import DecodedText

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def read(source: str) -> list[tuple[str, str]]:
    """Address and title of each row."""
    data = source.encode()
    kind = formats.detect_format("auto", data, "utf-8")
    rows = formats.read_rows(kind, DecodedText(BytesIO(data), "utf-8"), NOW)
    return [(row.new.url, row.new.title) if row.new else (row.code or "", "") for row in rows]


@pytest.mark.parametrize(
    "address",
    [
        "https://github.com/a/b/tree/main/app/[slug]",
        "https://a.example/app/[...rest]",
        "https://a.example/#/x[y]",
        "https://a.example/list[0]",
    ],
)
def test_brackets_of_an_address_are_kept(address: str) -> None:
    assert read(f"{address}\n") == [(address, "")]


@pytest.mark.parametrize(
    ("line", "address", "title"),
    [
        ("https://a.example[Asciidoctor]", "https://a.example", "Asciidoctor"),
        ("https://a.example/[Title]", "https://a.example/", "Title"),
        ("https://a.example/x[A title]", "https://a.example/x", "A title"),
        ("https://a.example/x[标题]", "https://a.example/x", "标题"),
    ],
)
def test_brackets_that_cannot_be_part_of_an_address_hold_its_title(
    line: str, address: str, title: str
) -> None:
    assert read(f"{line}\n") == [(address, title)]


def test_numbers_headings_and_tags_with_a_hash_sign_hide_no_address() -> None:
    source = (
        "# My list\n## [Tool](https://a.example/1)\n# [T](https://a.example/2)\n"
        "#3 https://a.example/3\n### https://a.example/4\n#tag https://a.example/5\n"
    )
    assert [url for url, _ in read(source)] == [f"https://a.example/{n}" for n in range(1, 6)]
    assert [title for _, title in read(source)] == ["Tool", "T", "#3", "", "#tag"]


def test_comments_and_addresses_that_are_switched_off_are_skipped() -> None:
    source = (
        "# see https://a.example/note\n#https://a.example/off\n# https://a.example/off\n#EXTM3U\n"
    )
    assert read(f"{source}https://a.example/\n") == [("https://a.example/", "")]


def test_anchors_and_plain_lines_may_stand_in_one_list() -> None:
    source = '<a href="https://a.example/1">A</a>\nhttps://a.example/2\nhttps://a.example/3 C\n'
    wanted = [
        ("https://a.example/1", "A"),
        ("https://a.example/2", ""),
        ("https://a.example/3", "C"),
    ]
    assert read(source) == wanted
