"""page.html: the page, quiet."""

import base64

import pytest

from pipelines.page_html import resource_inliner
from pipelines.page_html.page import build_page
from pipelines.page_html.sanitize_page import sanitize_stylesheet
from tests.injections import INJECTIONS

FACTS = {"linkshot:url": "http://a.example/d/p.html", "linkshot:ts": "2026-01-02T00:00:00+00:00"}


def page(html: str, **sheets: str) -> str:
    return build_page(html, sheets, {}, FACTS)[0].decode()


def test_a_page_says_utf8_first_whatever_it_said_before() -> None:
    made = page("<html><head><title>题</title><meta charset=gb2312></head><body>文</body></html>")
    assert made.startswith('<html><head><meta charset="utf-8">')
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
    INJECTIONS,
)
def test_nothing_that_acts_is_left(html: str) -> None:
    assert "evil" not in page(f"<p>文</p>{html}")


def test_what_stands_in_noscript_swallows_nothing_of_the_page() -> None:
    html = '<p>甲</p><noscript><p title="</noscript><p>乙</p><script>"<noscript>"</script><p>丙</p>'
    made = page(html)
    assert "<p>甲</p><p>乙</p><p>丙</p>" in made


def test_an_embed_takes_nothing_along_that_follows_it() -> None:
    made = page("<p>甲</p><div><embed src=//x.example/film><p>乙</p><img alt=丙></div><p>丁</p>")
    assert [word for word in "甲乙丙丁" if word in made] == list("甲乙丙丁")
    assert "film" not in made


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
    made, _ = build_page(
        html + "<p>x", {"http://a.example/d/s.css": "p{background:url(i.png)}"}, {}, FACTS
    )
    assert b'<style media="print">p{background:url("http://a.example/d/i.png")}</style>' in made
    assert b"no.css" not in made


def test_a_style_sheet_cannot_end_its_element() -> None:
    assert (
        "</style"
        not in sanitize_stylesheet("a{content:'</STYLE ><script>'} b{c:'</ style>'}", "").lower()
    )


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
    assert page(html).count("Content-Security-Policy") == 1


PNG = "data:image/png;base64,iVBORw0KGgo="
PARTS = {
    "http://a.example/d/i.png": PNG,
    "https://cdn.example/x,1/big.webp": "data:image/webp;base64,UklG",
}


def whole(html: str, sheets: dict[str, str] | None = None) -> str:
    return build_page(html, sheets or {}, PARTS, FACTS)[0].decode()


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
    monkeypatch.setattr(resource_inliner, "MAX_CHARS", len(PNG) * 2)
    made = whole("<img src=i.png>" * 3)
    assert made.count(PNG) == 2
    assert made.count('src="http://a.example/d/i.png"') == 1


PUBLIC = (
    '<!DOCTYPE html PUBLIC "-//W3C//DTD HTML 4.01//EN" "http://www.w3.org/TR/html4/strict.dtd">'
)


@pytest.mark.parametrize(
    ("given", "is_xml", "kept"),
    [
        ("", False, ""), ("<!DOCTYPE html>", False, "<!DOCTYPE html>\n"),
        (PUBLIC, False, f"{PUBLIC}\n"),
        ('<!DOCTYPE html SYSTEM "about:legacy-compat">', False,
         '<!DOCTYPE html SYSTEM "about:legacy-compat">\n'),
        ("", True, "<!DOCTYPE html>\n"), (PUBLIC, True, f"{PUBLIC}\n"),
        ("<p><!DOCTYPE html>", False, ""),
    ],
    ids=["none", "plain", "public", "system", "XML without one", "XML with one", "too late"],
)  # fmt: skip
def test_a_page_keeps_the_doctype_that_it_had(given: str, is_xml: bool, kept: str) -> None:
    made, _ = build_page(f"{given}<html><body><p>文", {}, {}, FACTS, is_xml)
    assert made.decode().startswith(f"{kept}<html>")
    assert made.decode().count("<!DOCTYPE") == kept.count("<!DOCTYPE")


@pytest.mark.parametrize("tag", ["body", "table", "thead", "tbody", "tfoot", "tr", "td", "th"])
def test_a_background_of_old_pages_comes_inside(tag: str) -> None:
    inner = {"body": ""}.get(tag, f"<table><{tag} background=' i.png '><tr><td>x</table>")
    html = f"<body background=' i.png '>{inner}<p background=i.png>x" if tag == "body" else inner
    made = whole(html)
    assert made.count(f'background="{PNG}"') == 1
    assert f'<{tag} background="{PNG}">' in made


