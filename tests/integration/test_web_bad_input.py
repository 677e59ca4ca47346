"""What bad input gets from the API: a status and a stable code, never a 500 (rows U, T, S)."""

from collections.abc import Iterator

import pytest
from web_client import Client, open_web

JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    with open_web(tmp_path_factory.mktemp("web")) as client:
        yield client


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
