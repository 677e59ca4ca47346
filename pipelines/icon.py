"""Which small picture stands for the page? A bitmap is made anew, so that none of its bytes are shown.

An SVG stays as it is, because making pixels of it takes a browser: web/replay/stored_files.py hands it out as a
picture and never as a document, and in a picture nothing runs and nothing is fetched (SVG 2 §2.2.6).
"""

import io
from collections.abc import Callable

from lxml import etree
from PIL import Image

from linkshot.domain.model import Role
from pipelines.item import Kept
from pipelines.sandbox import run_limited

SIDE = 64
"""Pixels of the kept one at most; lists show it at 20."""
LEAST = 8
"""Fewer pixels are no picture but somebody's counter."""
MAX_SVG = 32_768
"""Bytes of an SVG that is kept."""
FORMATS = {
    b"\x89PNG": "PNG",
    b"GIF8": "GIF",
    b"\xff\xd8\xff": "JPEG",
    b"\x00\x00\x01\x00": "ICO",
    b"RIFF": "WEBP",
}
SVG = "{http://www.w3.org/2000/svg}svg"
ICON_S = 5.0
Made = tuple[str, bytes]


def icon_of(data: bytes) -> Kept | None:
    """The icon as it is kept; None where there is none that can be shown."""
    work = _maker(data)
    if work is None:
        return None
    name, made = run_limited(work, data, default=("", b""), wall_s=ICON_S)
    kind = "image/svg+xml" if name.endswith("svg") else "image/webp"
    return Kept(role=Role.ICON, name=name, media_type=kind, data=made) if made else None


def bitmap(data: bytes) -> Made:
    """The picture, at most SIDE wide and high, in WebP without loss."""
    with Image.open(io.BytesIO(data), formats=list(FORMATS.values())) as image:
        if min(image.size) < LEAST:
            return "", b""
        small = image.convert("RGBA")
    small.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS, reducing_gap=2.0)
    out = io.BytesIO()
    small.save(out, "WEBP", lossless=True)
    return "icon.webp", out.getvalue()


def drawing(data: bytes) -> Made:
    """An SVG that declares nothing of its own; anything else is none."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError:
        return "", b""
    return ("icon.svg", data) if root.tag == SVG else ("", b"")


def _maker(data: bytes) -> Callable[[bytes], Made] | None:
    """What can make an icon of these bytes, by their beginning."""
    if any(data.startswith(magic) for magic in FORMATS):
        return bitmap
    is_drawing = b"<svg" in data[:4096] and len(data) <= MAX_SVG and b"<!ENTITY" not in data
    return drawing if is_drawing else None
