"""Which addresses pages may be fetched from."""

import ipaddress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linkshot.domain.addresses import (
    REFUSED_V4,
    blocked_host_name,
    embedded_ipv4,
    is_blocked,
    is_in_allowed_network,
)

PUBLIC = (
    "1.1.1.1", "8.8.8.8", "93.184.216.34", "100.63.255.255", "100.128.0.0", "172.15.255.255",
    "172.32.0.0", "192.0.1.0", "192.0.3.0", "198.17.255.255", "198.20.0.0", "223.255.255.255",
    "2606:4700:4700::1111", "2400:cb00::1", "2001:4860:4860::8888", "2a00:1450::1", "3ffe::1",
    "64:ff9b::8.8.8.8", "::ffff:8.8.8.8",
)  # fmt: skip
PRIVATE = (
    "0.0.0.0", "10.0.0.0", "100.64.0.0", "100.127.255.255", "127.0.0.1", "169.254.169.254",
    "172.16.0.0", "172.31.255.255", "192.0.0.192", "192.0.2.1", "192.31.196.1", "192.52.193.1",
    "192.88.99.1", "192.168.255.255", "192.175.48.1", "198.18.0.0", "198.19.255.255",
    "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.250", "240.0.0.1",
    "255.255.255.255", "168.63.129.16",
    "::", "::1", "::7f00:1", "::ffff:10.0.0.1", "::ffff:7f00:1", "64:ff9b::7f00:1",
    "64:ff9b:1::a00:1", "2002:7f00:1::", "2002:a9fe:a9fe::", "2001:0:4136:e378:8000:63bf:3f57:fdf2",
    "2001:db8::1", "2001:2::1", "3fff::1", "5f00::1", "100::1", "fc00::1", "fd00:ec2::254",
    "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1", "4000::1",
    "", "example.com", "127.1", "0x7f.0.0.1", "1.2.3.4.5",
)  # fmt: skip


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_open(address: str) -> None:
    assert not is_blocked(address)


@pytest.mark.parametrize("address", PRIVATE)
def test_other_addresses_are_blocked(address: str) -> None:
    assert is_blocked(address)


@pytest.mark.parametrize(
    ("address", "networks", "blocked"),
    [
        ("127.0.0.1", ("127.0.0.0/8",), False),
        ("::ffff:127.0.0.1", ("127.0.0.0/8",), False),
        ("64:ff9b::7f00:1", ("127.0.0.0/8",), False),
        ("2002:7f00:1::", ("127.0.0.0/8",), False),
        ("::1", ("127.0.0.0/8",), True),
        ("::1", ("::1/128",), False),
        ("10.0.0.1", ("127.0.0.0/8", "192.168.0.0/16"), True),
        ("10.0.0.1", ("10.0.0.1",), False),
        ("10.0.0.2", ("10.0.0.1/32",), True),
        ("fd00::5", ("fd00::/8",), False),
    ],
)
def test_networks_can_be_opened(address: str, networks: tuple[str, ...], blocked: bool) -> None:
    assert is_blocked(address, networks) is blocked
    assert is_blocked(ipaddress.ip_address(address), networks) is blocked


@settings(max_examples=100, deadline=None)
@given(st.ip_addresses(v=4))
def test_an_address_inside_another_form_is_as_blocked_as_itself(
    address: ipaddress.IPv4Address,
) -> None:
    blocked = any(address in net for net in REFUSED_V4)
    number = int(address)
    assert is_blocked(address) is blocked
    for wrapped in (0xFFFF << 32 | number, 0x64FF9B << 96 | number, 0x2002 << 112 | number << 80):
        assert is_blocked(ipaddress.IPv6Address(wrapped)) is blocked


@settings(max_examples=100, deadline=None)
@given(st.ip_addresses(v=6))
def test_outside_the_global_block_nothing_of_version_6_is_open(
    address: ipaddress.IPv6Address,
) -> None:
    inside = address in ipaddress.IPv6Network("2000::/3")
    assert inside or is_blocked(address) or embedded_ipv4(address) is not address


@pytest.mark.parametrize(
    "name",
    ["localhost", "LOCALHOST.", "a.localhost", "ip6-localhost", "host.docker.internal", "minio",
     "metadata.google.internal", "router.local", "x.localdomain", "nas.home.arpa", "pc.lan", ""],
)  # fmt: skip
def test_names_of_private_networks_are_blocked(name: str) -> None:
    assert blocked_host_name(name)


@pytest.mark.parametrize("name", ["example.com", "local.example", "localhost.com", "中国.cn"])
def test_names_of_sites_are_open(name: str) -> None:
    assert not blocked_host_name(name)


def test_loopback_names_follow_the_loopback_network() -> None:
    assert not blocked_host_name("localhost", ("127.0.0.0/8",))
    assert blocked_host_name("localhost", ("10.0.0.0/8",))
    assert blocked_host_name("minio", ("127.0.0.0/8",))
    assert blocked_host_name("minio", ("1.1.1.0/24", "::1/128"))


def test_private_names_follow_private_networks() -> None:
    assert not blocked_host_name("wiki", ("10.0.0.0/8",))
    assert not blocked_host_name("wiki.local", ("fd00::/8",))


def test_what_is_opened_is_known_for_addresses_and_loopback_names() -> None:
    assert is_in_allowed_network("[::ffff:7f00:1]", ("127.0.0.0/8",))
    assert is_in_allowed_network("localhost.", ("127.0.0.0/8",))
    assert not is_in_allowed_network("example.com", ("0.0.0.0/0",))
