"""Shadow roots in markup, as SingleFile writes them: their words are the page's."""

import pytest

from pipelines.article import extract_article
from pipelines.page_html.page import build_page
from pipelines.response_text import html_text
from pipelines.shadow_roots import open_shadow_roots

FACTS = {"linkshot:url": "http://a.example/", "linkshot:ts": "2026-01-02T00:00:00+00:00"}
ROOT = "<my-box><template shadowrootmode=open>{}</template>{}</my-box>"


@pytest.mark.parametrize(
    ("html", "opened"),
    [
        (ROOT.format("<p>a</p>", "b"), "<my-box><div><p>a</p></div>b</my-box>"),
        (ROOT.format("<template>a</template>", "b"), "<my-box><div><template>a</template></div>b</my-box>"),
        (ROOT.format(ROOT.format("a", "b"), "c"), "<my-box><div><my-box><div>a</div>b</my-box></div>c</my-box>"),
        ('<i><TEMPLATE id="a>b" ShadowRootMode="closed">a</TEMPLATE></i>', "<i><div>a</div></i>"),
        ("<!-- <template shadowrootmode=open> --><b>a</b>", None),
        ("<script>'<template shadowrootmode=open>'</script>", None),
        ("<template id=shadowroot>a</template>", None),
        ("</template><template shadowrootmode=open>a", "</template><div>a"),
    ],
    ids=["one", "another template", "nested", "capitals", "a comment", "a script", "no root", "unbalanced"],
)  # fmt: skip
def test_a_shadow_root_becomes_a_box_of_its_host(html: str, opened: str | None) -> None:
    assert open_shadow_roots(html) == (html if opened is None else opened)


def test_words_of_shadow_roots_are_in_the_text() -> None:
    html = ROOT.format("<style>p {}</style><p>shadow words</p><slot></slot>", "light words")
    assert html_text(f"<p>before</p>{html}") == "before\n\nshadow words\n\nlight words"


def test_words_of_shadow_roots_are_in_the_reader_view() -> None:
    evenings = "".join(f"<p>Evening {n}: the keeper wrote down the tide.</p>" for n in range(30))
    html = f"<article>{ROOT.format(evenings, '')}</article>"
    assert "Evening 7" in extract_article(html, "http://a.example/").text


def test_the_saved_page_has_shadow_roots_without_what_acts() -> None:
    inner = '<p onclick="x">shadow words</p><script>x</script><template><p>inert</p></template>'
    made = build_page(ROOT.format(inner, "light"), {}, {}, FACTS)[0].decode()
    assert '<template shadowrootmode="open"><p>shadow words</p></template>light' in made


def test_many_shadow_roots_take_linear_time() -> None:
    deep = "<b><template shadowrootmode=open>" * 50_000
    assert open_shadow_roots(deep).count("<div>") == 50_000
