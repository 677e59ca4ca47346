"""Tags, watches, jobs and administration from the command line."""

import json

import pytest
from cli_world import CommandLine

from linkshot.domain.signatures import fingerprint
from linkshot.system import locks
from linkshot.system.config import load_settings

A = "https://example.com/a"


def test_tags_are_a_tree_with_counts(cli) -> None:
    cli("add", A, "--tag", "ai/编译器")
    counts = {one["name"]: one["count"] for one in cli("--json", "tag", "ls").json["items"]}
    assert counts["ai/编译器"] == 1
    assert "  编译器" in cli("tag", "ls").out


def test_a_tag_can_be_made_and_put_on_links(cli) -> None:
    (link_id,) = cli.add(A)
    assert cli("--json", "tag", "add", "x", link_id).json["links"] == 1
    assert cli("--json", "show", link_id).json["tags"] == ["x"]


def test_a_renamed_tag_is_shown_by_its_links(cli) -> None:
    cli("add", A, "--tag", "old")
    assert cli("tag", "rename", "old", "new").out == "#old is now #new\n"
    assert cli("--json", "show", A).json["tags"] == ["new"]


def test_a_removed_tag_leaves_its_links(cli) -> None:
    cli("add", A, "--tag", "x")
    assert cli("--json", "tag", "rm", "x").json == {"removed": "x", "links": 1, "trashed": 0}
    assert cli("--json", "show", A).json["tags"] == []


def test_an_unknown_tag_is_a_failure(cli) -> None:
    assert cli("tag", "rm", "nobody").code == 1


def test_a_watch_is_set_told_and_ended(cli) -> None:
    cli.add(A)
    assert cli("--json", "watch", "set", A, "--every", "1d").json["every"] == "1d"
    (one,) = cli("--json", "watch", "ls").json["items"]
    assert (one["url"], one["every"]) == (A, "1d")
    assert cli("watch", "off", A).code == 0
    assert cli("--json", "watch", "ls").json == {"items": []}


def test_a_watch_that_is_too_often_is_a_usage_error(cli) -> None:
    cli.add(A)
    said = cli("--json", "watch", "set", A, "--every", "1s")
    assert said.code == 2
    assert said.error["code"].startswith("schedule.")


def test_jobs_counts_what_waits(cli) -> None:
    cli.add(A)
    body = cli("--json", "jobs").json
    assert (body["due"], body["sent"], body["dead"], body["failed"]) == (1, 0, 0, [])
    assert cli("jobs").out.startswith("1 waiting · 0 being visited")


def test_there_are_no_dead_letters_at_first(cli) -> None:
    assert cli("--json", "dead", "ls").json == {"items": []}
    assert cli("dead", "requeue", "7").code in (1, 2)


def test_verify_of_a_fresh_folder_is_well(cli) -> None:
    cli.add(A)
    said = cli("--json", "verify", "--deep")
    assert said.json["ok"] is (said.code == 0)


def test_rebuild_makes_the_index_again(cli) -> None:
    cli.add(A)
    assert cli("--json", "rebuild").json == {"documents": 1}
    assert cli("--json", "search", "example").json["total"] == 1


def test_rebuild_of_the_catalogue_waits_for_no_running_dispatch(cli) -> None:
    cli.add(A)
    with locks.hold(load_settings(data=cli.data), "dispatch"):
        said = cli("--json", "rebuild", "--catalogue")
    assert (said.code, said.error["code"]) == (1, "role.taken")


def test_up_beside_another_one_names_its_process(cli, monkeypatch) -> None:
    from linkshot.processes import role_takeover

    monkeypatch.setattr(role_takeover, "HOLDER_WAIT_S", 0.0)
    with locks.hold(load_settings(data=cli.data), "index"):
        said = cli("up", "--port", "0")
    assert said.code == 1
    assert "is held by process " in said.err


