"""Pages with much on them that is easily lost, with probes: elements with `data-probe` keep their looks."""

from __future__ import annotations

from linkshot.samples.loopback import Response
from tests.site.font import boxes
from tests.site.frozen import SHEET, serve_parts
from tests.site.markup import read
from tests.site.server import Site

PAGES = ("pixels", "state", "sheets")
SHEETS = {
    "main": "@import 'first.css' layer(base); h1 { color: #246 }",
    "first": "@import url(second.css) screen; #imported { background: #def }",
    "second": "@import url(third.css) supports(display: block);",
    "third": "#deep { background: #fed url(../tile.png) }",
    "print": "body { display: none }",
    "alternate": "body { background: #f00 }",
    "disabled": "#off { background: #f00 }",
    "cross": "#cross { background: #edf url(../blue.png) }",
}


def serve(site: Site) -> dict[str, str]:
    """Puts the pages and their parts on the site; name → address."""
    serve_parts(site)
    site.put("/boxes.ttf", Response(content_type="font/ttf", body=boxes()))
    for name, css in SHEETS.items():
        site.put(f"/sheets/{name}.css", Response(content_type=SHEET, body=css.encode()))
    return {name: site.put(f"/torture/{name}", read(f"{name}.html")) for name in PAGES}
