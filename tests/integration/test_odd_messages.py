"""What odd messages do to dispatch (row O5): applied, or a dead letter with a reason; the next one goes on."""

import json
import logging
from typing import Any

import pytest

from linkshot.app import App
from linkshot.dispatch import request_publisher
from linkshot.dispatch.catalogue_consumer import CatalogueConsumer
from linkshot.domain.messages import DEAD, REQUESTS, RESULTS, SUBMISSIONS, SnapshotRequested
from linkshot.domain.model import MAX_HOP_URL, NewLink
from linkshot.ports import Message
from linkshot.system.log_config import LineFormatter
from linkshot.use_cases import jobs, links

UNREADABLE = {
    "zero bytes": (b"", "message.undecodable"),
    "not JSON": (b"{", "message.undecodable"),
    "a list": (b"[]", "message.undecodable"),
    "null": (b"null", "message.undecodable"),
    "not UTF-8": (b"\xff\xfe", "message.undecodable"),
    "two megabytes": (b'{"url":"' + b"x" * 2_000_000 + b'"}', "message.too_large"),
    "nested deep": (b"[" * 200_000, "message.undecodable"),
    "another version": (b'{"v":9}', "message.version"),
    "a version in words": (b'{"v":"1"}', "message.version"),
    "a version that is no number": (b'{"v":NaN}', "message.version"),
    "a number of 5,000 digits": (b'{"v":' + b"1" * 5000 + b"}", "message.undecodable"),
    "nothing we know": (b'{"a":1}', "message.undecodable"),
}
SUBMITTED = {
    "a link to a file": ({"url": "file:///etc/passwd"}, "url.scheme_not_allowed"),
    "a private address": ({"url": "http://0x0a000001/"}, "url.address_blocked"),
    "half a character": ({"title": "\ud800"}, "message.undecodable"),
    "a tag of two lines": ({"tags": ["a\nb"]}, "tag.control_char"),
    "a text for tags": ({"tags": "a"}, "message.undecodable"),
    "a thousand tags": ({"tags": [str(n) for n in range(1000)]}, "tags.too_many"),
    "a long title": ({"title": "t" * 900_000}, "title.too_long"),
    "a number for a note": ({"note": 1}, "message.undecodable"),
}
FINISHED: dict[str, dict[str, Any]] = {
    "NUL in the title": {"title": "a\0b"},
    "half a character": {"title": "\ud800"},
    "a title of megabytes": {"title": "t" * 900_000},
    "a request nobody sent": {"request_id": "x"},
    "a link nobody has": {"link_id": "../../etc"},
    "a manifest outside": {"manifest": "../../etc/passwd"},
    "another file as manifest": {"manifest": "journal/x.jsonl.zst"},
    "a huge status": {"http_status": 10**30},
    "a status below zero": {"http_status": -5},
    "a broken status": {"http_status": 200.5},
    "the last year": {"finished_at": "9999-12-31T23:59:59Z"},
    "before the first year": {"finished_at": "0001-01-01T00:00:00+14:00"},
    "a day that is none": {"finished_at": "2026-02-30"},
    "an endless score": {"change": {"kind": "major", "score": float("inf")}},
    "a change nobody knows": {"change": {"kind": "?", "score": 1}},
    "a long language": {"language": "x" * 10_000},
    "a hash of another length": {"text_sha256": "x" * 10_000},
    "half an artifact": {"artifacts": [{"role": "text"}]},
    "an object for artifacts": {"artifacts": {"a": 1}},
    "a failure of an unknown kind": {"outcome": "failed", "error": {"kind": "x" * 500}},
    "a wait for ever": {"error": {"kind": "http_error", "retry_after_s": 1e308}},
    "a wait into the past": {"error": {"kind": "http_error", "retry_after_s": -1e308}},
    "a wait that is no number": {"error": {"kind": "http_error", "retry_after_s": float("nan")}},
    "redirects that are none": {"error": {"kind": "redirects", "hops": 7}},
    "a redirect without a status": {"error": {"kind": "redirects", "hops": [{"url": "x"}]}},
    "a script as the last address": {"final_url": "javascript:alert(1)"},
}


def take_in(app: App, topic: str, *values: bytes) -> list[str]:
    """Reasons of the dead letters."""
    app.queue.publish(topic, [Message(key="k", value=value) for value in values])
    consumer = CatalogueConsumer(app)
    while consumer.work_once():
        pass
    consumer.close()
    assert app.queue.backlog(topic, "catalogue") == 0
    return [letter.reason for letter in jobs.dead_letters(app)]


