"""What dispatch sends, takes in and announces, on the embedded parts without a crawler."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from linkshot.app import App
from linkshot.catalogue.links import hosts
from linkshot.catalogue.links import links as links_table
from linkshot.dispatch import outbox, request_publisher, scheduling
from linkshot.dispatch.catalogue_consumer import CatalogueConsumer
from linkshot.dispatch.results import apply_result
from linkshot.domain.messages import (
    LINKS,
    REQUESTS,
    RESULTS,
    SUBMISSIONS,
    LinkChanged,
    SnapshotFinished,
    SnapshotRequested,
)
from linkshot.domain.model import (
    Artifact,
    Change,
    ChangeKind,
    Failure,
    LinkState,
    NewLink,
    Outcome,
    Quality,
    Reason,
    Role,
    Verdict,
)
from linkshot.domain.storage_layout import blob_key, manifest_key
from linkshot.journal import batches
from linkshot.ports import Message
from linkshot.system.config import Settings
from linkshot.use_cases import jobs, links, search, snapshots, watches
from linkshot.wiring import open_app


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.at = datetime(2026, 3, 1, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def forward(self, **by: float) -> None:
        self.at += timedelta(**by)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def app(settings: Settings, clock: Clock) -> Iterator[App]:
    opened = open_app(settings, clock)
    yield opened
    opened.close()


def add(app: App, url: str = "https://example.com/a", **more: object) -> links.Link:
    return links.add(app, NewLink(url=url, **more)).link


def requests(app: App) -> list[SnapshotRequested]:
    taken = app.queue.subscribe([REQUESTS], "test", 1000)
    found = [SnapshotRequested.decode(d.value) for d in taken.take(0.0)]
    taken.close()
    return found


def sent(app: App) -> SnapshotRequested:
    assert request_publisher.publish_due(app, "me") == 1
    return requests(app)[-1]


def finished(asked: SnapshotRequested, **more: object) -> SnapshotFinished:
    at = datetime(2026, 3, 1, 12, 1, tzinfo=UTC)
    known: dict[str, object] = {
        "request_id": asked.request_id, "link_id": asked.link_id, "url": asked.url,
        "outcome": Outcome.STORED, "reason": asked.reason, "started_at": at, "finished_at": at,
        "http_status": 200, "title": "标题", "language": "zh", "text_sha256": "a" * 64,
        "change": Change(kind=ChangeKind.FIRST),
        "manifest": manifest_key(asked.link_id, asked.request_id),
    }  # fmt: skip
    return SnapshotFinished(**(known | more))


def icon(digest: str) -> Artifact:
    return Artifact(
        role=Role.ICON, name="icon.webp", key=blob_key(digest), media_type="image/webp", bytes=1,
        sha256=digest,
    )  # fmt: skip


def failed(asked: SnapshotRequested, kind: str, **more: object) -> SnapshotFinished:
    failure = Failure(kind=kind, retryable=True, **more)
    return finished(asked, outcome=Outcome.FAILED, error=failure, manifest=None, text_sha256=None)


def test_a_new_link_is_sent_once(app: App) -> None:
    link = add(app)
    assert request_publisher.publish_due(app, "me") == 1
    assert request_publisher.publish_due(app, "me") == 0
    (asked,) = requests(app)
    assert (asked.link_id, asked.reason, asked.host) == (link.link_id, Reason.ADD, "example.com")


def test_at_most_three_requests_of_one_host_are_out(app: App) -> None:
    for number in range(5):
        add(app, f"https://example.com/{number}")
    add(app, "https://example.org/")
    assert request_publisher.publish_due(app, "me") == 4


def test_a_result_frees_the_place_of_its_host(app: App) -> None:
    for number in range(4):
        add(app, f"https://example.com/{number}")
    request_publisher.publish_due(app, "me")
    apply_result(app, finished(requests(app)[0]))
    assert request_publisher.publish_due(app, "me") == 1


def test_an_icon_stays_until_a_visit_brings_another(app: App) -> None:
    link = add(app)
    for digest in ("a" * 64, None, "b" * 64):
        snapshots.request(app, [link.link_id])
        found = () if digest is None else (icon(digest),)
        apply_result(app, finished(sent(app), artifacts=found))
        assert links.get(app, link.link_id).icon == (digest or "a" * 64)


def test_people_go_before_imports(app: App, clock: Clock) -> None:
    for number in range(3):
        links.add(app, NewLink(url=f"https://a{number}.example/"), reason=Reason.IMPORT)
    clock.forward(seconds=1)
    person = add(app, "https://z.example/")
    assert request_publisher.publish_due(app, "me") == 4
    assert requests(app)[0].link_id == person.link_id


def test_an_expired_lease_sends_the_same_request_again(app: App, clock: Clock) -> None:
    add(app)
    first = sent(app)
    clock.forward(seconds=app.settings.lease_s + 1)
    assert sent(app).request_id == first.request_id


def test_a_second_dispatch_does_not_send_while_the_first_holds_the_lease(app: App) -> None:
    add(app)
    request_publisher.publish_due(app, "me")
    add(app, "https://example.org/")
    assert request_publisher.publish_due(app, "somebody else") == 0


def test_a_stored_snapshot_becomes_current(app: App) -> None:
    link = add(app)
    apply_result(app, finished(sent(app)))
    now = links.get(app, link.link_id)
    assert (now.state, now.title, now.activity) == (LinkState.OK, "标题", "")
    assert now.current is not None
    assert now.versions == 1


def test_a_request_names_the_newest_manifest_also_when_an_older_one_is_shown(
    app: App, clock: Clock
) -> None:
    link = add(app)
    named = []
    for verdict in (Verdict.GOOD, Verdict.HTTP_ERROR, Verdict.GOOD):
        snapshots.request(app, [link.link_id])
        asked = sent(app)
        named.append(asked.previous_manifest)
        digest = asked.request_id.replace("-", "").rjust(64, "0")
        made = finished(asked, quality=Quality(verdict=verdict), manifest_sha256=digest)
        apply_result(app, replace(made, finished_at=clock()))
        clock.forward(minutes=5)
    stored = snapshots.history(app, link.link_id)[::-1]
    before = [one.manifest for one in stored[:2]]
    assert [one and one.manifest for one in named] == [None, *before]
    assert named[1] is not None
    assert named[1].sha256 == stored[0].snapshot_id.replace("-", "").rjust(64, "0")


def test_that_a_check_is_wanted_is_nothing_that_a_dispatch_of_before_cannot_read(app: App) -> None:
    link = add(app)
    apply_result(app, finished(sent(app)))
    snapshots.request(app, [link.link_id], check=True)
    with app.catalogue.read() as conn:
        assert conn.scalars(sa.select(links_table.c.reason)).all() == ["manual"]
    asked = sent(app)
    assert (asked.reason, asked.check) == (Reason.MANUAL, True)


def test_a_check_is_wanted_until_the_visit_has_come_to_an_end(app: App, clock: Clock) -> None:
    link = add(app)
    apply_result(app, finished(sent(app)))
    snapshots.request(app, [link.link_id], check=True)
    apply_result(app, failed(sent(app), "timeout"))
    clock.forward(days=1)
    again = sent(app)
    assert (again.reason, again.check) == (Reason.RETRY, True)
    apply_result(app, finished(again))
    snapshots.request(app, [link.link_id])
    assert not sent(app).check


def test_a_check_that_a_web_server_of_before_has_asked_for_is_sent(app: App) -> None:
    add(app)
    with app.catalogue.write() as conn:
        conn.execute(links_table.update().values(reason="check"))
    asked = sent(app)
    assert (asked.reason, asked.check) == (Reason.MANUAL, True)


def test_the_same_result_twice_changes_nothing(app: App) -> None:
    link = add(app)
    result = finished(sent(app))
    apply_result(app, result)
    once = links.get(app, link.link_id)
    apply_result(app, result)
    assert replace(links.get(app, link.link_id), rev=0) == replace(once, rev=0)


def test_a_failure_after_a_stored_result_of_the_same_request_changes_nothing(app: App) -> None:
    link = add(app)
    asked = sent(app)
    apply_result(app, finished(asked))
    apply_result(app, failed(asked, "timeout"))
    assert links.get(app, link.link_id).state is LinkState.OK


@pytest.mark.parametrize(
    ("verdict", "status"),
    [
        (Verdict.BLOCKED, 403), (Verdict.HTTP_ERROR, 500), (Verdict.HTTP_ERROR, 200), (Verdict.EMPTY, 200),
        (Verdict.NOT_FOUND, 200), (Verdict.LOGIN, 200),
    ],
    ids=["a bot wall", "an error", "an error with status 200", "an empty shell", "a soft 404", "a login form"],
)  # fmt: skip
def test_what_is_not_the_page_never_replaces_a_good_copy(
    app: App, clock: Clock, verdict: Verdict, status: int
) -> None:
    link = add(app)
    first = sent(app)
    apply_result(app, finished(first))
    snapshots.request(app, [link.link_id])
    clock.forward(minutes=5)
    bad = finished(
        sent(app), quality=Quality(verdict=verdict), http_status=status, text_sha256="b" * 64
    )
    apply_result(app, replace(bad, finished_at=clock()))
    now = links.get(app, link.link_id)
    assert now.current is not None
    assert now.current.snapshot_id == first.request_id
    assert now.versions == 1


def text(size: int) -> Artifact:
    return Artifact(
        role=Role.TEXT, name="text.txt", key=blob_key("c" * 64), media_type="text/plain", bytes=size,
        sha256="c" * 64,
    )  # fmt: skip


def visited(app: App, clock: Clock, link: links.Link, size: int, *reasons: str) -> links.Link:
    """The link after a visit that brought a text of so many bytes."""
    clock.forward(minutes=5)
    snapshots.request(app, [link.link_id])
    verdict = Verdict.PARTIAL if reasons else Verdict.GOOD
    if not {"consent", "charset"}.isdisjoint(reasons):
        verdict = Verdict.DOUBTFUL
    result = finished(
        sent(app), quality=Quality(verdict=verdict, reasons=reasons), finished_at=clock(),
        artifacts=(text(size),) if size else (), text_sha256=f"{size:064x}",
        change=Change(kind=ChangeKind.MAJOR, score=0.9), title=f"{size}",
    )  # fmt: skip
    apply_result(app, result)
    return links.get(app, link.link_id)


@pytest.mark.parametrize("reason", ["body", "end", "bytes"])
@pytest.mark.parametrize("size", [0, 3000])
def test_a_page_that_breaks_off_never_replaces_a_whole_one(
    app: App, clock: Clock, reason: str, size: int
) -> None:
    link = add(app)
    whole = visited(app, clock, link, 15_000)
    now = visited(app, clock, link, size, reason)
    assert now.current == whole.current
    assert (now.title, now.versions, now.changed_at) == ("15000", 1, None)
    assert now.last is not None
    assert now.last.quality.reasons == (reason,)


@pytest.mark.parametrize(
    ("size", "reason", "shown"),
    [(16_000, "consent", "16000"), (900, "consent", "15000"), (16_000, "charset", "15000")],
    ids=["all its text behind a box", "a box and little text", "mojibake"],
)
def test_a_page_in_doubt_replaces_a_whole_one_only_with_all_its_text(
    app: App, clock: Clock, size: int, reason: str, shown: str
) -> None:
    link = add(app)
    visited(app, clock, link, 15_000)
    assert visited(app, clock, link, size, reason).title == shown


@pytest.mark.parametrize("before", [(), ("body",), ("consent",)], ids=["whole", "part", "doubt"])
def test_a_page_that_the_browser_could_not_show_never_replaces_one_that_it_showed(
    app: App, clock: Clock, before: tuple[str, ...]
) -> None:
    link = add(app)
    shown = visited(app, clock, link, 3000, *before)
    now = visited(app, clock, link, 16_000, "unrendered")
    assert (now.current, now.versions, now.changed_at) == (shown.current, 1, None)
    assert (now.state, now.due_at) == (LinkState.OK, None)


def test_a_page_that_the_browser_could_not_show_is_shown_until_it_can(
    app: App, clock: Clock
) -> None:
    link = add(app)
    assert visited(app, clock, link, 3000, "unrendered").title == "3000"
    assert visited(app, clock, link, 2000, "unrendered").title == "2000"
    snapshots.request(app, [link.link_id])
    asked = sent(app)
    assert asked.previous is not None
    assert not asked.previous.is_rendered


def test_a_page_in_doubt_is_shown_until_a_whole_one_comes(app: App, clock: Clock) -> None:
    link = add(app)
    assert visited(app, clock, link, 3000, "charset").title == "3000"
    assert visited(app, clock, link, 2000, "charset").title == "2000"
    assert visited(app, clock, link, 1000).title == "1000"


def test_catalogue_and_index_know_the_verdict_of_the_snapshot_that_is_shown(
    app: App, clock: Clock
) -> None:
    link = add(app)
    visited(app, clock, link, 3000, "consent")
    assert search.find(app, "is:doubtful").total == 1
    with app.catalogue.read() as conn:
        (told,) = outbox.change_messages(conn, [link.link_id], 50)
    assert told.current is not None
    assert told.current.verdict == "doubtful"


def test_a_soft_404_never_makes_a_link_gone(app: App, clock: Clock) -> None:
    link = add(app)
    for _ in range(4):
        clock.forward(minutes=5)
        snapshots.request(app, [link.link_id])
        apply_result(app, finished(sent(app), quality=Quality(verdict=Verdict.NOT_FOUND)))
    assert links.get(app, link.link_id).state is LinkState.FAILING


def test_a_page_that_breaks_off_is_shown_until_a_whole_one_comes(app: App, clock: Clock) -> None:
    link = add(app)
    assert visited(app, clock, link, 3000, "body").title == "3000"
    assert visited(app, clock, link, 2000, "body").title == "2000"
    assert visited(app, clock, link, 1000).title == "1000"


def test_a_page_that_only_lacks_its_closing_tag_is_shown(app: App, clock: Clock) -> None:
    link = add(app)
    visited(app, clock, link, 3000)
    assert visited(app, clock, link, 3100, "end").title == "3100"
    visited(app, clock, link, 3200)
    assert visited(app, clock, link, 3100, "parts").title == "3100"


@pytest.mark.parametrize(
    ("verdict", "status"),
    [
        (Verdict.HTTP_ERROR, 500),
        (Verdict.HTTP_ERROR, 404),
        (Verdict.HTTP_ERROR, 200),
        (Verdict.GOOD, 404),
        (Verdict.BLOCKED, 403),
    ],
    ids=[
        "an error",
        "not found",
        "an error with status 200",
        "not found with many words",
        "a bot wall",
    ],
)
@pytest.mark.parametrize("given", ["", "given"])
def test_a_link_is_never_called_by_the_title_of_an_error_page(
    app: App, clock: Clock, verdict: Verdict, status: int, given: str
) -> None:
    link = add(app, title=given)
    bad = finished(
        sent(app), quality=Quality(verdict=verdict), http_status=status, title="Error response"
    )
    apply_result(app, bad)
    now = links.get(app, link.link_id)
    assert (now.title, now.current is not None) == (given, True)
    clock.forward(minutes=5)
    snapshots.request(app, [link.link_id])
    apply_result(app, replace(finished(sent(app)), finished_at=clock()))
    assert links.get(app, link.link_id).title == (given or "标题")


def test_an_empty_shell_lends_its_title_until_the_page_comes(app: App) -> None:
    link = add(app)
    apply_result(app, finished(sent(app), quality=Quality(verdict=Verdict.EMPTY)))
    assert links.get(app, link.link_id).title == "标题"


def test_a_failure_is_tried_again_later_and_keeps_its_count(app: App, clock: Clock) -> None:
    link = add(app)
    apply_result(app, failed(sent(app), "timeout"))
    now = links.get(app, link.link_id)
    assert now.state is LinkState.FAILING
    assert now.due_at is not None
    assert timedelta(seconds=90) < now.due_at - clock() < timedelta(seconds=150)
    clock.forward(minutes=3)
    assert sent(app).reason is Reason.RETRY


@pytest.mark.parametrize("kind", ["http_429", "http_5xx"])
def test_retry_after_makes_the_whole_host_wait(app: App, clock: Clock, kind: str) -> None:
    add(app)
    apply_result(app, failed(sent(app), kind, retry_after_s=600.0))
    add(app, "https://example.com/other")
    assert request_publisher.publish_due(app, "me") == 0
    clock.forward(minutes=11)
    assert request_publisher.publish_due(app, "me") == 2


def test_a_site_has_work_while_a_visit_is_due_or_under_way(app: App, clock: Clock) -> None:
    def lines() -> list[tuple[str, int, int]]:
        return [(line.host, line.due, line.sent) for line in jobs.overview(app).hosts]

    add(app)
    assert lines() == [("example.com", 1, 0)]
    asked = sent(app)
    assert lines() == [("example.com", 0, 1)]
    apply_result(app, failed(asked, "connect"))
    assert lines() == []
    clock.forward(days=1)
    assert lines() == [("example.com", 1, 0)]


def test_three_times_not_found_is_gone(app: App) -> None:
    link = add(app)
    for _ in range(3):
        gone = finished(sent(app), http_status=404, quality=Quality(verdict=Verdict.HTTP_ERROR))
        apply_result(app, gone)
        snapshots.request(app, [link.link_id])
    assert links.get(app, link.link_id).state is LinkState.GONE


def test_a_result_for_a_purged_link_is_dropped_with_its_manifest(app: App) -> None:
    from linkshot.use_cases import trash

    link = add(app)
    result = finished(sent(app))
    assert result.manifest is not None
    trash.remove(app, [link.link_id])
    trash.purge(app, [link.link_id])
    app.store.put(result.manifest, b"{}", "application/json")
    apply_result(app, result)
    assert app.store.stat(result.manifest) is None


def test_a_result_for_a_link_nobody_knows_is_left_to_rebuild(app: App) -> None:
    add(app)
    stranger = replace(finished(sent(app)), link_id="f" * 32)
    apply_result(app, stranger)
    assert jobs.overview(app).sent == 1


def test_an_edit_is_announced_with_its_revision(app: App) -> None:
    link = add(app, tags=("a/b",))
    assert outbox.publish_changes(app) == 1
    assert outbox.publish_changes(app) == 0
    links.edit(app, link.link_id, note="注")
    assert outbox.publish_changes(app) == 1
    told = app.queue.subscribe([LINKS], "test", 10)
    last = LinkChanged.decode(told.take(0.0)[-1].value)
    told.close()
    assert (last.note, last.rev, len(last.tag_ids)) == ("注", links.get(app, link.link_id).rev, 1)


def test_a_watched_link_comes_due_once_however_many_runs_were_missed(
    app: App, clock: Clock
) -> None:
    link = add(app)
    apply_result(app, finished(sent(app)))
    watches.set_schedule(app, link.link_id, "1h")
    clock.forward(hours=72)
    assert scheduling.make_watches_due(app) == 1
    assert scheduling.make_watches_due(app) == 0
    assert sent(app).reason is Reason.SCHEDULE
    (watch,) = watches.list_watches(app)
    assert clock() < watch.next_at < clock() + timedelta(hours=1.1)


def test_an_unchanged_visit_keeps_the_version_and_the_current_snapshot(
    app: App, clock: Clock
) -> None:
    link = add(app)
    first = sent(app)
    apply_result(app, finished(first))
    snapshots.request(app, [link.link_id])
    clock.forward(days=1)
    same = finished(sent(app), outcome=Outcome.UNCHANGED, manifest=None)
    apply_result(app, replace(same, finished_at=clock()))
    now = links.get(app, link.link_id)
    assert now.current is not None
    assert (now.current.snapshot_id, now.versions) == (first.request_id, 1)


def test_a_submission_becomes_a_link_and_a_bad_one_a_dead_letter(app: App) -> None:
    bad = [
        b"not json",
        b'{"url": "javascript:alert(1)"}',
        b'{"v": 9, "url": "https://x.example/"}',
        b"",
    ]
    good = b'{"url": "https://example.com/x", "tags": ["door"], "unknown": 1}'
    app.queue.publish(SUBMISSIONS, [Message(key="k", value=value) for value in [*bad, good]])
    consumer = CatalogueConsumer(app)
    assert consumer.work_once() == 5
    assert consumer.work_once() == 4
    consumer.close()
    reasons = sorted(letter.reason for letter in jobs.dead_letters(app))
    assert reasons == [
        "message.undecodable", "message.undecodable", "message.version", "url.scheme_not_allowed",
    ]  # fmt: skip
    assert [tag.name for tag in links.get(app, "https://example.com/x").tags] == ["door"]


def test_a_dead_letter_is_sent_again_as_it_was(app: App) -> None:
    app.queue.publish(RESULTS, [Message(key="k", value=b"broken")])
    consumer = CatalogueConsumer(app)
    consumer.work_once()
    consumer.work_once()
    (letter,) = jobs.dead_letters(app)
    assert jobs.requeue(app, [letter.dead_id]) == 1
    assert app.queue.backlog(RESULTS, "catalogue") == 1
    assert jobs.overview(app).dead == 0
    consumer.close()


def test_the_journal_has_every_edit_once_and_the_newest_wins(app: App) -> None:
    link = add(app, tags=("编程",))
    assert batches.write(app) == 2
    assert batches.write(app) == 0
    links.edit(app, link.link_id, note="later")
    assert batches.write(app) == 1
    newest = batches.compact(batches.read(app, []))
    value = newest[("link", link.link_id)].value
    assert value is not None
    assert (value["note"], value["host"], len(value["tags"])) == ("later", "example.com", 1)


def test_a_restart_heals_wrong_counts_of_open_requests(app: App) -> None:
    add(app)
    with app.catalogue.write() as conn:
        conn.execute(hosts.update().values(outstanding=7))
    request_publisher.resend_unconfirmed(app)
    with app.catalogue.read() as conn:
        assert conn.execute(sa.select(hosts.c.outstanding)).scalar_one() == 0
