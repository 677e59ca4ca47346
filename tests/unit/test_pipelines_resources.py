"""What a page loaded is found by the address it was requested with."""

import base64
from datetime import UTC, datetime
from typing import Any

import pytest

from linkshot.domain.model import Exchange
from pipelines.page_html.resources import ResourceMap, from_data_url, is_shown

PICTURE = "http://a.example/%E5%9B%BE.png"


def exchange(url: str = PICTURE, **given: Any) -> Exchange:
    known: dict[str, Any] = {
        "method": "GET",
        "status": 200,
        "body": b"x",
        "resource_type": "image",
        "started_at": datetime(2026, 1, 2, tzinfo=UTC),
        "response_headers": (("Content-Type", "image/png; a=b"),),
    }
    return Exchange(url=url, **(known | given))


def led(url: str, to: str) -> Exchange:
    return exchange(url, status=302, response_headers=(("Location", to),))


def test_an_answer_has_its_media_type_and_no_fragment() -> None:
    found = ResourceMap.of([exchange()]).find(f"{PICTURE}#part")
    assert found is not None
    assert (found.media_type, found.body) == ("image/png", b"x")


def test_redirects_are_followed_as_they_were() -> None:
    made = ResourceMap.of(
        [led("http://a.example/1", "/2"), led("http://a.example/2", "/图.png"), exchange()]
    )
    assert made.find("http://a.example/1") is not None


def test_redirects_in_a_circle_end() -> None:
    made = ResourceMap.of([led("http://a.example/1", "/2"), led("http://a.example/2", "/1")])
    assert made.find("http://a.example/1") is None


@pytest.mark.parametrize(
    "given",
    [{"status": 404}, {"method": "POST"}, {"body": b""}, {"truncated": "length"}],
    ids=["an error", "another method", "nothing", "a cut one"],
)
def test_what_shows_nothing_is_not_found(given: dict[str, Any]) -> None:
    assert ResourceMap.of([exchange(**given)]).find(PICTURE) is None


@pytest.mark.parametrize(
    ("kind", "media_type", "shown"),
    [
        ("image", "", True),
        ("document", "image/svg+xml", True),
        ("script", "text/javascript", False),
    ],
)
def test_scripts_are_not_shown(kind: str, media_type: str, shown: bool) -> None:
    headers = (("Content-Type", media_type),)
    assert is_shown(exchange(resource_type=kind, response_headers=headers)) == shown


def test_an_answer_that_is_not_whole_is_counted_unless_another_one_is() -> None:
    cut = exchange(truncated="length")
    assert ResourceMap.of([cut]).broken([cut]) == (cut.url,)
    assert ResourceMap.of([cut, exchange()]).broken([cut, exchange()]) == ()


def test_of_two_maps_the_first_one_answers() -> None:
    both = ResourceMap.of_parts({PICTURE: "p{}"}, {}) | ResourceMap.of([exchange()])
    found = both.find(PICTURE)
    assert found is not None
    assert found.text == "p{}"


@pytest.mark.parametrize(
    "address",
    [
        f"data:image/svg+xml;base64,{base64.b64encode(b'<a/>').decode()}",
        "data:image/svg+xml,%3Ca/%3E",
    ],
)
def test_a_data_address_is_a_resource(address: str) -> None:
    found = from_data_url(address)
    assert (found.media_type, found.body) == ("image/svg+xml", b"<a/>")


@pytest.mark.parametrize("header", ["", "text/plain", "application/octet-stream"])
def test_an_unknown_type_is_told_by_the_bytes(header: str) -> None:
    headers = (("Content-Type", header),)
    body = b"\x89PNG\r\n\x1a\n"
    found = ResourceMap.of([exchange(body=body, response_headers=headers)]).find(PICTURE)
    assert found is not None
    assert found.data_url.startswith("data:image/png;base64,")
