"""The public address: what it may be, what is ours below it."""

import pytest

from linkshot.domain.public_url import base_path, public_address
from linkshot.errors import ConfigError, InvalidURL
from linkshot.system.config import load_settings
from tests.admitted import admitted


@pytest.mark.parametrize(
    ("given", "kept"),
    [("", ""), ("/", ""), ("/linkshot", "/linkshot"), ("/a/b-c_d~1.x/", "/a/b-c_d~1.x")],
)
def test_a_base_path_is_kept_without_its_last_slash(given: str, kept: str) -> None:
    assert base_path(given) == kept


@pytest.mark.parametrize(
    "given",
    ["linkshot", "//evil", "/a//b", "/a/../b", "/./a", "/a b", "/链接", "/a?b", "/a;b", "/a\n"],
)
def test_other_base_paths_are_refused_with_their_name(given: str) -> None:
    with pytest.raises(ConfigError, match="setting base_path: must be a path"):
        load_settings(base_path=given)


@pytest.mark.parametrize(
    ("url", "path", "address"),
    [
        ("https://links.example.org", "", "https://links.example.org"),
        ("https://LINKS.example.org:443/", "/a", "https://links.example.org/a"),
        ("http://nas:8080/a/", "", "http://nas:8080/a"),
        ("https://nas/a", "/a", "https://nas/a"),
        ("", "/a", ""),
    ],
)
def test_a_public_address_is_an_origin_and_a_path(url: str, path: str, address: str) -> None:
    assert public_address(url, path).url == address


@pytest.mark.parametrize(
    "given",
    [
        "links.example.org",
        "ftp://a",
        "https://",
        "https://u:p@a",
        "https://a/?q",
        "https://a/#x",
        "/a",
    ],
)
def test_other_public_addresses_are_refused_with_their_name(given: str) -> None:
    with pytest.raises(ConfigError, match="setting public_url: must be an address"):
        load_settings(public_url=given)


def test_two_paths_that_differ_are_refused() -> None:
    with pytest.raises(ConfigError, match="/a while base_path is /b"):
        load_settings(public_url="https://x.example/a", base_path="/b")


def test_a_proxy_that_is_no_network_is_refused() -> None:
    with pytest.raises(ConfigError, match="setting trusted_proxies: must be networks"):
        load_settings(trusted_proxies="proxy.example")


OWN = {
    "https://x.example/shots": True,
    "https://x.example/shots/links/1?a": True,
    "http://x.example/shots": True,
    "https://x.example./shots/": True,
    "https://also.example:9/shots/": True,
    "https://x.example/": False,
    "https://x.example/shotsandmore": False,
    "https://x.example:8443/shots/": False,
    "https://also.example/other": False,
}


@pytest.mark.parametrize("url", OWN)
def test_below_the_public_path_is_our_own_and_beside_it_is_not(url: str) -> None:
    settings = load_settings(public_url="https://x.example/shots", allowed_hosts="also.example")
    if not OWN[url]:
        assert admitted(url, own_hosts=settings.own_addresses).url == url
        return
    with pytest.raises(InvalidURL) as refused:
        admitted(url, own_hosts=settings.own_addresses)
    assert refused.value.code == "url.self"


@pytest.mark.parametrize(
    ("public", "url"),
    [
        ("https://x.example:8443", "https://x.example:8443/a"),
        ("https://x.example", "https://x.example/"),
    ],
)
def test_without_a_path_the_whole_host_is_our_own(public: str, url: str) -> None:
    with pytest.raises(InvalidURL, match="own address"):
        admitted(url, own_hosts=load_settings(public_url=public).own_addresses)
