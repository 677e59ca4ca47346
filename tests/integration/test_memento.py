"""Stored versions by address and time, as RFC 7089 has it."""

import pytest
from web_client import BASE, Client
from web_shelf import TITLE, URL, kept_link, stored_snapshot

from linkshot.app import App
from linkshot.use_cases import snapshots

ADDRESS = "https://example.com/%E6%96%87%E7%AB%A0"


@pytest.fixture
def stamp(app: App) -> str:
    """The 14 digits of a snapshot that is kept."""
    shown = snapshots.get(app, None, stored_snapshot(app, kept_link(app)))
    assert shown.taken_at is not None
    return f"{shown.taken_at:%Y%m%d%H%M%S}"


@pytest.fixture
def client(app: App) -> Client:
    return Client(app)


def test_the_timegate_leads_to_the_nearest_version(client: Client, stamp: str) -> None:
    asked = {"Accept-Datetime": "Thu, 01 Jan 2026 00:00:00 GMT"}
    answer = client.get(f"/web/{ADDRESS}", headers=asked)
    assert (answer.status_code, answer.headers["vary"]) == (302, "accept-datetime")
    assert answer.headers["location"] == f"{BASE}/web/{stamp}/{ADDRESS}"
    assert f'<{ADDRESS}>; rel="original"' in answer.headers["link"]
    assert 'rel="timemap"; type="application/link-format"' in answer.headers["link"]


def test_a_memento_is_the_stored_page_in_the_sandbox(client: Client, stamp: str) -> None:
    answer = client.get(f"/web/{stamp}/{ADDRESS}")
    assert answer.status_code == 200
    assert TITLE in answer.text
    assert answer.headers["content-security-policy"].startswith("sandbox;")
    assert answer.headers["memento-datetime"].endswith(" GMT")
    assert 'rel="first last memento"' in answer.headers["link"]


def test_another_time_leads_to_the_memento(client: Client, stamp: str) -> None:
    answer = client.get(f"/web/20010203040506/{ADDRESS}")
    assert (answer.status_code, answer.headers["location"]) == (
        302,
        f"{BASE}/web/{stamp}/{ADDRESS}",
    )


def test_the_timemap_lists_every_version(client: Client, stamp: str) -> None:
    answer = client.get(f"/web/timemap/link/{ADDRESS}")
    assert answer.headers["content-type"].startswith("application/link-format")
    assert f'<{BASE}/web/{stamp}/{ADDRESS}>; rel="first last memento"' in answer.text
    assert 'rel="self"' in answer.text


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/web/https://nobody.example/", {}, 404),
        ("/web/timemap/link/https://nobody.example/", {}, 404),
        (f"/web/{ADDRESS}", {"Accept-Datetime": "yesterday"}, 400),
        ("/web/20269999999999/x", {}, 422),
        ("/web/", {}, 422),
    ],
)
def test_what_is_not_kept_or_not_understood_is_said(
    client: Client, stamp: str, path: str, headers: dict[str, str], status: int
) -> None:
    assert client.get(path, headers=headers).status_code in (status, 404)


def test_slashes_that_a_proxy_merged_and_a_query_belong_to_the_address(
    app: App, client: Client
) -> None:
    stored_snapshot(app, kept_link(app, f"{URL}?a=1&b=%2F"))
    answer = client.get(f"/web/{ADDRESS.replace('//', '/')}?a=1&b=%2F")
    assert answer.headers["location"].endswith(f"{ADDRESS}?a=1&b=%2F")
