"""What bad input gets from the API: a status and a stable code, never a 500 (rows U, T, S)."""

import logging
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import event
from web_client import Client, open_web

from linkshot.catalogue import engine
from linkshot.errors import QueueUnavailable

JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"{}", 422, "url.required"),
        (b'{"url": ""}', 422, "url.required"),
        (b'{"url": null}', 422, "url.type"),
        (b'{"url": 123}', 422, "url.type"),
        (b'{"url": ["a"]}', 422, "url.type"),
        (b'{"url": "example.com"}', 422, "url.scheme_missing"),
        (b'{"url": "javascript:alert(1)"}', 422, "url.scheme_not_allowed"),
        (b'{"url": "http://example.com\\r\\nHost: evil/"}', 422, "url.unparseable"),
        (b'{"url": "http://example.com/\\u0000"}', 422, "url.unparseable"),
        (b'{"url": "http://example.com:65536/"}', 422, "url.port_invalid"),
        (b'{"url": "http://127.0.0.1:8765/"}', 422, "url.self"),
        (b'{"url": "https://a.example/' + b"a" * 1_000_000 + b'"}', 422, "url.too_long"),
        (b'{"url": 1' + b"0" * 5000 + b"}", 400, "json.invalid"),
        (b'{"url": "http://127.0.0.1/"}', 422, "url.address_blocked"),
        (b'{"url": "https://a.example/", "owner": true}', 422, "field.unknown"),
        (b'{"url": "https://a.example/", "tags": "x"}', 422, "tags.type"),
        (b'{"url": "https://a.example/", "tags": ["\\n"]}', 422, "tag.control_char"),
        (b'{"url": "https://a.example/", "tags": [" "]}', 422, "tag.empty"),
        (b'{"url": "https://a.example/\\ud800"}', 400, "json.invalid_unicode"),
        (b'{"url": "https://a.example/", "url": "https://b.example/"}', 400, "json.invalid"),
        (b'{"url": NaN}', 400, "json.invalid"),
        (b'\xef\xbb\xbf{"url": "https://a.example/"}', 400, "json.invalid"),
        ('{"url": "https://a.example/"}'.encode("utf-16"), 400, "json.invalid"),
        (b"[" * 1000 + b"]" * 1000, 400, "json.invalid"),
        (b"[" * 100_000, 400, "json.invalid"),
        (b'{"url": "https://a.exam', 400, "json.invalid"),
        (b"[]", 422, "body.type"),
        (b'"x"', 422, "body.type"),
    ],
)
def test_a_link_that_cannot_be_kept(web: Client, body: bytes, status: int, code: str) -> None:
    answer = web.post("/api/v1/links", content=body, headers=JSON)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == status


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("limit=-1", 422, "limit.invalid"),
        ("limit=0", 422, "limit.invalid"),
        ("limit=1000000000", 422, "limit.invalid"),
        ("limit=abc", 422, "limit.invalid"),
        ("sort=password", 422, "sort.unknown"),
        ("cursor=AAAA", 400, "cursor.invalid"),
        ("q=%22open", 400, "query.syntax"),
        ("q=(a+OR", 400, "query.syntax"),
        ("q=added:2026-02-30", 400, "query.syntax"),
        ("q=" + "a" * 3000, 400, "query.too_complex"),
        ("q=" + "(" * 50 + "a" + ")" * 50, 400, "query.too_complex"),
    ],
)
def test_a_search_that_cannot_be_read(web: Client, query: str, status: int, code: str) -> None:
    answer = web.get(f"/api/v1/search?{query}")
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_a_query_error_names_the_position(web: Client) -> None:
    answer = web.get("/api/v1/search", params={"q": 'site:a.example "open'}).json()
    assert (answer["field"], answer["position"]) == ("query", 15)


@pytest.mark.parametrize("q", ["", "  ", "*", "?", "site:a.example", "#nothing", "is:failing"])
def test_a_search_without_words_is_answered(web: Client, q: str) -> None:
    assert web.get("/api/v1/search", params={"q": q}).status_code == 200


@pytest.mark.parametrize(
    "path", ["/api/v1/links/zzz", "/api/v1/links/" + "0" * 32, "/api/v1/imports/x", "/api/v1/x"]
)
def test_unknown_things_are_not_found(web: Client, path: str) -> None:
    assert web.get(path).status_code == 404


@pytest.mark.parametrize(
    "text",
    [
        "a\r\nSet-Cookie: x=1", "\x1b[31mred", "\u202egnp.exe", "=cmd|' /C calc'!A0", "{{7*7}}",
        "${jndi:ldap://x}", "%{x} %s %(x)s", "'; DROP TABLE links; --", "<svg onload=alert(1)>",
    ],
)  # fmt: skip
def test_hostile_titles_and_notes_read_back_equal_and_are_shown_escaped(
    web: Client, text: str
) -> None:
    body = {"url": "https://a.example/hostile", "title": text, "note": text}
    link_id = web.post("/api/v1/links", json=body).json()["link_id"]
    web.request("PATCH", f"/api/v1/links/{link_id}", json={"title": text, "note": text})
    link = web.get(f"/api/v1/links/{link_id}").json()
    assert (link["title"], link["note"]) == (text, text)
    for path in ("/", f"/links/{link_id}", f"/links/{link_id}?tab=details"):
        page = web.get(path)
        assert page.status_code == 200
        assert "<svg onload" not in page.text
        assert "49" not in page.text.split("<h1")[1].split("</h1>")[0]


