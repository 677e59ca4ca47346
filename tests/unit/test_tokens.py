"""How text becomes tokens, and how hits are shown."""

import re
import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from linkshot.text import offset_map
from linkshot.text.line_breaks import join_lines
from linkshot.text.normalize import fold
from linkshot.text.snippets import ELLIPSIS, snippet
from linkshot.text.tokens import (
    MAX_TOKEN,
    contains_phrase,
    phrase,
    phrase_positions,
    phrase_spans,
    phrase_variants,
    token_stream,
    tokens,
    tokens_with_offsets,
)
from tests.growth import assert_cost_below, assert_growth_below

HAN = "链接快照平台电脑軟體檔案網頁々〇𠮷𠀋あいカタ한국"
MIXED = (
    HAN
    + "GPTabcXYZ0129 \n,。！-_./#+éßİıσςΣ①²¹Ⅹ™½ＡＢ１　ﬁｶﾞ\u200b\u0301\u00ad\u3099👍🏽👨\u200d👩ก้ำنामना"
)

quick = settings(max_examples=60, deadline=None)

han_text = st.text(alphabet=HAN, min_size=1, max_size=12)
mixed_text = st.text(alphabet=MIXED, max_size=40)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hello, World! 42", ["hello", "world", "42"]),
        ("链接快照", ["链接", "接快", "快照", "照"]),
        ("快", ["快"]),
        ("GPT4模型v2", ["gpt", "4", "模型", "型", "v", "2"]),
        ("iPhone15发布 Python3.11新", ["iphone", "15", "发布", "布", "python", "3", "11", "新"]),
        (
            "utf8 h264 x86_64 i18n 3D 2nd",
            ["utf", "8", "h", "264", "x", "86", "64", "i", "18", "n", "3", "d", "2", "nd"],
        ),
        ("a1b2c3 9f86d081 ZGF0YQ2xh8", ["a1b2c3", "9f86d081", "zgf0yq2xh8"]),
        ("e83c 1234567abc", ["e", "83", "c", "1234567", "abc"]),
        (
            "Kubernetes™ Java℠ word¹² 10½",
            ["kubernetes", "java", "word", "12", "10", "1", "2"],
        ),
        (
            "step①② Ⓐb LouisⅩⅣ 5㎏ 25℃",
            ["step", "1", "2", "a", "b", "louis", "xiv", "5", "kg", "25", "c"],
        ),
        ("H₂O C₆H₁₂O₆ 1ª", ["h", "2", "o", "c6h12o6", "1", "a"]),
        ("改进内存管\n理", ["改进", "进内", "内存", "存管", "管理", "理"]),
        ("内存管\r\n \t理", ["内存", "存管", "管理", "理"]),
        ("カ\u3099\nタ", ["ガタ", "タ"]),
        ("内存\n\n管理", ["内存", "存", "管理", "理"]),
        ("内存\n　　管理", ["内存", "存", "管理", "理"]),
        ("内存管\u00a0\n理", ["内存", "存管", "管理", "理"]),
        ("内存管\n\u2003\u202f理", ["内存", "存管", "管理", "理"]),
        ("内存管　\n理", ["内存", "存管", "管理", "理"]),
        ("内存\u00a0管理", ["内存", "存", "管理", "理"]),
        ("内存\u00a0\n\u00a0\n管理", ["内存", "存", "管理", "理"]),
        ("内存 管理", ["内存", "存", "管理", "理"]),
        ("내 이름\n은", ["내", "이름", "름", "은"]),
        ("内存，\n管理\nabc", ["内存", "存", "管理", "理", "abc"]),
        ("内存管\u200b\n理", ["内存", "存管", "管理", "理"]),
        ("ＡＰＩ　网关", ["api", "网关", "关"]),
        ("軟體", ["软体", "体"]),
        ("カタカナ ｶﾀｶﾅ", ["カタ", "タカ", "カナ", "ナ"] * 2),
        ("𠮷野家", ["𠮷野", "野家", "家"]),
        ("人々〇", ["人々", "々〇", "〇"]),
        ("葛\U000e0100城", ["葛城", "城"]),
        ("한국어", ["한국", "국어", "어"]),
        ("ภาษา", ["ภา", "าษ", "ษา", "า"]),
        ("нет войне", ["нет", "войне"]),
        ("हिन्दी भाषा", ["हिन्दी", "भाषा"]),
        ("C++ and C# and c", ["c", "++", "and", "c", "#", "and", "c"]),
        ("C++11 a#b 1+1", ["c", "++", "11", "a", "b", "1", "1"]),
        ("用C#12写 F#8 .NET8", ["用", "c", "#", "12", "写", "f", "#", "8", "net", "8"]),
        ("page#3 PR#12 3d#4 2#3", ["page", "3", "pr", "12", "3", "d", "4", "2", "3"]),
        ("Java™平台 Java®平台", ["java", "平台", "台"] * 2),
        ("№5 ℡", ["no", "5", "tel"]),
        ("node.js snake_case a@b.org", ["node", "js", "snake", "case", "a", "b", "org"]),
        ("don't", ["don", "t"]),
        ("ok👍🏽!", ["ok", "👍", "🏽"]),
        ("soft\u00adhyphen zero\u200bwidth", ["softhyphen", "zerowidth"]),
        ("Straße ﬁne İstanbul ΣΊΣΥΦΟΣ", ["strasse", "fine", "istanbul", "σίσυφοσ"]),
        ("\ud800x", ["x"]),
        ("", []),
        ("。，！", []),
    ],
)
def test_text_becomes_tokens(text: str, expected: list[str]) -> None:
    assert tokens(text) == expected


