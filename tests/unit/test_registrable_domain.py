"""The site of a host, by the Public Suffix List."""

import pytest

from linkshot.domain.registrable_domain import site_of


@pytest.mark.parametrize(
    ("host", "site"),
    [
        ("example.com", "example.com"),
        ("a.b.example.com", "example.com"),
        ("www.example.co.uk", "example.co.uk"),
        ("me.github.io", "me.github.io"),
        ("xn--fsqu00a.xn--55qx5d.cn", "xn--fsqu00a.xn--55qx5d.cn"),
        ("localhost", "localhost"),
        ("wiki.corp-unknown", "wiki.corp-unknown"),
        ("a.wiki.corp-unknown", "wiki.corp-unknown"),
        ("127.0.0.1", "127.0.0.1"),
        ("[::1]", "[::1]"),
        ("com", None),
        ("co.uk", None),
        ("github.io", None),
    ],
)
def test_a_host_belongs_to_what_one_owner_registered(host: str, site: str | None) -> None:
    assert site_of(host) == site
