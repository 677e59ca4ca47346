"""Links from the command line: add, list, show, edit, rm, trash."""

import io
import sys

import pytest
from web_shelf import failed_visit

from linkshot.domain.model import Hop
from linkshot.use_cases import links

A, B = "https://example.com/a", "https://example.org/乙"


def test_an_added_link_is_told_with_the_beginning_of_its_id(cli) -> None:
    said = cli("add", A)
    assert said.code == 0
    assert (
        said.err
        == "waiting for a worker, none is running (1). Nobody is at work on it: start `linkshot up`.\n"
    )
    assert said.out.startswith("added ")
    assert A in said.out


def test_add_as_json_has_the_promised_shape(cli) -> None:
    (one,) = cli("--json", "add", A, "--tag", "reading", "--tag", "ai/编译器").json["items"]
    assert {"link_id", "url", "existing", "state", "snapshot"} <= set(one)
    assert (one["existing"], one["state"], one["snapshot"]) == (False, "new", None)
    assert sorted(one["tags"]) == ["ai/编译器", "reading"]


def test_what_was_changed_about_an_address_is_told(cli) -> None:
    address = "http://name:secret@example.com/a"
    assert "was not kept [credentials_removed]" in cli("add", address).out
    (one,) = cli("--json", "add", address).json["items"]
    assert one["warnings"] == ["credentials_removed"]


def test_a_known_link_is_told_as_known(cli) -> None:
    cli.add(A)
    (again,) = cli("--json", "add", A).json["items"]
    assert again["existing"] is True


def test_a_missing_scheme_becomes_https(cli) -> None:
    (one,) = cli("--json", "add", "example.com/x").json["items"]
    assert one["url"] == "https://example.com/x"


def test_the_same_link_twice_in_one_command_is_one_item(cli) -> None:
    items = cli("--json", "add", A, A).json["items"]
    assert [one["existing"] for one in items] == [False]


def test_one_bad_link_is_a_usage_error_with_its_code(cli) -> None:
    said = cli("add", "http://")
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith("error: ")
    assert said.err.rstrip().endswith("[url.host_missing]")
    assert said.err.count("\n") == 1


def test_what_a_known_link_did_not_take_is_told(cli) -> None:
    cli("add", "https://example.com/#inbox/A", "--note", "first", "--title", "One")
    cli("rm", "https://example.com/")
    said = cli("add", "https://example.com/#inbox/B", "--note", "second", "--title", "Two").out
    assert "the link was in the trash and is back [restored]" in said
    assert "this one was added below it [note.joined]" in said
    assert "edit the link to change it: linkshot edit LINK --title TEXT [title.kept]" in said
    assert "[fragment.dropped]: https://example.com/#inbox/B" in said


def test_a_bad_one_among_several_leaves_the_others_added(cli) -> None:
    said = cli("--json", "add", A, "javascript:void(0)", B)
    assert said.code == 3
    assert said.json["items"][0]["url"] == A
    assert len(said.json["items"]) == 2
    assert said.error["field"] == "url"


def test_only_bad_ones_among_several_is_failed(cli) -> None:
    assert cli("add", "http://", "javascript:void(0)").code == 1


