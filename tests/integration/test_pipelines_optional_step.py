"""A form that cannot be made leaves the snapshot whole."""

import pytest

from linkshot.domain.model import Capture, Role
from pipelines import text
from pipelines.archive.wacz_pipeline import WaczPipeline
from pipelines.item import SnapshotItem
from pipelines.optional_step import run_optional
from pipelines.page_html import page
from pipelines.page_html.page import PagePipeline
from pipelines.quality import QualityPipeline
from pipelines.text import TextPipeline
from tests.integration.pipelines_world import capture, item, through

pytestmark = pytest.mark.usefixtures("sandbox_closed")


class Breaking:
    """A pipeline whose work raises."""

    async def process_item(self, one: SnapshotItem) -> SnapshotItem:
        await run_optional(one, "form", self.work)
        return one

    def work(self, one: SnapshotItem, brought: Capture) -> None:
        raise ZeroDivisionError


def test_what_raises_is_noted_and_the_snapshot_is_partial() -> None:
    made = through(item(capture("<p>" + "文" * 30)), TextPipeline(), Breaking(), QualityPipeline())
    assert made.partial == ["form"]
    assert (made.quality.verdict.value, made.quality.reasons) == ("partial", ("form",))
    assert [artifact.role for artifact in made.artifacts] == [Role.TEXT]


def test_when_time_is_up_what_was_made_counts_and_the_rest_is_named() -> None:
    one = through(item(capture("<p>" + "文" * 30)), TextPipeline())
    one.optional_until = 0.0
    made = through(one, PagePipeline(), WaczPipeline(enabled=True), QualityPipeline())
    assert [artifact.role for artifact in made.artifacts] == [Role.TEXT]
    assert made.quality.reasons == ("page", "timeout", "wacz")


def test_a_visit_that_failed_passes_through_untouched() -> None:
    made = through(item(), TextPipeline(), PagePipeline(), Breaking(), QualityPipeline())
    assert (made.artifacts, made.partial) == ([], [])


def test_a_dom_snapshot_that_makes_no_sense_is_no_text() -> None:
    broken = capture("<p>x", dom={"strings": [], "documents": [{"nodes": {}}]})
    assert through(item(broken), TextPipeline()).partial == ["text"]


def test_a_page_that_is_too_large_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "MAX_HTML", 10)
    made = through(item(capture("<p>" + "x" * 20)), PagePipeline())
    assert (made.artifacts, made.partial) == ([], ["page"])


def test_a_page_that_cannot_be_parsed_is_left_out() -> None:
    made = through(item(capture("<!-- -->")), PagePipeline())
    assert (made.artifacts, made.partial) == ([], ["page"])


def test_text_without_end_is_cut_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text, "MAX_TEXT", 5)
    made = through(item(capture("<p>山茶开了三朵\x00")), TextPipeline())
    assert (made.text, made.partial) == ("山茶开了三", ["text_length"])


def test_a_pdf_that_cannot_be_read_has_no_text_and_says_so() -> None:
    made = through(item(capture(media_type="application/pdf", body=b"%PDF-1.7 x")), TextPipeline())
    assert (made.text, made.partial) == ("", ["text"])


def test_the_page_is_kept_with_its_policy() -> None:
    made = through(item(capture("<p>文")), PagePipeline())
    assert made.artifacts[0].name == "page.html"
    assert b"Content-Security-Policy" in made.artifacts[0].data  # type: ignore[operator]  # bytes