@pytest.mark.parametrize("topic", [SUBMISSIONS, RESULTS])
def test_what_cannot_be_read_becomes_a_dead_letter_with_its_reason(app: App, topic: str) -> None:
    reasons = take_in(app, topic, *(value for value, _ in UNREADABLE.values()))
    assert sorted(reasons) == sorted(code for _, code in UNREADABLE.values())


def test_a_dead_letter_that_cannot_be_read_is_told_and_listed_itself(
    app: App, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        reasons = take_in(app, DEAD, *(value for value, _ in UNREADABLE.values()))
    assert sorted(reasons) == sorted(code for _, code in UNREADABLE.values())
    assert caplog.text.count("A dead letter could not be read") == len(UNREADABLE)


def test_a_submission_that_cannot_be_kept_becomes_a_dead_letter_and_the_next_is_kept(
    app: App,
) -> None:
    good = {"url": "https://good.example/"}
    values = [good | given for given, _ in SUBMITTED.values()]
    reasons = take_in(app, SUBMISSIONS, *(json.dumps(one).encode() for one in [*values, good]))
    assert sorted(reasons) == sorted(code for _, code in SUBMITTED.values())
    assert links.get(app, "https://good.example/").tags == ()


@pytest.mark.parametrize("given", FINISHED.values(), ids=FINISHED)
def test_an_odd_result_harms_no_link_and_the_next_one_counts(
    app: App, given: dict[str, Any]
) -> None:
    first, second = sent(app, "https://a.example/"), sent(app, "https://b.example/")
    if "error" in given:
        given = {"outcome": "failed", **given, "error": {"retryable": True, **given["error"]}}
    told = (result(first, **given), result(second, title="fine"))
    take_in(app, RESULTS, *(app.keyring.sign(RESULTS, one) for one in told))
    assert links.get(app, second.link_id).title == "fine"
    shown = links.get(app, first.link_id)
    assert shown.url == "https://a.example/"
    assert "\0" not in shown.title
    assert len(shown.title) <= 1000


HOP = {"url": "https://a.example/" + "x" * 5_000, "status": 302}


@pytest.mark.parametrize(
    ("given", "kept"), [({}, 0), ({"hops": [HOP]}, 1), ({"hops": [HOP] * 100}, 20)],
    ids=["an older result has none", "one", "a hundred"],
)  # fmt: skip
def test_p9_redirects_of_a_failure_are_kept_up_to_a_limit(
    app: App, given: dict[str, Any], kept: int
) -> None:
    error = {"kind": "redirects", "retryable": False, **given}
    link_id = (asked := sent(app, "https://a.example/")).link_id
    take_in(app, RESULTS, app.keyring.sign(RESULTS, result(asked, outcome="failed", error=error)))
    last = links.get(app, link_id).last
    assert last is not None
    assert last.failure is not None
    assert len(last.failure.hops) == kept
    assert all(len(hop.url) == MAX_HOP_URL for hop in last.failure.hops)


def sent(app: App, url: str) -> SnapshotRequested:
    """The request that went out for a new link."""
    links.add(app, NewLink(url=url))
    request_publisher.publish_due(app, "me")
    subscription = app.queue.subscribe([REQUESTS], "test", 10)
    (delivery,) = subscription.take(0.0)
    subscription.ack(delivery)
    subscription.close()
    return SnapshotRequested.decode(delivery.value)


def result(asked: SnapshotRequested, **more: object) -> bytes:
    known = {
        "v": 1, "request_id": asked.request_id, "link_id": asked.link_id, "url": asked.url,
        "outcome": "stored", "reason": "add", "http_status": 200,
        "started_at": "2026-01-01T00:00:00Z", "finished_at": "2026-01-01T00:00:01Z",
    }  # fmt: skip
    return json.dumps(known | more).encode()


def test_a_submission_that_is_set_aside_is_in_the_log_without_its_content(
    app: App, caplog: pytest.LogCaptureFixture
) -> None:
    value = json.dumps({"url": "ftp://secret.example/path", "tags": ["private"]}).encode()
    app.queue.publish(SUBMISSIONS, [Message(key="crm", value=value)])
    consumer = CatalogueConsumer(app)
    consumer.work_once()
    consumer.close()
    (said,) = [one for one in caplog.records if getattr(one, "action", "") == "dead_letter"]
    assert (said.reason, said.key) == ("url.scheme_not_allowed", "crm")  # type: ignore[attr-defined]
    assert said.where == f"{SUBMISSIONS}@1"  # type: ignore[attr-defined]
    line = LineFormatter().format(said)
    assert "secret" not in line
    assert "private" not in line
