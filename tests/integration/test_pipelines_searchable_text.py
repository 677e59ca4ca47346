"""Words of real pages through a real browser: what text.txt and the title hold of them."""

import pytest

from linkshot.text.tokens import contains_phrase, phrase, tokens
from pipelines.item import SnapshotItem
from pipelines.meta import MetaPipeline
from pipelines.text import TextPipeline
from tests.integration.crawler_visitor import Visitor
from tests.integration.pipelines_world import item, through
from tests.site import Site

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("sandbox_closed")]


def visited(site: Site, visit: Visitor, path: str) -> SnapshotItem:
    return through(item(visit(site.url(path))), TextPipeline(), MetaPipeline())


@pytest.fixture(scope="module")
def wrapped(site: Site, visit: Visitor) -> SnapshotItem:
    return visited(site, visit, "/zh/wrapped")


@pytest.mark.parametrize(
    "query",
    ["内存管理", "管理子系统", "调度器", "全角，标点", "缓冲区", "冲区不用", "编译工具链", "苹果"],
)
def test_chinese_is_found_over_line_breaks(wrapped: SnapshotItem, query: str) -> None:
    assert contains_phrase(tokens(wrapped.text), phrase(query))


@pytest.mark.parametrize(
    "query", ["版本内核", "内核这一", "标点旧", "链下一", "果香", "左边右边", "설정값", "字工"]
)
def test_chinese_is_not_found_over_the_borders_of_blocks(wrapped: SnapshotItem, query: str) -> None:
    assert not contains_phrase(tokens(wrapped.text), phrase(query))


@pytest.fixture(scope="module")
def boxes(site: Site, visit: Visitor) -> SnapshotItem:
    return visited(site, visit, "/apart")


APART = """alpha bravo charlie delta echo foxtrot golf hotel india juliett kilo lima mike november oscar
papa quebec romeo sierra tango uniform victor whiskey xray yankee zulu acorn birch cedar dogwood elm
fir ginkgo hazel ironwood juniper kapok larch maple nutmeg olive poplar quince sorrel thyme"""


@pytest.mark.parametrize("word", APART.split())
def test_a_box_that_stands_apart_is_a_word(boxes: SnapshotItem, word: str) -> None:
    assert contains_phrase(tokens(boxes.text), phrase(word))


WHOLE = """hello world butter spaced once twice supercalifragilistic h2o word unbelievable links שלום
山茶花开在院子里 读山茶花 调用接口函数 文字改进内存管理子系统"""


@pytest.mark.parametrize("word", WHOLE.split())
def test_a_word_in_several_elements_is_one_word(boxes: SnapshotItem, word: str) -> None:
    assert contains_phrase(tokens(boxes.text), phrase(word))


@pytest.mark.parametrize("query", ["首页文档", "文档价格", "价格关于"])
def test_chinese_boxes_that_stand_apart_are_no_run(boxes: SnapshotItem, query: str) -> None:
    assert not contains_phrase(tokens(boxes.text), phrase(query))
    assert contains_phrase(tokens(boxes.text), phrase(query[:2]))


@pytest.fixture(scope="module")
def collapsed(site: Site, visit: Visitor) -> SnapshotItem:
    return visited(site, visit, "/zh/collapsed")


@pytest.mark.parametrize(
    "query",
    [
        "对象存储",
        "松散的文字",
        "第二行",
        "里层标题",
        "里层内容",
        "广州",
        "北京",
        "年份2024",
        "开列二",
    ],
)
def test_what_one_click_opens_is_found(collapsed: SnapshotItem, query: str) -> None:
    assert contains_phrase(tokens(collapsed.text), phrase(query))


@pytest.mark.parametrize(
    "query",
    [
        "从来不显示",
        "永远藏着",
        "脚本里",
        "hunter2",
        "secret",
        "样式藏的",
        "样式也藏",
        "看不到",
        "藏城",
        "年份1999",
    ],
)
def test_what_stays_hidden_behind_a_click_is_not_found(collapsed: SnapshotItem, query: str) -> None:
    assert not contains_phrase(tokens(collapsed.text), phrase(query))


def test_closed_details_stand_below_their_summary(collapsed: SnapshotItem) -> None:
    blocks = collapsed.text.split("\n\n")
    at = blocks.index("常见问题")
    assert blocks[at + 1 : at + 4] == ["快照保存在对象存储里 读书", "dú", "松散的文字\n第二行"]
    assert blocks[at + 4 : at + 8] == [
        "def f():\nreturn 1", "里层标题", "里层内容", "后面的一段",
    ]  # fmt: skip
    assert collapsed.text.count("照样看得见") == 1
    assert "城市 的天气\n\n北京 广州" in collapsed.text


def test_a_title_over_two_lines_is_one_word(wrapped: SnapshotItem) -> None:
    assert wrapped.title == "版本说明"


def test_lines_that_are_seen_stay_lines(wrapped: SnapshotItem) -> None:
    assert "\n\n旧的缓\n冲区\n不用了\n\n编译\n工具链\n\n下一段\n\n苹果\n\n" in wrapped.text
