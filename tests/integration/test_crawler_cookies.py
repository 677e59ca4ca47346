"""A visit sets the cookies given for its site as they were, for their hosts only, and keeps none of them."""

import json
import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from crawler_visitor import Visitor

from crawler.failures import VisitFailed
from crawler.page.cookie_jar import CookieJar
from crawler.page.cookie_redaction import redact
from linkshot.domain.cookies import Cookie, SiteCookies, make_cookie
from linkshot.samples.loopback import Request, Response
from tests.site import Site
from tests.site.markup import html

TOKEN = "tok3nOfTheSession0001"


@pytest.fixture
def named(visit: Visitor) -> Iterator[Visitor]:
    """Every name leads to this machine."""

    def lookup(_host: str, port: Any, *more: Any, **named: Any) -> Any:
        return socket.getaddrinfo("127.0.0.1", port, *more, **named)

    before, visit.lookup = visit.lookup, lookup
    yield visit
    visit.lookup = before


@pytest.fixture
def mirror(site: Site) -> Callable[[], list[tuple[str, str]]]:
    """Serves pages, and says which host got which cookies."""
    seen: list[tuple[str, str]] = []

    def answer(request: Request) -> Response:
        seen.append((request.host.partition(":")[0], request.headers.get("Cookie", "")))
        frame = request.value("frame")
        inside = f"<iframe src='{frame}'></iframe>" if frame else ""
        return Response(body=html("Mirror", f"<p>The cookies are read by the server.</p>{inside}"))

    site.put("/mirror", answer)
    return lambda: seen


def jar(*cookies: Cookie, of: str = "site.example") -> CookieJar:
    return CookieJar(SiteCookies(site=of, cookies=cookies))


def cookie(name: str, domain: str = "site.example", **more: Any) -> Cookie:
    return make_cookie(name=name, value=TOKEN, domain=domain, **more)


def test_hosts_paths_and_secure_are_the_browser_s_decision(
    named: Visitor, site: Site, mirror: Callable[[], list[tuple[str, str]]]
) -> None:
    given = jar(
        cookie("own", "www.site.example"),
        cookie("wide", ".site.example"),
        cookie("top", "site.example"),
        cookie("path", ".site.example", path="/elsewhere"),
        cookie("secure", ".site.example", secure=True),
        cookie("__Host-strict", "www.site.example", secure=True),
    )
    named(site.url("/mirror", "www.site.example"), jar=given)
    assert dict(mirror()) == {"www.site.example": f"own={TOKEN}; wide={TOKEN}"}


def test_no_other_site_gets_them_neither_by_a_frame_nor_by_a_redirect(
    named: Visitor, site: Site, mirror: Callable[[], list[tuple[str, str]]]
) -> None:
    given = jar(cookie("wide", ".site.example"))
    away = site.url("/mirror", "other.example")
    named(site.url(f"/mirror?frame={away}", "www.site.example"), jar=given)
    named(site.url(f"/redirect-to?url={away}", "www.site.example"), jar=given)
    got = {host: cookies for host, cookies in mirror() if cookies}
    assert got == {"www.site.example": f"wide={TOKEN}"}
    assert "other.example" in {host for host, _ in mirror()}


def test_a_cookie_for_servers_only_is_hidden_from_scripts(named: Visitor, site: Site) -> None:
    body = "<p id=said></p><script>said.textContent = document.cookie</script>"
    url = site.put("/scripts", Response(body=html("Scripts", body)))
    given = jar(
        cookie("hidden", "127.0.0.1", http_only=True), cookie("open", "127.0.0.1"), of="127.0.0.1"
    )
    capture = named(url, jar=given)
    assert f"open={TOKEN}" in capture.html
    assert "hidden" not in capture.html


def test_the_next_visit_knows_nothing_of_them(
    named: Visitor, site: Site, mirror: Callable[[], list[tuple[str, str]]]
) -> None:
    named(site.url("/mirror", "site.example"), jar=jar(cookie("sid")))
    named(site.url("/mirror", "site.example"))
    assert [cookies for _, cookies in mirror()][-1] == ""


def test_what_the_site_sets_is_as_secret_and_is_not_given_again(named: Visitor, site: Site) -> None:
    given = jar(cookie("sid", "127.0.0.1"), of="127.0.0.1")
    capture = named(site.url("/members-echo"), jar=given)
    assert given.values == {TOKEN, f"fresh-{TOKEN}"}
    assert given.given.cookies == (cookie("sid", "127.0.0.1"),)
    assert TOKEN in repr(capture), "the page repeats it"
    clean = redact(capture, given.values)
    assert TOKEN not in repr(clean)
    assert TOKEN not in json.dumps(clean.dom)
    assert clean.notes["cookies"]["site"] == "127.0.0.1"  # type: ignore[index]  # a dict


def test_a_cookie_that_the_browser_refuses_fails_the_visit_without_its_value(
    visit: Visitor, site: Site
) -> None:
    refused = Cookie(name="__Host-a", value=TOKEN, domain="127.0.0.1", host_only=True)
    with pytest.raises(VisitFailed) as caught:
        visit(site.url("/stable"), jar=jar(refused, of="127.0.0.1"))
    assert caught.value.failure.kind == "cookies"
    assert TOKEN not in str(caught.value)
    assert caught.value.__suppress_context__
