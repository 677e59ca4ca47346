"""Certificates that are wrong (row P30): the page is kept and says why, or the failure is of TLS.

The browser trusts one authority of the test, so each certificate is wrong in one way only. Revoked
ones are left out: Chromium asks no OCSP server by itself and knows no list of ours. A signature by
SHA-1 and a key of 512 bits are, too: no library here still makes them.
"""

import shutil
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from tls_world import serving, trust

from tests.certificates import HERE, Authority, Plan
from tests.integration.crawler_visitor import Visitor
from tests.site import Site

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        not (shutil.which("chromium-headless-shell") or shutil.which("chromium")),
        reason="no Chromium on this machine",
    ),
]

KNOWN, UNKNOWN = Authority.root("known"), Authority.root("unknown")
BETWEEN = KNOWN.below("between")
Prepare = Callable[[ssl.SSLContext], None]


@pytest.fixture(scope="module")
def visit(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visitor]:
    home = tmp_path_factory.mktemp("home")
    if not trust(home, KNOWN.certificate):
        pytest.skip("no libnss3 on this machine: the browser cannot be given an authority")
    visitor = Visitor(home=home)
    yield visitor
    visitor.close()


def others(count: int) -> list[x509.GeneralName]:
    return [HERE, *(x509.DNSName(f"{n}.example") for n in range(count))]


def context(
    folder: Path, plan: Plan, by: Authority | None, *more: x509.Certificate
) -> ssl.SSLContext:
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.set_ciphers("DEFAULT@SECLEVEL=0")
    made.load_cert_chain(plan.files(folder / "server.pem", by, *more))
    return made


GOOD = {
    "by the authority": (Plan(), KNOWN),
    "by one below it, which is sent along": (Plan(), BETWEEN, BETWEEN.certificate),
    "3,000 names": (Plan(names=others(3000)), KNOWN),
    "a key of 1,024 bits": (Plan(key=rsa.generate_private_key(65537, 1024)), KNOWN),
}


@pytest.mark.parametrize("parts", GOOD.values(), ids=GOOD)
def test_a_good_certificate_is_said_to_be_good(
    visit: Visitor, tmp_path: Path, parts: tuple[Plan, Authority]
) -> None:
    with serving(context(tmp_path, *parts)) as url:
        capture = visit(url)
    notes = capture.notes
    assert notes["tls"] == {"valid": True}
    agreed: Any = notes["tls_connections"]
    assert [one["version"] for one in agreed.values()] == ["TLS 1.3"]
    assert {one.tls for one in capture.exchanges} == {"TLS 1.3"}
    shown: Any = notes["certificates"]
    assert shown["chain"][0]["issuer"] == parts[1].subject.rfc4514_string()


def test_the_certificates_are_those_of_the_page_that_was_kept(
    visit: Visitor, tmp_path: Path
) -> None:
    with serving(context(tmp_path, Plan(), KNOWN)) as url, Site() as site:
        capture = visit(
            site.put("/on", f"<!doctype html><p>on<script>location.replace('{url}')</script>")
        )
    shown: Any = capture.notes["certificates"]
    assert capture.final_url == url
    assert (shown["host"], len(shown["chain"])) == (url.split("/")[2], 1)


WRONG = {
    "expired": (Plan(last_day=-1), KNOWN, "ERR_CERT_DATE_INVALID"),
    "not valid yet": (Plan(first_day=1), KNOWN, "ERR_CERT_DATE_INVALID"),
    "self-signed": (Plan(), None, "ERR_CERT_AUTHORITY_INVALID"),
    "untrusted root": (Plan(), UNKNOWN, "ERR_CERT_AUTHORITY_INVALID"),
    "incomplete chain": (Plan(), BETWEEN, "ERR_CERT_AUTHORITY_INVALID"),
    "wrong host": (Plan(names=others(3)[1:]), KNOWN, "ERR_CERT_COMMON_NAME_INVALID"),
    "no alternative names": (Plan(names=()), KNOWN, "ERR_CERT_COMMON_NAME_INVALID"),
}


@pytest.mark.parametrize(("plan", "by", "reason"), WRONG.values(), ids=WRONG)
def test_p30_a_wrong_one_is_named_and_the_page_kept_with_it(
    visit: Visitor, tmp_path: Path, plan: Plan, by: Authority | None, reason: str
) -> None:
    with serving(context(tmp_path, plan, by)) as url:
        failure = visit.failure(url)
        assert (failure.kind, failure.detail) == ("tls", reason)
        capture = visit(url, certificate_error=failure.detail)
    assert capture.notes["tls"] == {"valid": False, "reason": reason}
    assert "谁也不认得的锁" in capture.html


def only_null(made: ssl.SSLContext) -> None:
    made.set_ciphers("eNULL@SECLEVEL=0")
    made.maximum_version = ssl.TLSVersion.TLSv1_2


def asks_for_one(made: ssl.SSLContext) -> None:
    made.verify_mode = ssl.CERT_REQUIRED


def asks_for_one_in_tls_1_2(made: ssl.SSLContext) -> None:
    made.verify_mode = ssl.CERT_REQUIRED
    made.maximum_version = ssl.TLSVersion.TLSv1_2


def only_tls_1_0(made: ssl.SSLContext) -> None:
    made.minimum_version = made.maximum_version = ssl.TLSVersion.TLSv1


REFUSED = {
    "TLS 1.0 only": (only_tls_1_0, "ERR_SSL_VERSION_OR_CIPHER_MISMATCH"),
    "a cipher that hides nothing": (only_null, "ERR_SSL_VERSION_OR_CIPHER_MISMATCH"),
    "asks for a certificate of ours": (asks_for_one_in_tls_1_2, "ERR_BAD_SSL_CLIENT_AUTH_CERT"),
}


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1 is deprecated:DeprecationWarning")
@pytest.mark.parametrize(("prepare", "detail"), REFUSED.values(), ids=REFUSED)
def test_p30_a_server_that_nobody_can_agree_with_is_a_failure_of_tls(
    visit: Visitor, tmp_path: Path, prepare: Prepare, detail: str
) -> None:
    made = context(tmp_path, Plan(), KNOWN)
    prepare(made)
    with serving(made) as url:
        failure = visit.failure(url)
    assert (failure.kind, failure.detail, failure.retryable) == ("tls", detail, True)


MANY_NAMES = Plan(names=others(10_000))


@pytest.mark.parametrize(
    ("plan", "prepare"),
    [(Plan(), asks_for_one), (MANY_NAMES, lambda _: None)],
    ids=["asks for a certificate of ours in TLS 1.3", "10,000 names: too large for a handshake"],
)
def test_p30_a_handshake_that_one_side_breaks_off_is_a_failure_too(
    visit: Visitor, tmp_path: Path, plan: Plan, prepare: Prepare
) -> None:
    """The browser sees the reason or the end of the connection, whichever it reads first."""
    made = context(tmp_path, plan, KNOWN)
    prepare(made)
    with serving(made) as url:
        failure = visit.failure(url)
    assert failure.kind in ("tls", "connect")
    assert failure.retryable
