"""Encodes screenshots and thumbnails as WebP: lossless where that is small and cheap, else of quality 80.

Pictures from elsewhere may be decompression bombs: call these functions in the sandbox for them.
"""

import io
import warnings

from PIL import Image

THUMBNAIL_SIZE = (640, 360)
TOP_RATIO = 9 / 16
"""Height of the part that a thumbnail shows, as a share of the width."""
MAX_PIXELS = 120_000_000
WEBP_QUALITY = 80
WEBP_METHOD = 0
"""libwebp's fastest: a third of the CPU time of its default, a fifth more bytes."""
LOSSLESS_METHOD, LOSSLESS_EFFORT = 1, 0
"""Method 0 leaves palettes and backward references out and makes three times the bytes; more effort costs twice
the CPU time for a twentieth of them."""
MAX_COLOURS = 4096
"""Of a picture that is encoded without loss. Text, areas and antialiasing have up to 3,200; a photograph has
tens of thousands, and takes six times the CPU time without loss (docs/benchmarks.md)."""
SAMPLED_ROWS = 4
"""Colours are counted in every fourth row: a sixteenth of the encoding's time is a fiftieth then."""
MAX_LOSSLESS_BYTES_PER_PIXEL = 0.5
"""What few colours in disorder exceed."""
WEBP_MAX_SIDE = 16_383
"""WebP's greatest width and height (RFC 9649 §2.7.1: 14 bits)."""

Image.MAX_IMAGE_PIXELS = MAX_PIXELS


def thumbnail(data: bytes) -> bytes:
    """The top of a picture at 640 × 360 in WebP; raises Pillow's errors."""
    with _open(data) as image:
        image.draft("RGB", (THUMBNAIL_SIZE[0] * 2, THUMBNAIL_SIZE[1] * 2))
        return _thumbnail_of(image)


def encode_screenshot(data: bytes) -> tuple[bytes, bytes]:
    """The picture in WebP, cropped to the format's maximum, and its thumbnail; decoded once."""
    with _open(data) as image:
        return _encode_fitting(image), _thumbnail_of(image)


def encode_tile(data: bytes) -> bytes:
    """The picture in WebP, cropped to the format's maximum."""
    with _open(data) as image:
        return _encode_fitting(image)


def encode_lossy(data: bytes) -> bytes:
    """The same, never lossless: how every picture was encoded once, and photographs are."""
    with _open(data) as image:
        return _encode_webp(_fitting(image))


def is_lossless(data: bytes) -> bool:
    """Whether a stored screenshot has the pixels that the browser drew (RFC 9649 §2.5, §2.6)."""
    return data.startswith(b"\x89PNG") or data[12:16] == b"VP8L"


def _encode_fitting(image: Image.Image) -> bytes:
    fitting = _fitting(image)
    if _has_few_colours(fitting):
        exact = _encode_lossless(fitting)
        if len(exact) <= fitting.width * fitting.height * MAX_LOSSLESS_BYTES_PER_PIXEL:
            return exact
    return _encode_webp(fitting)


def _fitting(image: Image.Image) -> Image.Image:
    image.load()
    rgb = image if image.mode == "RGB" else image.convert("RGB")
    size = (min(rgb.width, WEBP_MAX_SIDE), min(rgb.height, WEBP_MAX_SIDE))
    # crop() copies, which costs as much as decoding, so only where it changes something
    return rgb if size == rgb.size else rgb.crop((0, 0, *size))


def _has_few_colours(image: Image.Image) -> bool:
    rows = (image.width, max(image.height // SAMPLED_ROWS, 1))
    return image.resize(rows, Image.Resampling.NEAREST).getcolors(MAX_COLOURS) is not None


def _thumbnail_of(image: Image.Image) -> bytes:
    width, height = image.size
    top = image.crop((0, 0, width, min(height, max(int(width * TOP_RATIO), 1)))).convert("RGB")
    top.thumbnail(THUMBNAIL_SIZE, Image.Resampling.BILINEAR, reducing_gap=2.0)
    canvas = Image.new("RGB", THUMBNAIL_SIZE, "white")
    canvas.paste(top, ((THUMBNAIL_SIZE[0] - top.width) // 2, 0))
    return _encode_webp(canvas)


def _open(data: bytes) -> Image.Image:
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        return Image.open(io.BytesIO(data))


def _encode_webp(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "WEBP", quality=WEBP_QUALITY, method=WEBP_METHOD)
    return out.getvalue()


def _encode_lossless(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "WEBP", lossless=True, method=LOSSLESS_METHOD, quality=LOSSLESS_EFFORT)
    return out.getvalue()
