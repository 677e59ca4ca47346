"""Which texts stand apart on a page, by their places."""

import pytest

from pipelines.text_gaps import LineBox, TextRun, is_drop_cap, is_word_boundary

BLOCK, FIRST, SECOND = 1, 2, 3


def text(
    words: str,
    left: float,
    *,
    top: float = 0,
    font: float = 16,
    inside: int = BLOCK,
    box: int = BLOCK,
) -> TextRun:
    """A text of one line; a letter is half as wide as it is high."""
    place = LineBox(left, top, len(words) * font / 2, font * 1.2)
    holders = (BLOCK,) if inside == BLOCK else (inside, BLOCK)
    return TextRun(text=words, first=place, last=place, font_px=font, box=box, ancestors=holders)


@pytest.mark.parametrize(
    ("before", "after", "border"),
    [
        (text("Alpha", 0, inside=FIRST), text("Bravo", 40, inside=SECOND), False),
        (text("Alpha", 0, inside=FIRST), text("Bravo", 43, inside=SECOND), False),
        (text("Alpha", 0, inside=FIRST), text("Bravo", 44, inside=SECOND), True),
        (text("Alpha ", 0, inside=FIRST), text("Bravo", 60, inside=SECOND), False),
        (text("bravo", 100), text("alpha", 60), False),
        (text("bravo", 100), text("alpha", 50), True),
        (text("word", 0), text("1", 32, top=-4, font=10, inside=FIRST), False),
        (text("调用", 0), text("接口", 21, inside=FIRST), False),
        (text("首页", 0, inside=FIRST), text("文档", 21, inside=SECOND), True),
        (text("首页", 0), text("文档", 24, inside=FIRST), True),
        (text("long", 0, inside=FIRST), text("word", 0, top=20, inside=SECOND), False),
        (text("long", 0, inside=FIRST, box=FIRST), text("word", 0, top=20, inside=SECOND, box=SECOND), True),
        (text("改", 0, inside=FIRST, box=FIRST), text("进", 0, top=20, inside=SECOND, box=SECOND), False),
        (text("long", 0), text("word", 0, top=20, inside=SECOND, box=SECOND), False),
    ],
    ids=[
        "side by side", "hardly apart", "a gap", "white space already", "right to left",
        "right to left with a gap", "a footnote", "Han and a padded element", "Han in two elements",
        "Han far apart", "a wrapped word", "boxes in two lines", "letters in boxes in two lines",
        "an element in a text that wraps",
    ],
)  # fmt: skip
def test_texts_stand_apart_or_not(before: TextRun, after: TextRun, border: bool) -> None:
    assert is_word_boundary(before, after) is border


@pytest.mark.parametrize(
    ("before", "after", "cap"),
    [
        (text("O", 0, font=48), text("nce", 28), True),
        (text("从", 0, font=48), text("前有座山", 28), True),
        (text("O", 0, font=16), text("nce", 10), False),
        (text("O", 0, font=48), text("nce", 60), False),
        (text("O", 0, font=48), text("nce", 0, top=60), False),
        (text("Off", 0, font=48), text("nce", 72), False),
        (text("1", 0, font=48), text("nce", 28), False),
    ],
    ids=["Latin", "Han", "not large", "far", "above", "a word", "a number"],
)
def test_a_drop_cap_belongs_to_its_word(before: TextRun, after: TextRun, cap: bool) -> None:
    assert is_drop_cap(before, after) is cap
