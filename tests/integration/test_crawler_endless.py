"""Answers that never end, or are longer than is taken (P13): what came of them is kept, and named as cut."""

import shutil

import pytest

from crawler.page.main_document import CUT_PAGE_TAGS, beginning
from linkshot.domain.model import Verdict
from pipelines.quality import assess_quality
from tests.integration.crawler_visitor import Visitor
from tests.site import Site

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        not (shutil.which("chromium-headless-shell") or shutil.which("chromium")),
        reason="no Chromium on this machine",
    ),
]

LIMIT = 300_000
LIMITS = {"load_timeout_s": 2, "quiet_timeout_s": 1, "scroll_timeout_s": 1, "body_bytes": LIMIT}
LONG, LATE = {"body", f"body_limit:{LIMIT}"}, {"body", "body_time"}

PAGES = {
    "a line every 0.1 s": ("/endless", "还有", LATE, "time"),
    "a byte every 0.5 s": ("/trickle", "信的前半封", LATE, "time"),
    "silent after a half": ("/stuck-body", "信的前半封", LATE, "time"),
    "at full speed": ("/flood", "Water", LONG, "length"),
    "at full speed, packed": ("/flood?gzip=1", "Water", LONG, "length"),
    "at full speed, not in chunks": ("/flood?raw=1", "Water", LONG, "length"),
    "with an end, after the limit": ("/huge?mb=1", "第 7 块砖", LONG, "length"),
    "shorter than it says": ("/wrong-length", "信的前半封", {"body"}, "disconnect"),
    "shorter than it says, and open": ("/wrong-length?hold=1", "信的前半封", LATE, "time"),
}


@pytest.mark.parametrize(("path", "word", "remarks", "cut"), PAGES.values(), ids=PAGES)
def test_a_page_without_end_is_shown_as_far_as_it_came(
    visit: Visitor, site: Site, path: str, word: str, remarks: set[str], cut: str
) -> None:
    capture = visit(site.url(path), **LIMITS)
    assert word in capture.html
    assert capture.title
    assert capture.screenshot is not None
    assert {one for one in capture.partial if one.startswith("body")} == remarks
    page = capture.exchanges[0]
    assert (page.body, page.truncated) == (capture.body, cut)


@pytest.mark.parametrize(
    ("path", "remarks"), [("/flood", LONG), ("/endless", LATE)], ids=["at full speed", "slow"]
)
def test_a_file_without_end_is_kept_as_far_as_it_came_and_called_cut(
    visit: Visitor, site: Site, path: str, remarks: set[str]
) -> None:
    capture = visit(site.url(f"{path}?type=application/octet-stream"), **LIMITS)
    assert (capture.media_type, capture.html) == ("application/octet-stream", "")
    assert 0 < len(capture.body) <= LIMIT
    quality = assess_quality(capture, "")
    assert (quality.verdict, quality.breaks_off) == (Verdict.PARTIAL, True)
    assert remarks <= set(quality.reasons)


def test_what_comes_after_the_limit_is_not_received(visit: Visitor, site: Site) -> None:
    capture = visit(site.url("/flood"), **LIMITS)
    received = capture.notes["bytes_received"]
    assert isinstance(received, int)
    assert received < LIMIT + 20_000_000


def test_of_a_page_without_end_so_much_is_kept_as_a_browser_can_show() -> None:
    line = b"<p>a</p>"
    assert beginning(line * CUT_PAGE_TAGS) == line * (CUT_PAGE_TAGS // 2)
    assert beginning(line) == line
    assert len(beginning(b"a" * 6_000_000)) == 5_000_000
