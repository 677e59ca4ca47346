"""Shadow roots and frames as parts of one document."""

import lxml.html
import pytest

from linkshot.domain.model import FrozenFrame, FrozenPage
from pipelines.flattened_page import flatten, is_nested, without_resources

ROOT = '<template shadowrootmode="open">{}</template>'


def frame(body: str, *frames: FrozenFrame | None, root: str = "body") -> FrozenFrame:
    markup = f"<html><head><title>页</title></head><{root}>{body}</{root}></html>"
    return FrozenFrame(
        url="https://a.example/", base="https://a.example/", markup=markup, frames=frames
    )


def words(one: FrozenFrame) -> str:
    tree = lxml.html.document_fromstring(flatten(one))
    return " ".join(tree.find("body").text_content().split())


def host(root: str, light: str = "") -> str:
    return f"<x-a>{ROOT.format(root)}{light}</x-a>"


@pytest.mark.parametrize(
    ("body", "text"),
    [
        pytest.param(f"{host('<p>里</p>')}<p>外</p>", "里外", id="in its host"),
        pytest.param(host("<p>甲</p><slot/><p>丙</p>", "<b>乙</b>"), "甲乙丙", id="a slot"),
        pytest.param(
            host('<slot name="two"/><slot/>', '<i>1</i><i slot="two">2</i>'), "21", id="named slots"
        ),
        pytest.param(host("<slot>else</slot>"), "else", id="the fallback of a slot"),
        pytest.param(host("<p>shown</p>", "<b>hidden</b>"), "shown", id="no slot"),
        pytest.param(host(f"<p>{host('<b>deep</b>')}</p>"), "deep", id="nested"),
        pytest.param(host("<style>p{}</style><p>a</p>"), "a", id="no styles"),
    ],
)
def test_a_shadow_root_is_read_in_its_place(body: str, text: str) -> None:
    assert words(frame(body)) == text


def test_documents_in_frames_are_read_in_their_place() -> None:
    inner = frame('<p>二</p><iframe data-linkshot-frame="0"></iframe>', frame("<p>三</p>"))
    outer = frame(
        '<p>一</p><iframe data-linkshot-frame="0"/><iframe data-linkshot-frame="1"/><p>四</p>',
        inner,
        None,
    )
    assert words(outer) == "一二三四"


def test_a_frameset_is_a_body() -> None:
    left, right = frame("<p>left</p>"), frame("<p>right</p>")
    panes = '<frame data-linkshot-frame="0"/><frame data-linkshot-frame="1"/>'
    assert words(frame(panes, left, right, root="frameset")) == "leftright"


def test_only_pages_with_roots_or_frames_are_flattened() -> None:
    assert not is_nested(FrozenPage(main=frame("<p>plain</p>")))
    assert is_nested(FrozenPage(main=frame(ROOT.format(""))))
    assert is_nested(FrozenPage(main=frame("", frame(""))))


def test_another_process_gets_the_markup_alone() -> None:
    heavy = FrozenFrame(
        url="u", base="u", markup="<html/>", blobs={"blob:1": "data:,"}, painted=("x",)
    )
    light = without_resources(
        FrozenFrame(url="u", base="u", markup="<html/>", frames=(heavy, None))
    )
    assert light.frames[0] == FrozenFrame(url="u", base="u", markup="<html/>")
    assert light.frames[1] is None
