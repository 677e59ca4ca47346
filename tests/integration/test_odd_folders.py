"""Data folders with odd names and places (row O3): it works, or one sentence says what is wrong."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from cli_world import CommandLine

from linkshot.app import App
from linkshot.cli.exit_status import EXIT_CONFIG
from linkshot.domain.messages import SUBMISSIONS, Submission
from linkshot.domain.model import NewLink
from linkshot.errors import (
    CatalogueUnavailable,
    ConfigError,
    QueueUnavailable,
    StoreUnavailable,
)
from linkshot.ports import Message
from linkshot.system.command_line import is_role
from linkshot.system.config import load_settings
from linkshot.use_cases import links
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


@pytest.fixture
def mounted(tmp_path: Path) -> Iterator[Path]:
    """A file system of 40 MB of the test's own."""
    folder = tmp_path / "mounted"
    folder.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=40m", "tmpfs", folder], capture_output=True, check=False
    )  # fmt: skip
    if made.returncode:
        pytest.skip("only root may mount a small disk to fill, or a read-only one")
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


def filled(command: CommandLine) -> None:
    """A link is kept there; then not a byte is left."""
    command.add("https://a.example/")
    with command.app() as app:
        app.queue.publish(SUBMISSIONS, [Message(key="k", value=b"{}")])
        assert app.index.count() == 0
    fill(command.data.parent)


def fill(folder: Path) -> None:
    with suppress(OSError), (folder / "fill").open("wb", buffering=0) as file:
        while True:
            file.write(bytes(4096))


COMMANDS = {
    "list": ["list"],
    "add": ["add", "https://b.example/"],
    "remove": ["rm", "https://a.example/"],
    "up": ["up", "--port", "0"],
}


def refused(words: list[str]) -> int:
    """The exit code for settings that cannot work: a role's own, so that it is not started again."""
    return EXIT_CONFIG if is_role(words) else 1


@contextmanager
def never_pausing() -> Iterator[None]:
    """A disk that refuses is no other process that is busy: it is not tried again after a while."""
    with pytest.MonkeyPatch.context() as patch:
        pauses: list[float] = []
        patch.setattr(time, "sleep", pauses.append)
        yield
    assert pauses == []


@pytest.mark.parametrize("words", COMMANDS.values(), ids=COMMANDS)
def test_a_read_only_disk_is_named_with_what_to_do(mounted: Path, words: list[str]) -> None:
    command = CommandLine(mounted / "data")
    filled(command)
    subprocess.run(["mount", "-o", "remount,ro", mounted], check=True)
    with never_pausing():
        said = command("--json", *words)
    assert (said.code, said.error["code"], said.error["field"]) == (
        refused(words),
        "config",
        "data",
    )
    assert "is read-only; make it writable, or choose another folder" in said.error["message"]
    assert len(said.err.splitlines()) == 1


@pytest.mark.parametrize("words", COMMANDS.values(), ids=COMMANDS)
def test_a_new_folder_on_a_read_only_disk_is_a_sentence_too(
    mounted: Path, words: list[str]
) -> None:
    subprocess.run(["mount", "-o", "remount,ro", mounted], check=True)
    said = CommandLine(mounted / "data")("--json", *words)
    assert (said.code, said.error["code"], said.error["field"]) == (
        refused(words),
        "config",
        "data",
    )
    assert "--data" in said.error["message"]


@pytest.mark.parametrize("words", [COMMANDS["add"], COMMANDS["remove"]], ids=["add", "remove"])
def test_a_full_disk_is_named_with_what_to_do(mounted: Path, words: list[str]) -> None:
    command = CommandLine(mounted / "data")
    filled(command)
    with never_pausing():
        said = command("--json", *words)
    assert (said.code, said.error["code"]) == (1, "catalogue.unavailable")
    assert "is full; make room on it, then try again" in said.error["message"]
    (mounted / "fill").unlink()
    assert command("--json", *words).code == 0


@pytest.mark.parametrize("folder", ["data", "new"])
def test_up_does_not_start_on_a_full_disk(mounted: Path, folder: str) -> None:
    filled(CommandLine(mounted / "data"))
    said = subprocess.run(
        [sys.executable, "-m", "linkshot", "--data", mounted / folder, "up", "--port", "0"],
        capture_output=True, check=False, text=True, timeout=60,
    )  # fmt: skip
    assert (said.returncode, said.stdout) == (1, "")
    assert "is full; make room on it, then try again" in said.stderr.splitlines()[-1]


