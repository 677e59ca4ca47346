"""All the text of a page, whatever it came as."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from linkshot.domain.model import Capture
from pipelines import charset, pdf
from pipelines.response_text import html_text, json_text, response_text, xml_text
from pipelines.visible_text import visible_text

DATA = Path(__file__).parent.parent / "data"
NOW = datetime(2026, 1, 2, tzinfo=UTC)
ZH = "链接快照平台：给它一个链接，它自己拍下快照。以后用标签和网页里的每一个词把它找回来。"
TW = "連結快照平台：給它一個連結，它自己拍下快照。以後用標籤和網頁裡的每一個詞把它找回來。"
JA = "リンクのスナップショットを自動で保存します。タグとページの言葉で見つけることができます。"
KO = "링크를 주면 스스로 스냅샷을 찍습니다. 태그와 페이지의 모든 단어로 다시 찾을 수 있습니다."


def capture(body: bytes, media_type: str, content_type: str = "") -> Capture:
    return Capture(
        started_at=NOW,
        finished_at=NOW,
        final_url="http://a.example/",
        http_status=200,
        media_type=media_type,
        headers={"content-type": content_type or media_type},
        body=body,
    )


@pytest.fixture(scope="module")
def lines() -> list[str]:
    """The text of tests/data/mixed.html as Chromium laid it out."""
    snapshot: dict[str, Any] = json.loads((DATA / "mixed.dom.json").read_text("utf-8"))
    return visible_text(snapshot).split("\n")


def test_a_block_has_only_the_line_breaks_that_are_seen(lines: list[str]) -> None:
    assert "\n".join(lines).split("\n\n")[:4] == [
        "山茶与链接",
        "第一段讲链接快照怎样保存，linkshot keeps every word of it.",
        "一行\n又一行",
        "外面",
    ]


def test_text_beside_a_block_is_a_block_of_its_own(lines: list[str]) -> None:
    at = lines.index("外面")
    assert lines[at : at + 5] == ["外面", "", "里面", "", "后面"]


def test_preformatted_text_keeps_its_lines(lines: list[str]) -> None:
    at = lines.index("def f():")
    assert lines[at + 1] == "return 1"


@pytest.mark.parametrize(
    ("first", "second"),
    [("诗的首行", "诗的次行"), ("歌的首行", "歌的次行"), ("词的首行", "词的次行"), ("地址：甲街", "乙号")],
    ids=["pre-line", "pre-wrap", "break-spaces", "an inline pre-line"],
)  # fmt: skip
def test_line_breaks_that_the_style_keeps_are_kept(
    lines: list[str], first: str, second: str
) -> None:
    assert lines[lines.index(first) + 1] == second


def test_line_breaks_that_the_style_takes_away_are_none(lines: list[str]) -> None:
    assert {"不断开的行", "不再成行"} <= set(lines)


@pytest.mark.parametrize("text", ["影子里的字", "框里的字", "左格", "其二 & <more>", "现身"])
def test_frames_shadow_roots_tables_and_lists_are_text(lines: list[str], text: str) -> None:
    assert text in lines


@pytest.mark.parametrize(
    "text", ["藏起来的字", "幽灵", "脚本里的字", "没有脚本", "hunter2", "•", "「"]
)
def test_what_nobody_sees_or_style_sheets_add_is_no_text(lines: list[str], text: str) -> None:
    assert not [line for line in lines if text in line]


def test_how_a_word_is_said_does_not_cut_it(lines: list[str]) -> None:
    at = lines.index("读山茶花")
    assert lines[at + 1 : at + 5] == ["", "shānchá", "", "abc"]


def test_text_is_composed(lines: list[str]) -> None:
    assert "café ＦＵＬＬ width" in lines


def test_an_empty_snapshot_has_no_text() -> None:
    assert visible_text({}) == ""


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (ZH, "utf-8"), (ZH, "gb18030"), (TW, "big5"), (JA, "shift_jis"), (JA, "euc_jp"),
        (KO, "euc_kr"),
    ],
)  # fmt: skip
def test_bytes_without_any_declaration_are_read(text: str, encoding: str) -> None:
    assert charset.decode(f"<p>{text}</p>".encode(encoding)) == f"<p>{text}</p>"


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (ZH.encode("gbk"), "text/html; charset=gb2312"),
        (ZH.encode("gbk"), 'text/html;charset="GBK"'),
        (b'<meta charset="gb2312">' + ZH.encode("gbk"), "text/html"),
        (b'<meta charset="gb2312">' + ZH.encode("gbk"), "text/html; charset=bogus"),
        (b'<meta charset="gb2312">' + ZH.encode("gbk"), "text/html; charset=base64"),
        (b'<meta charset="gb2312">' + ZH.encode("gbk"), "text/html; charset=idna"),
        (b'<meta charset="utf-16">' + ZH.encode(), "text/html"),
        (ZH.encode("utf-16"), "text/html; charset=utf-8"),
        (b"\xef\xbb\xbf" + ZH.encode(), "text/html; charset=gbk"),
    ],
    ids=["header", "quoted", "meta", "bogus", "no charset", "no text", "utf-16 meta", "bom", "bom first"],
)  # fmt: skip
def test_declared_encodings_are_those_of_browsers(body: bytes, content_type: str) -> None:
    assert charset.decode(body, content_type).endswith(ZH)


def test_a_body_cut_inside_a_character_is_still_utf8() -> None:
    assert charset.decode(ZH.encode()[:-1]).startswith(ZH[:-1])


def test_bytes_that_fit_nothing_become_replacement_characters() -> None:
    assert charset.decode(b"a\xff\xfe\x00b", "text/html; charset=utf-8") == "a��\x00b"


def test_html_without_layout_has_blocks_lines_and_whole_words() -> None:
    html = "<title>题</title><style>x{}</style><p>a\nb link<b>shot</b><p>c<br>d<div>e</div>f"
    assert html_text(html) == "题\n\na b linkshot\n\nc\nd\n\ne\n\nf"


def test_html_without_layout_joins_lines_of_chinese_source() -> None:
    assert (
        html_text("<p>改进内存管\n  理子系统，\n不改 名<p>字")
        == "改进内存管理子系统，不改 名\n\n字"
    )


def test_rows_of_a_table_as_text_are_blocks() -> None:
    rows = capture("苹果\n香蕉\n".encode(), "text/csv", "text/csv; charset=utf-8")
    assert response_text(rows) == "苹果\n\n香蕉"


def test_a_short_line_of_a_pdf_ends_a_block() -> None:
    page = "第一章 内存\n改进内存管理子系统的工作已经开始，内存管\n理的下一步是完成测试。\n第二章"
    assert "".join(pdf._lines(page)).strip() == (
        "第一章 内存\n\n改进内存管理子系统的工作已经开始，内存管\n理的下一步是完成测试。\n\n第二章"
    )


def test_a_feed_is_text_also_in_its_character_data() -> None:
    feed = "<rss><item><title>一</title><description><![CDATA[<p>二</p>三]]></description></item></rss>"
    assert xml_text(f"<?xml version='1.0' encoding='gb2312'?>{feed}") == "一\n\n二\n\n三"


def test_entities_of_xml_read_no_files() -> None:
    bomb = '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;文</a>'
    assert "root" not in xml_text(bomb)


def test_json_is_readable_and_what_is_none_stays() -> None:
    assert json_text('{"标题":["\\u4e00"]}') == '{\n "标题": [\n  "一"\n ]\n}'
    assert json_text("[" * 100_000) == "[" * 100_000


@pytest.mark.parametrize("media_type", ["image/png", "application/octet-stream", "video/mp4"])
def test_pictures_and_unknown_bytes_have_no_text(media_type: str) -> None:
    assert response_text(capture(b"\x00\x01\x02", media_type)) == ""
