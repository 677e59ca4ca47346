"""What the index in a folder does with broken files, other versions and other processes."""

import json
import multiprocessing
import os
import shutil
import signal
from pathlib import Path

import pytest

from linkshot.adapters import index_tantivy
from linkshot.adapters.index_tantivy import TantivyIndex
from linkshot.adapters.index_tantivy_generation import Generation
from linkshot.domain.model import IndexDocument, LinkId
from linkshot.errors import IndexUnavailable
from linkshot.ports import PageRequest, Upsert
from linkshot.query import parse


def opened(path: Path) -> TantivyIndex:
    return TantivyIndex(path, heap_bytes=15_000_000, text_bytes=100_000)


def link(name: str, rev: int = 1, **given: object) -> Upsert:
    return Upsert(document=IndexDocument(id=name, link_id=LinkId(name), rev=rev, **given))


def found(index: TantivyIndex, query: str, **page: object) -> list[str]:
    return [hit.id for hit in index.search(parse(query), PageRequest(**page)).hits]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "索引 folder"


@pytest.fixture
def index(path):
    made = opened(path)
    made.apply([link("a", text="word")])
    yield made
    made.close()


def generations(path: Path) -> list[str]:
    return sorted(one.name for one in path.glob("gen-*"))


def test_reading_beside_a_writer_of_another_process_needs_no_lock(index, path):
    reader = opened(path)
    assert found(reader, "word") == ["a"]
    with pytest.raises(IndexUnavailable):
        reader.apply([link("b")])


def test_a_second_writer_gets_its_turn_when_the_first_one_closes(index, path):
    index.close()
    other = opened(path)
    other.apply([link("b", text="word")])
    other.close()
    assert sorted(found(index, "word")) == ["a", "b"]


def test_nobody_replaces_an_index_that_another_process_writes(index, path):
    with pytest.raises(IndexUnavailable):
        opened(path).replace([])
    assert generations(path) == ["gen-1"]
    assert found(index, "word") == ["a"]


@pytest.mark.parametrize(
    "broken",
    ["gen-1/meta.json", "current"],
    ids=["index file", "pointer"],
)
def test_a_broken_index_is_put_aside_and_asks_to_be_filled_again(index, path, broken):
    index.close()
    (path / broken).write_text("{", "utf-8")
    again = opened(path)
    assert (again.needs_rebuild, again.count()) == (True, 0)
    assert opened(path).needs_rebuild is True
    again.apply([link("b", text="word")])
    again.replace([link("a", text="word")])
    assert (again.needs_rebuild, found(again, "word")) == (False, ["a"])
    assert generations(path) == [f"gen-{again._current.number}"]
    again.close()


def test_an_index_whose_files_are_missing_asks_to_be_filled_again(index, path):
    index.close()
    for file in (path / "gen-1").glob("*.store"):
        file.unlink()
    assert opened(path).needs_rebuild is True


def test_an_index_of_another_version_asks_to_be_filled_again(index, path, monkeypatch):
    index.close()
    monkeypatch.setattr(index_tantivy, "SCHEMA_VERSION", 99)
    again = opened(path)
    assert again.needs_rebuild is True
    again.replace([link("a", text="word")])
    assert json.loads((path / "current").read_text("utf-8"))["schema"] == 99
    assert opened(path).needs_rebuild is False
    again.close()


def test_a_folder_deleted_while_it_is_open_is_made_again_without_a_restart(index, path):
    reader = opened(path)
    shutil.rmtree(path)
    with pytest.raises(IndexUnavailable) as refused:
        index.apply([link("b", text="word")])
    assert str(path) not in refused.value.message
    assert index.needs_rebuild
    index.replace([link("a", text="word")])
    index.apply([link("b", text="word")])
    assert not index.needs_rebuild
    assert sorted(found(index, "word")) == ["a", "b"]
    assert sorted(found(reader, "word")) == ["a", "b"]


def test_a_folder_that_cannot_be_made_is_unavailable(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(IndexUnavailable):
        opened(tmp_path / "file" / "index")


def test_an_apply_that_fails_leaves_the_index_usable(index, monkeypatch):
    def broken(*_args: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as failing:
        failing.setattr("linkshot.adapters.index_tantivy_schema.document", broken)
        with pytest.raises(IndexUnavailable):
            index.apply([link("b", text="word")])
    assert found(index, "word") == ["a"]
    index.apply([link("c", text="word")])
    assert sorted(found(index, "word")) == ["a", "c"]


def test_a_new_index_that_missed_a_change_is_never_switched_to(index, monkeypatch):
    real = Generation.apply

    def full_disk(generation: Generation, *args: object, **options: object) -> None:
        if generation.number > 1:
            raise OSError(28, "No space left on device")
        real(generation, *args, **options)

    def changes():
        with monkeypatch.context() as failing:
            failing.setattr(Generation, "apply", full_disk)
            with pytest.raises(IndexUnavailable):
                index.apply([link("b", text="word")])
        yield link("c", text="word")

    with pytest.raises(IndexUnavailable):
        index.replace(changes())
    assert sorted(found(index, "word")) == ["a", "b"]


def test_what_cannot_be_written_is_not_called_unavailable(index):
    with pytest.raises(UnicodeError):
        index.apply([link("b", language="\ud800")])
    index.apply([link("c", text="word")])
    assert sorted(found(index, "word")) == ["a", "c"]


def test_a_beginning_with_very_many_endings_is_exact(index):
    many = "".join(f"gpt模{chr(0x4E00 + n)} " for n in range(17_000))
    index.apply([link("m", title="gpt模型"), link("n", note=many), link("o", title="gpt 型")])
    assert sorted(found(index, "gpt模")) == ["m", "n"]


def test_of_equal_hits_the_newest_are_shown_whatever_was_added_first(index):
    index.apply([link(str(n), note="same", by_added=n) for n in range(300)])
    assert found(index, "same", limit=3) == ["299", "298", "297"]


def test_a_single_character_ranks_titles_first_then_by_date(index):
    index.apply([link(f"n{n}", note="模型", by_added=n) for n in range(4)])
    index.apply([link(f"t{n}", title="大模型", by_added=n) for n in range(3)])
    order = ["t2", "t1", "t0", "n3", "n2", "n1", "n0"]
    pages = [found(index, "模", limit=2, offset=offset) for offset in range(0, 8, 2)]
    assert [name for page in pages for name in page] == order


def test_the_text_is_kept_for_the_hit_and_not_as_one_long_word(index, path):
    index.apply([link("long", text="x" * 60_000)])
    assert index.search(parse("x" * 64), PageRequest()).hits[0].text == "x" * 60_000


def _apply_until_killed(path: Path, ready) -> None:
    index = opened(path)
    for number in range(10_000):
        index.apply([link(f"k{number}", note="kept", by_added=number)])
        ready.send(number)


def test_what_a_killed_process_applied_is_findable_and_its_lock_is_free(path):
    spawn = multiprocessing.get_context("spawn")
    theirs, ours = spawn.Pipe()
    child = spawn.Process(target=_apply_until_killed, args=(path, ours))
    child.start()
    told = [theirs.recv() for _ in range(5)]
    os.kill(child.pid, signal.SIGKILL)
    child.join()
    index = opened(path)
    assert {f"k{number}" for number in told} <= set(found(index, "kept", limit=1000))
    index.apply([link("after")])
    index.close()
