"""Which rule holds for an address, and what is taken as a rule."""

import json

import pytest

from crawler.robots_policy import is_obeyed
from linkshot.domain.messages import SnapshotRequested
from linkshot.domain.model import LinkId, Reason, SnapshotId
from linkshot.domain.site_rule_input import make_rule, site_of, values_of_texts
from linkshot.domain.site_rules import FIELDS, SiteRule, SiteRules, Viewport, VisitOptions
from linkshot.errors import InvalidInput, InvalidMessage
from linkshot.system.setting_types import ROBOTS_REASONS

RULES = SiteRules(
    [
        SiteRule(site="example.com", delay_s=30.0, consent="leave", snapshot=False),
        SiteRule(site="example.com/forum", consent="hide", snapshot=True),
        SiteRule(site="a.example.com", delay_s=5.0),
        SiteRule(site="xn--fiqs8s/%E8%AE%BA%E5%9D%9B", robots="obey"),
        SiteRule(site="[::1]", robots="ignore"),
    ]
)
ASKED = SnapshotRequested(
    request_id=SnapshotId("r"), link_id=LinkId("l"), url="https://e.com/", host="e.com",
    reason=Reason.ADD,
)  # fmt: skip


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("https://example.com/", {"snapshot": False, "delay_s": 30.0, "consent": "leave"}),
        ("http://www.example.com:8080/x", {"snapshot": False, "delay_s": 30.0, "consent": "leave"}),
        ("https://example.com./x", {"snapshot": False, "delay_s": 30.0, "consent": "leave"}),
        ("https://example.com/forum", {"snapshot": True, "delay_s": 30.0, "consent": "hide"}),
        ("https://example.com/forum/1?a=/b#c", {"snapshot": True, "delay_s": 30.0, "consent": "hide"}),
        ("https://example.com/forums", {"snapshot": False, "delay_s": 30.0, "consent": "leave"}),
        ("https://example.com/x?y=/forum/", {"snapshot": False, "delay_s": 30.0, "consent": "leave"}),
        ("https://b.a.example.com/forum/", {"snapshot": True, "delay_s": 5.0, "consent": "hide"}),
        ("https://notexample.com/", {}),
        ("https://example.com.evil.org/", {}),
        ("https://example.org/example.com/", {}),
        ("https://xn--fiqs8s/%E8%AE%BA%E5%9D%9B/1", {"robots": "obey"}),
        ("http://[::1]:8080/", {"robots": "ignore"}),
    ],
)  # fmt: skip
def test_each_field_is_decided_by_the_most_specific_rule(url: str, said: dict[str, object]) -> None:
    assert {name: one.value for name, one in RULES.in_force(url).items()} == said


def test_it_is_told_which_rule_says_so() -> None:
    found = RULES.in_force("https://example.com/forum/1")
    assert [one.site for one in found.values()] == [
        "example.com/forum",
        "example.com",
        "example.com/forum",
    ]
    assert RULES.without_snapshot("https://x.example.com/") == "example.com"
    assert RULES.without_snapshot("https://example.com/forum/1") is None


def test_a_page_without_rules_has_no_options() -> None:
    assert RULES.visit_options("https://other.example/") is None
    assert (
        SiteRules([SiteRule(site="e.com", snapshot=False)]).visit_options("https://e.com/") is None
    )
    assert SiteRules(()).without_snapshot("https://e.com/") is None


@pytest.mark.parametrize(
    ("typed", "site"),
    [
        ("example.com", "example.com"), (" Example.COM ", "example.com"), ("example.com.", "example.com"),
        ("https://example.com/", "example.com"), ("*.example.com", "example.com"),
        ("https://*.example.com/a", "example.com/a"), ("example.com/forum/", "example.com/forum"),
        ("http://user:pw@example.com/a/../b", "example.com/b"), ("中国/论坛", "xn--fiqs8s/%E8%AE%BA%E5%9D%9B"),
        ("127.0.0.1", "127.0.0.1"), ("https://[::1]/", "[::1]"),
    ],
)  # fmt: skip
def test_a_site_has_one_form(typed: str, site: str) -> None:
    assert site_of(typed) == site
    assert site_of(site) == site


