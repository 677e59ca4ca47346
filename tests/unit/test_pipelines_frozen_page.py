"""page.html of a frozen page: what is put into it, and what is taken out."""

import base64
import html
import re

import pytest

from linkshot.domain.model import FrozenFrame, FrozenPage, FrozenSheet
from pipelines.page_html import frozen_page
from pipelines.page_html.frozen_page import build_frozen_page, safe_style
from pipelines.page_html.resources import Resource, ResourceMap

BASE = "http://a.example/d/p.html"
FACTS = {"linkshot:url": BASE}
PNG = Resource("image/png", b"\x89PNG" + b"x" * 3000)
DATA = PNG.data_url
RESOURCES = ResourceMap(
    {"http://a.example/d/i.png": PNG}, {"http://a.example/d/old": "http://a.example/d/i.png#x"}
)


def frame(body: str, *css: str, **given: object) -> FrozenFrame:
    """A document with this body and these sheets."""
    styles = "".join(f'<style data-linkshot-sheet="{n}"/>' for n in range(len(css)))
    sheets = tuple(FrozenSheet(base=BASE, chunks=(text,)) for text in css)
    markup = f"<html><head>{styles}</head><body>{body}</body></html>"
    known: dict[str, object] = {"url": BASE, "base": BASE, "sheets": sheets, "markup": markup}
    return FrozenFrame(**(known | given))  # type: ignore[arg-type]  # as the fields are named


def built(body: str, *css: str, resources: ResourceMap = RESOURCES, **given: object) -> str:
    page = FrozenPage(main=frame(body, *css, **given))
    return build_frozen_page(page, resources, FACTS)[0].decode()


ACTIVE = {
    "a script": "<script>evil()</script>",
    "a script in a drawing": "<svg><script>evil()</script></svg>",
    "a script in capitals": "<SCRIPT>evil()</SCRIPT>",
    "a handler": '<img src="x" onerror="evil()"/>',
    "a script address": '<a href="java&#9;script:evil()">x</a>',
    "a document in an address": '<a href="data:text/html,evil()">x</a>',
    "an animated address": '<svg><a><set attributeName="href" to="x" values="#;javascript:evil()"/></a></svg>',
    "a frame's own address": '<iframe src="javascript:evil()" srcdoc="evil()"/>',
    "an object": '<object data="javascript:evil()" classid="evil()"/>',
    "a refresh": '<meta http-equiv="refresh" content="0;url=javascript:evil()"/>',
    "a base": '<base href="http://evil.example/"/>',
    "a template": "<template><p>evil()</p></template>",
    "a form": '<form><button formaction="javascript:evil()">x</button></form>',
    "a style of the page": "<style>evil()</style>",
}


@pytest.mark.parametrize("markup", ACTIVE.values(), ids=ACTIVE)
@pytest.mark.parametrize(
    "place", ["{}", '<p><template shadowrootmode="open">{}</template></p>'], ids=["page", "shadow"]
)
def test_nothing_that_acts_is_left(markup: str, place: str) -> None:
    assert "evil" not in built(place.format(markup))
    inner = frame(place.format(markup), url="about:srcdoc")
    framed = built('<iframe data-linkshot-frame="0"/>', frames=(inner,))
    assert "srcdoc" in framed
    assert "evil" not in framed


def test_css_cannot_open_or_end_an_element() -> None:
    css = "a{content:'</style><img onerror=x>'}@media (width < 9px){b{c:d}}"
    assert safe_style(css) == (
        r"a{content:'\3c /style>\3c img onerror=x>'}@media (width < 9px){b{c:d}}"
    )


def test_a_resource_stands_at_its_only_use() -> None:
    assert f'a{{b:url("{DATA}")}}' in built("", "a{b:url(i.png)}")


def test_a_resource_of_several_uses_is_stored_once() -> None:
    made = built("", "a{b:url(i.png)} c{d:url('./i.png')}", "e{f:url(i.png)}")
    assert made.count(DATA) == 1
    assert made.count("var(--linkshot-0)") == 3


def test_descriptors_know_no_variables() -> None:
    made = built("", "@font-face{src:url(i.png)}@font-face{src:url(i.png)}")
    assert made.count(f'src:url("{DATA}")') == 2


def test_an_image_behind_a_redirect_is_found() -> None:
    assert f'<img src="{DATA}">' in built('<img src="old"/>')


def test_a_missing_image_keeps_its_box_and_its_address() -> None:
    made = built('<img src="no.png"/>', "a{b:url(no.png)}")
    assert '<img src="data:," data-linkshot-src="http://a.example/d/no.png">' in made
    assert 'url("data:,")' in made


