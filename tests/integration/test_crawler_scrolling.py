"""Pages that lose text when they are scrolled, and pages that scroll in a box, are told."""

import shutil

import pytest

from tests.integration.crawler_visitor import Visitor
from tests.site import Site

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        not (shutil.which("chromium-headless-shell") or shutil.which("chromium")),
        reason="no Chromium on this machine",
    ),
]
LONG = "".join(
    f"<p style='height:200px'>Paragraph {n} of a page that is higher than the window.</p>"
    for n in range(20)
)
VIRTUAL = """<div id=list style="height:15000px;position:relative"></div><script>
const show = () => { const first = Math.floor(scrollY / 30); list.replaceChildren(...Array.from({length: 30}, (_, n) => {
  const row = document.createElement("p"); row.textContent = `row ${first + n} of a list of five hundred`;
  row.style = `position:absolute;margin:0;top:${(first + n) * 30}px`; return row; })); };
addEventListener("scroll", show); show();
</script>"""
EMPTIED = f"""{LONG}<script>addEventListener("scroll", () => {{
  for (const p of document.querySelectorAll("p")) if (p.getBoundingClientRect().bottom < 0) p.textContent = ""; }});</script>"""
WALL = f"""{LONG}<script>addEventListener("scroll", () => {{ document.body.innerHTML = "<h1>Subscribe to read on</h1>"; }});</script>"""
CAROUSEL = f"""<p id=a>The first of several messages that take turns here.</p>{LONG}<script>let n = 0;
setInterval(() => {{ a.textContent = `Message number ${{n++}} of those that take turns`; }}, 50);</script>"""
BOX = f"<body style='margin:0;overflow:hidden;height:100vh'><main style='height:100vh;overflow:auto'>{LONG}</main>"
SIDE = f"<body><nav style='float:left;width:200px;height:300px;overflow:auto'>{LONG}</nav><p>A page that fits."


@pytest.mark.parametrize("page", [VIRTUAL, EMPTIED, WALL], ids=["virtual list", "emptied", "wall"])
def test_text_that_goes_while_the_page_is_scrolled_is_told(
    site: Site, visit: Visitor, page: str
) -> None:
    url = site.put("/away", f"<!DOCTYPE html><html><body>{page}</body></html>")
    assert [word for word in visit(url).partial if word.startswith("scrolled_away:")]


@pytest.mark.parametrize("page", [LONG, CAROUSEL, SIDE], ids=["still", "carousel", "side bar"])
def test_a_page_that_keeps_its_text_is_whole(site: Site, visit: Visitor, page: str) -> None:
    url = site.put("/whole", f"<!DOCTYPE html><html><body>{page}</body></html>")
    told = {word.partition(":")[0] for word in visit(url).partial}
    assert told.isdisjoint(("scrolled_away", "inner_scroll"))


def test_a_page_that_scrolls_in_a_box_says_that_its_screenshot_ends(
    site: Site, visit: Visitor
) -> None:
    url = site.put("/box", f"<!DOCTYPE html><html>{BOX}</body></html>")
    capture = visit(url)
    assert [word for word in capture.partial if word.startswith("inner_scroll:")]
    assert "Paragraph 19" in capture.html
