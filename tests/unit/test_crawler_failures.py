"""Network errors are translated into failures, and say when a page may be visited again."""

from datetime import UTC, datetime

import pytest
from scrapy.exceptions import IgnoreRequest

from crawler import failures
from crawler.egress.traffic import TrafficLimitExceeded, TrafficMeter
from linkshot.domain.failures import MAX_DETAIL, make_failure
from linkshot.errors import InvalidURL

NOW = datetime(2025, 11, 24, 12, 0, 0, tzinfo=UTC)


def meter(trouble: str = "") -> TrafficMeter:
    made = TrafficMeter(name="p", password="", max_bytes=100, max_requests=3)
    if trouble:
        made.record_failure("example.com:80", trouble)
    return made


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("ERR_NAME_NOT_RESOLVED", "dns"),
        ("ERR_CONNECTION_REFUSED", "connect"),
        ("ERR_EMPTY_RESPONSE", "connect"),
        ("ERR_CERT_DATE_INVALID", "tls"),
        ("ERR_SSL_PROTOCOL_ERROR", "tls"),
        ("ERR_TOO_MANY_REDIRECTS", "redirects"),
        ("ERR_UNSAFE_REDIRECT", "redirect_scheme"),
        ("ERR_RESPONSE_HEADERS_TOO_BIG", "headers"),
        ("ERR_TIMED_OUT", "timeout"),
    ],
)
def test_network_errors_have_stable_kinds(code: str, kind: str) -> None:
    message = f"Page.goto: net::{code} at http://example.com/"
    assert failures.navigation_failure(message, "http://example.com/", meter()).kind == kind


@pytest.mark.parametrize("kind", ["dns", "connect", "address_blocked"])
def test_what_the_proxy_saw_takes_precedence_over_the_browsers_error(kind: str) -> None:
    found = failures.navigation_failure(
        "net::ERR_EMPTY_RESPONSE", "http://example.com/x", meter(kind)
    )
    assert found.kind == kind
    assert found.retryable is (kind != "address_blocked")


@pytest.mark.parametrize(
    ("browser", "proxy", "detail"),
    [
        ("ERR_TUNNEL_CONNECTION_FAILED", "ERR_CONNECTION_REFUSED", " ERR_CONNECTION_REFUSED"),
        ("ERR_EMPTY_RESPONSE", "ERR_CONNECTION_TIMED_OUT", " ERR_CONNECTION_TIMED_OUT"),
        ("ERR_EMPTY_RESPONSE", "", " ERR_EMPTY_RESPONSE"),
        ("ERR_TUNNEL_CONNECTION_FAILED", "", ""),
    ],
)
def test_the_code_is_what_the_proxy_met_and_never_the_tunnels(
    browser: str, proxy: str, detail: str
) -> None:
    used = meter()
    used.record_failure("example.com:443", "connect", proxy)
    found = failures.navigation_failure(f"net::{browser} at x", "https://example.com/", used)
    assert found.detail == f"example.com:443{detail}"


def test_a_browser_that_asks_with_https_by_itself_meets_the_same_trouble() -> None:
    used = meter()
    used.record_failure("example.com:443", "dns", "ERR_NAME_NOT_RESOLVED")
    found = failures.navigation_failure(
        "net::ERR_TUNNEL_CONNECTION_FAILED", "http://example.com/", used
    )
    assert (found.kind, found.detail) == ("dns", "example.com:443 ERR_NAME_NOT_RESOLVED")


def test_a_proxy_of_ours_that_is_gone_is_not_the_sites_fault() -> None:
    assert failures.kind_of("ERR_PROXY_CONNECTION_FAILED") == "internal"


def test_a_page_that_received_too_much_is_too_large() -> None:
    used = meter()
    with pytest.raises(TrafficLimitExceeded):
        used.add_bytes(101)
    assert failures.navigation_failure("net::ERR_FAILED", "http://a/", used).kind == "too_large"


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120.0),
        ("99999999", 86_400.0),
        ("Mon, 24 Nov 2025 12:02:00 GMT", 120.0),
        ("Mon, 24 Nov 2025 11:00:00 GMT", 0.0),
        ("soon", None),
        ("", None),
        ("-5", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(value: str, seconds: float | None) -> None:
    assert failures.retry_after(value, NOW) == seconds


def test_exceptions_become_failures_and_ours_are_internal() -> None:
    assert failures.exception_failure(failures.failed("dns", "x")).kind == "dns"
    assert failures.exception_failure(InvalidURL("no")).kind == "bad_url"
    assert failures.exception_failure(IgnoreRequest()).kind == "robots"
    assert failures.exception_failure(ZeroDivisionError("oh")).kind == "internal"


def test_a_detail_is_one_short_line() -> None:
    assert make_failure("dns", "a\nb  c" + "x" * 999).detail.startswith("a b cx")
    assert len(make_failure("dns", "x" * 999).detail) == MAX_DETAIL
