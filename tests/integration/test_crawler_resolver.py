"""Host name resolution (rows U30 to U32): chains, mixtures, floods, silence, and what is tried again.

The name server is a function of the test in the place of socket.getaddrinfo, which follows CNAMEs
itself and hands over the addresses at their end.
"""

import asyncio
import shutil
import socket
import threading
from collections.abc import Iterator
from ipaddress import ip_address

import pytest

from crawler import failures
from crawler.egress.resolver import MAX_ADDRESSES, Lookup, Resolver, Unreachable
from crawler.egress.traffic import TrafficMeter
from linkshot.domain import retry
from tests.integration.crawler_visitor import Visitor
from tests.site import Site

PUBLIC, OTHER = "93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"


def leads_to(*addresses: str) -> Lookup:
    """A name server that answers every question with these."""
    families = [socket.AF_INET6 if ":" in one else socket.AF_INET for one in addresses]
    pairs = list(zip(families, addresses, strict=True))
    return lambda *_: [(family, socket.SOCK_STREAM, 6, "", (one, 0)) for family, one in pairs]


def says(code: int) -> Lookup:
    """A name server that answers every question with this error of getaddrinfo."""

    def answer(*_: object) -> list[tuple[object, ...]]:
        raise socket.gaierror(code, "as the test wants it")

    return answer


def looked_up(lookup: Lookup, timeout_s: float = 10.0) -> list[str]:
    return asyncio.run(Resolver((), lookup, timeout_s).resolve("name.example"))


REFUSED = {
    "a chain of names that ends inside": ("10.0.0.1",),
    "public and private": (PUBLIC, "10.0.0.1"),
    "private and public": ("192.168.0.1", PUBLIC),
    "A public, AAAA loopback": (PUBLIC, "::1"),
    "A public, AAAA of this link": (PUBLIC, "fe80::1%eth0"),
    "A public, AAAA that maps loopback": (PUBLIC, "::ffff:127.0.0.1"),
    "the metadata service of clouds": ("169.254.169.254",),
    "everything and this host": ("0.0.0.0",),  # an answer, nothing is bound
    "three hundred, the last one private": (*(f"93.184.1.{n % 256}" for n in range(299)), "10.1.1.1"),
}  # fmt: skip


@pytest.mark.parametrize("addresses", REFUSED.values(), ids=REFUSED)
def test_u31_a_name_with_one_address_inside_is_refused_whole(addresses: tuple[str, ...]) -> None:
    with pytest.raises(Unreachable, match="address_blocked"):
        looked_up(leads_to(*addresses))


def test_u31_a_public_name_keeps_its_order() -> None:
    assert looked_up(leads_to(OTHER, PUBLIC, OTHER)) == [OTHER, PUBLIC]


def test_u31_of_three_hundred_addresses_all_are_checked_and_few_are_tried() -> None:
    many = [str(ip_address("93.184.0.1") + n) for n in range(300)]
    assert looked_up(leads_to(*many)) == many[:MAX_ADDRESSES]


NOT_FOUND = {
    "U32 NXDOMAIN": says(socket.EAI_NONAME),
    "U31 SERVFAIL": says(socket.EAI_AGAIN),
    "U31 no address of this name": says(socket.EAI_NODATA),
    "U31 REFUSED": says(socket.EAI_FAIL),
    "U31 an empty answer": leads_to(),
}


@pytest.mark.parametrize("lookup", NOT_FOUND.values(), ids=NOT_FOUND)
def test_a_name_without_an_address_is_a_dns_failure(lookup: Lookup) -> None:
    with pytest.raises(Unreachable, match="dns"):
        looked_up(lookup)


@pytest.fixture
def silence() -> Iterator[Lookup]:
    """A name server that never answers; until the test is over."""
    over = threading.Event()

    def wait(*_: object) -> list[tuple[object, ...]]:
        over.wait(60)
        return []

    yield wait
    over.set()


def test_u31_a_name_server_that_is_silent_is_a_dns_failure(silence: Lookup) -> None:
    with pytest.raises(Unreachable, match="dns"):
        looked_up(silence, timeout_s=0.05)


def test_u31_names_that_hang_hold_up_nothing_else(silence: Lookup) -> None:
    async def story() -> None:
        resolver = Resolver((), silence)
        hanging = [asyncio.ensure_future(resolver.resolve(f"{n}.example")) for n in range(50)]
        await asyncio.sleep(0)
        assert await asyncio.wait_for(asyncio.to_thread(lambda: "done"), 10) == "done"
        for one in hanging:
            one.cancel()
        resolver.close()

    asyncio.run(story())


def test_u31_a_dns_failure_is_tried_again_soon() -> None:
    meter = TrafficMeter(name="p", password="", max_bytes=1, max_requests=1)
    meter.record_failure("name.example:80", "dns")
    found = failures.navigation_failure("net::ERR_EMPTY_RESPONSE", "http://name.example/", meter)
    assert (found.kind, found.retryable) == ("dns", True)
    assert retry.decide(found.kind, attempts=0).due_in == retry.DELAYS[0]


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with Site() as running:
        yield running


@pytest.fixture(scope="module")
def visitor() -> Iterator[Visitor]:
    made = Visitor()
    yield made
    made.close()


@pytest.mark.browser
@pytest.mark.skipif(
    not (shutil.which("chromium-headless-shell") or shutil.which("chromium")),
    reason="no Chromium on this machine",
)
class TestVisit:
    """The same through a whole visit."""

    @pytest.mark.parametrize(
        ("lookup", "kind"),
        [
            (leads_to(PUBLIC, "10.0.0.1"), "address_blocked"),
            (leads_to("127.0.0.1", "169.254.169.254"), "address_blocked"),
            (says(socket.EAI_NONAME), "dns"),
            (says(socket.EAI_AGAIN), "dns"),
        ],
        ids=["U31 mixed", "U30 inside", "U32 NXDOMAIN", "U31 SERVFAIL"],
    )
    def test_the_visit_fails_and_nothing_is_connected(
        self, visitor: Visitor, site: Site, lookup: Lookup, kind: str
    ) -> None:
        site.requests.clear()
        visitor.lookup = lookup
        assert visitor.fails(site.url("/stable", "name.example")) == kind
        assert site.requests == []

    def test_u31_a_name_that_changes_during_a_visit_leads_where_it_led_first(
        self, visitor: Visitor, site: Site
    ) -> None:
        asked: list[str] = []

        def rebinding(host: str, *rest: object) -> list[tuple[object, ...]]:
            asked.append(host)
            return leads_to("127.0.0.1" if len(asked) == 1 else "10.0.0.1")(host, *rest)

        visitor.lookup = rebinding
        capture = visitor(site.url("/401-parts", "name.example"))
        assert set(capture.notes["addresses"].values()) == {"127.0.0.1"}
        assert (asked, capture.notes["blocked_requests"]) == (["name.example"], [])
