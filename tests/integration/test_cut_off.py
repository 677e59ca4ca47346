"""What was cut off from a page or a file is named: a stable word in `partial`, a sentence for people."""

import shutil

import pytest

from linkshot.domain.model import Role
from linkshot.samples.loopback import Response
from pipelines import text
from pipelines.page_html.page import PagePipeline
from pipelines.quality import QualityPipeline
from pipelines.text import TextPipeline
from tests.integration.crawler_visitor import Visitor
from tests.integration.pipelines_world import capture, item, through
from tests.site import Site
from tests.site.draw import pdf, png

pytestmark = [
    pytest.mark.browser,
    pytest.mark.usefixtures("sandbox_closed"),
    pytest.mark.skipif(
        not (shutil.which("chromium-headless-shell") or shutil.which("chromium")),
        reason="no Chromium on this machine",
    ),
]
STAGES = (TextPipeline, PagePipeline, QualityPipeline)


@pytest.mark.parametrize(
    ("style", "reasons"),
    [
        ("height:40000px", ("scroll", "screenshot_height:40000")),
        ("width:3000px;height:10px", ("screenshot_width:3000",)),
    ],
    ids=["tall", "wide"],
)
def test_a_page_larger_than_its_picture(
    site: Site, visit: Visitor, style: str, reasons: tuple[str, ...]
) -> None:
    html = f"<!DOCTYPE html><style>body{{margin:0}}</style><div style='{style}'>一片平原</div>"
    made = through(item(visit(site.put("/large", html))), *(stage() for stage in STAGES))
    assert (made.quality.verdict.value, made.quality.reasons) == ("partial", reasons)


def test_a_page_of_many_pictures_has_them_all(site: Site, visit: Visitor) -> None:
    site.put("/dots", Response(content_type="image/png", body=png(8, 8, (9, 9, 9))))
    pictures = "".join(f"<img src=/dots?{n} width=8>" for n in range(600))
    made = through(item(visit(site.put("/many", f"<!DOCTYPE html><p>六百点</p>{pictures}"))),
                   *(stage() for stage in STAGES))  # fmt: skip
    assert made.quality.reasons == ()
    (page,) = (artifact for artifact in made.artifacts if artifact.role is Role.HTML)
    assert isinstance(page.data, bytes)
    assert page.data.count(b'src="data:image/png') == 600


def test_more_pictures_than_a_saved_page_takes(site: Site, visit: Visitor) -> None:
    large = png(8, 8, (9, 9, 9)).ljust(4_000_000, b"\0")
    site.put("/large-dots", Response(content_type="image/png", body=large))
    pictures = "".join(f"<img src=/large-dots?{n} width=8>" for n in range(9))
    made = through(item(visit(site.put("/much", f"<!DOCTYPE html><p>九点</p>{pictures}"))),
                   *(stage() for stage in STAGES))  # fmt: skip
    assert made.quality.reasons == ("parts_left_out:4",)
    left_out = [site.url(f"/large-dots?{n}") for n in range(5, 9)]
    assert made.notes == {"parts_left_out": left_out}
    (page,) = (artifact for artifact in made.artifacts if artifact.role is Role.HTML)
    assert isinstance(page.data, bytes)
    assert f'name="linkshot:left-out" content="{" ".join(left_out)}"'.encode() in page.data


def test_a_pdf_of_more_pages_than_are_read(site: Site, visit: Visitor) -> None:
    pages = [[f"page {n}"] for n in range(1, 502)]
    body = pdf("手册", pages)
    url = site.put("/long.pdf", Response(content_type="application/pdf", body=body))
    made = through(item(visit(url)), *(stage() for stage in STAGES))
    assert made.text.endswith("page 500\n")
    assert (made.quality.verdict.value, made.quality.reasons) == ("partial", ("pdf_pages:501",))


@pytest.mark.parametrize(
    ("path", "reason"), [("/gzip-cut", "end"), ("/wrong-length", "body")], ids=["gzip", "length"]
)
def test_a_body_that_breaks_off(site: Site, visit: Visitor, path: str, reason: str) -> None:
    made = through(item(visit(site.url(path))), *(stage() for stage in STAGES))
    assert made.quality.verdict.value == "partial"
    assert reason in made.quality.reasons


def test_a_text_that_is_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text, "MAX_TEXT", 10)
    page = capture("<p>" + "山茶开了三朵" * 9)
    made = through(item(page), TextPipeline(), QualityPipeline())
    assert (made.text, made.quality.reasons) == ("山茶开了三朵山茶开了", ("text_length",))
