"""Rules for sites: what is kept of them, and what follows for the links of the site and their visits."""

from datetime import UTC, datetime
from io import BytesIO

import pytest
import sqlalchemy as sa
from catalogue_app import Clock, counted
from cli_world import CommandLine
from web_client import OWN, Client

from linkshot.app import App
from linkshot.catalogue import pending_work
from linkshot.catalogue.links import links as links_table
from linkshot.dispatch import request_publisher, scheduling
from linkshot.dispatch.results import apply_result
from linkshot.domain.messages import REQUESTS, SnapshotFinished, SnapshotRequested
from linkshot.domain.model import Failure, Link, NewLink, Outcome, Reason
from linkshot.domain.site_rules import SiteRule, Viewport, VisitOptions
from linkshot.errors import Conflict, InvalidInput, NotFound
from linkshot.journal import batches
from linkshot.maintenance.rebuild import rebuild_catalogue
from linkshot.use_cases import imports, jobs, links, sites, snapshots, trash, watches
from linkshot.use_cases.index_completeness import COUNT_LIMIT

URL = "https://example.com/"
NO = {"snapshot": False}


def add(app: App, url: str = URL) -> Link:
    return links.add(app, NewLink(url=url)).link


def sent(app: App) -> list[SnapshotRequested]:
    """What dispatch sends now."""
    request_publisher.publish_due(app, "me")
    taken = app.queue.subscribe([REQUESTS], "test", 1000)
    found = [SnapshotRequested.decode(one.value) for one in taken.take(0.0)]
    taken.close()
    return found


def failed(asked: SnapshotRequested, kind: str) -> SnapshotFinished:
    at = datetime(2026, 11, 24, 12, 1, tzinfo=UTC)
    failure = Failure(kind=kind, retryable=True)
    return SnapshotFinished.of(asked, Outcome.FAILED, at, at, failure)


def test_a_rule_is_set_changed_removed_and_brought_back(kept: App) -> None:
    sites.put(
        kept, "Example.com/a/", {"delay_s": 30.0, "viewport": Viewport(width=390, height=844)}
    )
    assert sites.list_rules(kept) == [
        SiteRule(site="example.com/a", delay_s=30.0, viewport=Viewport(width=390, height=844))
    ]
    changed = sites.change(kept, "example.com/a", {"consent": "hide", "viewport": None}).rule
    assert changed == SiteRule(site="example.com/a", delay_s=30.0, consent="hide")
    sites.remove(kept, "example.com/a")
    assert (sites.list_rules(kept), sites.last_removed(kept)) == ([], "example.com/a")
    assert sites.restore(kept, "example.com/a").rule == changed
    assert sites.list_rules(kept) == [changed]


def test_a_rule_that_is_put_again_is_the_new_one_alone(kept: App) -> None:
    sites.put(kept, "example.com", {"delay_s": 30.0})
    sites.remove(kept, "example.com")
    sites.put(kept, "example.com", {"robots": "obey"})
    assert sites.list_rules(kept) == [SiteRule(site="example.com", robots="obey")]


def test_what_is_not_there_is_not_found_and_a_rule_says_something(kept: App) -> None:
    for act in (sites.remove, sites.restore):
        with pytest.raises(NotFound):
            act(kept, "example.com")
    with pytest.raises(InvalidInput) as caught:
        sites.change(kept, "example.com", {"delay_s": None})
    assert caught.value.code == "site.empty"


def test_a_link_of_a_site_without_snapshots_is_kept_without_a_visit(kept: App) -> None:
    sites.put(kept, "example.com", NO)
    added = links.add(kept, NewLink(url=URL))
    other = links.add(kept, NewLink(url="https://other.example/"))
    assert added.warnings == ("site.no_snapshot",)
    assert (added.link.activity, added.link.no_snapshot_rule) == ("", "example.com")
    assert (other.warnings, other.link.activity, other.link.no_snapshot_rule) == ((), "due", None)
    assert [one.url for one in sent(kept)] == ["https://other.example/"]
    with kept.catalogue.read() as conn:
        assert pending_work.unvisited(conn, COUNT_LIMIT) == 1


