"""Character references: as a browser reads them in an attribute, and in text."""

import pytest

from linkshot.importers.entities import decode_attribute, decode_text

ADDRESSES = [
    "?a=1&timestamp=5", "?a=1&region=eu", "?a=1&section=3", "?a=1&currency=EUR", "?a=1&param=x",
    "?a=1&copy=2", "?a=1&notify=1", "?a=1&lte=5", "?a=1&lt=5", "?a=1&amplitude=3", "?a=1&sect1=2",
    "?a=1&yen9", "?a=1&nosuch;", "?a=1&", "?a=1&&b=2", "?a&#;b", "?a&#x;b", "/&%23;",
]  # fmt: skip


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_address_that_was_written_unescaped_stays_as_it_is(address: str) -> None:
    assert decode_attribute(address) == address


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("?a=1&amp;b=2", "?a=1&b=2"),
        ("?a=1&amp;amp;b=2", "?a=1&amp;b=2"),
        ("?a=1&amp;copy=2", "?a=1&copy=2"),
        ("?a=1&copy;=2", "?a=1©=2"),
        ("?a=1&para", "?a=1¶"),
        ("&amp &lt/&quot,", '& </",'),
        ("&notin;&notit;", "∉&notit;"),
        ("&#38;&#x26;&#38 &#X26", "&&& &"),
        ("&#20013;&#x4e2d;", "中中"),
        ("&#128;&#0;&#xD800;&#x110000;", "€\ufffd\ufffd\ufffd"),
        ("&fjlig;&NotEqualTilde;", "fj≂̸"),
    ],
)
def test_a_reference_in_an_attribute_is_decoded_once(source: str, value: str) -> None:
    assert decode_attribute(source) == value


@pytest.mark.parametrize(
    ("source", "text"), [("&copy=2", "©=2"), ("&notit;", "¬it;"), ("&amp;lt;", "&lt;")]
)
def test_in_text_a_name_needs_no_semicolon(source: str, text: str) -> None:
    assert decode_text(source) == text


@pytest.mark.parametrize("read", [decode_text, decode_attribute])
@pytest.mark.parametrize("digits", ["9" * 5000, "x" + "f" * 5000], ids=["decimal", "hex"])
def test_a_number_of_thousands_of_digits_is_no_character(read, digits: str) -> None:
    assert read(f"a&#{digits};b") == "a\ufffdb"
