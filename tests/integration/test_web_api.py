"""The API by its nouns: names, shapes, statuses."""

from io import BytesIO

import pytest
from web_client import Client
from web_shelf import TITLE, URL, failed_visit, kept_link, stored_snapshot

from linkshot.app import App
from linkshot.dispatch import request_publisher
from linkshot.domain.messages import REQUESTS, SnapshotRequested
from linkshot.domain.model import Hop, Reason


@pytest.fixture
def web(app: App) -> Client:
    return Client(app)


def test_a_new_link_is_created_and_a_known_one_is_told(web: Client) -> None:
    body = {"url": "https://example.com/a", "tags": ["ai/编译器"], "note": "n", "title": "t"}
    first, again = web.post("/api/v1/links", json=body), web.post("/api/v1/links", json=body)
    assert (first.status_code, again.status_code) == (201, 200)
    assert (first.json()["existing"], again.json()["existing"]) == (False, True)
    assert first.headers["location"] == f"/api/v1/links/{first.json()['link_id']}"
    link = web.get(first.headers["location"]).json()
    assert (link["tags"], link["title"], link["note"], link["state"]) == (
        ["ai/编译器"],
        "t",
        "n",
        "new",
    )


def test_what_a_known_link_did_not_take_is_warned_of(web: Client) -> None:
    body = {"url": "https://example.com/a", "note": "n", "title": "t"}
    web.post("/api/v1/links", json=body)
    other = web.post("/api/v1/links", json=body | {"note": "m", "title": "u"}).json()
    assert other["warnings"] == ["title.kept", "note.joined"]
    assert (other["title"], other["note"]) == ("t", "n\n\nm")
    assert web.post("/api/v1/links", json=body).json()["warnings"] == []


def test_an_idempotency_key_belongs_to_one_body(web: Client) -> None:
    key = {"Idempotency-Key": "k1"}
    first = web.post("/api/v1/links", json={"url": "https://a.example/"}, headers=key)
    same = web.post("/api/v1/links", json={"url": "https://a.example/"}, headers=key)
    other = web.post("/api/v1/links", json={"url": "https://b.example/"}, headers=key)
    assert (first.status_code, same.status_code) == (201, 201)
    assert (other.status_code, other.json()["code"]) == (409, "idempotency.conflict")


def test_a_repeated_request_is_answered_with_the_same_body(web: Client) -> None:
    body = {"url": "https://example.com/a", "note": "n", "title": "t"}
    web.post("/api/v1/links", json=body)
    other, key = body | {"note": "m", "title": "u"}, {"Idempotency-Key": "k1"}
    first, again = (web.post("/api/v1/links", json=other, headers=key) for _ in range(2))
    assert first.json()["warnings"] == ["title.kept", "note.joined"]
    assert (again.status_code, again.json()) == (first.status_code, first.json())


def test_a_batch_answers_each_link_for_itself(web: Client) -> None:
    body = {
        "items": [
            {"url": "https://a.example/"},
            {"url": "ftp://x"},
            {"url": "https://a.example/#x"},
        ]
    }
    answer = web.post("/api/v1/links/batch", json=body).json()
    assert [item["existing"] for item in answer["items"]] == [False, True]
    assert [(e["row"], e["code"]) for e in answer["errors"]] == [(1, "url.scheme_not_allowed")]


def test_a_batch_that_is_too_large_names_the_import(web: Client) -> None:
    items = [{"url": f"https://a.example/{n}"} for n in range(101)]
    answer = web.post("/api/v1/links/batch", json={"items": items})
    assert (answer.status_code, answer.json()["code"]) == (413, "batch.too_large")
    assert "/api/v1/imports" in answer.json()["detail"]


