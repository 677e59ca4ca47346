"""Compares two screenshots: how much of the page looks different."""

import io

from PIL import Image, ImageChops

TOLERANCE = 25
"""Of a channel: what antialiasing and lossy codecs change."""
MAGENTA = (255, 0, 255)
"""Where one of the pictures ends earlier; a page seldom has it."""


def differing_share(one: bytes, other: bytes) -> float:
    """Share of the pixels of which a channel differs by more than TOLERANCE, from 0 to 1."""
    first, second = (Image.open(io.BytesIO(data)).convert("RGB") for data in (one, other))
    size = (max(first.width, second.width), max(first.height, second.height))
    difference = ImageChops.difference(_padded(first, size), _padded(second, size))
    red, green, blue = difference.split()
    most = ImageChops.lighter(ImageChops.lighter(red, green), blue).histogram()
    return sum(most[TOLERANCE + 1 :]) / (size[0] * size[1])


def _padded(picture: Image.Image, size: tuple[int, int]) -> Image.Image:
    if picture.size == size:
        return picture
    whole = Image.new("RGB", size, MAGENTA)
    whole.paste(picture)
    return whole