def test_a_background_that_is_no_picture_goes() -> None:
    made = page("<body background='javascript:evil()'><table background='data:text/html,evil'>")
    assert "background" not in made


NAMED = {
    "http://a.example/d/%E5%9B%BE%E7%89%87.png": "data:image/png;base64,AAAA",
    "http://a.example/d/two%20words%20(1).png": "data:image/png;base64,BBBB",
    "http://a.example/d/a(2).png": "data:image/png;base64,CCCC",
    "http://a.example/d/q.png?%E8%AF%8D=%E6%B0%B4": "data:image/png;base64,DDDD",
    "http://xn--fiq.example/i.png": "data:image/png;base64,EEEE",
}


@pytest.mark.parametrize(
    ("html", "shown"),
    [
        ("<img src=图片.png>", "AAAA"), ("<img srcset='图片.png 2x'>", "AAAA"),
        ("<p style=\"background:url('图片.png')\">", "AAAA"),
        ("<video poster='./x/../图片.png'></video>", "AAAA"),
        ("<img src='two words (1).png'>", "BBBB"),
        ("<style>p{background:url(\"two words (1).png\")}</style>", "BBBB"),
        ("<style>p{background:url(a\\(2\\).png)}</style>", "CCCC"),
        ("<img src='q.png?词=水'>", "DDDD"), ("<img src='//中.example/i.png'>", "EEEE"),
        ("<table background='图片.png'><tr></table>", "AAAA"), ("<img src='\n图\n片.png'>", "AAAA"),
        ("<base href='/文件/'><img src='../d/图片.png'>", "AAAA"),
    ],
    ids=[
        "img", "srcset", "attribute", "poster", "spaces", "quoted", "escaped", "query", "host",
        "background", "line breaks", "base",
    ],
)  # fmt: skip
def test_names_of_any_letters_are_found_as_the_browser_asked_for_them(
    html: str, shown: str
) -> None:
    made, _ = build_page(f"<p>文</p>{html}", {}, NAMED, FACTS)
    assert f"base64,{shown}" in made.decode()


def test_a_drawing_keeps_the_fragment_that_chooses_a_piece_of_it() -> None:
    parts = {"http://a.example/d/s.svg": "data:image/svg+xml;base64,PHN2"}
    made, _ = build_page("<img src=s.svg#red><p style='background:url(s.svg#b)'>", {}, parts, FACTS)
    assert 'src="data:image/svg+xml;base64,PHN2#red"' in made.decode()
    assert "PHN2#b" in made.decode()


def test_rules_behind_an_escaped_address_still_apply() -> None:
    made = page("<style>a{b:url(/i\\(2\\).png)} .two{color:red}</style><p>x")
    assert 'url("http://a.example/i(2).png")} .two{color:red}' in made


def test_a_drawing_inside_an_address_stays_as_it_is() -> None:
    own = "p{background:url(\"data:image/svg+xml,%3Csvg fill='url(%23a)'/%3E\")}"
    assert own in page(f"<style>{own}</style><p>x")


def test_sheets_that_sheets_import_come_inside_with_their_pictures() -> None:
    sheets = {
        "http://a.example/d/a.css": "@import 'sub/b.css' print; p{color:red}",
        "http://a.example/d/sub/b.css": "p{background:url(../i.png)}",
        "http://a.example/d/loop.css": "@import url(loop.css);",
    }
    html = "<style>@import url(a.css);</style><link rel=stylesheet href=loop.css><p>x"
    made = whole(html, sheets)
    outer = base64.b64decode(made.partition("data:text/css;charset=utf-8;base64,")[2].split('"')[0])
    inner = base64.b64decode(outer.partition(b"base64,")[2].split(b'"')[0])
    assert outer.endswith(b'") print; p{color:red}')
    assert inner.decode() == f'p{{background:url("{PNG}")}}'


def test_styles_of_xml_are_read_as_xml_means_them() -> None:
    html = "<html><head><style><![CDATA[ p > b{c:d} ]]> i &gt; u{e:f}</style></head></html>"
    made, _ = build_page(html, {}, {}, FACTS, True)
    assert "<style> p > b{c:d}  i > u{e:f}</style>" in made.decode()


def test_parts_without_room_are_named_each_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resource_inliner, "MAX_CHARS", len(PNG))
    made, left_out = build_page("<img src=i.png>" * 3, {}, PARTS, FACTS)
    assert len(left_out) == 1
    assert f'<meta name="linkshot:left-out" content="{left_out[0]}">' in made.decode()
    assert build_page("<img src=i.png>", {}, PARTS, FACTS)[1] == ()
