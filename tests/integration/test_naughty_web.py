"""The Big List of Naughty Strings through the doors of the web (row U46): never a 500, read back equal."""

from urllib.parse import quote

import pytest
from selectolax.lexbor import LexborHTMLParser, LexborNode
from web_client import BASE, Client

from linkshot.domain.tag_paths import tag_path
from linkshot.errors import InvalidTag
from tests.naughty import STRINGS


@pytest.fixture(scope="module")
def shelf(web: Client) -> list[str]:
    """Ids of links that have the strings as title and note, in order."""
    ids = []
    for number, text in enumerate(STRINGS):
        body = {"url": f"https://a.example/{number}", "title": text, "note": text}
        answer = web.post("/api/v1/links", json=body)
        assert answer.status_code == 201, text
        ids.append(answer.json()["link_id"])
    return ids


def _tag(text: str) -> str | None:
    """The full name of the tag it is, or None."""
    try:
        return tag_path(text).name
    except InvalidTag:
        return None


def test_as_a_whole_link_it_is_kept_or_refused(web: Client) -> None:
    for text in STRINGS:
        answer = web.post("/api/v1/links", json={"url": text})
        if answer.status_code not in (200, 201):
            body = answer.json()
            assert (answer.status_code, body["code"][:4], body["field"]) == (422, "url.", "url")


def test_as_part_of_a_link_it_is_kept(web: Client) -> None:
    for text in STRINGS:
        answer = web.post("/api/v1/links", json={"url": f"https://b.example/{text}"})
        assert answer.status_code in (200, 201), text
        assert answer.json()["url"].startswith("https://b.example/")


def test_as_title_and_note_it_is_read_back_equal(web: Client, shelf: list[str]) -> None:
    for link_id, text in zip(shelf, STRINGS, strict=True):
        link = web.get(f"/api/v1/links/{link_id}").json()
        assert (link["title"], link["note"]) == (text, text)


def test_as_an_edit_it_is_read_back_equal(web: Client) -> None:
    link = web.post("/api/v1/links", json={"url": "https://c.example/"}).json()["link_id"]
    for text in STRINGS:
        edited = web.request("PATCH", f"/api/v1/links/{link}", json={"title": text, "note": text})
        assert (edited.json()["title"], edited.json()["note"]) == (text, text)


def test_as_tag_it_is_one_tag_or_refused(web: Client) -> None:
    for number, text in enumerate(STRINGS):
        body = {"url": f"https://d.example/{number}", "tags": [text]}
        answer, name = web.post("/api/v1/links", json=body), _tag(text)
        if name is None:
            body = answer.json()
            assert (answer.status_code, body["code"][:4], body["field"]) == (422, "tag.", "tags")
        else:
            (kept,) = answer.json()["tags"]
            assert tag_path(kept).key == tag_path(name).key
    names = [tag["name"] for tag in web.get("/api/v1/tags").json()["items"]]
    assert {tag_path(name).key for name in names} >= {
        tag_path(name).key for name in map(_tag, STRINGS) if name
    }


def test_as_query_it_is_answered_or_its_fault_is_named(web: Client) -> None:
    for text in STRINGS:
        answer = web.get("/api/v1/search", params={"q": text})
        if answer.status_code != 200:
            assert (answer.status_code, answer.json()["code"][:6]) == (400, "query."), text
        assert web.get("/", params={"q": text}).status_code == answer.status_code


@pytest.mark.parametrize(
    "path", ["/api/v1/links/{}", "/links/{}", "/api/v1/imports/{}", "/imports/{}", "/{}", "/s/{}/x"]
)
def test_in_a_path_it_names_nothing(web: Client, path: str) -> None:
    for text in STRINGS:
        if text in ("", "."):  # the folder itself
            continue
        answer = web.get(path.format(quote(text, safe="")))
        elsewhere = answer.headers.get("location", "")
        assert answer.status_code in (404, 409, 422) or elsewhere.startswith(f"{BASE}/"), text


def test_in_the_box_and_the_form_it_is_kept_or_explained(web: Client) -> None:
    for text in STRINGS:
        given = {"url": text, "title": text, "note": text, "tags": text}
        assert web.post("/add", data=given).status_code in (303, 422), text
        assert web.post("/go", data={"text": text}).status_code in (303, 422), text


def test_no_page_makes_markup_of_it(web: Client, shelf: list[str]) -> None:
    paths = [f"/links/{link_id}?tab=details" for link_id in shelf]
    for path in ["/", "/tags", "/trash", "/jobs", *paths]:
        page = web.get(path)
        assert page.status_code == 200
        assert [node.html for node in LexborHTMLParser(page.text).css("*") if _acts(node)] == []


def _acts(node: LexborNode) -> bool:
    """Whether a person's text became something that runs or loads."""
    attributes = {name: value or "" for name, value in node.attributes.items()}
    inline = node.tag in ("script", "style") and not attributes.get("src", "").startswith("/static")
    foreign = node.tag in ("iframe", "object", "embed", "img", "base", "marquee", "video")
    runs = any(name.startswith("on") for name in attributes)
    return inline or foreign or runs or "script:" in attributes.get("href", "")
