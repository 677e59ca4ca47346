"""Screenshots and thumbnails: sizes, formats, and what is no picture."""

import io
import random

import pytest
from PIL import Image

from pipelines.images import (
    MAX_COLOURS,
    THUMBNAIL_SIZE,
    WEBP_MAX_SIDE,
    encode_screenshot,
    encode_tile,
    is_lossless,
    thumbnail,
)
from tests.integration.pipelines_world import picture

NOISE = random.Random(7)


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


def png(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def text_like() -> Image.Image:
    """Areas of few colours with sharp edges."""
    page = Image.new("RGB", (200, 400), "white")
    for line in range(0, 400, 9):
        page.paste((line % 256, 20, 90), (10, line, 20 + line % 170, line + 5))
    return page


def test_a_screenshot_of_few_colours_keeps_every_pixel() -> None:
    made = encode_tile(png(text_like()))
    assert is_lossless(made)
    with Image.open(io.BytesIO(made)) as image:
        assert image.convert("RGB").tobytes() == text_like().tobytes()


@pytest.mark.parametrize(
    "page",
    [
        Image.frombytes("RGB", (200, 400), NOISE.randbytes(200 * 400 * 3)),
        Image.frombytes("L", (200, 400), bytes(NOISE.choices(range(0, 256, 8), k=200 * 400))),
    ],
    ids=["a photograph", "few colours in disorder"],
)
def test_a_screenshot_that_would_be_large_is_of_quality_80(page: Image.Image) -> None:
    made = encode_tile(png(page))
    assert not is_lossless(made)
    assert opened(made) == ("WEBP", (200, 400))


def test_colours_are_counted_over_the_whole_picture() -> None:
    page = text_like()
    page.paste(Image.frombytes("RGB", (200, 100), NOISE.randbytes(200 * 100 * 3)), (0, 300))
    assert MAX_COLOURS < 200 * 100 // 4
    assert not is_lossless(encode_tile(png(page)))