def test_a_stream_holds_the_tokens_parted_by_single_spaces() -> None:
    assert token_stream("链接 Hello") == "链接 接 hello"
    assert token_stream("...") == ""


def test_long_words_are_cut_alike_in_texts_and_queries() -> None:
    word = "a" * 1_000_000
    assert tokens(word) == ["a" * MAX_TOKEN]
    assert contains_phrase(tokens(f"x {word} y"), phrase(word))
    assert all(len(token.encode()) < 255 for token in tokens("д" * 500 + " " + "ह" * 500))


def test_every_character_folds_to_something_that_folds_to_itself() -> None:
    apart = ",".join(chr(c) for c in range(0x32000) if not 0xAC00 <= c <= 0xDFFF)
    once = fold(apart)
    assert fold(once) == once


@quick
@given(mixed_text)
@example("İ\u0301")
@example("İ\u0307")
def test_folding_twice_changes_nothing_more(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@quick
@given(mixed_text)
def test_composed_and_decomposed_texts_have_equal_tokens(text: str) -> None:
    assert tokens(unicodedata.normalize("NFD", text)) == tokens(unicodedata.normalize("NFC", text))


@quick
@given(mixed_text)
def test_tokens_hold_no_space_and_are_never_empty(text: str) -> None:
    assert token_stream(text).split(" ") == (tokens(text) or [""])
    assert all(tokens(text))


@quick
@given(mixed_text)
def test_placed_tokens_are_the_tokens_with_their_places(text: str) -> None:
    folded = fold(text)
    placed = list(tokens_with_offsets(folded))
    assert [token for token, _, _ in placed] == tokens(text)
    assert all(folded[start:end] == token for token, start, end in placed)


@quick
@given(mixed_text, st.data(), st.booleans())
def test_stretches_are_the_places_of_a_phrase(text: str, data: st.DataObject, prefix: bool) -> None:
    folded = fold(text)
    start = data.draw(st.integers(0, len(folded)))
    wanted = phrase(folded[start : data.draw(st.integers(start, len(folded)))], prefix)
    placed = list(tokens_with_offsets(folded))
    expected = []
    for place in phrase_positions([token for token, _, _ in placed], wanted):
        last = placed[place + len(wanted.tokens) - 1]
        end = last[1] + len(wanted.tokens[-1]) if wanted.prefix else last[2]
        expected.append((placed[place][1], end))
    assert list(phrase_spans(folded, wanted)) == expected


@quick
@given(han_text, han_text)
def test_a_run_is_found_exactly_where_it_is_a_substring(query: str, text: str) -> None:
    assert contains_phrase(tokens(text), phrase(query)) == (fold(query) in fold(text))


@quick
@given(st.lists(han_text, min_size=1, max_size=4), st.data())
def test_every_substring_of_a_run_is_found_and_none_across_runs(
    runs: list[str], data: st.DataObject
) -> None:
    words = tokens("，".join(runs))
    run = data.draw(st.sampled_from(runs))
    start = data.draw(st.integers(0, len(run) - 1))
    end = data.draw(st.integers(start + 1, len(run)))
    assert contains_phrase(words, phrase(run[start:end]))
    joined = runs[0][-1] + (runs[1][0] if len(runs) > 1 else "")
    inside = any(fold(joined) in fold(each) for each in runs)
    assert contains_phrase(words, phrase(joined)) == inside


@quick
@given(mixed_text)
def test_a_text_finds_itself(text: str) -> None:
    wanted = phrase(text)
    assert contains_phrase(tokens(text), wanted) == bool(wanted.tokens)


@quick
@given(
    st.text(alphabet="abcдеж", min_size=1, max_size=5), st.text(alphabet="abcдеж ,.", max_size=20)
)
def test_a_word_is_found_by_exactly_that_word(word: str, text: str) -> None:
    whole = text.replace(",", " ").replace(".", " ").split()
    assert contains_phrase(tokens(text), phrase(word)) == (word in whole)
    begins = any(each.startswith(word) for each in whole)
    assert contains_phrase(tokens(text), phrase(word, prefix=True)) == begins


@pytest.mark.parametrize(
    ("query", "text", "found"),
    [
        ("中", "在中国", True),
        ("中", "国中", True),
        ("国", "在中国", True),
        ("大", "在中国", False),
        ("模型 API", "大模型API", True),
        ("模型 API", "大模型人API", False),
        ("API 模", "API模型", True),
        ("GPT4模", "GPT4模型", True),
        ("iphone", "iPhone15发布", True),
        ("iphone15", "iPhone15发布", True),
        ("iphone15", "the iPhone 15", True),
        ("iphone15", "iPhone 3 15", False),
        ("iphone1", "iPhone15", False),
        ("发布", "iPhone15发布", True),
        ("python3.11", "Python3.11新特性", True),
        ("python 3", "Python3.11新特性", True),
        ("c3", "a1b2c3d4", False),
        ("a1b2c3d4", "commit a1b2c3d4", True),
        ("a1b2c3d4", "a1 b2 c3 d4", False),
        ("kubernetes", "Kubernetes™", True),
        ("kubernetes™", "Kubernetes™", True),
        ("kubernetes™", "Kubernetes", True),
        ("java平台", "Java™平台", True),
        ("java平台", "Java®平台", True),
        ("java8", "Java™8", True),
        ("c#", "C#12", True),
        ("c#12", "C#12", True),
        ("c#12", "C# 12", True),
        ("c#", "page C 12", False),
        ("c++", "C++20", True),
        ("c++20标准", "C++20标准", True),
        (".net", ".NET8", True),
        (".net8", "ASP.NET 8", True),
        ("pr 12", "PR#12", True),
        ("word1", "word¹", True),
        ("10", "10½", True),
        ("½", "10½", True),
        ("C6H12O6", "C₆H₁₂O₆", True),
        ("内存管理", "改进内存管\n理", True),
        ("内存管理", "改进内存管\n\n理", False),
        ("软件", "軟件", True),
        ("C++", "C++ primer", True),
        ("C++", "C primer", False),
        ("C", "C++ primer", True),
        ("node.js", "Node.js 24", True),
        ("node.js", "node and js", False),
        ("👍", "好👍🏽", True),
        ("，", "中，国", False),
    ],
)
def test_a_phrase_is_found_or_not(query: str, text: str, found: bool) -> None:
    assert contains_phrase(tokens(text), phrase(query)) is found


@pytest.mark.parametrize(
    ("query", "text", "found"),
    [
        ("iph", "iPhone15", True),
        ("iphone1", "iPhone15", True),
        ("python3", "Python3.11", True),
        ("python3.1", "Python3.11", True),
        ("python3.2", "Python3.11", False),
        ("e83c", "e83c5163316f89bf", True),
        ("5163316f", "5163316f89bfbde7", True),
        ("e83c5", "e83c5163316f89bf", True),
        ("83c", "e83c5163316f89bf", False),
        ("说a1b", "说a1b2c3d4", True),
    ],
)
def test_a_beginning_is_found_or_not(query: str, text: str, found: bool) -> None:
    assert (
        any(contains_phrase(tokens(text), one) for one in phrase_variants(query, prefix=True))
        is found
    )


def test_a_prefix_changes_nothing_for_a_run() -> None:
    assert phrase("中文", prefix=True) == phrase("中文")
    assert phrase("中", prefix=True) == phrase("中")


def test_tokens_cost_a_few_times_a_regular_expression_over_the_text() -> None:
    text = "链接快照平台是一个可以保存网页的程序，繁體中文測試。Hello world 123。" * 1000
    token_stream("x中")
    assert_cost_below(12, lambda: token_stream(text), lambda: re.findall(r"\w|\W", text))


def test_the_cost_of_tokens_grows_with_the_text_only() -> None:
    text = "链接快照平台是一个可以保存网页的程序，繁體中文測試。Hello world 123。" * 500
    assert_growth_below(9, token_stream, text, text * 4)


SIMPLE = st.text(alphabet=st.from_regex(f"[{offset_map._SIMPLE}]", fullmatch=True), max_size=30)


def test_simple_characters_fold_to_one() -> None:
    simple = [chr(c) for c in range(0x30000) if offset_map._STRETCH.fullmatch(chr(c))]
    folded = [fold(char) for char in simple]
    assert [char for char, one in zip(simple, folded, strict=True) if len(one) != 1] == []
    assert fold("".join(simple)) == "".join(folded)


@quick
@given(mixed_text)
@example("\u200dⅩⅩ")
@example("a\u200d¹²")
def test_folding_with_places_is_folding(text: str) -> None:
    found = offset_map.fold_with_offsets(text)
    assert found.text == fold(text)
    assert len(found.starts) == len(found.text) + 1
    assert list(found.starts) == sorted(found.starts)


def _plain(pieces: tuple[tuple[str, bool], ...]) -> str:
    return "".join(piece for piece, _ in pieces)


def test_the_original_spelling_is_shown_and_marked() -> None:
    assert snippet("用ＡＰＩ存取軟體", [phrase("api"), phrase("软体")]) == (
        ("用", False),
        ("ＡＰＩ", True),
        ("存取", False),
        ("軟體", True),
    )


def test_a_letter_and_its_marks_are_marked_together() -> None:
    text = "un e\u0301te\u0301 chaud"
    assert snippet(text, [phrase("été")])[1] == ("e\u0301te\u0301", True)
    assert snippet("ﬁne", [phrase("f", prefix=True)]) == (("ﬁ", True), ("ne", False))


def test_without_a_hit_the_beginning_is_shown() -> None:
    shown = snippet("  First words. " + "More words follow here. " * 50, [phrase("nothing")], 60)
    assert _plain(shown).startswith("First words.")
    assert _plain(shown).endswith(ELLIPSIS)


def test_the_place_with_the_most_different_hits_is_shown() -> None:
    text = "苹果。" + "无关的文字。" * 100 + "香蕉和苹果在一起。" + "无关的文字。" * 100
    shown = snippet(text, [phrase("苹果"), phrase("香蕉")], 60)
    assert [piece for piece, hit in shown if hit] == ["香蕉", "苹果"]
    assert _plain(shown).startswith(ELLIPSIS)
    assert _plain(shown).endswith(ELLIPSIS)


def test_a_hit_far_down_the_text_is_found() -> None:
    text = "填充的文字，没有意思。" * 8000 + "关键词"
    assert ("关键词", True) in snippet(text, [phrase("关键词")])


def test_a_hit_across_the_border_of_two_chunks_is_found() -> None:
    for shift in range(-6, 6):
        text = "字" * (4000 + shift) + "关键词" + "字" * 4000
        assert ("关键词", True) in snippet(text, [phrase("关键词")])


def test_a_hit_goes_on_behind_a_line_break() -> None:
    text = "改进内存管\n  理子系统，\n然后 English\ntext"
    assert snippet(text, [phrase("内存管理")]) == (
        ("改进", False),
        ("内存管理", True),
        ("子系统，然后 English text", False),
    )


def test_a_part_of_a_word_is_marked_without_its_sign() -> None:
    assert snippet("iPhone15发布 word¹²", [phrase("iphone"), phrase("word")]) == (
        ("iPhone", True),
        ("15发布 ", False),
        ("word", True),
        ("¹²", False),
    )


def test_white_space_becomes_one_space() -> None:
    assert _plain(snippet("a\n\n  b\tc", [])) == "a b c"


def test_a_snippet_begins_with_no_blank_even_when_the_hit_holds_one() -> None:
    assert snippet("  \u3099", [phrase("\u3099")]) == (("\u3099", True),)


def test_an_empty_text_has_an_empty_snippet() -> None:
    assert snippet("", [phrase("x")]) == ()


@quick
@given(st.text(alphabet=MIXED, max_size=300), st.text(alphabet=MIXED, max_size=5))
def test_a_snippet_is_a_stretch_of_the_text_and_its_hits_are_hits(text: str, query: str) -> None:
    wanted = phrase(query)
    shown = snippet(text, [wanted], 40)
    squeezed = " ".join(join_lines(text.replace("…", " ")).split())
    assert _plain(shown).strip(ELLIPSIS) in squeezed
    assert any(hit for _, hit in shown) == contains_phrase(tokens(text), wanted)
    for piece, hit in shown:
        if hit:
            assert contains_phrase(tokens(piece), wanted)


@quick
@given(st.text(alphabet="e\u0301a\u0308,\u200d👨👩🏽中", max_size=200), st.integers(1, 60))
def test_cuts_never_part_a_character_from_its_marks(text: str, length: int) -> None:
    shown = _plain(snippet(text, [], length)).strip(ELLIPSIS)
    after = text[text.find(shown) + len(shown) :][:1] if shown else ""
    assert not unicodedata.category(after or " ").startswith("M")