def test_a_dash_reads_addresses_from_stdin(cli, monkeypatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{A}\n\n  {B}\n"))
    assert len(cli("--json", "add", "-").json["items"]) == 2


def test_a_closed_stdin_is_as_an_empty_one(cli, monkeypatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    said = cli("--json", "add", "-")
    assert (said.code, said.json) == (0, {"items": []})


def test_list_is_newest_first_and_pages_by_cursor(cli) -> None:
    cli.add(A)
    cli.add(B)
    first = cli("--json", "list", "--limit", "1").json
    assert first["total"] == 2
    second = cli("--json", "list", "--limit", "1", "--cursor", first["next_cursor"]).json
    assert [first["items"][0]["url"][:19], second["items"][0]["url"]] == ["https://example.org", A]


def test_list_as_lines_prints_one_object_a_line(cli) -> None:
    cli.add(A, B)
    assert len(cli("list", "--jsonl").out.splitlines()) == 2


def test_list_says_on_stderr_how_many_there_are(cli) -> None:
    cli.add(A, B)
    said = cli("list", "--limit", "1")
    assert A not in said.err
    assert said.err.startswith("1 of 2, next: --cursor ")


def test_quiet_leaves_only_the_result(cli) -> None:
    cli.add(A)
    assert cli("--quiet", "list").err == ""


def test_an_empty_list_is_no_failure(cli) -> None:
    assert cli("list").code == 0


def test_a_wrong_query_says_where(cli) -> None:
    said = cli("--json", "list", "site:")
    assert said.code == 2
    assert said.error["code"].startswith("query.")


def test_a_wrong_sort_order_is_a_usage_error(cli) -> None:
    assert cli("list", "--sort", "backwards").code == 2


@pytest.mark.parametrize("how", ["id", "beginning", "address"])
def test_show_takes_an_id_its_beginning_or_the_address(cli, how) -> None:
    (link_id,) = cli.add(A)
    ref = {"id": link_id, "beginning": link_id[:6], "address": A}[how]
    assert cli("--json", "show", ref).json["link_id"] == link_id


def test_an_unknown_link_is_a_failure_with_a_stable_code(cli) -> None:
    said = cli("--json", "show", "https://nowhere.example/")
    assert (said.code, said.out, said.error["code"]) == (1, "", "link.not_found")


def test_show_cannot_act_on_the_terminal(cli) -> None:
    (link_id,) = cli.add(A)
    cli("edit", link_id, "--title", "\x1b[2J\u202ebad", "--note", "x")
    assert "\x1b" not in (out := cli("show", link_id).out)
    assert "\u202e" not in out


def test_p9_the_redirects_before_a_failure_are_told(cli) -> None:
    (link_id,) = cli.add(A)
    hops = tuple(Hop(url=f"{A}{n}", status=302) for n in range(3))
    with cli.app() as app:
        failed_visit(app, links.get(app, link_id), "redirects", "ERR_TOO_MANY_REDIRECTS", hops)
    told = [{"url": f"{A}{n}", "status": 302} for n in range(3)]
    assert f"redirects 302 {A}0\n          302 {A}1\n" in cli("show", link_id).out
    assert "redirected without end [redirects] after 3 redirects (" in cli("jobs").out
    assert cli("--json", "show", link_id).json["last"]["error"]["hops"] == told
    assert cli("--json", "jobs").json["failed"][0]["hops"] == told


def test_show_prints_the_lines_of_a_note(cli) -> None:
    (link_id,) = cli.add(A)
    cli("edit", link_id, "--note", "one\n\ttwo\r\n\nthree\x1b[2J")
    said = cli("show", link_id).out
    note = "note      one\n              two\n\n          three\ufffd[2J\n"
    assert note in said


def test_edit_changes_note_title_tags_and_mark(cli) -> None:
    (link_id,) = cli.add(A)
    cli("edit", link_id, "--title", "甲", "--note", "n", "--tag", "t", "--tag", "u", "--unread")
    one = cli("--json", "edit", link_id, "--untag", "u").json
    assert (one["title"], one["note"], one["tags"], one["unread"]) == ("甲", "n", ["t"], True)


def test_a_removed_link_is_in_the_trash_and_comes_back(cli) -> None:
    (link_id,) = cli.add(A)
    assert cli("rm", link_id).code == 0
    assert cli("--json", "list").json["total"] == 0
    assert [one["link_id"] for one in cli("--json", "trash", "ls").json["items"]] == [link_id]
    assert cli("trash", "restore", link_id).code == 0
    assert cli("--json", "list").json["total"] == 1


def test_purge_without_words_spares_what_is_new(cli) -> None:
    (link_id,) = cli.add(A)
    cli("rm", link_id)
    assert cli("--json", "trash", "purge").json == {"purged": 0}


def test_purge_all_deletes_for_good(cli) -> None:
    (link_id,) = cli.add(A)
    cli("rm", link_id)
    assert cli("--json", "trash", "purge", "--all").json == {"purged": 1}
    assert cli("--json", "trash", "purge", "--all").json == {"purged": 0}
    assert cli("show", link_id).code == 1


def test_open_as_json_is_the_address_of_its_page(cli) -> None:
    (link_id,) = cli.add(A)
    assert cli("--json", "open", link_id).json["url"].endswith(f"/links/{link_id}")


def test_a_new_visit_can_be_asked_for(cli) -> None:
    (link_id,) = cli.add(A)
    said = cli("snapshot", link_id)
    assert said.code == 0
    assert "will be visited" in said.out


def test_a_link_without_visits_has_no_snapshots(cli) -> None:
    cli.add(A)
    assert cli("--json", "snapshots", A).json == {"items": []}


def test_a_link_of_a_private_network_is_named_by_its_address_even_when_not_allowed(cli) -> None:
    with pytest.MonkeyPatch.context() as allowing:
        allowing.setenv("LINKSHOT_ALLOW_NETWORKS", "127.0.0.0/8")
        (link_id,) = cli.add("http://127.0.0.1/x")
    assert cli("--json", "show", "http://127.0.0.1/x").json["link_id"] == link_id
