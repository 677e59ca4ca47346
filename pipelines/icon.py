"""Converts the favicon into an artifact that is safe to show.

Bitmaps are re-encoded, so none of their original bytes reach a viewer. An SVG is stored unchanged,
because rendering it takes a browser: web/replay/stored_files.py serves it as an image only, where
no script runs and nothing is fetched (SVG 2 §2.2.6).
"""

import io
from collections.abc import Callable

from lxml import etree
from PIL import Image

from linkshot.domain.media_sniffing import image_type
from linkshot.domain.model import Role
from pipelines.item import PendingArtifact
from pipelines.sandbox import run_sandboxed

MAX_SIDE = 64
"""Pixels; lists show it at 20."""
MIN_SIDE = 8
"""Pixels; smaller images are tracking pixels."""
MAX_SVG = 32_768
"""Bytes."""
FORMATS = {
    "image/png": "PNG",
    "image/gif": "GIF",
    "image/jpeg": "JPEG",
    "image/x-icon": "ICO",
    "image/webp": "WEBP",
}
"""Media type → Pillow's name."""
SVG = "{http://www.w3.org/2000/svg}svg"
TIMEOUT_S = 5.0
NamedIcon = tuple[str, bytes]


def make_icon(data: bytes) -> PendingArtifact | None:
    """The icon artifact; None if the bytes are no icon that can be shown."""
    work: Callable[[bytes], NamedIcon]
    if image_type(data) in FORMATS:
        work = convert_bitmap
    elif b"<svg" in data[:4096] and len(data) <= MAX_SVG and b"<!ENTITY" not in data:
        work = check_svg
    else:
        return None
    name, made = run_sandboxed(work, data, default=("", b""), timeout_s=TIMEOUT_S)
    kind = "image/svg+xml" if name.endswith("svg") else "image/webp"
    return PendingArtifact(role=Role.ICON, name=name, media_type=kind, data=made) if made else None


def convert_bitmap(data: bytes) -> NamedIcon:
    """File name and lossless WebP, at most MAX_SIDE wide and high."""
    with Image.open(io.BytesIO(data), formats=list(FORMATS.values())) as image:
        if min(image.size) < MIN_SIDE:
            return "", b""
        small = image.convert("RGBA")
    small.thumbnail((MAX_SIDE, MAX_SIDE), Image.Resampling.LANCZOS, reducing_gap=2.0)
    out = io.BytesIO()
    small.save(out, "WEBP", lossless=True)
    return "icon.webp", out.getvalue()


def check_svg(data: bytes) -> NamedIcon:
    """The SVG unchanged if it parses as one; two empty values otherwise."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError:
        return "", b""
    return ("icon.svg", data) if root.tag == SVG else ("", b"")
