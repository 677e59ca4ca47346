"""Boxes that ask for consent are answered: refused, closed or hidden, and nothing else is."""

import shutil
import socket
from typing import Any

import pytest

from linkshot.domain.model import Capture
from pipelines.consent_overlay import covers_page
from pipelines.quality import assess_quality
from tests.integration.crawler_visitor import Visitor
from tests.site import Site

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        not (shutil.which("chromium-headless-shell") or shutil.which("chromium")),
        reason="no Chromium on this machine",
    ),
]


def consent(capture: Capture) -> dict[str, Any]:
    """What the visit recorded about a box."""
    found = capture.notes.get("consent", {})
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize(
    ("name", "rule", "pressed"),
    [
        ("onetrust", "Onetrust", "Reject All"),
        ("cookiebot", "Cybotcookiebot", "Deny"),
        ("usercentrics", "usercentrics-api", "Deny"),
        ("didomi", "didomi", "Disagree and close"),
        ("quantcast", "quantcast", "DISAGREE"),
        ("cookieconsent", "cookieconsent3", "Reject all"),
        ("sourcepoint", "Sourcepoint-frame", "Reject"),
    ],
)
def test_boxes_of_known_managers_are_refused_by_their_rule(
    site: Site, visit: Visitor, name: str, rule: str, pressed: str
) -> None:
    capture = visit(site.url(f"/consent-{name}"))
    asked = consent(capture)
    assert "answer:rejected" in capture.html
    assert (asked["action"], asked["rule"], asked["clicked"]) == ("rejected", rule, [pressed])


@pytest.mark.parametrize(
    ("name", "said", "action", "pressed"),
    [
        ("generic", "rejected", "rejected", "Only necessary cookies"),
        ("chinese", "拒绝", "rejected", "拒绝"),
        ("notice", "closed", "closed", "我知道了"),
        ("framed", "rejected", "rejected", "Reject all"),
        ("late", "rejected", "rejected", "Reject All"),
    ],
)
def test_boxes_that_no_rule_knows_are_answered_by_their_words(
    site: Site, visit: Visitor, name: str, said: str, action: str, pressed: str
) -> None:
    capture = visit(site.url(f"/consent-{name}"))
    asked = consent(capture)
    assert f"answer:{said}" in capture.html
    assert (asked["action"], asked["clicked"]) == (action, [pressed])


@pytest.mark.parametrize("name", ["only-accept", "mislabelled"])
def test_a_box_that_only_accepts_is_hidden(site: Site, visit: Visitor, name: str) -> None:
    capture = visit(site.url(f"/consent-{name}"))
    asked = consent(capture)
    assert "no answer yet" in capture.html
    assert (asked["action"], asked["clicked"]) == ("hidden", [])
    assert not covers_page(capture.dom)


def test_a_box_that_comes_back_makes_the_snapshot_doubtful(site: Site, visit: Visitor) -> None:
    capture = visit(site.url("/consent-stubborn"))
    assert consent(capture)["action"] == "stayed"
    quality = assess_quality(capture, "瓦是红的。" * 50)
    assert (quality.verdict.value, quality.reasons) == ("doubtful", ("consent",))


def test_what_was_pressed_is_a_remark_and_the_page_is_good(site: Site, visit: Visitor) -> None:
    quality = assess_quality(visit(site.url("/consent-onetrust")), "瓦是红的。" * 50)
    assert (quality.verdict.value, quality.reasons) == (
        "good",
        ("consent_rejected:OneTrust · Reject All",),
    )


@pytest.mark.parametrize("policy", ["reject", "hide"])
def test_a_page_that_the_box_has_locked_is_kept_whole(
    site: Site, visit: Visitor, policy: str
) -> None:
    capture = visit(site.url("/consent-locked"), consent=policy)
    assert consent(capture)["unlocked_scrolling"]
    assert capture.screenshot is not None
    assert capture.screenshot.height > 2000


@pytest.mark.parametrize("name", ["onetrust", "chinese", "framed", "only-accept"])
def test_by_the_policy_hide_nothing_is_pressed(site: Site, visit: Visitor, name: str) -> None:
    capture = visit(site.url(f"/consent-{name}"), consent="hide")
    assert "no answer yet" in capture.html
    assert (consent(capture)["action"], consent(capture)["clicked"]) == ("hidden", [])
    assert not covers_page(capture.dom)


def test_by_the_policy_leave_the_box_stays(site: Site, visit: Visitor) -> None:
    capture = visit(site.url("/consent-chinese"), consent="leave")
    assert covers_page(capture.dom)
    assert consent(capture) == {}


@pytest.mark.parametrize("name", ["modal", "newsletter", "about", "none"])
def test_what_asks_for_no_consent_is_left_alone(site: Site, visit: Visitor, name: str) -> None:
    capture = visit(site.url(f"/consent-{name}"))
    assert "no answer yet" in capture.html
    assert consent(capture) == {}
    assert "consent" not in capture.notes["seconds"]  # the rules were not loaded


def test_no_button_leads_away_or_sends_a_form(site: Site, visit: Visitor) -> None:
    site.requests.clear()
    capture = visit(site.url("/consent-steering"))
    assert capture.final_url == site.url("/consent-steering")
    assert not site.seen("/elsewhere")
    assert not site.seen("/taken")
    assert set(consent(capture)["refused_navigations"]) == {site.url("/elsewhere")}


def test_a_page_that_loads_itself_again_without_its_box_is_kept(site: Site, visit: Visitor) -> None:
    capture = visit(site.url("/consent-reloading"))
    assert "answer:remembered" in capture.html
    assert (consent(capture)["action"], consent(capture)["reloads"]) == ("rejected", 1)
    assert capture.partial == ()


def test_a_button_that_never_ends_costs_a_second_and_not_the_page(
    site: Site, visit: Visitor
) -> None:
    capture = visit(site.url("/consent-busy"))
    assert consent(capture)["action"] == "hidden"
    assert capture.notes["seconds"]["consent"] < 3
    assert capture.partial == ()


def test_a_late_box_is_awaited_where_its_manager_was_loaded(site: Site, visit: Visitor) -> None:
    def lookup(host: str, *rest: Any) -> Any:
        return socket.getaddrinfo("127.0.0.1", *rest)

    before, visit.lookup = visit.lookup, lookup
    try:
        capture = visit(site.url("/consent-awaited"))
    finally:
        visit.lookup = before
    assert consent(capture)["action"] == "rejected"
