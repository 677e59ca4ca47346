"""What changed between two texts, and how much."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linkshot.domain.model import ChangeKind
from linkshot.text.alignment import opcodes
from linkshot.text.diff import Block, blocks, compare, normalise
from tests.growth import assert_growth_below

quick = settings(max_examples=50, deadline=None)
lines = st.lists(st.sampled_from(["a", "b", "c", "d", "e"]), max_size=12)
PAGE = "\n".join(f"第{n}段：这是一个段落，里面有一些文字。Paragraph {n}." for n in range(300))


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        (None, "text", ChangeKind.FIRST),
        (None, "", ChangeKind.FIRST),
        ("", "", ChangeKind.SAME),
        ("a  b\r\n\r\nc", "a b\nc ", ChangeKind.SAME),
        ("AlphaBravo 改进 内存", "Alpha Bravo 改进内存", ChangeKind.NOISE),
        ("ＡＢＣ", "ABC", ChangeKind.SAME),
        ("soft\u00adware\u200b", "software", ChangeKind.SAME),
        ("现价 10 元。" + "别的文字" * 10, "现价 12 元。" + "别的文字" * 10, ChangeKind.MINOR),
        (PAGE, PAGE.replace("第7段", "第七段"), ChangeKind.MINOR),
        (PAGE, PAGE + "\n新的一段", ChangeKind.MINOR),
        ("今天天气很好", "公司发布新产品", ChangeKind.MAJOR),
        ("text", "", ChangeKind.MAJOR),
        ("", "text", ChangeKind.MAJOR),
        (PAGE, "页面不存在", ChangeKind.MAJOR),
    ],
)
def test_a_change_has_a_kind(before: str | None, after: str, kind: ChangeKind) -> None:
    assert compare(before, after).kind is kind


def test_the_score_is_the_share_of_changed_text() -> None:
    assert compare("一二三四五六七八九十", "一二三四五六七八九〇").score == pytest.approx(0.1)
    assert compare("中文", "英语").score == 1.0
    assert compare("same", "same").score == 0.0
    assert 0 < compare("字" * 100_000 + "甲", "字" * 100_000 + "乙").score < 0.001


def test_a_chinese_line_is_compared_by_characters_not_as_one_word() -> None:
    assert compare("链接快照平台保存网页", "链接快照平台保存文件").score == pytest.approx(0.2)


def test_blocks_are_lines_side_by_side() -> None:
    assert blocks("标题\n旧的\n尾", "标题\n新的\n尾\n完") == [
        Block(op="equal", before="标题", after="标题"),
        Block(op="replace", before="旧的", after="新的"),
        Block(op="equal", before="尾", after="尾"),
        Block(op="insert", before="", after="完"),
    ]
    assert blocks("", "") == []


def test_normal_text_has_no_empty_lines_and_single_spaces() -> None:
    assert normalise("\n a\t\tb \r\n\u3000\r c\u2028d\n") == "a b\nc\nd"


@quick
@given(st.text(max_size=60))
def test_normalising_twice_changes_nothing_more(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)


@quick
@given(lines, lines)
def test_opcodes_turn_the_old_into_the_new(old: list[str], new: list[str]) -> None:
    made: list[str] = []
    i = k = 0
    for op, start, end, other, stop in opcodes(old, new):
        assert (start, other) == (i, k)
        assert (old[start:end] == new[other:stop]) == (op == "equal")
        made += new[other:stop]
        i, k = end, stop
    assert made == new
    assert i == len(old)


@quick
@given(lines, lines)
def test_a_score_lies_between_nought_and_one_both_ways(old: list[str], new: list[str]) -> None:
    there, back = compare("\n".join(old), "\n".join(new)), compare("\n".join(new), "\n".join(old))
    assert (there.kind is ChangeKind.SAME) == (old == new) == (back.kind is ChangeKind.SAME)
    assert 0 <= there.score <= 1


def _shuffled(items: list[str]) -> list[str]:
    return random.Random(5).sample(items, len(items))


def _numbered(count: int) -> list[str]:
    return [f"line {n}" for n in range(count)]


HARD = {
    "every second line changed": lambda n: ("\n".join(_numbered(n)), "\n".join(
        line if at % 2 else f"other {at}" for at, line in enumerate(_numbered(n)))),
    "all lines in another order": lambda n: (
        "\n".join(_numbered(n)), "\n".join(_shuffled(_numbered(n)))),
    "many equal lines": lambda n: ("a\nb\n" * n, "b\nb\na\n" * n),
    "one line without end": lambda n: ("中文 word " * n, "中文 text " * n),
    "nothing in common": lambda n: ("甲" * n * 8, "乙" * n * 8),
}  # fmt: skip


def _compare(texts: tuple[str, str]) -> None:
    compare(*texts)
    blocks(*texts)


@pytest.mark.parametrize("texts", HARD.values(), ids=HARD)
def test_no_pair_of_texts_takes_more_than_its_length(texts) -> None:
    assert_growth_below(9, _compare, texts(750), texts(3_000))  # 16 would be quadratic
    assert compare(*texts(3_000)).score > 0.1
