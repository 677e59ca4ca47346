"""Builds fonts: a small one by hand (OpenType 1.9: the tables that a browser requires), a large one with fontTools."""

from __future__ import annotations

import io
import struct
from typing import Any

from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen

EM = 1000
LETTERS = range(0x20, 0x7F)


def boxes() -> bytes:
    """A TrueType font in which every ASCII letter is a full black box: nothing looks like it."""
    box = struct.pack(">hhhhhHH", 1, 0, 0, 900, 900, 3, 0)  # one contour of four points
    box += bytes([1, 1, 1, 1]) + struct.pack(">4h4h", 0, 900, 0, -900, 0, 0, 900, 0)
    tables = {
        b"OS/2": struct.pack(
            ">HhHHH10h h10s4L4sHHHhhhHH", 1, EM, 400, 5, 0, *[0] * 10, 0, bytes(10),
            1, 0, 0, 0, b"SITE", 64, 0x20, 0x7E, 900, -100, 0, 900, 100,
        ) + bytes(8),
        b"cmap": struct.pack(">HHHHL", 0, 1, 3, 1, 12) + _cmap(),
        b"glyf": box + box,
        b"head": struct.pack(
            ">LLLLHHQQhhhhHHhhh", 0x10000, 0x10000, 0, 0x5F0F3CF5, 0, EM, 0, 0,
            0, 0, 900, 900, 0, 8, 2, 0, 0,
        ),
        b"hhea": struct.pack(">LhhhHhhhhhh4hhH", 0x10000, 900, -100, 0, EM, 0, 0, 900, 1, 0, 0, 0, 0, 0, 0, 0, 2),
        b"hmtx": struct.pack(">HhHh", EM, 0, EM, 0),
        b"loca": struct.pack(">3H", 0, len(box) // 2, len(box)),
        b"maxp": struct.pack(">LH13H", 0x10000, 2, 4, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0),
        b"name": struct.pack(">HHH", 0, 0, 6),
        b"post": struct.pack(">LLhhLLLLL", 0x30000, 0, 0, 0, 0, 0, 0, 0, 0),
    }  # fmt: skip
    return _file(tables)


def _cmap() -> bytes:
    """Every letter is glyph 1 (format 12)."""
    first, last = LETTERS[0], LETTERS[-1]
    groups = [(code, code, 1) for code in range(first, last + 1)]
    head = struct.pack(">HHLLL", 12, 0, 16 + 12 * len(groups), 0, len(groups))
    return head + b"".join(struct.pack(">LLL", *group) for group in groups)


def _file(tables: dict[bytes, bytes]) -> bytes:
    out = struct.pack(">LHHHH", 0x10000, len(tables), 128, 3, len(tables) * 16 - 128)
    at = len(out) + 16 * len(tables)
    body = b""
    for tag, data in sorted(tables.items()):
        padded = data + bytes(-len(data) % 4)
        total = sum(struct.unpack(f">{len(padded) // 4}L", padded)) & 0xFFFFFFFF
        out += tag + struct.pack(">LLL", total, at + len(body), len(data))
        body += padded
    return out + body


def many_boxes(first: int = 0x4E00, count: int = 3_000) -> bytes:
    """A TrueType font of some hundred kB: each of these characters is a box of its own height, ASCII too, and the
    first two of them together are a ligature, a bar."""
    codes = [*LETTERS, *range(first, first + count)]
    names = {code: f"uni{code:04X}" for code in codes}
    glyphs = {".notdef": _boxes(900, 1), "bar": _boxes(100, 1)}
    for number, code in enumerate(codes):
        glyphs[names[code]] = _boxes(150 + number % 750, 12)
    made = FontBuilder(EM, isTTF=True)
    made.setupGlyphOrder(list(glyphs))
    made.setupCharacterMap(names)
    made.setupGlyf(glyphs)
    made.setupHorizontalMetrics(dict.fromkeys(glyphs, (EM, 0)))
    made.setupHorizontalHeader(ascent=900, descent=-100)
    made.setupOS2(sTypoAscender=900, sTypoDescender=-100, usWinAscent=900, usWinDescent=100)
    made.setupNameTable({"familyName": "Boxes", "styleName": "Regular"})
    made.setupPost()
    made.addOpenTypeFeatures(
        f"feature liga {{ sub {names[first]} {names[first + 1]} by bar; }} liga;"
    )
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def _boxes(height: int, parts: int) -> Any:
    """A box, cut into parts beside each other."""
    pen = TTGlyphPen(None)
    width = 900 // parts
    for left in range(0, width * parts, width):
        pen.moveTo((left, 0))
        for corner in ((left, height), (left + width - 9, height), (left + width - 9, 0)):
            pen.lineTo(corner)
        pen.closePath()
    return pen.glyph()
