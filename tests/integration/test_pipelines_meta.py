"""What a page says about itself."""

import io
import json

import pytest
from PIL import Image

from linkshot.domain.model import Role
from pipelines.icon import MAX_SIDE, MAX_SVG, make_icon
from pipelines.language import declared_language, detect_language
from pipelines.meta import MetaPipeline, fallback_title
from pipelines.page_metadata import clean_text, read_metadata
from tests.integration.pipelines_world import capture, item, picture, through

pytestmark = pytest.mark.usefixtures("sandbox_closed")

DRAWING = b"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 8 8'><path d='M0 0h8v8z'/></svg>"
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
    ("text", "declared", "language"),
    [
        ("今天院子里的山茶开了三朵", "en", "zh"),
        ("今天院子裡的山茶開了三朵", "zh-TW", "zh"),
        ("きょう庭の椿が三つ咲きました", "en", "ja"),
        ("오늘 마당에 동백꽃이 세 송이 피었습니다", "", "ko"),
        ("Today three camellias opened in the yard behind the house.", "", "en"),
        ("Today three camellias opened in the yard behind the house.", "en-GB", "en"),
        ("404", "fr-CA", "fr"),
        ("", "not a language", ""),
    ],
)
def test_the_language_is_that_of_the_text(text: str, declared: str, language: str) -> None:
    assert detect_language(text, declared) == language


def test_the_declared_language_is_found() -> None:
    assert declared_language('<!doctype html>\n<html class="x" lang=zh-CN>') == "zh-CN"
    assert declared_language("<p lang=zh>") == ""


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