def test_a_link_is_edited_trashed_restored_and_purged(app: App, web: Client) -> None:
    link = f"/api/v1/links/{kept_link(app).link_id}"
    edited = web.request("PATCH", link, json={"title": "新", "tags": ["x", "y"]}).json()
    assert (edited["title"], edited["tags"]) == ("新", ["x", "y"])
    assert web.request("DELETE", link).status_code == 204
    assert web.get(link).status_code == 404
    assert [item["title"] for item in web.get("/api/v1/trash").json()["items"]] == ["新"]
    assert web.post(f"{link}/restore").json()["deleted_at"] is None
    web.request("DELETE", link)
    ref = {"links": [link.rpartition("/")[2]]}
    assert web.post("/api/v1/trash/purge", json=ref).json() == {"count": 1}
    assert web.post(f"{link}/restore").status_code == 404


def test_snapshots_have_the_promised_names(app: App, web: Client) -> None:
    link = kept_link(app)
    snapshot_id = stored_snapshot(app, link)
    (item,) = web.get(f"/api/v1/links/{link.link_id}/snapshots").json()["items"]
    assert item["snapshot_id"] == snapshot_id
    assert (item["outcome"], item["quality"]["verdict"]) == ("stored", "good")
    assert {"role", "key", "bytes", "media_type", "sha256"} <= item["artifacts"][0].keys()
    assert web.get(f"/api/v1/snapshots/{snapshot_id}").json()["title"] == TITLE


def test_asking_for_a_snapshot_is_accepted_with_a_job(app: App, web: Client) -> None:
    link = kept_link(app)
    failed_visit(app, link, "dns")
    answer = web.post(f"/api/v1/links/{link.link_id}/snapshots")
    assert (answer.status_code, answer.json()["activity"]) == (202, "due")
    assert web.get(answer.headers["location"]).status_code == 200


def test_a_snapshot_can_be_asked_to_be_checked(app: App, web: Client) -> None:
    link = kept_link(app)
    failed_visit(app, link, "dns")
    assert web.post(f"/api/v1/links/{link.link_id}/snapshots?check=true").status_code == 202
    request_publisher.publish_due(app, "test")
    reading = app.queue.subscribe([REQUESTS], "test", 1)
    (delivery,) = reading.take(1.0)
    reading.close()
    asked = SnapshotRequested.decode(delivery.value)
    assert (asked.check, asked.reason) == (True, Reason.MANUAL)


def test_a_list_has_total_items_facets_and_cursor(app: App, web: Client) -> None:
    for n in range(3):
        kept_link(app, f"https://example.com/{n}", "ai")
    page = web.get("/api/v1/links?q=%23ai&limit=2").json()
    rest = web.get("/api/v1/links", params={"q": "#ai", "limit": 2, "cursor": page["next_cursor"]})
    assert page["total"] == 3
    assert page["facets"]["tag"] == [{"value": "ai", "label": "ai", "count": 3}]
    urls = [item["url"] for item in page["items"] + rest.json()["items"]]
    assert urls == [f"https://example.com/{n}" for n in (2, 1, 0)]
    assert rest.json()["next_cursor"] is None


@pytest.mark.parametrize(
    ("name", "new"),
    [
        ("ai", "ki"),
        ("a/b", "a/c"),
        ("%3Cimg%20src%3Dx%3E", "x"),
        ("a%3Fb", "x"),
        ("c%23", "d"),
        ("all", "x"),
    ],
)
def test_tags_are_renamed_and_removed_by_name(web: Client, name: str, new: str) -> None:
    from urllib.parse import unquote

    assert web.post("/api/v1/tags", json={"name": unquote(name)}).status_code == 201
    renamed = web.request("PATCH", f"/api/v1/tags/{name}", json={"name": new})
    assert (renamed.status_code, renamed.json()["name"]) == (200, new)
    assert web.request("DELETE", f"/api/v1/tags/{new}").status_code == 204
    assert new not in [tag["name"] for tag in web.get("/api/v1/tags").json()["items"]]


def test_a_tag_does_not_swallow_another(web: Client) -> None:
    for name in ("a", "b"):
        web.post("/api/v1/tags", json={"name": name})
    answer = web.request("PATCH", "/api/v1/tags/a", json={"name": "B"})
    assert (answer.status_code, answer.json()["code"]) == (409, "tag.exists")


