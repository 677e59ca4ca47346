"""Scripts and <noscript> are gone before a page is parsed, and nothing else is."""

import pytest

from pipelines.page_html.strip_scripts import strip_scripts
from tests.growth import assert_growth_below

PAGES = {
    "a script": ("a<script>x</script>b", "ab"),
    "in capitals": ('a<SCRIPT src="x">y</Script >b', "ab"),
    "an open quote in noscript": ("a<noscript><img alt='</noscript>b", "ab"),
    "a script that is not closed": ("a<script>b", "a"),
    "a tag with a similar name": ("<scripted>a</scripted>", "<scripted>a</scripted>"),
    "a script in a comment": ("a<!--<script>-->b", "a<!--<script>-->b"),
    "a comment that is not closed": ("a<!-- <script>x</script>", "a<!-- <script>x</script>"),
    "the shortest comment": ("a<!-->b<script>x</script>", "a<!-->b"),
    "a script in a style": ("<style><script></style>b", "<style><script></style>b"),
    "a script in a title": ("<title><script></title>b", "<title><script></title>b"),
    "a script in an attribute": ('<p title="<script>">b', '<p title="<script>">b'),
    "a sign of less": ("1 < 2<script>x</script>", "1 < 2"),
    "a tag that is cut": ('a<p title="<script>x</script>', 'a<p title="<script>x</script>'),
}


@pytest.mark.parametrize(("html", "left"), PAGES.values(), ids=PAGES)
def test_only_scripts_go(html: str, left: str) -> None:
    assert strip_scripts(html) == left


@pytest.mark.parametrize("piece", ["<", '<p a="', "<!--", "<script>", "</p ", '<a b="c"'])
def test_broken_markup_costs_its_length_only(piece: str) -> None:
    assert_growth_below(9, strip_scripts, piece * 2_500, piece * 10_000)
