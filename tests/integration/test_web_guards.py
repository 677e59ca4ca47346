"""Which requests are let in, and what every answer carries."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from web_client import OWN, Client

from linkshot.app import App
from web.security import request_guards

JSON = {"Content-Type": "application/json"}


@pytest.fixture(autouse=True)
def _without_cookies(web: Client) -> None:
    web.cookies.clear()


@pytest.mark.parametrize(
    "path", ["/", "/nope", "/static/app.css", "/api/v1/health", "/api/v1/nope", "/links/xyz"]
)
def test_every_answer_carries_the_security_headers(web: Client, path: str) -> None:
    headers = web.get(path).headers
    assert headers["content-security-policy"] == request_guards.CSP
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert "camera=()" in headers["permissions-policy"]
    assert "server" not in headers


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8765", "127.0.0.1.evil.example", "0.0.0.0:8765", ""]
)
def test_other_host_names_are_misdirected(web: Client, host: str) -> None:
    answer = web.get("/api/v1/links", headers={"Host": host})
    assert (answer.status_code, answer.json()["code"]) == (421, "host.not_allowed")
    assert "allowed_hosts" in answer.json()["detail"]


@pytest.mark.parametrize("host", ["localhost:9", "127.0.0.1", "[::1]:8765", "LOCALHOST"])
def test_loopback_names_are_answered(web: Client, host: str) -> None:
    assert web.get("/api/v1/health", headers={"Host": host}).status_code == 200


def test_two_hosts_are_one_too_many(web: Client) -> None:
    answer = web.get("/", headers=[("Host", "127.0.0.1"), ("Host", "evil")])
    assert (answer.status_code, answer.json()["code"]) == (400, "host.invalid")


def test_forwarded_headers_change_nothing(web: Client) -> None:
    given = {"X-Forwarded-Host": "evil", "Forwarded": "host=evil"}
    assert "evil" not in web.get("/", headers=given).text


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "null"},
        {"Origin": "https://evil.example"},
        {"Origin": "http://127.0.0.1:9999"},
        {"Origin": "ftp://127.0.0.1:8765"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {**OWN, "Sec-Fetch-Site": "cross-site"},
        {"Cookie": "linkshot_lang=en"},
    ],
    ids=str,
)
def test_changes_from_elsewhere_are_refused(web: Client, headers: dict[str, str]) -> None:
    answer = web.post(
        "/api/v1/links", headers=headers | JSON, content=b'{"url":"https://a.example/"}'
    )
    assert (answer.status_code, answer.json()["code"]) == (403, "csrf")
    assert web.post("/trash/purge", headers=headers, data={"link": "x"}).status_code == 403


def test_programs_without_origin_may_change(web: Client) -> None:
    answer = web.post("/api/v1/links", headers={}, json={"url": "https://a.example/"})
    assert answer.status_code == 201


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_the_api_takes_json_only(web: Client, kind: str) -> None:
    answer = web.post("/api/v1/links", headers={"Content-Type": kind}, content=b'{"url":"x"}')
    assert (answer.status_code, answer.json()["code"]) == (415, "content.type")


def test_compressed_bodies_are_refused(web: Client) -> None:
    headers = JSON | {"Content-Encoding": "gzip"}
    answer = web.post("/api/v1/links", headers=headers, content=b"\x1f\x8b")
    assert (answer.status_code, answer.json()["code"]) == (415, "content.encoding")


def test_a_large_body_is_refused_by_its_length(web: Client) -> None:
    answer = web.post("/api/v1/links", headers=JSON, content=b"x" * (request_guards.BODY_BYTES + 1))
    assert (answer.status_code, answer.json()["code"]) == (413, "body.too_large")


def test_a_large_body_without_length_is_cut_while_it_comes(web: Client) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(request_guards.BODY_BYTES // request_guards.MIB + 2):
            yield b"x" * request_guards.MIB

    answer = web.post("/api/v1/links", headers=JSON, content=endless())
    assert (answer.status_code, answer.json()["code"]) == (413, "body.too_large")


def test_a_slow_body_is_cut(web: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request_guards, "BODY_S", 0.05)

    async def never() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.Event().wait()

    answer = web.post("/api/v1/links", headers=JSON, content=never())
    assert (answer.status_code, answer.json()["code"]) == (408, "body.slow")


def test_forms_are_limited_too(web: Client) -> None:
    answer = web.post("/go", content=b"x" * (request_guards.BODY_BYTES + 1))
    assert answer.status_code == 413


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "TRACK"])
def test_odd_methods_are_refused(web: Client, method: str) -> None:
    assert web.request(method, "/").status_code == 405


def test_method_override_is_ignored(web: Client) -> None:
    answer = web.get("/api/v1/links", headers={"X-HTTP-Method-Override": "DELETE"})
    assert answer.status_code == 200


def test_head_has_the_headers_and_no_body(web: Client) -> None:
    head, whole = web.request("HEAD", "/"), web.get("/")
    assert head.status_code == 200
    assert head.content == b""
    assert head.headers["content-type"] == whole.headers["content-type"]


def test_what_nobody_foresaw_is_a_plain_500(
    web: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("linkshot.use_cases.links.counts", lambda app: 1 / 0)
    page = web.get("/")
    assert page.status_code == 500
    assert "ZeroDivision" not in page.text
    assert "ZeroDivision" in caplog.text
    assert page.headers["content-security-policy"] == request_guards.CSP


def test_own_names_are_settings(app: App) -> None:
    settings = replace(app.settings, allowed_hosts=("links.example.com",))
    assert request_guards.reject_host(["links.example.com:443"], "10.0.0.5", settings) is None
    assert request_guards.reject_host(["10.0.0.5:8765"], "10.0.0.5", settings) is None
    assert request_guards.reject_host(["other.example.com"], "10.0.0.5", settings) is not None
    assert request_guards.reject_host(["192.168.1.7:8765"], "10.0.0.5", settings) is not None
    everywhere = replace(settings, host="0.0.0.0")
    assert request_guards.reject_host(["192.168.1.7:8765"], "10.0.0.5", everywhere) is None
    assert request_guards.reject_host(["other.example.com"], "10.0.0.5", everywhere) is not None
