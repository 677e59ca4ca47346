"""How are pictures made small? Those that came from elsewhere in the limited child: they may be bombs."""

import io
import warnings

from PIL import Image

THUMB = (640, 360)
TOP_RATIO = 9 / 16
"""Of the width: how much of the top a thumbnail shows."""
MAX_PIXELS = 120_000_000
QUALITY = 80
METHOD = 0
"""libwebp's fastest: a third of the CPU time of its middle for a fifth more bytes."""
WEBP_LIMIT = 16_383
"""WebP's greatest width and height (RFC 9649 §2.7.1: 14 bits)."""

Image.MAX_IMAGE_PIXELS = MAX_PIXELS


def thumbnail(data: bytes) -> bytes:
    """The top of a picture at 640 × 360 in WebP; raises what Pillow raises for what is none."""
    with _opened(data) as image:
        image.draft("RGB", (THUMB[0] * 2, THUMB[1] * 2))
        return _top(image)


def screenshots(data: bytes) -> tuple[bytes, bytes]:
    """A picture in WebP, cut at WebP's greatest size, and its thumbnail; decoded once."""
    with _opened(data) as image:
        image.load()
        return _encoded(_fitting(image)), _top(image)


def _fitting(image: Image.Image) -> Image.Image:
    """The picture itself where nothing has to change: a copy of one costs as much as reading it."""
    plain = image if image.mode == "RGB" else image.convert("RGB")
    size = (min(plain.width, WEBP_LIMIT), min(plain.height, WEBP_LIMIT))
    return plain if size == plain.size else plain.crop((0, 0, *size))


def _top(image: Image.Image) -> bytes:
    width, height = image.size
    top = image.crop((0, 0, width, min(height, max(int(width * TOP_RATIO), 1)))).convert("RGB")
    top.thumbnail(THUMB, Image.Resampling.BILINEAR, reducing_gap=2.0)
    canvas = Image.new("RGB", THUMB, "white")
    canvas.paste(top, ((THUMB[0] - top.width) // 2, 0))
    return _encoded(canvas)


def _opened(data: bytes) -> Image.Image:
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        return Image.open(io.BytesIO(data))


def _encoded(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "WEBP", quality=QUALITY, method=METHOD)
    return out.getvalue()
