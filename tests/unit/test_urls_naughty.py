"""The Big List of Naughty Strings as links: whole, and in every part of one."""

import pytest

from linkshot.domain.url_display import display_url
from linkshot.domain.urls import NormalURL
from linkshot.errors import InvalidURL
from tests.admitted import admitted
from tests.naughty import STRINGS

PLACES = {
    "alone": "{}",
    "host": "http://{}/",
    "subdomain": "https://{}.example.com/",
    "credentials": "http://{}@example.com/",
    "port": "http://example.com:{}/",
    "path": "https://example.com/{}",
    "query": "https://example.com/?{}",
    "parameter": "https://example.com/?a={}&b=1",
    "fragment": "https://example.com/#{}",
}


def test_the_list_is_whole() -> None:
    assert len(STRINGS) == 517


@pytest.mark.parametrize("place", PLACES)
def test_a_naughty_string_is_a_link_that_stays_the_same_or_is_refused(place: str) -> None:
    for text in STRINGS:
        raw = PLACES[place].replace("{}", text)
        got = _parsed(raw)
        if got is None:
            continue
        again = admitted(got.url)
        assert (again.url, again.key, again.display) == (got.url, got.key, got.display), raw
        assert admitted(got.display).key == admitted(got.key).key == got.key, raw
        assert display_url(got.url) == got.display, raw


@pytest.mark.parametrize("place", ["path", "query", "parameter", "fragment"])
def test_behind_a_host_every_naughty_string_is_a_link(place: str) -> None:
    refused = [text for text in STRINGS if _parsed(PLACES[place].replace("{}", text)) is None]
    assert refused == []


def _parsed(raw: str) -> NormalURL | None:
    """None: refused. As a person may type it, without a scheme too."""
    try:
        return admitted(raw, scheme_default=True)
    except InvalidURL:
        return None
