"""`linkshot import`: counts, the ledger, and files that are not what they seem."""

import csv
import io
import sys
from pathlib import Path

import pytest

LIST = "https://example.com/a\nhttps://example.org/乙\nhttps://example.com/a\njavascript:void(0)\n"
BOOKMARKS = """<!DOCTYPE NETSCAPE-Bookmark-file-1>
<DL><p>
<DT><H3>读物</H3>
<DL><p>
<DT><A HREF="https://example.com/x" TAGS="甲,b">=cmd|' /C calc'!A0</A>
</DL><p>
</DL><p>"""


@pytest.fixture
def plain(tmp_path: Path) -> str:
    file = tmp_path / "list.txt"
    file.write_text(LIST, "utf-8")
    return str(file)


def test_it_tells_the_counts_and_the_rejected_rows(cli, plain) -> None:
    said = cli("import", plain)
    assert said.code == 3
    assert said.out.startswith("list.txt: 2 accepted, 1 duplicate, 1 rejected\n")
    assert "line 4: url." in said.out


def test_as_json_it_has_the_promised_shape(cli, plain) -> None:
    body = cli("--json", "import", plain).json
    assert (body["accepted"], body["duplicate"], body["rejected"]) == (2, 1, 1)
    assert [row["outcome"] for row in body["rows"]] == [
        "accepted", "accepted", "duplicate", "rejected",
    ]  # fmt: skip
    assert {"row", "line", "outcome", "reason", "url"} <= set(body["rows"][0])


def test_a_dry_run_changes_nothing_and_shows_what_would_happen(cli, plain) -> None:
    body = cli("--json", "import", plain, "--dry-run").json
    assert (body["import_id"], body["accepted"]) == ("", 2)
    assert len(body["rows"]) == 4
    assert cli("--json", "list").json["total"] == 0


def test_every_row_can_be_had_as_a_line(cli, plain) -> None:
    assert len(cli("import", plain, "--jsonl").out.splitlines()) == 4


def test_bookmarks_keep_their_tags_and_get_more(cli, tmp_path) -> None:
    file = tmp_path / "bookmarks.html"
    file.write_text(BOOKMARKS, "utf-8")
    assert cli("import", str(file), "--tag", "old").code == 0
    (one,) = cli("--json", "list").json["items"]
    assert {"甲", "b", "old"} <= set(one["tags"])


def test_the_report_is_a_csv_of_all_rows(cli, plain, tmp_path) -> None:
    report = tmp_path / "report.csv"
    cli("import", plain, "--report", str(report))
    with report.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["line"] for row in rows] == ["1", "2", "3", "4"]


def test_the_report_holds_the_rows_of_all_files(cli, plain, tmp_path) -> None:
    other, report = tmp_path / "other.txt", tmp_path / "report.csv"
    other.write_text("https://example.net/\n", "utf-8")
    cli("import", plain, str(other), "--report", str(report))
    assert len(report.read_text("utf-8").splitlines()) == 1 + 5


def test_cells_that_a_spreadsheet_would_run_are_quoted(cli, tmp_path) -> None:
    file, report = tmp_path / "list.txt", tmp_path / "report.csv"
    file.write_text("https://example.com/\n=cmd|' /C calc'!A0\n", "utf-8")
    cli("import", str(file), "--report", str(report))
    with report.open(encoding="utf-8", newline="") as opened:
        cells = [cell for row in csv.reader(opened) for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "@"))]


def test_a_dash_imports_what_is_piped_in(cli, monkeypatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(LIST.encode())))
    assert cli("--json", "import", "-").json["accepted"] == 2


def test_a_closed_stdin_is_a_usage_error(cli, monkeypatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    assert cli("import", "-").code == 2


def test_the_same_file_again_is_all_duplicates(cli, plain) -> None:
    cli("import", plain)
    again = cli("--json", "import", plain).json
    assert (again["accepted"], again["duplicate"]) == (0, 3)


def test_a_missing_file_is_one_sentence(cli) -> None:
    said = cli("import", "/nowhere/list.txt")
    assert said.code == 1
    assert said.err == "error: No such file or directory: /nowhere/list.txt [os]\n"


def test_an_unreadable_file_is_told_as_such(cli, tmp_path) -> None:
    file = tmp_path / "empty.txt"
    file.write_bytes(b"")
    said = cli("--json", "import", str(file))
    assert said.code == 2
    assert said.error["code"].startswith("import.")


def test_links_brought_back_from_the_trash_are_counted(cli, plain) -> None:
    cli("import", plain)
    cli("rm", cli("--json", "list").json["items"][0]["link_id"])
    said = cli("import", plain)
    assert "0 accepted, 3 duplicate, of them 1 brought back from the trash, 1 rejected" in said.out
    assert "the link was in the trash and is back [restored]" in said.out


def test_a_date_that_was_not_taken_is_told_and_can_be_taken(cli, tmp_path) -> None:
    cli("add", "https://example.com/x")
    file, report = tmp_path / "b.html", tmp_path / "report.csv"
    file.write_text(BOOKMARKS.replace("TAGS", 'ADD_DATE="1516337559" TAGS'), "utf-8")
    said = cli("import", str(file), "--report", str(report))
    assert "1 row: the link was here before" in said.out
    assert "--take-dates" in said.out
    assert "date.kept" in report.read_text("utf-8")
    assert not cli("--json", "list").json["items"][0]["added_at"].startswith("2018")
    assert cli("--json", "import", str(file), "--take-dates").json["noticed"] == {}
    assert cli("--json", "list").json["items"][0]["added_at"].startswith("2018")


def test_a_file_that_cannot_be_read_does_not_keep_the_others_out(cli, plain, tmp_path) -> None:
    table = tmp_path / "table.csv"
    table.write_text("nr;Lesezeichen;Adresse\n1;Erstes;https://example.com/k\n", "utf-8")
    other = tmp_path / "other.txt"
    other.write_text("https://example.net/\n", "utf-8")
    said = cli("import", plain, str(table), str(tmp_path / "gone.txt"), str(other))
    assert said.code == 3
    assert "list.txt: 2 accepted" in said.out
    assert "other.txt: 1 accepted" in said.out
    assert f"{table}: nothing was brought in. This looks like a table" in said.err
    assert f"{tmp_path / 'gone.txt'}: nothing was brought in. No such file" in said.err


def test_as_json_the_files_that_were_read_are_a_list_beside_those_that_were_not(
    cli, plain, tmp_path
) -> None:
    said = cli("--json", "import", plain, str(tmp_path / "gone.txt"))
    assert said.code == 3
    assert [one["name"] for one in said.json["items"]] == ["list.txt"]
    assert '"code": "os"' in said.err


def test_a_slash_inside_the_name_of_a_folder_is_told_where_it_was_changed(cli, tmp_path) -> None:
    file = tmp_path / "bookmarks.html"
    file.write_text(BOOKMARKS.replace("读物", "Rust/C++"), "utf-8")
    said = cli("import", str(file), "--jsonl")
    assert "tag.slash" in said.out


def test_it_says_what_to_start_when_nobody_visits_what_came_in(cli, plain) -> None:
    assert "start `linkshot up`" in cli("import", plain).err
    assert "start `linkshot up`" not in cli("import", "--dry-run", plain).err