def test_config_show_masks_every_secret(cli, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("LINKSHOT_PASSWORD", "geheim")
    monkeypatch.setenv("LINKSHOT_STORE", "s3+http://key:geheim@127.0.0.1:9000/bucket")
    said = cli("config", "show")
    assert "geheim" not in said.out
    assert "store = s3+http://key:***@127.0.0.1:9000/bucket" in said.out


def test_a_flag_wins_over_the_environment_and_that_over_the_file(
    cli, tmp_path, monkeypatch
) -> None:
    file = tmp_path / "settings.toml"
    file.write_text('data = "/nowhere"\nport = 1000\npage_slots = 7\n', "utf-8")
    monkeypatch.setenv("LINKSHOT_PORT", "2000")
    said = cli("--json", "--config", str(file), "config", "show").json
    assert (said["data"], said["port"], said["page_slots"]) == (str(cli.data), "2000", "7")


@pytest.mark.parametrize(
    "text",
    ["nonsense = 1\n", 'port = "many"\n', "page_slots = -1\n", "= broken"],
    ids=["unknown key", "wrong kind", "out of bounds", "not TOML"],
)
def test_a_wrong_config_file_is_one_sentence(cli, tmp_path, text) -> None:
    file = tmp_path / "settings.toml"
    file.write_text(text, "utf-8")
    said = cli("--json", "--config", str(file), "list")
    assert said.code == 1
    assert len(said.err.splitlines()) == 1
    assert said.error["code"] == "config"


def test_a_secret_is_never_in_a_complaint_about_it(cli, monkeypatch) -> None:
    monkeypatch.setenv("LINKSHOT_QUEUE", "amqp://me:geheim@host/")
    said = cli("list")
    assert said.code == 1
    assert "geheim" not in said.err


def test_doctor_looks_at_everything_and_says_what_to_do(cli) -> None:
    said = cli("--json", "doctor")
    found = {one["what"]: one["status"] for one in said.json["items"]}
    assert {
        "python", "browser", "sandbox", "fonts", "data", "signing", "cookies", "catalogue", "queue", "store", "index",
        "dispatch role", "index role", "crawl role", "networks",
    } <= set(found)  # fmt: skip
    assert said.code == (1 if "fail" in found.values() else 0)


def test_doctor_fails_when_the_folder_cannot_be_written(tmp_path) -> None:
    (tmp_path / "file").write_text("in the way")
    said = CommandLine(tmp_path / "file" / "data")("--json", "doctor")
    statuses = {one["what"]: one["status"] for one in json.loads(said.out)["items"]}
    assert (said.code, statuses["data"]) == (1, "fail")


def test_doctor_tells_the_key_that_signs(cli, monkeypatch) -> None:
    def signing() -> tuple[str, str]:
        found = {one["what"]: one for one in cli("--json", "doctor").json["items"]}
        return found["signing"]["status"], found["signing"]["detail"]

    status, detail = signing()
    assert status == "ok"
    assert detail.endswith("is made with the first snapshot")
    with cli.app() as app:
        assert app.signer is not None
        key = fingerprint(app.signer.public_key())
    assert signing()[1].startswith(f"key {key} in ")
    monkeypatch.setenv("LINKSHOT_SIGNING_KEY", "/nowhere.pem")
    assert signing()[0] == "warn"


def test_doctor_tells_the_key_of_cookies(cli, monkeypatch) -> None:
    def cookies() -> tuple[str, str]:
        found = {one["what"]: one for one in cli("--json", "doctor").json["items"]}
        return found["cookies"]["status"], found["cookies"]["detail"]

    assert cookies() == ("ok", "no private key here")
    key = cli("--json", "cookies", "key").json["cookie_key"]
    monkeypatch.setenv("LINKSHOT_COOKIE_KEY", key)
    status, detail = cookies()
    assert (status, detail.startswith("key "), key in detail) == ("ok", True, False)
    monkeypatch.setenv("LINKSHOT_COOKIE_KEY", "no-key")
    assert cookies()[0] == "warn"


def test_doctor_names_who_does_a_role(cli) -> None:
    cli.add(A)
    with locks.hold(load_settings(data=cli.data), "crawl"):
        found = {one["what"]: one["detail"] for one in cli("--json", "doctor").json["items"]}
    assert found["crawl role"].startswith("process ")
    assert found["dispatch role"].startswith("nobody")


def test_gc_says_what_goes_and_what_would(cli) -> None:
    assert cli("gc", "--dry-run").out == "0 blobs would go, 0 bytes\n"
    assert cli("--json", "gc").json == {
        "blobs": 0,
        "bytes": 0,
        "unknown": [],
        "dry_run": False,
    }