def test_a_large_image_in_many_places_is_stored_once() -> None:
    large = ResourceMap({"http://a.example/d/i.png": Resource("image/png", b"x" * 60_000)})
    image = '<img src="http://a.example/d/i.png" data-linkshot-natural="30 40"/>'
    made = built(image * 3, resources=large)
    assert made.count("data:image/png;base64,") == 1
    assert made.count("content:var(--linkshot-0)") == 3
    assert "width='30'%20height='40'" in made


def test_resources_without_room_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frozen_page, "MAX_RESOURCE_CHARS", len(DATA))
    page = FrozenPage(main=frame('<img src="i.png"/><input src="i.png"/>'))
    made, left_out = build_frozen_page(page, RESOURCES, FACTS)
    assert left_out == ("http://a.example/d/i.png",)
    assert '<meta name="linkshot:left-out" content="http://a.example/d/i.png">' in made.decode()
    assert made.count(b"data:image/png") == 1


def test_a_page_with_room_for_all_names_nothing() -> None:
    assert "linkshot:left-out" not in built('<img src="i.png"/>')


@pytest.mark.parametrize(("is_quirks", "kind"), [(False, "srcdoc"), (True, "src")])
def test_a_frame_keeps_its_mode(is_quirks: bool, kind: str) -> None:
    inner = frame("<p>内</p>", is_quirks=is_quirks)
    made = built('<iframe data-linkshot-frame="0"/>', frames=(inner,))
    (found,) = re.findall(rf'<iframe [^>]*{kind}="([^"]*)"', made)
    if is_quirks:
        document = base64.b64decode(found.partition("base64,")[2]).decode()
    else:
        document = html.unescape(found)
    assert "<p>内</p>" in document
    assert ("<!DOCTYPE" in document) != is_quirks
    assert "Content-Security-Policy" in document


def test_a_recorded_sheet_stands_for_one_that_the_page_may_not_read() -> None:
    sheet = FrozenSheet(
        address="http://b.example/s.css", base="http://b.example/s.css", is_recorded=True
    )
    resources = ResourceMap({"http://b.example/s.css": Resource("text/css", "b{c:'字'}".encode())})
    markup = '<html><head><style data-linkshot-sheet="0"/></head><body/></html>'
    assert "b{c:'字'}" in built("", sheets=(sheet,), markup=markup, resources=resources)


@pytest.mark.parametrize("href", ["", 'href=""', 'href="javascript:1"'])
def test_a_drawing_that_refers_to_nothing_costs_the_page_nothing(href: str) -> None:
    made = built(f"<svg><use {href}/></svg><p>渡船</p>")
    assert "渡船" in made
    assert "javascript" not in made


def test_drawings_of_other_files_come_into_the_tree_that_shows_them() -> None:
    drawing = (
        b'<svg xmlns="http://www.w3.org/2000/svg"><symbol id="s"><rect fill="url(#g)" onclick="evil()"/>'
        b'</symbol><linearGradient id="g"/></svg>'
    )
    resources = ResourceMap({"http://a.example/d/s.svg": Resource("image/svg+xml", drawing)})
    use = '<svg><use href="s.svg#s"/></svg>'
    made = built(
        f'{use}<p><template shadowrootmode="open">{use}</template></p>', resources=resources
    )
    assert made.count("<symbol ") == made.count("<linearGradient ") == 2
    assert "evil" not in made
    assert len(set(re.findall(r'<use href="#([^"]+)"', made))) == 2


def test_an_undefined_element_is_told_by_an_attribute() -> None:
    assert "x:not(:not([data-linkshot-undefined])){y:z}" in built("", "x:not(:defined){y:z}")


def test_a_scrolled_box_gets_its_position_in_the_root_that_it_is_in() -> None:
    made = built(
        '<p data-linkshot-scroll="before 0 57.5">a</p><div><template shadowrootmode="open">'
        '<p data-linkshot-scroll="after -30 0">b</p></template></div>'
    )
    document, _, root = made.partition("<template")
    assert '[data-linkshot-scroll="0"]::before' in document.partition("</head>")[0]
    assert "left:0px!important;top:57.5px!important" in document
    assert "scroll-initial-target:nearest" in root
    assert '[data-linkshot-scroll="1"]::after' in root
    assert "left:-30px!important" in root


@pytest.mark.parametrize("value", ["", "before 1", "before 1 2;}", "none 1 2", "before 1e9 2"])
def test_a_scroll_position_that_is_none_leaves_no_rule(value: str) -> None:
    assert "data-linkshot-scroll" not in built(f'<p data-linkshot-scroll="{value}">a</p>')
