"""A consent box that covers the page and stays makes the snapshot doubtful; one at its edge does not."""

import shutil

import pytest

from linkshot.domain.model import Quality
from pipelines.quality import QualityPipeline
from pipelines.text import TextPipeline
from tests.integration.crawler_visitor import Visitor
from tests.integration.pipelines_world import item, through
from tests.site import Site

pytestmark = [
    pytest.mark.browser,
    pytest.mark.usefixtures("sandbox_closed"),
    pytest.mark.skipif(
        not (shutil.which("chromium-headless-shell") or shutil.which("chromium")),
        reason="no Chromium on this machine",
    ),
]
ARTICLE = (
    "<article>"
    + "<p>镇上的瓦是红的，因为泥是红的；泥是红的，因为山里有铁。</p>" * 30
    + "</article>"
)
ASKS = "<p>我们使用 Cookie 改善体验。</p><button>全部接受</button><button>拒绝</button>"
FULL = "position:fixed;inset:0;"
BACKDROP = f"<div style='{FULL}background:rgba(0,0,0,.6)'></div>"
BOX = "position:fixed;left:340px;top:200px;width:600px;height:300px;background:#fff"


COVERING = pytest.mark.parametrize(
    "extra",
    [
        f"<div style='{FULL}background:#fff'>{ASKS}</div>",
        f"{BACKDROP}<div style='{BOX}'>{ASKS}</div>",
        f"<div style='{FULL}z-index:9;background:rgba(0,0,0,.7)'><div style='{BOX}'>{ASKS}</div></div>",
        f"<dialog id=d style='width:600px;height:300px'>{ASKS}</dialog><script>d.showModal()</script>",
        f"""{BACKDROP}<iframe style='{BOX};border:0' srcdoc="{ASKS}"></iframe>""",
        f"<div style='{FULL}'><div style='height:700px;background:#eee'>We value your privacy <button>Accept all</button></div></div>",
    ],
    ids=["one box", "box and backdrop", "box in backdrop", "dialog", "frame", "inside a clear box"],
)  # fmt: skip


def judged(site: Site, visit: Visitor, extra: str, consent: str = "leave") -> Quality:
    page = f"<!DOCTYPE html><meta charset=utf-8><title>瓦</title><body style='margin:0'>{ARTICLE}{extra}"
    capture = visit(site.put("/tiles", page), consent=consent)
    return through(item(capture), TextPipeline(), QualityPipeline()).quality


@COVERING
def test_a_box_over_the_page_is_named(site: Site, visit: Visitor, extra: str) -> None:
    found = judged(site, visit, extra)
    assert (found.verdict.value, found.reasons) == ("doubtful", ("consent",))


@COVERING
def test_by_default_such_a_box_is_answered_or_hidden(
    site: Site, visit: Visitor, extra: str
) -> None:
    assert judged(site, visit, extra, consent="reject").verdict.value == "good"


@pytest.mark.parametrize(
    "extra",
    [
        f"<div style='position:fixed;left:0;right:0;bottom:0;background:#fff;height:150px'>{ASKS}</div>",
        f"<div style='{FULL}pointer-events:none'></div><div style='position:fixed;bottom:0;height:150px;width:100%'>{ASKS}</div>",
        f"<div style='{FULL}z-index:-1;background:#fec'></div><div style='position:fixed;bottom:0;height:150px;width:100%'>{ASKS}</div>",
        f"<div style='{FULL}background:#fff;opacity:0;pointer-events:none'>{ASKS}</div>",
        f"<div style='{FULL}background:#fff;visibility:hidden'>{ASKS}</div>",
        f"<div style='{FULL}background:#fff;display:none'>{ASKS}</div>",
        f"<p style='background:#fff;height:900px'>{ASKS}</p>",
    ],
    ids=["banner", "clear layer", "background", "faded out", "hidden", "absent", "in the text"],
)  # fmt: skip
def test_a_box_that_does_not_cover_the_page_is_no_doubt(
    site: Site, visit: Visitor, extra: str
) -> None:
    assert judged(site, visit, extra).verdict.value == "good"


def test_an_app_that_has_all_its_text_in_a_fixed_box_is_no_doubt(
    site: Site, visit: Visitor
) -> None:
    app = f"<!DOCTYPE html><meta charset=utf-8><body><div style='{FULL}overflow:auto;background:#fff'>{ARTICLE}<a>隐私 同意</a></div>"
    made = through(item(visit(site.put("/app", app))), TextPipeline(), QualityPipeline())
    # what the box scrolls to is not in the screenshot
    assert made.quality.verdict.value == "partial"
    assert [word.partition(":")[0] for word in made.quality.reasons] == ["inner_scroll"]
