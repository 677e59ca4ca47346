"""Reduces large fonts of a page to the characters that it uses.

A Chinese font has megabytes and a page some hundred of its characters. The archive keeps the whole font; page.html gets
a subset with the same metrics, hints and layout features, so that the page looks the same. A font that cannot be
reduced, in time or at all, stays whole.
"""

import io
import re
import time
import unicodedata
from collections.abc import Iterable, Iterator

from linkshot.domain.model import FrozenFrame, FrozenPage
from pipelines.page_html.resources import Resource, ResourceMap
from pipelines.sandbox import run_sandboxed

MIN_BYTES = 100_000
"""Smaller fonts stay whole: web fonts that are served in slices by `unicode-range` do."""
FONT_TIMEOUT_S, PAGE_TIMEOUT_S = 10.0, 15.0
"""For one font, and for all fonts of a page together. 6,000 glyphs of WOFF2 take half a second."""
SIGNATURES = (b"wOF2", b"wOFF", b"OTTO", b"\0\1\0\0", b"true")
"""Of WOFF 2, WOFF 1 and OpenType; collections are no web fonts."""
ESCAPE = re.compile(r"\\([0-9A-Fa-f]{1,6})")
"""A character by its number (CSS Syntax §4.3.7): `content:"\\e900"`."""
ALWAYS = (
    "".join(map(chr, range(0x20, 0x7F)))
    # spaces, soft hyphen, hyphens, quotes, ellipsis, joiners, directions, variation selectors, no character
    + "\u00a0\u00ab\u00ad\u00b7\u00bb\u2002\u2003\u2009\u200b\u200c\u200d\u200e\u200f\u2010\u2011\u2013\u2014"
    "\u2018\u2019\u201a\u201c\u201d\u201e\u2026\u2039\u203a\u3000\u300c\u300d\u300e\u300f\ufe0e\ufe0f\ufffd"
    # markers of lists and details, emphasis marks, the dots of a password
    "\u2022\u25e6\u25aa\u25ab\u25b6\u25b8\u25be\u25b2\u25b3\u25c9\u25cb\u25cc\u25ce\u25cf\ufe45\ufe46\u2713"
)
"""What browsers write by themselves."""
COUNTERS = re.compile(
    r"(?:list-style[\w-]*\s*:|counters?\()[^;{}]{0,200}(?:greek|armenian|georgian|hebrew|cjk|hiragana|katakana|chinese|"
    r"japanese|korean|ethiopic|arabic|bengali|cambodian|devanagari|gujarati|gurmukhi|kannada|khmer|lao|malayalam|"
    r"mongolian|myanmar|oriya|persian|tamil|telugu|thai|tibetan|urdu)",
    re.IGNORECASE,
)
"""Counter styles whose numerals stand nowhere in the page (CSS Counter Styles §6)."""


def subset_fonts(page: FrozenPage, resources: ResourceMap) -> ResourceMap:
    """The resources with every large font reduced to what this page uses."""
    large = [(address, found) for address, found in resources.items() if _is_large_font(found.body)]
    if not large:
        return resources
    texts = [*_texts(page.main), *(one.text for _, one in resources.items() if is_sheet(one))]
    characters = used_characters(texts)
    reduced: dict[str, Resource] = {}
    until = time.monotonic() + PAGE_TIMEOUT_S
    for address, found in large if characters else ():
        left_s = min(FONT_TIMEOUT_S, until - time.monotonic())
        if left_s <= 0:
            break
        made: bytes = run_sandboxed(subset, found.body, characters, default=b"", timeout_s=left_s)
        if 0 < len(made) < len(found.body):
            reduced[address] = Resource("font/woff", made, "font/woff")
    return resources.with_resources(reduced)


def is_sheet(resource: Resource) -> bool:
    """Whether this is a style sheet, which may write text by itself."""
    return resource.media_type == "text/css"


def used_characters(texts: Iterable[str]) -> str:
    """Every character that these texts may show, each once; empty when that cannot be told. (pure)"""
    found = set(ALWAYS)
    for text in texts:
        if COUNTERS.search(text):
            return ""
        found.update(text)
        found.update(unicodedata.normalize("NFC", text))
        found.update(chr(int(code[1], 16)) for code in ESCAPE.finditer(text) if _is_scalar(code[1]))
    for character in tuple(found):
        # text-transform, small capitals, and fonts that have only the parts of é
        found.update(character.upper(), character.lower(), character.title())
        found.update(unicodedata.normalize("NFD", character))
    return "".join(sorted(found))


def subset(font: bytes, characters: str) -> bytes:
    """The font with the glyphs of these characters and those that its layout features make of them, as WOFF 1:
    it is compressed in no time, and every browser reads it. Runs in the sandbox process; raises what fontTools
    raises."""
    from fontTools import subset as subsetting
    from fontTools.ttLib import TTFont

    read = TTFont(io.BytesIO(font), lazy=True, recalcBBoxes=False, recalcTimestamp=False)
    options = subsetting.Options(
        layout_features=["*"],
        name_IDs=["*"],
        name_languages=["*"],
        drop_tables=[],
        passthrough_tables=True,
        notdef_outline=True,
        legacy_cmap=True,
        symbol_cmap=True,
        legacy_kern=True,
        hinting=True,
        ignore_missing_unicodes=True,
    )
    work = subsetting.Subsetter(options)
    work.populate(text=characters)
    work.subset(read)
    read.flavor = "woff"
    out = io.BytesIO()
    read.save(out, reorderTables=False)
    return out.getvalue()


def _is_large_font(body: bytes) -> bool:
    return len(body) > MIN_BYTES and body.startswith(SIGNATURES)


def _is_scalar(code: str) -> bool:
    return int(code, 16) <= 0x10FFFF and not 0xD800 <= int(code, 16) <= 0xDFFF


def _texts(frame: FrozenFrame) -> Iterator[str]:
    """Markup with its attributes, and sheets, of a document and those in its frames."""
    yield frame.markup
    for sheet in frame.sheets:
        yield from sheet.chunks
    for inner in frame.frames:
        if inner is not None:
            yield from _texts(inner)