@pytest.mark.parametrize(
    "typed",
    [
        "", "  ", "file:///etc/passwd", "javascript:alert(1)", "example.com:8080", "example.com/?q=1",
        "example.com/#a", "a.*.com", "exa mple.com", "example.com/*", "https://", f"example.com/{'a' * 500}",
    ],
)  # fmt: skip
def test_what_is_no_site_is_refused_with_its_code(typed: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        site_of(typed)
    assert (caught.value.code, caught.value.field) == ("site.invalid", "site")


@pytest.mark.parametrize(
    ("field", "typed", "code"),
    [
        ("snapshot", "maybe", "site.snapshot"), ("delay_s", "-1", "site.delay"),
        ("delay_s", "601", "site.delay"), ("delay_s", "nan", "site.delay"), ("delay_s", "a", "site.delay"),
        ("delay_s", "1e999", "site.delay"), ("user_agent", "a\nb", "site.user_agent"),
        ("user_agent", "浏览器", "site.user_agent"), ("user_agent", "x" * 401, "site.user_agent"),
        ("consent", "accept", "site.consent"), ("viewport", "390", "site.viewport"),
        ("viewport", "239x800", "site.viewport"), ("viewport", "390x2561", "site.viewport"),
        ("viewport", "-390x800", "site.viewport"), ("viewport", "99999x99999", "site.viewport"),
        ("robots", "yes", "site.robots"), ("consent", "default", "site.empty"), ("delay_s", "", "site.empty"),
    ],
)  # fmt: skip
def test_a_value_that_cannot_be_is_refused_with_its_code(field: str, typed: str, code: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        make_rule("example.com", values_of_texts({field: typed}))
    assert caught.value.code == code


def test_what_was_typed_becomes_a_rule() -> None:
    typed = {
        "snapshot": "yes", "delay_s": "2.5", "user_agent": "Mozilla/5.0 (X)", "consent": "hide",
        "viewport": "390 × 844", "robots": "obey",
    }  # fmt: skip
    rule = make_rule("example.com", values_of_texts(typed))
    assert set(typed) == set(FIELDS)
    assert (rule.snapshot, rule.delay_s, rule.robots) == (True, 2.5, "obey")
    assert rule.viewport == Viewport(width=390, height=844)


def test_options_travel_in_the_message_and_an_older_one_has_none() -> None:
    options = VisitOptions(delay_s=5, consent="hide", viewport=Viewport(width=390, height=844))
    message = SnapshotRequested(
        request_id=ASKED.request_id, link_id=ASKED.link_id, url=ASKED.url, host=ASKED.host,
        reason=Reason.RETRY, site=options, retry_of=Reason.IMPORT,
    )  # fmt: skip
    assert SnapshotRequested.decode(message.encode()) == message
    assert options.given() == ("delay_s", "consent", "viewport")
    older = SnapshotRequested.decode(ASKED.encode())
    assert (older.site, older.retry_of) == (None, None)
    assert b"site" not in ASKED.encode()


@pytest.mark.parametrize(
    "site",
    [
        {"delay_s": 601}, {"delay_s": -1}, {"user_agent": "a\r\nX: y"}, {"consent": "accept"},
        {"viewport": {"width": 390}}, {"viewport": {"width": 100_000, "height": 800}}, {"robots": "x"},
    ],
    ids=str,
)  # fmt: skip
def test_a_message_with_options_out_of_their_limits_is_refused(site: dict[str, object]) -> None:
    raw = json.loads(ASKED.encode()) | {"site": site}
    with pytest.raises(InvalidMessage):
        SnapshotRequested.decode(json.dumps(raw).encode())


@pytest.mark.parametrize(
    ("reason", "retry_of", "rule", "setting", "obeyed"),
    [
        (Reason.ADD, None, None, (), False),
        (Reason.ADD, None, None, ("import", "schedule"), False),
        (Reason.IMPORT, None, None, ("import", "schedule"), True),
        (Reason.RETRY, Reason.IMPORT, None, ("import",), True),
        (Reason.RETRY, Reason.MANUAL, None, ("import",), False),
        (Reason.RETRY, None, None, ("import",), True),
        (Reason.RETRY, None, None, (), False),
        (Reason.MANUAL, None, "obey", (), True),
        (Reason.IMPORT, None, "ignore", ("import",), False),
    ],
)  # fmt: skip
def test_robots_txt_is_obeyed_by_rule_or_by_the_reason(
    reason: Reason,
    retry_of: Reason | None,
    rule: str | None,
    setting: tuple[str, ...],
    obeyed: bool,
) -> None:
    options = VisitOptions(robots=rule) if rule else None
    asked = SnapshotRequested(
        request_id=ASKED.request_id, link_id=ASKED.link_id, url=ASKED.url, host=ASKED.host,
        reason=reason, retry_of=retry_of, site=options,
    )  # fmt: skip
    assert is_obeyed(asked, setting) is obeyed


def test_the_reasons_of_the_setting_are_reasons_of_visits() -> None:
    assert {Reason(word) for word in ROBOTS_REASONS} == set(Reason) - {
        Reason.RETRY, Reason.UPLOAD,
    }  # fmt: skip