def test_an_import_says_which_rows_are_kept_without_a_visit(kept: App) -> None:
    sites.put(kept, "example.com", NO)
    rows = b"https://example.com/a\nhttps://other.example/\n"
    preview = imports.run(kept, BytesIO(rows), "links.txt", dry_run=True)
    report = imports.run(kept, BytesIO(rows), "links.txt")
    assert dict(preview.noticed) == dict(report.noticed) == {"site.no_snapshot": 1}
    assert (report.accepted, report.rejected) == (2, 0)
    assert [one.url for one in sent(kept)] == ["https://other.example/"]


def test_a_snapshot_asked_for_is_refused_with_a_code_and_nothing_is_asked_for(kept: App) -> None:
    ids = [add(kept, url).link_id for url in (URL, "https://other.example/")]
    sent(kept)
    sites.put(kept, "example.com", NO)
    with kept.catalogue.write() as conn:
        conn.execute(links_table.update().values(open_request_id=None, due_at=None))
    with pytest.raises(Conflict) as caught:
        snapshots.request(kept, ids)
    assert caught.value.code == "site.no_snapshot"
    assert "example.com" in caught.value.message
    assert [links.get(kept, one).activity for one in ids] == ["", ""]


def test_a_rule_cancels_what_waits_and_its_removal_makes_first_visits_due(kept: App) -> None:
    waiting = [add(kept, URL), add(kept, "https://www.example.com/a")]
    add(kept, "https://example.com.other/")
    changed = sites.put(kept, "example.com", NO)
    assert (changed.cancelled, changed.due) == (2, 0)
    assert {links.get(kept, one.link_id).activity for one in waiting} == {""}
    except_for = sites.put(kept, "www.example.com", {"snapshot": True})
    assert (except_for.cancelled, except_for.due) == (0, 1)
    changed = sites.remove(kept, "example.com")
    assert (changed.cancelled, changed.due) == (0, 1)
    assert {links.get(kept, one.link_id).activity for one in waiting} == {"due"}


def test_a_rule_about_something_else_makes_nothing_due(kept: App) -> None:
    link = add(kept)
    with kept.catalogue.write() as conn:
        conn.execute(links_table.update().values(due_at=None))
    changed = sites.put(kept, "example.com", {"delay_s": 5.0})
    assert (changed.cancelled, changed.due) == (0, 0)
    assert links.get(kept, link.link_id).activity == ""


def test_schedules_retries_and_the_trash_skip_a_site_without_snapshots(
    kept: App, clock: Clock
) -> None:
    link = add(kept)
    watches.set_schedule(kept, link.link_id, "1h")
    (asked,) = sent(kept)
    sites.put(kept, "example.com", NO)
    apply_result(kept, failed(asked, "connect"))
    clock.move(hours=2)
    assert scheduling.make_watches_due(kept) == 1
    trash.remove(kept, [link.link_id])
    trash.restore(kept, [link.link_id])
    now = links.get(kept, link.link_id)
    assert (now.activity, now.next_visit_at) == ("", None)
    assert watches.of(kept, now).next_at > clock.now  # type: ignore[union-attr]
    assert jobs.overview(kept).failed[0].no_snapshot_rule == "example.com"
    assert request_publisher.publish_due(kept, "me") == 0


def test_dispatch_sends_nothing_that_an_older_process_made_due_or_left_open(kept: App) -> None:
    opened, due = add(kept, URL + "open"), add(kept, "https://sub.example.com/due")
    assert len(sent(kept)) == 2
    sites.put(kept, "example.com", NO)
    with kept.catalogue.write() as conn:
        mine = links_table.c.link_id == due.link_id
        conn.execute(links_table.update().values(lease_until=0))
        conn.execute(links_table.update().where(mine).values(open_request_id=None, due_at=1))
        conn.execute(sa.text("UPDATE hosts SET next_due = 1"))
    assert request_publisher.publish_due(kept, "me") == 0
    assert {links.get(kept, one.link_id).activity for one in (opened, due)} == {""}
    assert jobs.overview(kept).hosts == ()


def test_a_request_says_how_the_site_is_visited(kept: App) -> None:
    sites.put(kept, "example.com", {"delay_s": 30.0, "user_agent": "Mine/1", "robots": "obey"})
    sites.put(
        kept, "example.com/m", {"viewport": Viewport(width=390, height=844), "robots": "ignore"}
    )
    add(kept, URL + "m/1")
    add(kept, "https://other.example/")
    found = {one.url: one.site for one in sent(kept)}
    assert found == {
        URL + "m/1": VisitOptions(
            delay_s=30.0,
            user_agent="Mine/1",
            robots="ignore",
            viewport=Viewport(width=390, height=844),
        ),
        "https://other.example/": None,
    }


