"""page.html is the page as it stood: opened without a network and without scripts it looks the same."""

import asyncio
import html
import json
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import async_playwright

from crawler.browser.launch import VIEWPORT, launch_options
from crawler.page import freezer
from linkshot.domain.model import Capture, Role
from linkshot.samples.loopback import Response
from linkshot.system.config import Settings
from pipelines.page_html.page import PagePipeline
from pipelines.picture_difference import differing_share
from tests.injections import INJECTIONS
from tests.integration.crawler_visitor import Visitor
from tests.integration.pipelines_world import item, through
from tests.site import Site
from tests.site.draw import png
from tests.site.font import many_boxes
from tests.site.frozen import PAGES, serve_parts

pytestmark = [
    pytest.mark.browser,
    pytest.mark.usefixtures("sandbox_closed"),
    pytest.mark.skipif(
        not (shutil.which("chromium-headless-shell") or shutil.which("chromium")),
        reason="no Chromium on this machine",
    ),
]
MOST = 0.005
"""Share of the pixels that may differ."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What a browser without a network and without scripts shows of page.html."""

    text: str
    picture: bytes
    requests: list[str]


class Viewer:
    """One browser for all pages of this file."""

    def __init__(self) -> None:
        self._runner = asyncio.Runner()
        self._runner.run(self._open())

    async def _open(self) -> None:
        self._driver = await async_playwright().start()
        options = launch_options(Settings(), "http://127.0.0.1:9")
        self._browser = await self._driver.chromium.launch(**options)

    def close(self) -> None:
        """End browser and driver."""
        self._runner.run(self._close())
        self._runner.close()

    async def _close(self) -> None:
        await self._browser.close()
        await self._driver.stop()

    def __call__(self, file: Path) -> Shown:
        """The page in this file."""
        return self._runner.run(self._show(file.as_uri()))

    async def _show(self, address: str) -> Shown:
        requests: list[str] = []
        context = await self._browser.new_context(
            viewport={"width": VIEWPORT.width, "height": VIEWPORT.height},
            reduced_motion="reduce",
            java_script_enabled=False,
        )
        page = await context.new_page()
        page.on("request", lambda request: requests.append(request.url))
        await page.goto(address)
        cdp = await context.new_cdp_session(page)
        dom = await cdp.send("DOMSnapshot.captureSnapshot", {"computedStyles": []})
        picture = await page.screenshot(full_page=True)
        await context.close()
        asked = [url for url in requests if url.startswith("http")]
        return Shown(text=_words(dom), picture=picture, requests=asked)


def _words(dom: Mapping[str, Any]) -> str:
    texts = (text for document in dom["documents"] for text in document["layout"]["text"])
    return " ".join(dom["strings"][text] for text in texts if text >= 0)


@pytest.fixture(scope="module")
def viewer() -> Iterator[Viewer]:
    made = Viewer()
    yield made
    made.close()


def saved(capture: Capture) -> bytes:
    (page,) = through(item(capture), PagePipeline()).artifacts
    assert isinstance(page.data, bytes)
    return page.data


@pytest.mark.parametrize("name", PAGES)
def test_a_page_looks_as_it_did_and_says_what_it_said(
    site: Site, visit: Visitor, viewer: Viewer, tmp_path: Path, name: str
) -> None:
    serve_parts(site)
    capture = visit(site.put("/frozen", PAGES[name].response))
    assert capture.screenshot is not None
    assert capture.partial == ()
    file = tmp_path / "page.html"
    file.write_bytes(saved(capture))
    shown = viewer(file)
    assert [word for word in PAGES[name].words if word not in shown.text] == []
    assert shown.requests == []
    assert differing_share(capture.screenshot.data, shown.picture) <= MOST


def test_frames_with_an_origin_of_their_own_are_kept(
    site: Site, visit: Visitor, viewer: Viewer, tmp_path: Path
) -> None:
    serve_parts(site)
    other = site.url("/left.html", host="localhost")
    frames = f"<iframe src='data:text/html,<p>from data'></iframe><iframe src={other}></iframe>"
    sandboxed = "<iframe sandbox src=/frame.html></iframe>"
    file = tmp_path / "page.html"
    file.write_bytes(saved(visit(site.put("/origins", f"<!DOCTYPE html>{frames}{sandboxed}"))))
    shown = viewer(file)
    words = ("from data", "on the left", "deep inside")
    assert [word for word in words if word not in shown.text] == []
    assert shown.requests == []


def test_nothing_that_acts_is_left_in_frames_and_shadow_roots(
    site: Site, visit: Visitor, viewer: Viewer, tmp_path: Path
) -> None:
    hosts = "<div></div>" * len(INJECTIONS)
    frames = "".join(f'<iframe srcdoc="{html.escape(each)}"></iframe>' for each in INJECTIONS)
    every = json.dumps(INJECTIONS).replace("<", "\\u003c")
    fill = (
        f"const all={every};const hosts=document.querySelectorAll('div');"
        "all.forEach((each,n)=>hosts[n].attachShadow({mode:'open'}).innerHTML=each)"
    )
    capture = visit(
        site.put("/acts", f"<!DOCTYPE html><p>quiet</p>{hosts}{frames}<script>{fill}</script>")
    )
    assert capture.frozen is not None
    file = tmp_path / "page.html"
    file.write_bytes(saved(capture))
    made = file.read_text("utf-8")
    assert "evil" not in made
    assert made.count("shadowrootmode") == len(INJECTIONS)
    assert made.count("srcdoc") > len(INJECTIONS)
    assert viewer(file).requests == []


