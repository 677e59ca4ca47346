"""X-Forwarded headers and the base path, without a proxy: who is believed, and what comes of it."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.types import Scope
from web_client import Client, open_web

from linkshot.errors import ConfigError
from linkshot.system.config import load_settings
from linkshot.wiring import open_app
from web.security.forwarded import ForwardedMiddleware
from web.security.password_auth import client_address
from web.server import create_app

PUBLIC = {
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Host": "links.example",
    "X-Forwarded-Port": "8443",
}
OWN_FORM = {"Origin": "https://links.example:8443"}


@pytest.fixture(scope="module")
def trusting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    given = {"trusted_proxies": "127.0.0.0/8", "allowed_hosts": "links.example"}
    with open_web(tmp_path_factory.mktemp("trusting"), **given) as client:
        yield client


def told(peer: str, *headers: tuple[str, str], trusted: tuple[str, ...] = ("10.0.0.0/8",)) -> Scope:
    """What the guards see of a request."""
    seen: list[Scope] = []

    async def app(scope: Scope, receive: object, send: object) -> None:
        seen.append(scope)

    raw = [(name.encode(), value.encode()) for name, value in (("host", "inner"), *headers)]
    scope = {"type": "http", "scheme": "http", "client": (peer, 1), "headers": raw}
    asyncio.run(ForwardedMiddleware(app, trusted)(scope, lambda: None, lambda _: None))  # type: ignore[arg-type]
    return seen[0]


@pytest.mark.parametrize("peer", ["10.1.2.3", "::ffff:10.1.2.3"])
def test_a_trusted_proxy_says_who_asked_and_how(peer: str) -> None:
    scope = told(peer, ("x-forwarded-for", "192.0.2.7"), ("x-forwarded-proto", "https"))
    assert (client_address(scope), scope["scheme"]) == ("192.0.2.7", "https")


@pytest.mark.parametrize("peer", ["192.0.2.1", "fd00::1", "11.0.0.1", "unix", ""])
def test_nobody_else_is_believed(peer: str) -> None:
    headers = [("x-forwarded-for", "192.0.2.7"), ("x-forwarded-proto", "https")]
    scope = told(peer, *headers, ("x-forwarded-host", "evil"), ("x-forwarded-port", "9"))
    assert (client_address(scope), scope["scheme"]) == (peer, "http")
    assert scope["headers"][0] == (b"host", b"inner")


@pytest.mark.parametrize(
    ("said", "client"),
    [
        ("6.6.6.6, 192.0.2.7, 10.0.0.9", "192.0.2.7"),
        ("192.0.2.7:4711", "192.0.2.7"),
        ("[2001:db8::7]:4711", "2001:db8::7"),
        ("10.0.0.8, 10.0.0.9", "10.0.0.8"),
        ("<script>, unknown", "10.1.2.3"),
        ("", "10.1.2.3"),
    ],
)
def test_the_client_is_the_nearest_that_is_no_proxy(said: str, client: str) -> None:
    assert client_address(told("10.1.2.3", ("x-forwarded-for", said))) == client


@pytest.mark.parametrize(
    ("headers", "host"),
    [
        ({"x-forwarded-host": "a.example"}, "a.example"),
        ({"x-forwarded-host": "a.example:8443"}, "a.example:8443"),
        ({"x-forwarded-host": "evil, a.example"}, "a.example"),
        ({"x-forwarded-host": "[2001:db8::1]", "x-forwarded-port": "99"}, "[2001:db8::1]:99"),
        ({"x-forwarded-host": "a.example:1", "x-forwarded-port": "2"}, "a.example:1"),
        ({"x-forwarded-port": "8443"}, "inner:8443"),
        ({"x-forwarded-port": "443", "x-forwarded-proto": "https"}, "inner"),
        ({"x-forwarded-port": "80"}, "inner"),
        ({"x-forwarded-port": "0"}, "inner"),
        ({"x-forwarded-port": "99999999999999999999"}, "inner"),
        ({"x-forwarded-port": "８０"}, "inner"),
        ({"x-forwarded-proto": "javascript"}, "inner"),
    ],
    ids=str,
)
def test_the_host_is_the_one_that_the_browser_asked_for(headers: dict[str, str], host: str) -> None:
    scope = told("10.1.2.3", *headers.items())
    assert dict(scope["headers"])[b"host"] == host.encode()
    assert scope["scheme"] in ("http", "https")


def test_a_form_comes_through_a_proxy_on_a_port_of_its_own(trusting: Client) -> None:
    answer = trusting.post("/go", data={"text": "x"}, headers=PUBLIC | OWN_FORM)
    assert answer.status_code == 303


@pytest.mark.parametrize(
    "origin",
    ["https://links.example", "https://links.example:8444", "https://evil.example", "null"],
)
def test_other_origins_are_refused_through_it_too(trusting: Client, origin: str) -> None:
    answer = trusting.post("/go", data={"text": "x"}, headers=PUBLIC | {"Origin": origin})
    assert answer.status_code == 403


def test_a_port_that_was_dropped_is_told_with_what_to_do(trusting: Client) -> None:
    given = {"Host": "links.example"} | OWN_FORM
    refused = trusting.post("/api/v1/links", json={"url": "https://a.example/"}, headers=given)
    assert (refused.status_code, refused.json()["code"]) == (403, "csrf")
    assert "LINKSHOT_PUBLIC_URL" in refused.json()["detail"]
    says_so = given | {"Sec-Fetch-Site": "same-origin"}
    taken = trusting.post("/api/v1/links", json={"url": "https://a.example/"}, headers=says_so)
    assert taken.status_code == 201


@pytest.mark.parametrize(
    "hosts",
    [
        {"X-Forwarded-Host": "evil.example"},
        {"Host": "evil.example", "X-Forwarded-Host": "links.example"},
        {"Host": "evil.example"},
    ],
    ids=str,
)
def test_both_hosts_must_be_known(trusting: Client, hosts: dict[str, str]) -> None:
    answer = trusting.get("/api/v1/links", headers=hosts)
    assert (answer.status_code, answer.json()["code"]) == (421, "host.not_allowed")


def test_wrong_passwords_count_for_whoever_sent_them(tmp_path: Path) -> None:
    with open_web(tmp_path, trusted_proxies="127.0.0.1", password="right") as web:
        codes = [
            web.post(
                "/login",
                data={"password": "wrong"},
                headers={"Origin": "http://127.0.0.1:8765", "X-Forwarded-For": client},
            ).status_code
            for client in ["192.0.2.1"] * 6 + ["192.0.2.2"]
        ]
    assert codes == [403] * 5 + [429, 403]


def test_the_login_is_for_https_where_the_proxy_says_so(tmp_path: Path) -> None:
    given = {"trusted_proxies": "127.0.0.1", "allowed_hosts": "links.example", "password": "right"}
    with open_web(tmp_path, **given) as web:
        form = {"data": {"password": "right"}}
        cookie = web.post("/login", headers=PUBLIC, **form).headers["set-cookie"]
        assert cookie.startswith("__Host-linkshot_session=")
        assert "secure" in cookie.lower()
        assert web.post("/login", **form).headers["set-cookie"].startswith("linkshot_session=")


@pytest.fixture(scope="module")
def below(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    with open_web(tmp_path_factory.mktemp("below"), base_path="/shots/") as client:
        yield client


@pytest.mark.parametrize("path", ["/shots/tags", "/tags"], ids=["kept", "cut off"])
def test_a_path_is_understood_whether_the_proxy_keeps_it_or_not(below: Client, path: str) -> None:
    page = below.get(path)
    assert page.status_code == 200
    assert 'href="/shots/static/app.css' in page.text
    assert 'action="/shots/go"' in page.text
    assert ' aria-current="page">Tags' in page.text


def test_the_path_alone_is_the_list_and_no_other_begins_so(below: Client) -> None:
    assert below.get("/shots").status_code == 200
    assert below.get("/shotsx").status_code == 404


@pytest.mark.parametrize("path", ["/static/none.css", "/none", "/shots/none"])
def test_an_error_leads_back_below_the_path(below: Client, path: str) -> None:
    page = below.get(path)
    assert page.status_code == 404
    assert 'href="/shots/"' in page.text


@pytest.mark.parametrize("next_", ["/tags?lang=en", "//evil.example", "https://evil.example"])
def test_what_comes_next_stays_below_the_path(below: Client, next_: str) -> None:
    answer = below.post("/shots/preferences", data={"theme": "dark", "next": next_})
    assert answer.headers["location"] == {"/tags?lang=en": "/shots/tags?lang=en"}.get(
        next_, "/shots/"
    )
    assert "Path=/shots;" in answer.headers["set-cookie"]


@pytest.mark.parametrize("base", ["/tags", "/api/x", "/s", "/static", "/login"])
def test_a_path_that_begins_like_our_own_is_refused(tmp_path: Path, base: str) -> None:
    app = open_app(load_settings(data=tmp_path, base_path=base))
    with pytest.raises(ConfigError, match="setting base_path"):
        create_app(app)
    app.close()
