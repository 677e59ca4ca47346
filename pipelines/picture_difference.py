"""Compares pictures of a page: the share of its pixels that look different."""

import io
from collections.abc import Sequence
from itertools import zip_longest

from PIL import Image, ImageChops

from pipelines.images import encode_lossy, is_lossless

TOLERANCE = 25
"""Of a channel's 255 levels: what antialiasing changes."""
MAGENTA = (255, 0, 255)
"""Where one of two pictures ends earlier; a page seldom has it."""


def differing_share(one: bytes, other: bytes) -> float:
    """Share of the pixels of which a channel differs by more than TOLERANCE, from 0 to 1."""
    differing, total = _differing_pixels(one, other)
    return differing / total


def differing_share_of_tiles(
    stored: Sequence[bytes], shown: Sequence[bytes], *, cut: bool = False
) -> float:
    """The same over all tiles of a page, in order; a tile without a counterpart differs wholly.

    Stored tiles may be lossy: then the other ones are encoded in the same way before they are compared.
    `cut`: the stored ones end before the page, and what is shown below them does not count.
    """
    differing = total = 0
    for one, other in zip_longest(stored, shown[: len(stored)] if cut else shown):
        if one is None or other is None:
            found = (_pixels(one or other),) * 2
        else:
            alike = other if is_lossless(one) else encode_lossy(other)
            found = _differing_pixels(one, alike, cut=cut)
        differing, total = differing + found[0], total + found[1]
    return differing / total if total else 1.0


def _pixels(picture: bytes) -> int:
    with Image.open(io.BytesIO(picture)) as alone:
        return alone.width * alone.height


def _differing_pixels(one: bytes, other: bytes, *, cut: bool = False) -> tuple[int, int]:
    """How many pixels differ, of how many."""
    if one == other:  # most are: the same browser encodes the same pixels as the same bytes
        return 0, _pixels(one)
    first, second = (Image.open(io.BytesIO(data)).convert("RGB") for data in (one, other))
    if cut and second.height > first.height:
        second = second.crop((0, 0, second.width, first.height))
    size = (max(first.width, second.width), max(first.height, second.height))
    difference = ImageChops.difference(_padded(first, size), _padded(second, size))
    red, green, blue = difference.split()
    most = ImageChops.lighter(ImageChops.lighter(red, green), blue).histogram()
    return sum(most[TOLERANCE + 1 :]), size[0] * size[1]


def _padded(picture: Image.Image, size: tuple[int, int]) -> Image.Image:
    if picture.size == size:
        return picture
    whole = Image.new("RGB", size, MAGENTA)
    whole.paste(picture)
    return whole