def test_passwords_file_names_and_tokens_are_not_kept(site: Site, visit: Visitor) -> None:
    fields = "".join(f"<input type={kind} value=secret>" for kind in ("password", "hidden"))
    made = saved(visit(site.put("/form", f"<!DOCTYPE html>{fields}<input value=字>")))
    assert b"secret" not in made
    assert 'value="字"'.encode() in made


@pytest.mark.parametrize(
    ("count", "size"), [(600, 300), (30, 480_000)], ids=["many small", "some large"]
)
def test_a_page_of_many_pictures_is_whole(
    site: Site, visit: Visitor, count: int, size: int
) -> None:
    body = png(8, 8, (9, 9, 9)).ljust(size, b"\0")
    site.put("/dots", Response(content_type="image/png", body=body))
    pictures = "".join(f"<img src=/dots?{n} width=8>" for n in range(count))
    made = through(item(visit(site.put("/many", f"<!DOCTYPE html>{pictures}"))), PagePipeline())
    (page,) = made.artifacts
    assert made.partial == []
    assert page.data.count(b"data:image/png") == count


@pytest.mark.parametrize(
    ("name", "most"), [("a sprite of many rules", 600_000), ("a picture in many places", 600_000)]
)
def test_a_picture_is_stored_once_however_often_it_is_used(
    site: Site, visit: Visitor, name: str, most: int
) -> None:
    serve_parts(site)
    assert len(saved(visit(site.put("/frozen", PAGES[name].response)))) < most


@pytest.mark.parametrize("mhtml", [b"", b"no archive"], ids=["none", "unreadable"])
def test_a_page_without_a_readable_mhtml_is_saved_from_its_html(
    site: Site, visit: Visitor, monkeypatch: pytest.MonkeyPatch, mhtml: bytes
) -> None:
    monkeypatch.setitem(freezer.LIMITS, "nodes", 5)
    capture = visit(site.put("/many-nodes", f"<!DOCTYPE html>{'<p>段' * 9}"))
    assert (capture.frozen, capture.partial) == (None, ("freeze",))
    made = through(item(replace(capture, mhtml=mhtml)), PagePipeline())
    files = {one.role: one.data for one in made.artifacts}
    assert "段".encode() in files[Role.HTML]
    assert (files.get(Role.MHTML, b""), made.partial) == (mhtml, [])


TOO_DEEP = (
    "<!DOCTYPE html><meta charset=utf-8><link rel=stylesheet href=/deep.css><style></style>"
    "<p>很深的一页</p><img src=/dot.png width=90 height=90><iframe src=/frame.html></iframe>"
    "<script>const sheet=document.styleSheets[1];sheet.insertRule('body{background:rgb(9,99,199)}');"
    "let at=document.body;for(let n=0;n<1200;n++)at=at.appendChild(document.createElement('b'))"
    "</script>"
)
"""Elements nested deeper than the freezer follows."""


def test_a_page_that_cannot_be_frozen_is_shown_from_its_mhtml(
    site: Site, visit: Visitor, viewer: Viewer, tmp_path: Path
) -> None:
    serve_parts(site)
    site.put("/dot.png", Response(content_type="image/png", body=png(8, 8, (200, 9, 9))))
    site.put("/deep.css", Response(content_type="text/css", body=b"p{font-size:40px}"))
    capture = visit(site.put("/too-deep", TOO_DEEP))
    assert (capture.frozen, capture.partial) == (None, ("freeze",))
    made = through(item(capture), PagePipeline())
    assert made.partial == ["mhtml", "frames_left_out:1"]
    files = {one.name: one.data for one in made.artifacts}
    assert files["page.mhtml"] == capture.mhtml
    file = tmp_path / "page.html"
    file.write_bytes(files["page.html"])
    shown = viewer(file)
    assert "很深的一页" in shown.text
    assert shown.requests == []
    assert capture.screenshot is not None
    # the frame, 300 by 150, is what a page of MHTML lacks here
    assert differing_share(capture.screenshot.data, shown.picture) <= 300 * 160 / (1280 * 800)


def test_frames_beyond_the_limits_are_counted(
    site: Site, visit: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(freezer, "MAX_FRAMES", 3)
    capture = visit(site.put("/frames", "<!DOCTYPE html>" + "<iframe srcdoc=x></iframe>" * 4))
    made = through(item(capture), PagePipeline())
    assert made.partial == ["frames_left_out:2"]


IN_LARGE_FONT = (
    "<!DOCTYPE html><meta charset=utf-8><style>@font-face{font-family:Boxes;src:url(/boxes.ttf)}"
    "body,input{font:40px Boxes}p::after{content:'\\4e10 丠'}b{text-transform:uppercase}</style>"
    "<p>一丁 丁一 丄丅<input value=不><input id=typed><b>abc</b><script>typed.value='丙'</script>"
)


def test_a_page_in_a_large_font_looks_the_same_in_its_subset(
    site: Site, visit: Visitor, viewer: Viewer, tmp_path: Path
) -> None:
    font = many_boxes()
    site.put("/boxes.ttf", Response(content_type="font/ttf", body=font))
    capture = visit(site.put("/chinese", IN_LARGE_FONT))
    assert capture.screenshot is not None
    file = tmp_path / "page.html"
    file.write_bytes(saved(capture))
    assert file.stat().st_size < len(font) / 10
    assert differing_share(capture.screenshot.data, viewer(file).picture) == 0
    assert [one.body for one in capture.exchanges if one.resource_type == "font"] == [font]
