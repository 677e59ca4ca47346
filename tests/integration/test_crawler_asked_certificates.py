"""What a server shows when it is asked for its certificates, and how that fails."""

import asyncio
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from tls_world import serving

from crawler.egress.certificates import MAX_DER_BYTES, ask_certificates, certificate_facts
from crawler.egress.proxy import EgressProxy
from crawler.egress.traffic import host_and_port
from linkshot.system.config import Settings
from tests.certificates import HERE, Authority, Plan
from tests.site import Site

KNOWN = Authority.root("known")
BETWEEN = KNOWN.below("between")


def asked(url: str, *connected: str, **settings: Any) -> dict[str, Any]:
    """The facts about the server at `url`, from a page that was connected to these hosts, else to that one."""

    async def ask() -> dict[str, Any]:
        egress = EgressProxy(Settings(**({"allow_networks": ("127.0.0.0/8",)} | settings)))
        await egress.start()
        meter = egress.open("page")
        meter.peers = dict.fromkeys(connected or (host_and_port(url),), "127.0.0.1")
        try:
            facts = await ask_certificates(meter, url)
            # it says nothing about what the browser has agreed on
            assert (meter.tls, meter.own_ports) == ({}, set())
            return facts
        finally:
            await egress.stop()

    return asyncio.run(ask())


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(Plan().files(tmp_path / "s.pem", BETWEEN, BETWEEN.certificate))
    with serving(made) as url:
        yield url


def test_the_whole_chain_is_recorded_from_the_server_on(server: str) -> None:
    facts = asked(server)
    issuers = [(one["subject"], one["issuer"]) for one in facts["chain"]]
    assert issuers == [("CN=127.0.0.1", "CN=between"), ("CN=between", "CN=known")]
    assert facts["address"] == "127.0.0.1"
    assert all(len(one["sha256"]) == 64 and one["der"] for one in facts["chain"])


def test_only_an_address_that_the_page_was_connected_to_is_asked(server: str) -> None:
    assert asked(server, "other.example:443")["error"] == "unknown_address"


def test_a_server_in_a_network_that_pages_may_not_reach_is_not_asked(server: str) -> None:
    assert asked(server, allow_networks=())["error"] == "connect"


def test_a_server_that_is_gone_is_said_to_be() -> None:
    with socket.socket() as unheard:  # bound, and nobody listens
        unheard.bind(("127.0.0.1", 0))
        assert asked(f"https://127.0.0.1:{unheard.getsockname()[1]}/")["error"] == "connect"


def test_a_server_that_speaks_no_tls_is_said_to_do_so(site: Site) -> None:
    assert asked(site.url("/").replace("http:", "https:"))["error"] == "handshake"


def test_a_certificate_of_another_version_is_recorded_as_it_is() -> None:
    plan = Plan()
    made = plan.signed(plan.key, KNOWN.key, KNOWN.subject).public_bytes(Encoding.DER)
    third, second = bytes.fromhex("a003020102"), bytes.fromhex("a003020101")
    assert third in made
    assert set(certificate_facts(made.replace(third, second, 1))) == {"sha256", "der"}


def test_a_certificate_of_thousands_of_names_is_recorded_by_its_hash() -> None:
    names = [HERE, *(x509.DNSName(f"{n}.example") for n in range(3000))]
    plan = Plan(names=names)
    made = plan.signed(plan.key, KNOWN.key, KNOWN.subject)
    der = made.public_bytes(Encoding.DER)
    assert len(der) > MAX_DER_BYTES
    facts = certificate_facts(der)
    assert (facts["issuer"], "der" in facts) == ("CN=known", False)


def test_what_is_no_certificate_has_its_hash() -> None:
    assert set(certificate_facts(b"nothing")) == {"sha256", "der"}
