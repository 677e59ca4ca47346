"""Draws a PNG and a PDF with the standard library only."""

from __future__ import annotations

import struct
import zlib


def png(width: int, height: int, colour: tuple[int, int, int]) -> bytes:
    """A plain picture of one colour with a lighter diagonal band (PNG, 8-bit RGB)."""
    light = tuple(min(255, part + 60) for part in colour)
    rows = bytearray()
    for y in range(height):
        edge = y * width // height
        rows += b"\x00" + bytes(colour) * edge + bytes(light) * min(20, width - edge)
        rows += bytes(colour) * max(0, width - edge - 20)
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = (b"IHDR", header), (b"IDAT", zlib.compress(bytes(rows), 6)), (b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(kind, data) for kind, data in chunks)


def chunk(kind: bytes, data: bytes) -> bytes:
    """A chunk of a PNG."""
    checksum = struct.pack(">I", zlib.crc32(kind + data))
    return struct.pack(">I", len(data)) + kind + data + checksum


def pdf(title: str, pages: list[list[str]]) -> bytes:
    """A PDF of A4 pages with these lines, Chinese or not; its text can be taken out again.

    The font is one of Adobe's predefined Chinese ones with the UCS-2 CMap (PDF 1.7, 9.7.5.2), so
    characters must be in the basic plane; a ToUnicode map goes with it.
    """
    first_page = 7
    numbers = [first_page + 2 * n for n in range(len(pages))]
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{' '.join(f'{n} 0 R' for n in numbers)}] /Count {len(pages)} >>".encode(),
        b"<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UCS2-H"
        b" /DescendantFonts [4 0 R] /ToUnicode 5 0 R >>",
        b"<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light"
        b" /CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 2 >> /DW 1000"
        b" /W [1 95 500] >>",
        _stream(_to_unicode(sorted({c for lines in pages for line in lines for c in line}))),
        f"<< /Title <feff{title.encode('utf-16-be').hex()}> /Producer (the test site) >>".encode(),
    ]
    for number, lines in zip(numbers, pages, strict=True):
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {number + 1} 0 R"
            " /Resources << /Font << /F1 3 0 R >> >> >>".encode()
        )
        objects.append(_stream(_lines(lines)))
    return _file(objects)


def _lines(lines: list[str]) -> bytes:
    shown = "\n".join(f"<{line.encode('utf-16-be').hex()}> Tj T*" for line in lines)
    return f"BT /F1 14 Tf 24 TL 60 770 Td\n{shown}\nET".encode()


def _to_unicode(characters: list[str]) -> bytes:
    codes = [c.encode("utf-16-be").hex() for c in characters]
    blocks = (codes[start : start + 100] for start in range(0, len(codes), 100))
    maps = "\n".join(
        f"{len(block)} beginbfchar\n" + "\n".join(f"<{c}> <{c}>" for c in block) + "\nendbfchar"
        for block in blocks
    )
    return (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapType 2 def\n"
        "/CMapName /Site-UCS2 def 1 begincodespacerange <0000> <ffff> endcodespacerange\n"
        f"{maps}\nendcmap end end"
    ).encode()


def _stream(data: bytes) -> bytes:
    return b"<< /Length %d >>\nstream\n%b\nendstream" % (len(data), data)


def _file(objects: list[bytes]) -> bytes:
    out = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
    offsets = []
    for number, content in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n%b" % (len(objects) + 1, table)
    out += b"trailer\n<< /Size %d /Root 1 0 R /Info 6 0 R >>\n" % (len(objects) + 1)
    return bytes(out + b"startxref\n%d\n%%%%EOF\n" % start)
