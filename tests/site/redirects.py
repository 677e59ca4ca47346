"""Redirects that are long, endless or forbidden."""

from __future__ import annotations

from linkshot.samples.loopback import Answer, Request, Response
from tests.site.markup import Page

_STATUSES = (301, 302, 303, 307, 308)


def _to(target: str, status: int = 302) -> Response:
    return Response(status=status, headers=(("Location", target),), body=b"Moved.")


def _always(target: str, status: int = 302) -> Answer:
    response = _to(target, status)
    return lambda _: response


def _chain(request: Request) -> Response:
    """`/redirect/3` → 2 → 1 → the article, with a different status at each hop."""
    left = int("".join(filter(str.isdigit, request.path)) or 1)
    target = "/en/article" if left <= 1 else f"/redirect/{left - 1}"
    return _to(target, _STATUSES[left % len(_STATUSES)])


def _anywhere(request: Request) -> Response:
    target = request.value("url", "/stable")
    if not target.isascii() or not target.isprintable():
        return Response(status=400, body=b"The target must be printable ASCII.")
    return _to(target, int(request.number("status", 302)))


PLACES = (
    Page("/redirect/", "`/redirect/N`: N hops, then /en/article", _chain),
    Page("/redirect-loop", "redirects to itself", _always("/redirect-loop")),
    Page("/redirect-private", "302 to http://10.0.0.1/", _always("http://10.0.0.1/")),
    Page(
        "/redirect-metadata",
        "302 to the metadata address of clouds",
        _always("http://169.254.169.254/latest/meta-data/"),
    ),
    Page("/redirect-file", "302 to file:///etc/passwd", _always("file:///etc/passwd")),
    Page("/redirect-javascript", "302 to javascript:", _always("javascript:alert(1)")),
    Page("/redirect-data", "302 to data:", _always("data:text/html,<h1>data</h1>")),
    Page("/redirect-404", "302 to a page that is not there", _always("/404")),
    Page("/redirect-to", "`?url=…&status=302`: wherever a test wants", _anywhere),
)