def test_an_upload_is_imported_with_a_report(web: Client) -> None:
    lines = b"https://a.example/\nhttps://a.example/\njavascript:alert(1)\n"
    files = {"file": ("书签.txt", BytesIO(lines))}
    report = web.post("/api/v1/imports", files=files, data={"tag": ["读"]}).json()
    assert (report["accepted"], report["duplicate"], report["rejected"]) == (1, 1, 1)
    assert [(row["line"], row["code"]) for row in report["rows"]] == [(3, "url.scheme_not_allowed")]
    rows = web.get(f"/api/v1/imports/{report['import_id']}/rows?limit=2").json()
    assert (len(rows["items"]), rows["next_after"]) == (2, 2)
    assert web.get("/api/v1/imports").json()["items"][0]["name"] == "书签.txt"


def test_a_list_of_imports_goes_on_and_names_no_notices_it_did_not_count(web: Client) -> None:
    for name in "abc":
        web.post("/api/v1/imports", files={"file": (name, BytesIO(b"See https://a.example/x.\n"))})
    first = web.get("/api/v1/imports?limit=2").json()
    assert [item["name"] for item in first["items"]] == ["c", "b"]
    assert not {"noticed", "rows"} & first["items"][0].keys()
    assert first["items"][0]["notices"] == 1
    rest = web.get("/api/v1/imports", params={"limit": 2, "after": first["next_after"]}).json()
    assert ([item["name"] for item in rest["items"]], rest["next_after"]) == (["a"], None)
    assert web.get("/api/v1/imports?after=nope").json()["code"] == "import.not_found"


def test_rows_with_a_notice_are_told_and_counted(web: Client) -> None:
    web.post("/api/v1/links", json={"url": "https://a.example/"})
    rows = "".join(f'<DT><A HREF="https://{n}.example/" ADD_DATE="1516337559">t</A>' for n in "ab")
    files = {"file": ("b.html", BytesIO(f"<DL>{rows}</DL>".encode()))}
    report = web.post("/api/v1/imports", files=files).json()
    assert (report["notices"], report["noticed"]) == (1, {"date.kept": 1})
    path = f"/api/v1/imports/{report['import_id']}/rows"
    (row,) = web.get(path, params={"noticed": True}).json()["items"]
    assert (row["url"], row["notices"]) == ("https://a.example/", ["date.kept"])


def test_a_dry_run_keeps_nothing(web: Client) -> None:
    files = {"file": ("x.txt", BytesIO(b"https://a.example/\n"))}
    report = web.post("/api/v1/imports", files=files, data={"dry_run": "true"}).json()
    assert (report["accepted"], report["import_id"]) == (1, "")
    assert web.get("/api/v1/links").json()["total"] == 0


def test_a_link_is_watched_and_no_more(app: App, web: Client) -> None:
    link = kept_link(app)
    path = f"/api/v1/links/{link.link_id}/watch"
    assert web.request("PUT", path, json={"every": "1d"}).json()["every"] == "1d"
    assert [item["url"] for item in web.get("/api/v1/watches").json()["items"]] == [link.url]
    assert web.request("DELETE", path).status_code == 204
    assert web.get("/api/v1/watches").json()["items"] == []


def test_jobs_and_health_tell_what_goes_on(app: App, web: Client) -> None:
    hops = (Hop(url="https://example.com/moved", status=301),)
    failed_visit(app, kept_link(app), "dns", "no such name", hops)
    jobs = web.get("/api/v1/jobs").json()
    assert (jobs["failed"][0]["kind"], jobs["failed"][0]["url"]) == ("dns", kept_link(app, URL).url)
    followed = [{"url": "https://example.com/moved", "status": 301}]
    assert jobs["failed"][0]["hops"] == followed
    last = web.get(f"/api/v1/links/{kept_link(app, URL).link_id}").json()["last"]
    assert last["error"]["hops"] == followed
    health = web.get("/api/v1/health").json()
    assert health["status"] == "ok"
    assert set(health["parts"].values()) == {"ok"}


def test_unknown_dead_letters_are_not_found(web: Client) -> None:
    assert web.get("/api/v1/jobs/dead").json() == {"items": []}
    assert web.post("/api/v1/jobs/dead/requeue", json={"ids": ["x"]}).status_code == 404
