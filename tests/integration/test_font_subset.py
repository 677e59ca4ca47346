"""Large fonts of page.html hold what the page uses; test_frozen_page.py shows that it looks the same."""

import io

import pytest
from fontTools.ttLib import TTFont

from linkshot.domain.model import FrozenFrame, FrozenPage, FrozenSheet
from pipelines.page_html import font_subset
from pipelines.page_html.font_subset import subset, subset_fonts, used_characters
from pipelines.page_html.resources import Resource, ResourceMap
from tests.site.font import many_boxes

pytestmark = pytest.mark.usefixtures("sandbox_closed")
FONT = many_boxes()
ADDRESS = "http://a.example/f.ttf"


def characters(font: bytes) -> set[str]:
    return set(map(chr, TTFont(io.BytesIO(font)).getBestCmap()))


def page(markup: str, *sheets: str) -> FrozenPage:
    kept = tuple(FrozenSheet(base="", chunks=(sheet,)) for sheet in sheets)
    frame = FrozenFrame(url="http://a.example/", base="", markup=markup, sheets=kept)
    return FrozenPage(main=frame)


def font_of(reduced: ResourceMap) -> bytes:
    found = reduced.find(ADDRESS)
    assert found is not None
    return found.body


def test_a_subset_has_the_characters_of_page_sheets_and_values_and_no_others() -> None:
    resources = ResourceMap({ADDRESS: Resource("font/ttf", FONT)})
    reduced = font_of(
        subset_fonts(page("<p>一<input value='丁'/></p>", "p::after{content:'\\4e03'}"), resources)
    )
    assert reduced[:4] == b"wOFF"
    assert {"一", "丁", "七", "a", "Z"} <= characters(reduced)
    assert "丈" not in characters(reduced)


def test_a_subset_keeps_metrics_and_ligatures() -> None:
    made = TTFont(io.BytesIO(subset(FONT, "一丁")))
    whole = TTFont(io.BytesIO(FONT))
    assert "bar" in made.getReverseGlyphMap() or len(made.getGlyphOrder()) == 4
    assert made["hhea"].ascent == whole["hhea"].ascent
    assert made["GSUB"].table.FeatureList.FeatureRecord[0].FeatureTag == "liga"


@pytest.mark.parametrize("font", [FONT[:150_000], b"OTTO" + bytes(200_000)], ids=["cut", "no font"])
def test_a_font_that_cannot_be_reduced_stays_whole(font: bytes) -> None:
    resources = ResourceMap({ADDRESS: Resource("font/ttf", font)})
    assert font_of(subset_fonts(page("<p>一</p>"), resources)) == font


def test_a_small_font_stays_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(font_subset, "MIN_BYTES", len(FONT))
    resources = ResourceMap({ADDRESS: Resource("font/ttf", FONT)})
    assert font_of(subset_fonts(page("<p>一</p>"), resources)) == FONT


def test_when_time_is_up_fonts_stay_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(font_subset, "PAGE_TIMEOUT_S", 0.0)
    resources = ResourceMap({ADDRESS: Resource("font/ttf", FONT)})
    assert font_of(subset_fonts(page("<p>一</p>"), resources)) == FONT


@pytest.mark.parametrize(
    ("texts", "used"),
    [
        (["ß"], "S"),
        (["straße ﬁ"], "ﬁ"),
        (["e\u0301"], "é"),
        (["é"], "\u0301"),
        (["p{content:'\\1F600 '}"], "😀"),
        (["nothing"], "•"),
    ],
    ids=["upper case", "as written", "composed", "decomposed", "an escape", "a list marker"],
)
def test_characters_that_a_browser_may_show_are_used(texts: list[str], used: str) -> None:
    assert used in used_characters(texts)


def test_numerals_that_stand_nowhere_keep_the_whole_font() -> None:
    assert used_characters(["ol{list-style: cjk-decimal inside}"]) == ""
