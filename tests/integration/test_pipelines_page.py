"""page.html: the page, quiet."""

import pytest

from pipelines import inside
from pipelines.page import page_of
from pipelines.quiet import sheet

FACTS = {"linkshot:url": "http://a.example/d/p.html", "linkshot:ts": "2026-01-02T00:00:00+00:00"}


def page(html: str, **sheets: str) -> str:
    return page_of(html, sheets, {}, FACTS).decode()


def test_a_page_says_utf8_first_whatever_it_said_before() -> None:
    made = page("<html><head><title>题</title><meta charset=gb2312></head><body>文</body></html>")
    assert made.startswith('<!DOCTYPE html>\n<html><head><meta charset="utf-8">')
    assert "gb2312" not in made
    assert "题" in made
    assert "文" in made


def test_a_page_carries_its_address_its_time_and_a_policy_without_scripts() -> None:
    made = page("<p>文</p>")
    assert '<meta name="linkshot:url" content="http://a.example/d/p.html">' in made
    assert '<meta name="linkshot:ts" content="2026-01-02T00:00:00+00:00">' in made
    assert "default-src 'none'" in made


@pytest.mark.parametrize(
    "html",
    [
        "<script>evil()</script>",
        "<svg><script>evil()</script></svg>",
        "<img src=x onerror=evil()>",
        '<a href="javascript:evil()">x</a>',
        '<a href=" JaVa\tScRiPt:evil()">x</a>',
        '<a href="&#1;javascript:evil()">x</a>',
        '<svg><a xlink:href="javascript:evil()">x</a></svg>',
        '<form action="javascript:evil()"><button formaction="javascript:evil()">x</button></form>',
        '<a href="data:text/html,<script>evil()</script>">x</a>',
        '<iframe srcdoc="<script>evil()</script>"></iframe>',
        '<object data="javascript:evil()"></object><embed src="javascript:evil()">',
        '<meta http-equiv=refresh content="0;url=javascript:evil()">',
        '<base href="javascript:evil()">',
        "<noscript><p title='</noscript><img src=x onerror=evil()>'></noscript>",
        '<svg><animate attributeName=href to="javascript:evil()"/></svg>',
        "<link rel=import href=javascript:evil()>",
        "<!--><img src=x onerror=evil()>-->",
    ],
)
def test_nothing_that_acts_is_left(html: str) -> None:
    assert "evil" not in page(f"<p>文</p>{html}")


def test_what_stands_in_noscript_swallows_nothing_of_the_page() -> None:
    html = '<p>甲</p><noscript><p title="</noscript><p>乙</p><script>"<noscript>"</script><p>丙</p>'
    made = page(html)
    assert "<p>甲</p><p>乙</p><p>丙</p>" in made


def test_words_that_look_like_elements_stay() -> None:
    html = '<p title="<noscript>">甲</p><!-- <script> --><textarea><noscript></textarea><p>乙</p>'
    made = page(html)
    assert "甲" in made
    assert "乙" in made
    assert "&lt;noscript&gt;" in made


def test_addresses_are_absolute_from_the_pages_own_base() -> None:
    made = page(
        '<base href="/b/"><a href="q?x=1">x</a><img src="//c.example/i.png"><a href="#n">n</a>'
    )
    assert 'href="http://a.example/b/q?x=1"' in made
    assert 'src="http://c.example/i.png"' in made
    assert 'href="#n"' in made


def test_style_sheets_come_inside_with_their_media() -> None:
    html = (
        '<link rel="stylesheet" href="s.css#x" media="print"><link rel="stylesheet" href="no.css">'
    )
    made = page_of(
        html + "<p>x", {"http://a.example/d/s.css": "p{background:url(i.png)}"}, {}, FACTS
    )
    assert b'<style media="print">p{background:url("http://a.example/d/i.png")}</style>' in made
    assert b"no.css" not in made


def test_a_style_sheet_cannot_end_its_element() -> None:
    assert "</style" not in sheet("a{content:'</STYLE ><script>'} b{c:'</ style>'}", "").lower()


def test_passwords_and_hidden_tokens_are_not_kept() -> None:
    made = page(
        '<input type="password" value="hunter2"><input type=hidden value=token><input value=字>'
    )
    assert "hunter2" not in made
    assert "token" not in made
    assert 'value="字"' in made


@pytest.mark.parametrize(
    "html",
    ["<div>" * 50_000 + "文", "<b><i>" * 20_000, "<table>" * 3000, "<plaintext>", "\x00\ud800x"],
)
def test_broken_pages_become_valid_utf8(html: str) -> None:
    page(html)


PNG = "data:image/png;base64,iVBORw0KGgo="
PARTS = {
    "http://a.example/d/i.png": PNG,
    "https://cdn.example/x,1/big.webp": "data:image/webp;base64,UklG",
}


def whole(html: str, sheets: dict[str, str] | None = None) -> str:
    return page_of(html, sheets or {}, PARTS, FACTS).decode()


@pytest.mark.parametrize(
    ("html", "shown"),
    [
        ('<img src="i.png" alt=x>', f'<img src="{PNG}" alt="x">'),
        ('<img src="/d/i.png#part" loading=lazy>', f'<img src="{PNG}">'),
        ('<img src=no.png srcset="i.png 1x, no.png 2x" sizes=9px>', f'<img src="{PNG}">'),
        (
            '<img src=no.png srcset="https://cdn.example/x,1/big.webp 2x">',
            '<img src="data:image/webp;base64,UklG">',
        ),
        (
            "<picture><source srcset=i.png><source srcset=no.png><img src=no.png></picture>",
            f'<picture><img src="{PNG}"></picture>',
        ),
        ("<video poster=i.png></video>", f'<video poster="{PNG}"></video>'),
        ("<p style='background:url(i.png)'>", f"<p style='background:url(\"{PNG}\")'>"),
        (
            "<style>p{background:url('i.png')}</style>",
            f'<style>p{{background:url("{PNG}")}}</style>',
        ),
    ],
    ids=["img", "fragment", "srcset", "comma", "picture", "poster", "attribute", "style"],
)
def test_pictures_the_page_showed_come_inside(html: str, shown: str) -> None:
    assert shown in whole(f"<p>文</p>{html}")


def test_pictures_of_a_sheet_are_found_from_where_the_sheet_is() -> None:
    sheets = {
        "http://a.example/css/s.css": "p{background:url(../d/i.png)} a{background:url(n.png)}"
    }
    made = whole("<link rel=stylesheet href=/css/s.css><p>x", sheets)
    assert f'p{{background:url("{PNG}")}} a{{background:url("http://a.example/css/n.png")}}' in made


def test_a_picture_that_did_not_come_keeps_its_address() -> None:
    made = whole('<picture><source srcset="a.webp"><img src="b.png"></picture>')
    assert 'srcset="a.webp"' in made
    assert 'src="http://a.example/d/b.png"' in made


def test_a_page_of_many_pictures_stays_a_file_that_can_be_opened(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(inside, "MAX_CHARS", len(PNG) * 2)
    made = whole("<img src=i.png>" * 3)
    assert made.count(PNG) == 2
    assert made.count('src="http://a.example/d/i.png"') == 1
