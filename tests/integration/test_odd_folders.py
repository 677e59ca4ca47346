"""Data folders with odd names and places (row O3): it works, or one sentence says what is wrong."""

import os
from pathlib import Path

import pytest
from cli_world import CommandLine

from linkshot import links
from linkshot.config import load_settings
from linkshot.errors import CatalogueUnavailable, ConfigError
from linkshot.messages import SUBMISSIONS, Submission
from linkshot.model import NewLink
from linkshot.ports import Message
from linkshot.wiring import open_app

NAMES = [
    "two words", "中文", "a\nb", "a?mode=ro", "a#b", "a%41", "a%20b", "a&b", "quo'te", 'quo"te',
    "back\\slash", "semi;colon", "co:lon", "tab\t", "e\u0301", "-dash", "x" * 255, "~", "$HOME",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_every_part_keeps_its_files_in_the_folder_itself(tmp_path: Path, name: str) -> None:
    data = tmp_path / name
    app = open_app(load_settings(data=data))
    links.add(app, NewLink(url="https://a.example/"))
    message = Message(key="k", value=Submission(url="https://b.example/").encode())
    app.queue.publish(SUBMISSIONS, [message])
    app.store.put("blobs/x", b"x", "text/plain")
    assert app.index.count() == 0
    app.close()
    assert list(tmp_path.iterdir()) == [data]
    assert {"catalogue.db", "queue.db", "store", "index"} <= {path.name for path in data.iterdir()}


def test_the_command_line_works_there_too(tmp_path: Path) -> None:
    command = CommandLine(tmp_path / "链接 a?b%41#c")
    assert command.add("https://a.example/")
    assert command("--json", "list").json["total"] == 1
    assert [path.name for path in tmp_path.iterdir()] == ["链接 a?b%41#c"]


@pytest.mark.parametrize(
    "name", ["file/data", os.fsdecode(b"\xff\xfe"), "/".join(["x" * 200] * 4)], ids=ascii
)
def test_a_folder_that_cannot_be_is_named_in_one_sentence(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_text("in the way")
    said = CommandLine(tmp_path / name)("--json", "list")
    assert (said.code, said.error["code"], said.error["field"]) == (1, "config", "data")
    assert len(said.err.splitlines()) == 1


@pytest.mark.parametrize("part", ["catalogue", "queue", "store", "index"])
def test_a_part_may_lie_behind_a_symbolic_link(tmp_path: Path, part: str) -> None:
    data, elsewhere = tmp_path / "data", tmp_path / "elsewhere"
    for folder in (data, elsewhere):
        folder.mkdir()
    name = f"{part}.db" if part in ("catalogue", "queue") else part
    (data / name).symlink_to(elsewhere / name)
    if "." not in name:
        (elsewhere / name).mkdir()
    app = open_app(load_settings(data=data))
    links.add(app, NewLink(url="https://a.example/"))
    app.queue.publish(SUBMISSIONS, [Message(key="k", value=b"{}")])
    app.store.put("blobs/x", b"x", "text/plain")
    assert (app.store.open("blobs/x"), app.index.count()) == (b"x", 0)
    app.close()
    assert (elsewhere / name).exists()


@pytest.mark.parametrize("url", ["sqlite:///:memory:", "sqlite://", "sqlite://a.db"])
@pytest.mark.parametrize("part", ["catalogue", "queue"])
def test_a_database_needs_a_file(tmp_path: Path, part: str, url: str) -> None:
    app = open_app(load_settings(data=tmp_path, **{part: url}))
    with pytest.raises(ConfigError, match=f"LINKSHOT_{part.upper()} needs an absolute path"):
        getattr(app, part)


def test_three_and_four_slashes_are_the_same_file(tmp_path: Path) -> None:
    for url in (f"sqlite://{tmp_path}/c.db", f"sqlite:///{tmp_path}/c.db"):
        app = open_app(load_settings(data=tmp_path, catalogue=url))
        links.add(app, NewLink(url="https://a.example/"))
        assert links.counts(app)["all"] == 1
        app.close()
    assert (tmp_path / "c.db").is_file()


def test_a_catalogue_that_is_a_folder_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "catalogue.db").mkdir()
    app = open_app(load_settings(data=tmp_path))
    with pytest.raises(CatalogueUnavailable):
        links.add(app, NewLink(url="https://a.example/"))
    app.close()