@pytest.mark.parametrize("words", [["list"], ["add", "https://b.example/"], ["init"]], ids=str)
def test_a_new_folder_on_a_full_disk_is_a_sentence_too(mounted: Path, words: list[str]) -> None:
    fill(mounted)
    said = CommandLine(mounted / "data")("--json", *words)
    assert (said.code, said.error["code"]) in [(1, "catalogue.unavailable"), (1, "config")]
    assert "is full; make room on it, then try again" in said.error["message"]


def test_a_disk_that_fills_up_while_it_is_used_is_told_and_loses_nothing(mounted: Path) -> None:
    command = CommandLine(mounted / "data")
    with command.app() as app:
        links.add(app, NewLink(url="https://a.example/"))
        app.queue.publish(SUBMISSIONS, [Message(key="k", value=b"{}")])
        fill(mounted)
        with pytest.raises(CatalogueUnavailable, match="is full; make room"):
            add_without_end(app)
        with pytest.raises(QueueUnavailable, match="is full; make room"):
            app.queue.publish(SUBMISSIONS, [Message(key="k", value=bytes(500_000))])
        with pytest.raises(StoreUnavailable, match="No space left"):
            app.store.put("blobs/x", bytes(100_000), "text/plain")
        (mounted / "fill").unlink()
        links.add(app, NewLink(url="https://z.example/"))
        assert links.counts(app)["all"] >= 2
        assert app.store.stat("blobs/x") is None


def add_without_end(app: App) -> None:
    for number in range(20_000):
        links.add(app, NewLink(url=f"https://{number}.example/", note="n" * 4000))


@contextmanager
def nobody() -> Iterator[None]:
    """Root may write everywhere; so be somebody else for a moment."""
    if os.getuid() != 0:
        yield
        return
    os.setresuid(65534, 65534, 0)
    try:
        yield
    finally:
        os.setresuid(0, 0, 0)


@pytest.fixture
def foreign() -> Iterator[Path]:
    """A folder that everybody may look into and nobody may write, with a linkshot in it."""
    folder = Path(tempfile.mkdtemp(prefix="linkshot-foreign-", dir="/tmp"))
    command = CommandLine(folder)
    command.add("https://a.example/")
    with command.app() as app:
        app.queue.publish(SUBMISSIONS, [Message(key="k", value=b"{}")])
    for path in (*folder.rglob("*"), folder):
        path.chmod(0o555 if path.is_dir() else 0o444)
    yield folder
    folder.chmod(0o755)
    shutil.rmtree(folder)


@pytest.mark.parametrize("words", COMMANDS.values(), ids=COMMANDS)
def test_a_folder_of_somebody_else_is_named_with_what_to_do(
    foreign: Path, words: list[str]
) -> None:
    command = CommandLine(foreign)
    with nobody():
        said = command("--json", *words)
    assert (said.code, said.error["code"], said.error["field"]) == (
        refused(words),
        "config",
        "data",
    )
    assert f"this user may not write {foreign}" in said.error["message"]
    assert len(said.err.splitlines()) == 1


def test_a_catalogue_of_somebody_else_can_be_looked_at_and_not_changed(foreign: Path) -> None:
    foreign.chmod(0o777)
    with nobody(), CommandLine(foreign).app() as app:
        assert links.counts(app)["all"] == 1
        with pytest.raises(CatalogueUnavailable, match=f"may not write {foreign}/catalogue.db;"):
            links.add(app, NewLink(url="https://b.example/"))


def test_a_queue_of_somebody_else_is_named_with_what_to_do(foreign: Path) -> None:
    foreign.chmod(0o777)
    said = pytest.raises(QueueUnavailable, match=f"may not write {foreign}/queue.db; give it")
    with nobody(), CommandLine(foreign).app() as app, said:
        app.queue.publish(SUBMISSIONS, [Message(key="k", value=b"{}")])


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
    assert (app.store.read("blobs/x"), app.index.count()) == (b"x", 0)
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