def test_a_retry_tells_which_visit_it_repeats(kept: App, clock: Clock) -> None:
    imports.run(kept, BytesIO(b"https://example.com/a\n"), "links.txt")
    for _ in range(2):
        asked = sent(kept)[-1]
        apply_result(kept, failed(asked, "connect"))
        clock.move(days=1)
    again = sent(kept)[-1]
    assert (again.reason, again.retry_of) == (Reason.RETRY, Reason.IMPORT)
    apply_result(kept, failed(again, "connect"))
    snapshots.request(kept, [again.link_id])
    assert sent(kept)[-1].retry_of is None


def test_an_address_is_told_what_holds_for_it(kept: App) -> None:
    sites.put(kept, "example.com", {"delay_s": 30.0})
    sites.put(kept, "example.com/m", {"consent": "hide"})
    found = sites.view(kept, "https://www.example.com/m?x=1")
    assert {name: one.site for name, one in found.in_force.items()} == {
        "delay_s": "example.com", "consent": "example.com/m",
    }  # fmt: skip
    assert found.rule is None
    assert sites.view(kept, "example.com/m/").rule == SiteRule(site="example.com/m", consent="hide")


def test_links_are_listed_with_one_query_for_all_rules(kept: App) -> None:
    ids = [add(kept, f"{URL}{n}").link_id for n in range(20)]
    with counted(kept) as few:
        links.by_ids(kept, ids[:1])
    for n in range(3):
        sites.put(kept, f"example.com/{n}", NO)
    with counted(kept) as many:
        found = links.by_ids(kept, ids)
    assert len(few) == len(many) == 2
    assert sum(one.no_snapshot_rule is not None for one in found) == 3


def test_rules_outlive_the_catalogue(kept: App) -> None:
    full = {
        "snapshot": False, "delay_s": 2.5, "user_agent": "Mine/1", "consent": "hide", "robots": "obey",
        "viewport": Viewport(width=390, height=844),
    }  # fmt: skip
    sites.put(kept, "example.com", full)
    sites.put(kept, "gone.example", NO)
    sites.remove(kept, "gone.example")
    add(kept)
    batches.write(kept)
    before = sites.list_rules(kept)
    with kept.catalogue.write() as conn:
        for table in ("site_rules", "links"):
            conn.execute(sa.text(f"DELETE FROM {table}"))  # names of ours
    report = rebuild_catalogue(kept, lambda _what, _count: None)
    assert sites.list_rules(kept) == before == [SiteRule(site="example.com", **full)]  # type: ignore[arg-type]
    assert report.counts["site_rules"] == 1
    assert links.get(kept, URL).activity == ""


def test_the_command_line_sets_shows_and_removes_rules(cli: CommandLine) -> None:
    assert cli("site", "set", "example.com", "--delay", "30", "--viewport", "390x844").code == 0
    assert cli("site", "set", "example.com", "--snapshot", "no", "--delay", "default").code == 0
    (rule,) = cli("--json", "site", "ls").json["items"]
    assert (rule["site"], rule["snapshot"], rule["delay_s"]) == ("example.com", False, None)
    assert rule["viewport"] == {"width": 390, "height": 844}
    shown = cli("site", "show", "https://www.example.com/x").out
    assert "snapshot   no  (rule for example.com)" in shown
    added = cli("add", "https://www.example.com/x", "--wait")
    assert added.code == 0
    assert "[site.no_snapshot]" in added.out
    assert "no snapshots are made, by the rule for example.com" in added.out
    refused = cli("--json", "snapshot", "https://www.example.com/x")
    assert (refused.code, refused.error["code"]) == (1, "site.no_snapshot")
    assert "kept without a snapshot" in cli("show", "https://www.example.com/x").out
    removed = cli("--json", "site", "rm", "example.com").json
    assert removed["due"] == 1
    assert cli("--json", "site", "rm", "example.com").error["code"] == "site.not_found"


