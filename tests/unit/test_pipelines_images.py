"""Screenshots and thumbnails: sizes, formats, and what is no picture."""

import io

import pytest
from PIL import Image

from pipelines.images import THUMBNAIL_SIZE, WEBP_MAX_SIDE, encode_screenshot, thumbnail
from tests.integration.pipelines_world import picture


def opened(data: bytes) -> tuple[str | None, tuple[int, int]]:
    with Image.open(io.BytesIO(data)) as image:
        return image.format, image.size


@pytest.mark.parametrize(
    ("kind", "width", "height"),
    [("PNG", 640, 1000), ("JPEG", 1300, 90), ("GIF", 1, 1), ("BMP", 10, 4000)],
    ids=["tall", "wide", "a dot", "narrow"],
)
def test_a_thumbnail_has_one_size_whatever_it_is_of(kind: str, width: int, height: int) -> None:
    assert opened(thumbnail(picture(kind, width, height))) == ("WEBP", THUMBNAIL_SIZE)


@pytest.mark.parametrize(
    ("height", "kept"), [(900, 900), (WEBP_MAX_SIDE + 50, WEBP_MAX_SIDE)], ids=["whole", "cut"]
)
def test_a_screenshot_is_cut_at_the_greatest_size_of_its_format(height: int, kept: int) -> None:
    whole, small = encode_screenshot(picture(width=20, height=height))
    assert opened(whole) == ("WEBP", (20, kept))
    assert opened(small) == ("WEBP", THUMBNAIL_SIZE)


@pytest.mark.parametrize("data", [b"", b"<html>", picture()[:60]], ids=["nothing", "a page", "cut"])
def test_what_is_no_picture_raises(data: bytes) -> None:
    with pytest.raises(OSError, match=r"cannot identify|truncated|cut"):
        thumbnail(data)
