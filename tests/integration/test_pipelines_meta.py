"""What a page says about itself."""

import io
import json

import pytest
from PIL import Image

from linkshot.domain.model import Role
from pipelines.icon import MAX_SIDE, MAX_SVG, make_icon
from pipelines.meta import MetaPipeline, fallback_title
from tests.integration.pipelines_world import capture, item, picture, through

pytestmark = pytest.mark.usefixtures("sandbox_closed")

DRAWING = b"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 8 8'><path d='M0 0h8v8z'/></svg>"
URL = "http://a.example/d/p.html"


def test_meta_json_is_kept_with_title_and_language() -> None:
    page = capture(
        "<p>文", title="山茶 \n开了", favicon=picture(), favicon_url="http://a.example/i"
    )
    made = through(item(page, language="zh"), MetaPipeline())
    meta = json.loads(made.artifacts[0].data)  # type: ignore[arg-type]  # bytes
    assert made.title == meta["title"] == "山茶开了"
    assert meta["language"] == "zh"
    assert meta["icon_url"] == "http://a.example/i"
    assert [artifact.role for artifact in made.artifacts] == [Role.META, Role.ICON]


@pytest.mark.parametrize("kind", ["PNG", "GIF", "JPEG", "ICO", "WEBP"])
def test_the_icon_is_made_anew_as_a_small_webp(kind: str) -> None:
    artifact = make_icon(picture(kind, 256, 128) + b"<script>alert(1)</script>")
    assert artifact is not None
    assert (artifact.role, artifact.name, artifact.media_type) == (
        Role.ICON,
        "icon.webp",
        "image/webp",
    )
    with Image.open(io.BytesIO(artifact.data)) as made:  # type: ignore[arg-type]  # bytes
        assert made.format == "WEBP"
        assert max(made.size) == MAX_SIDE
    assert b"script" not in artifact.data  # type: ignore[operator]  # bytes


def test_an_svg_icon_stays_as_it_is() -> None:
    artifact = make_icon(DRAWING)
    assert artifact is not None
    assert (artifact.name, artifact.media_type, artifact.data) == (
        "icon.svg",
        "image/svg+xml",
        DRAWING,
    )


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<!doctype html><title>404</title><svg xmlns='http://www.w3.org/2000/svg'/>",
        b"<!DOCTYPE svg [<!ENTITY a 'b'>]>" + DRAWING,
        b"<svg>" + b"<g>" * 9,
        b"<svg/>",
        DRAWING + b" " * MAX_SVG,
        b"\x89PNG and no picture",
        picture(width=1, height=1),
        b"RIFF....WAVE",
    ],
    ids=["none", "a page", "entities", "unclosed", "no SVG", "large", "broken", "a counter", "WAV"],
)
def test_what_is_no_icon_is_left_out(data: bytes) -> None:
    assert make_icon(data) is None


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("http://a.example/x/report.pdf?y=1", "report.pdf"),
        ("http://a.example/x/", "x"),
        ("http://a.example/", "a.example"),
    ],
)
def test_what_has_no_title_is_called_by_its_address(url: str, name: str) -> None:
    assert fallback_title(capture(final_url=url)) == name


def test_the_title_of_sharing_replaces_a_missing_one() -> None:
    made = through(item(capture('<meta property="og:title" content="分享的题">')), MetaPipeline())
    assert made.title == "分享的题"