def test_the_api_sets_lists_and_removes_rules(cli_web: Client) -> None:
    path = "/api/v1/sites/example.com/forum"
    body = {"delay_s": 5, "viewport": {"width": 390, "height": 844}}
    made = cli_web.request("PUT", path, json=body)
    assert made.status_code == 200
    assert made.json()["viewport"] == {"width": 390, "height": 844}
    assert [one["site"] for one in cli_web.get("/api/v1/sites").json()["items"]] == [
        "example.com/forum"
    ]
    held = cli_web.get(f"{path}/1").json()["in_force"]["viewport"]
    assert held == {"value": {"width": 390, "height": 844}, "site": "example.com/forum"}
    assert cli_web.request("DELETE", path).status_code == 204
    assert cli_web.request("DELETE", path).status_code == 404


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        ("example.com", {}, "site.empty"), ("example.com", {"delay_s": 601}, "site.delay"),
        ("example.com", {"delay_s": "5"}, "delay_s.type"), ("example.com", {"owner": 1}, "field.unknown"),
        ("example.com", {"viewport": {"width": 1, "height": 1}}, "site.viewport"),
        ("example.com", {"user_agent": "a\r\nX: 1"}, "site.user_agent"), ("a b", {"snapshot": False}, "site.invalid"),
        ("example.com", {"consent": "accept"}, "site.consent"), ("example.com", {"robots": "x"}, "site.robots"),
    ],
)  # fmt: skip
def test_the_api_refuses_what_is_no_rule(
    cli_web: Client, path: str, body: dict[str, object], code: str
) -> None:
    answer = cli_web.request("PUT", f"/api/v1/sites/{path}", json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, code)


def test_the_api_refuses_a_visit_that_a_rule_forbids(cli_web: Client) -> None:
    cli_web.request("PUT", "/api/v1/sites/example.com", json={"snapshot": False})
    added = cli_web.post("/api/v1/links", json={"url": URL}).json()
    assert added["warnings"] == ["site.no_snapshot"]
    assert added["no_snapshot_rule"] == "example.com"
    answer = cli_web.post(f"/api/v1/links/{added['link_id']}/snapshots")
    assert (answer.status_code, answer.json()["code"]) == (409, "site.no_snapshot")


def test_the_page_sets_removes_and_brings_back_a_rule(cli_web: Client) -> None:
    form = {"site": "example.com", "snapshot": "no", "viewport": "390x844", "delay_s": ""}
    assert cli_web.post("/sites/set", data=form).headers["location"] == "/sites"
    page = cli_web.get("/sites").text
    assert "no snapshots" in page
    assert "window 390x844" in page
    cli_web.post("/sites/remove", data={"site": "example.com"})
    page = cli_web.get("/sites").text
    assert 'action="/sites/restore"' in page
    assert "There are no rules yet" in page
    cli_web.post("/sites/restore", data={"site": "example.com"})
    assert "window 390x844" in cli_web.get("/sites").text


def test_the_page_says_what_is_wrong_and_keeps_what_was_typed(cli_web: Client) -> None:
    form = {"site": "example.com/<b>", "delay_s": "9999", "user_agent": "Mine"}
    answer = cli_web.post("/sites/set", data=form)
    assert answer.status_code == 422
    assert "a number of seconds from 0 to 600" in answer.text
    assert 'value="example.com/&lt;b&gt;"' in answer.text
    assert cli_web.get("/api/v1/sites").json()["items"] == []


def test_pages_say_that_a_link_is_kept_without_a_snapshot(cli_web: Client) -> None:
    cli_web.post("/sites/set", data={"site": "example.com", "snapshot": "no"})
    cli_web.post("/go", data={"text": URL})
    page = cli_web.get("/").text
    assert "The link is kept." in page
    assert "its pages are not visited" in page
    assert "kept without a snapshot, by the rule for example.com" in page
    link = cli_web.get(f"/links/{links.get(cli_web.app, URL).link_id}").text
    assert 'id="no-snapshot"' in link
    again = cli_web.post(f"/links/{links.get(cli_web.app, URL).link_id}/again", headers=OWN)
    assert again.status_code == 409
    assert "a rule for its site says so" in again.text


def test_every_change_of_a_rule_asks_where_it_comes_from(cli_web: Client) -> None:
    foreign = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
    for path in ("set", "remove", "restore"):
        form = {"site": "example.com", "snapshot": "no"}
        assert cli_web.post(f"/sites/{path}", data=form, headers=foreign).status_code == 403
    put = cli_web.request("PUT", "/api/v1/sites/e.com", json={"snapshot": False}, headers=foreign)
    assert put.status_code == 403