@pytest.mark.parametrize(
    "name",
    ["<img src=x onerror=alert(1)>", '"><script>', "javascript:", "{{7*7}}", "עברית", "👍🏽"],
)
def test_hostile_tags_are_shown_escaped(web: Client, name: str) -> None:
    body = {"url": "https://a.example/tagged", "tags": [name]}
    link_id = web.post("/api/v1/links", json=body).json()["link_id"]
    for path in ("/", "/tags", f"/links/{link_id}"):
        page = web.get(path)
        assert page.status_code == 200
        assert "<img src=x" not in page.text
        assert '"><script>' not in page.text


def test_a_link_of_the_greatest_length_is_kept_and_found_again(web: Client) -> None:
    url = "https://a.example/" + "a" * (8192 - len("https://a.example/"))
    link = web.post("/api/v1/links", json={"url": url}).json()
    assert web.get(f"/api/v1/links/{link['link_id']}").json()["url"] == url
    assert web.post("/api/v1/links", json={"url": f"{url}a"}).status_code == 422


def test_ten_thousand_links_in_one_call_are_shown_the_way_to_the_import(web: Client) -> None:
    items = [{"url": f"https://a.example/{number}"} for number in range(10_000)]
    answer = web.post("/api/v1/links/batch", json={"items": items})
    assert (answer.status_code, answer.json()["code"]) == (413, "batch.too_large")
    assert "/api/v1/imports" in answer.json()["detail"]


def test_the_same_link_twice_in_one_call_is_one_link(web: Client) -> None:
    urls = ["https://twice.example/", "https://TWICE.example:443#", "https://twice.example/#part"]
    answer = web.post("/api/v1/links/batch", json={"items": [{"url": url} for url in urls]}).json()
    assert [item["existing"] for item in answer["items"]] == [False, True, True]
    assert len({item["link_id"] for item in answer["items"]}) == 1


def test_a_password_in_a_link_is_removed_told_and_left_nowhere(
    web: Client, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        answer = web.post("/api/v1/links", json={"url": "http://me:hunter2@pw.example/"})
    assert answer.json()["warnings"] == ["credentials_removed"]
    shown = [answer.text, caplog.text, web.get("/").text, web.get(answer.headers["location"]).text]
    assert not [text for text in shown if "hunter2" in text]


@pytest.mark.parametrize(
    "url", ["http://trusted.example@evil.example/", "http://evil.example/trusted.example"]
)
def test_the_site_a_link_leads_to_stands_out(web: Client, url: str) -> None:
    link_id = web.post("/api/v1/links", json={"url": url}).json()["link_id"]
    assert "<b>evil.example</b>" in web.get(f"/links/{link_id}").text


@pytest.mark.parametrize(
    "text", ["words\r\nSet-Cookie: x=1", "http://a.example/\r\nX: y", "a\nb\x00c", "\u2028"]
)
def test_line_ends_reach_no_header(web: Client, text: str) -> None:
    for path, field in (("/go", "text"), ("/add", "url")):
        answer = web.post(path, data={field: text})
        assert answer.status_code in (303, 422)
        assert "x" not in web.cookies
        assert not [value for value in answer.headers.values() if set(value) & set("\r\n\0")]


def test_a_name_that_mixes_scripts_is_shown_with_a_warning(web: Client) -> None:
    answer = web.post("/api/v1/links", json={"url": "http://\u0430pple.example/"}).json()
    assert answer["url"] == "http://xn--pple-43d.example/"
    assert "mixed_script" in answer["warnings"]
    assert "mixes scripts" in web.get(f"/links/{answer['link_id']}?lang=en").text


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[Client]:
    """A linkshot whose catalogue this test may harm."""
    with open_web(tmp_path / "data") as client:
        client.post("/api/v1/links", json={"url": "https://a.example/"})
        yield client


def test_a_locked_catalogue_is_unavailable_and_nothing_is_half_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "BUSY_TIMEOUT_S", 0.05)
    with open_web(tmp_path / "data") as web:
        web.get("/api/v1/links")
        locker = sqlite3.connect(tmp_path / "data" / "catalogue.db", isolation_level=None)
        locker.execute("BEGIN IMMEDIATE")
        answer = web.post("/api/v1/links", json={"url": "https://b.example/"})
        assert (answer.status_code, answer.json()["code"]) == (503, "catalogue.unavailable")
        assert int(answer.headers["retry-after"]) > 0
        locker.close()
        assert web.get("/api/v1/links").json()["total"] == 0
        assert web.post("/api/v1/links", json={"url": "https://b.example/"}).status_code == 201


def test_a_full_catalogue_is_unavailable_and_nothing_is_half_written(alone: Client) -> None:
    event.listen(
        alone.app.catalogue.engine,
        "checkout",
        lambda file, *_rest: file.execute("PRAGMA max_page_count = 1"),
    )
    note = "n" * 100_000
    answer = alone.post("/api/v1/links", json={"url": "https://b.example/", "note": note})
    assert (answer.status_code, answer.json()["code"]) == (503, "catalogue.unavailable")
    assert alone.get("/api/v1/links").json()["total"] == 1


def test_a_queue_that_is_away_refuses_no_link(alone: Client) -> None:
    def broken() -> None:
        raise QueueUnavailable

    alone.app.openers = replace(alone.app.openers, queue=broken)
    assert alone.post("/api/v1/links", json={"url": "https://b.example/"}).status_code == 201
    health = alone.get("/api/v1/health").json()
    assert health["parts"]["queue"] == "queue.unavailable"
