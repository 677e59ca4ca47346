"""What the head of a page declares: bounded, and with http addresses only."""

import json

import pytest

from pipelines.page_metadata import MAX_PROPERTIES, MAX_VALUE, clean_text, read_metadata

URL = "http://a.example/d/p.html"


def test_titles_are_one_line_of_at_most_512_characters() -> None:
    assert clean_text("  a\x00b\n\u202ec\ud800 " + "字" * 600) == "a b c " + "字" * 506


def test_joiners_of_emoji_and_persian_stay() -> None:
    assert clean_text("👩\u200d💻 می\u200cخواهم") == "👩\u200d💻 می\u200cخواهم"


def test_metadata_names_only_http_addresses() -> None:
    html = (
        "<meta property=og:image content=file:///etc/passwd><meta property=og:url content=/x>"
        "<meta property=og:video:url content=javascript:1>"
        "<link rel=canonical href=javascript:1>"
        "<link rel=alternate type=application/rss+xml href=feed.xml>"
        "<link rel=alternate type=application/atom+xml href=data:x,y>"
    )
    found = read_metadata(html, URL)
    assert found["properties"] == {"og:url": "http://a.example/x"}
    assert "canonical" not in found
    assert found["feeds"] == ["http://a.example/d/feed.xml"]


def test_json_ld_goes_before_meta_elements() -> None:
    graph = {"@graph": [{"author": [{"name": "林\n晚"}], "datePublished": "2026-01-02"}]}
    html = (
        f"<script type=application/ld+json>{json.dumps(graph)}</script>"
        "<meta name=author content=Other><meta property=article:modified_time content=2026-02-03>"
    )
    found = read_metadata(html, URL)
    assert (found["author"], found["published"], found["modified"]) == (
        "林晚",
        "2026-01-02",
        "2026-02-03",
    )


@pytest.mark.parametrize(
    "data",
    ["[" * 50 + "]" * 50, "[" * 100_000, '{"a": NaN}', '"' + "x" * 200_000 + '"', "{", "\x00"],
    ids=["deep", "unclosed", "no number", "long", "cut", "nul"],
)
def test_json_ld_that_breaks_readers_is_left_out(data: str) -> None:
    assert "json_ld" not in read_metadata(
        f"<script type=application/ld+json>{data}</script><p>x", URL
    )


@pytest.mark.parametrize(
    ("html", "name", "value"),
    [
        ("<html lang=zh-CN>", "lang", "zh-CN"),
        ("<html lang=>", "lang", None),
        ("<base href=/e/><link rel=canonical href=q>", "canonical", "http://a.example/e/q"),
        ("<link rel='x canonical' href=//b.example/q>", "canonical", "http://b.example/q"),
        ("<link rel=canonical href='http://[::1'>", "canonical", None),
        ("<meta name=author content=https://a.example/me>", "author", None),
        ("<meta property=article:published_time content=2026-01-02>", "published", "2026-01-02"),
        ("<meta name=viewport content=x>", "properties", None),
    ],
    ids=[
        "language", "no language", "base", "among other relations", "broken address", "a person's page",
        "date of an article", "of no use",
    ],
)  # fmt: skip
def test_a_declaration_is_read_or_left_out(html: str, name: str, value: str | None) -> None:
    assert read_metadata(html, URL).get(name) == value


def test_many_and_long_properties_are_cut() -> None:
    html = "".join(f"<meta property=og:x{n} content={'y' * 5000}>" for n in range(300))
    found = read_metadata(html, URL)["properties"]
    assert (len(found), len(found["og:x0"])) == (MAX_PROPERTIES, MAX_VALUE)
