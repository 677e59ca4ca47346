"""Screenshots, thumbnails and originals."""

import io
import struct
import zlib
from dataclasses import replace

import pytest
from PIL import Image

from linkshot.domain.model import Picture, Role
from pipelines.original import OriginalPipeline
from pipelines.screenshot import ScreenshotPipeline
from tests.integration.pipelines_world import capture, item, picture, through

pytestmark = pytest.mark.usefixtures("sandbox_closed")


def shot(data: bytes, media_type: str = "image/webp") -> Picture:
    return Picture(data=data, media_type=media_type, width=1280, height=2000)


def size(data: object) -> tuple[int, int]:
    assert isinstance(data, bytes)
    with Image.open(io.BytesIO(data)) as image:
        assert image.format == "WEBP"
        return image.size


def test_what_the_browser_encoded_is_kept_as_it_is() -> None:
    whole, small = picture("WEBP"), picture("WEBP", 640, 360)
    page = capture("<p>x", screenshot=shot(whole), thumbnail=shot(small))
    made = through(item(page), ScreenshotPipeline())
    assert [(artifact.role, artifact.data) for artifact in made.artifacts] == [
        (Role.SCREENSHOT, whole),
        (Role.THUMBNAIL, small),
    ]


def test_other_pictures_become_webp_with_a_thumbnail_of_the_top() -> None:
    made = through(
        item(capture("<p>x", screenshot=shot(picture("PNG"), "image/png"))), ScreenshotPipeline()
    )
    assert [size(artifact.data) for artifact in made.artifacts] == [(640, 1000), (640, 360)]


def test_a_screenshot_of_the_browser_is_decoded_once_for_both() -> None:
    png = Picture(data=picture("PNG"), media_type="image/png", width=640, height=1000)
    made = through(item(capture("<p>x", screenshot=png)), ScreenshotPipeline())
    assert [size(artifact.data) for artifact in made.artifacts] == [(640, 1000), (640, 360)]
    assert made.partial == []


def test_what_follows_below_the_screenshot_is_stored_beside_it() -> None:
    first, second = (shot(picture("PNG", height=height), "image/png") for height in (900, 300))
    page = capture("<p>x", screenshot=first, screenshot_tiles=(second,))
    made = through(item(page), ScreenshotPipeline())
    names = [(one.role, one.name) for one in made.artifacts]
    assert names == [
        (Role.SCREENSHOT, "screenshot.webp"),
        (Role.SCREENSHOT, "screenshot-2.webp"),
        (Role.THUMBNAIL, "thumb.webp"),
    ]
    assert made.partial == []


def test_a_tile_that_cannot_be_encoded_is_told_as_the_end_of_the_screenshot() -> None:
    first = shot(picture("PNG"), "image/png")
    broken = replace(shot(b"no picture", "image/png"), page=(640, 20_000))
    page = capture("<p>x", screenshot=first, screenshot_tiles=(broken, first))
    made = through(item(page), ScreenshotPipeline())
    assert [one.name for one in made.artifacts] == ["screenshot.webp", "thumb.webp"]
    assert made.partial == ["screenshot_height:20000"]


def test_a_page_without_a_whole_screenshot_has_its_thumbnail() -> None:
    small = picture("WEBP", 640, 360)
    made = through(item(capture("<p>x", thumbnail=shot(small))), ScreenshotPipeline())
    assert [(artifact.role, artifact.data) for artifact in made.artifacts] == [
        (Role.THUMBNAIL, small)
    ]
    assert made.partial == ["screenshot"]


def test_a_picture_that_cannot_be_read_is_left_out_and_said() -> None:
    made = through(item(capture("<p>x", screenshot=shot(b"no picture"))), ScreenshotPipeline())
    assert (made.artifacts, made.partial) == ([], ["screenshot"])


@pytest.mark.parametrize(
    ("media_type", "body", "name", "kept_as"),
    [
        ("application/pdf", b"%PDF-1.7", "original.pdf", "application/pdf"),
        ("application/octet-stream", b"%PDF-1.7", "original.pdf", "application/pdf"),
        ("application/octet-stream", b"PK\x03\x04..", "original.zip", "application/zip"),
        ("", b"MZ\x90", "original.bin", "application/octet-stream"),
        ("application/x-msdownload", b"MZ\x90", "original.bin", "application/x-msdownload"),
        ("image/svg+xml", b"<svg><script/></svg>", "original.svg", "image/svg+xml"),
        ("text/plain", b"x", "original.txt", "text/plain"),
        ("text/html", b"<p>x", "original.html", "text/html"),
    ],
)
def test_a_file_is_kept_under_a_name_of_its_type(
    media_type: str, body: bytes, name: str, kept_as: str
) -> None:
    headers = {"content-disposition": 'attachment; filename="../../etc/cron.d/x"'}
    file = capture(media_type=media_type, body=body, headers=headers)
    made = through(item(file), OriginalPipeline())
    assert [(k.name, k.media_type, k.data) for k in made.artifacts] == [(name, kept_as, body)]


def test_a_page_has_no_original() -> None:
    assert through(item(capture("<p>x")), OriginalPipeline()).artifacts == []


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP"])
def test_a_picture_has_a_thumbnail(kind: str) -> None:
    file = capture(media_type=f"image/{kind.lower()}", body=picture(kind, 300, 200))
    made = through(item(file), OriginalPipeline())
    assert [artifact.role for artifact in made.artifacts] == [Role.ORIGINAL, Role.THUMBNAIL]
    assert size(made.artifacts[1].data) == (640, 360)


def test_a_bomb_of_pixels_has_none() -> None:
    header = struct.pack(">4sIIBBBBB", b"IHDR", 30_000, 30_000, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", 13) + header + struct.pack(">I", zlib.crc32(header))
    bomb = capture(media_type="image/png", body=b"\x89PNG\r\n\x1a\n" + chunk)
    made = through(item(bomb), OriginalPipeline())
    assert [artifact.role for artifact in made.artifacts] == [Role.ORIGINAL]
    assert made.partial == ["thumbnail"]
