"""A changed link in, findable documents out."""

import threading
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import UTC, datetime
from hashlib import sha256

import pytest

from indexer.document import documents
from indexer.run import Indexer, run_index
from indexer.text_cache import TextCache
from linkshot.app import App
from linkshot.domain.messages import DEAD, LINKS, CurrentSnapshot, DeadLetter, LinkChanged, SeenText
from linkshot.domain.model import LinkId, LinkState, SnapshotId, TagId
from linkshot.domain.storage_layout import blob_key
from linkshot.errors import Damaged, IndexUnavailable
from linkshot.ports import IndexChange, Message, PageRequest, Removal, SearchIndex, Upsert
from linkshot.query import parse
from tests.failing import with_parts

NOW = datetime(2026, 1, 2, tzinfo=UTC)
TEXT = "院子里的山茶开了三朵"
SHA = sha256(TEXT.encode()).hexdigest()


def changed(number: int = 1, rev: int = 1, **given: object) -> LinkChanged:
    """A link with a text."""
    current = CurrentSnapshot(
        snapshot_id=SnapshotId("s"),
        taken_at=NOW,
        http_status=200,
        language="zh",
        text_key=blob_key(SHA),
        text_sha256=SHA,
    )
    known: dict[str, object] = {
        "link_id": LinkId(f"{number:032x}"),
        "rev": rev,
        "url": "http://a.example/",
        "title": "山茶",
        "host": "a.example",
        "tag_ids": (TagId("t"),),
        "by_added": number,
        "by_changed": number,
        "state": LinkState.OK,
        "current": current,
        "new_versions": (
            SeenText(text_sha256=SHA, text_key=blob_key(SHA), seen_from=NOW, seen_to=NOW),
        ),
    }
    return LinkChanged(**(known | given))  # type: ignore[arg-type]


def send(app: App, *messages: LinkChanged | bytes) -> None:
    sign = app.keyring.sign
    values = [one if isinstance(one, bytes) else sign(LINKS, one.encode()) for one in messages]
    app.queue.publish(LINKS, [Message(key=str(n), value=value) for n, value in enumerate(values)])


def found(app: App, words: str) -> list[str]:
    hits = app.index.search(parse(words), PageRequest())
    return [hit.link_id for hit in hits.hits]


def dead_letters(app: App) -> list[DeadLetter]:
    subscription = app.queue.subscribe([DEAD], "test", 10)
    letters = [DeadLetter.decode(one.value) for one in subscription.take(0)]
    subscription.close()
    return letters


@pytest.fixture
def indexer(app: App) -> Indexer:
    app.store.put(blob_key(SHA), TEXT.encode(), "text/plain")
    app.queue.subscribe([DEAD], "test", 1).close()
    return Indexer(app, 100)


def test_a_link_has_a_document_and_one_for_each_text() -> None:
    made = documents(changed(), {blob_key(SHA): "文"}.__getitem__)
    upserts = [one.document for one in made if isinstance(one, Upsert)]
    link, version = upserts
    assert (link.id, link.version, link.text, link.site) == (link.link_id, False, "文", "a.example")
    assert (version.id, version.version) == (f"{link.link_id}:{SHA}", True)
    assert version.seen_from == link.taken_at == 1_767_312_000_000_000
    assert (version.title, version.tag_ids, version.rev) == (link.title, link.tag_ids, link.rev)


def test_a_link_without_a_snapshot_has_one_document_without_text() -> None:
    made = documents(changed(current=None, new_versions=()), lambda _: "never")
    assert [one.document.text for one in made if isinstance(one, Upsert)] == [""]


@pytest.mark.parametrize(
    ("kept", "indexed"),
    [
        ("标题\n内存管\n理", "标题\n\n内存管\n\n理"),
        ("标题\n\n内存管\n理", "标题\n\n内存管\n理"),
        ("内存管\n理\n", "内存管\n理\n"),
    ],
    ids=["kept a block a line", "kept with blocks", "kept as one block"],
)
def test_line_breaks_are_inside_blocks_only_where_that_is_known(kept: str, indexed: str) -> None:
    made = documents(changed(), lambda _: kept)
    assert [one.document.text for one in made if isinstance(one, Upsert)] == [indexed, indexed]


def test_a_removed_link_is_a_removal_with_its_revision() -> None:
    message = changed(rev=7, removed=True)
    assert documents(message, lambda _: "") == [Removal(link_id=message.link_id, rev=7)]


def test_a_changed_link_is_found_by_the_words_of_its_text(app: App, indexer: Indexer) -> None:
    send(app, changed())
    assert indexer.work_once(0) == 1
    assert found(app, "三朵") == [changed().link_id]
    assert app.queue.backlog(LINKS, "index") == 0


def test_only_the_newest_of_several_changes_is_applied(app: App, indexer: Indexer) -> None:
    send(
        app,
        changed(rev=1, title="一月"),
        changed(rev=3, title="三月"),
        changed(rev=2, title="二月"),
    )
    indexer.work_once(0)
    assert (found(app, "三月"), found(app, "二月")) == ([changed().link_id], [])
    assert app.queue.backlog(LINKS, "index") == 0


def test_a_text_that_is_missing_leaves_the_link_findable_by_its_title(
    app: App, indexer: Indexer
) -> None:
    app.store.delete([blob_key(SHA)])
    send(app, changed())
    indexer.work_once(0)
    assert found(app, "山茶") == [changed().link_id]


@pytest.mark.parametrize(
    ("value", "reason"),
    [(b"\xff\xfe", "message.undecodable"), (b'{"v":9}', "message.version"), (b"[]", None)],
)
def test_a_message_nobody_can_read_becomes_a_dead_letter_and_the_next_goes_on(
    app: App, indexer: Indexer, value: bytes, reason: str | None
) -> None:
    send(app, value, changed())
    indexer.work_once(0)
    assert found(app, "三朵") == [changed().link_id]
    letters = dead_letters(app)
    assert [letter.topic for letter in letters] == [LINKS]
    assert reason in (None, letters[0].reason)


class Broken:
    """An index that refuses what concerns a link, or everything, until it is mended."""

    def __init__(self, index: SearchIndex, error: Exception, link_id: str = "") -> None:
        self._index, self._link_id = index, link_id
        self._error: Exception | None = error

    def mend(self) -> None:
        self._error = None

    def apply(self, changes: Sequence[IndexChange]) -> None:
        for change in changes if self._error else ():
            if isinstance(change, Upsert) and change.document.link_id.startswith(self._link_id):
                raise self._error
        self._index.apply(changes)


def indexer_of(app: App, index: Broken) -> Indexer:
    return Indexer(with_parts(app, index=index), 100)


def test_an_index_that_does_not_answer_loses_nothing(app: App, indexer: Indexer) -> None:
    indexer.close()
    index = Broken(app.index, IndexUnavailable())
    with closing(indexer_of(app, index)) as other:
        send(app, changed())
        with pytest.raises(IndexUnavailable):
            other.work_once(0)
        index.mend()
        other.work_once(0)
    assert found(app, "三朵") == [changed().link_id]


def test_one_link_that_breaks_the_index_stops_no_other(app: App, indexer: Indexer) -> None:
    bad, fine = changed(1), changed(2)
    indexer.close()
    index = Broken(app.index, ZeroDivisionError("boom"), bad.link_id)
    send(app, bad, fine)
    with closing(indexer_of(app, index)) as other:
        other.work_once(0)
    assert found(app, "三朵") == [fine.link_id]
    assert [(one.reason, one.detail) for one in dead_letters(app)] == [
        ("index.failed", "ZeroDivisionError: boom")
    ]


def test_texts_are_read_once_and_forgotten_when_they_are_many(app: App) -> None:
    aa, bb, cc = (blob_key(sha256(name * 10).hexdigest()) for name in (b"a", b"b", b"c"))
    for key, name in ((aa, b"a"), (bb, b"b"), (cc, b"c")):
        app.store.put(key, name * 10, "text/plain")
    texts = TextCache(app.store, limit=8, cache_chars=17)
    assert texts.get(aa) == "aaaaaaaa"
    app.store.delete([aa])
    assert texts.get(aa) == "aaaaaaaa"
    assert [texts.get(bb), texts.get(cc)] == ["bbbbbbbb", "cccccccc"]
    for key in (aa, "../no key", "linkshot.json"):
        with pytest.raises(Damaged):
            texts.get(key)


def test_a_text_longer_than_the_whole_cache_is_read_and_not_kept(app: App) -> None:
    key = blob_key(sha256(b"long").hexdigest())
    app.store.put(key, b"long", "text/plain")
    texts = TextCache(app.store, limit=8, cache_chars=3)
    assert texts.get(key) == "long"
    app.store.delete([key])
    with pytest.raises(Damaged):
        texts.get(key)


def test_the_loop_ends_when_it_is_told_and_indexes_what_is_there(
    app: App, indexer: Indexer
) -> None:
    indexer.close()
    send(app, changed())
    stop = threading.Event()
    stop.set()
    run_index(app, stop, window=10)
    assert found(app, "三朵") == [changed().link_id]


def test_the_loop_waits_while_the_index_does_not_answer(app: App, indexer: Indexer) -> None:
    indexer.close()
    index = Broken(app.index, IndexUnavailable())
    stop = Waiting(index.mend)
    send(app, changed())
    run_index(with_parts(app, index=index), stop)
    assert stop.pauses == [0.5]
    assert found(app, "三朵") == [changed().link_id]


class Waiting(threading.Event):
    """Lets something happen in the first pause, and stops when there is nothing left."""

    def __init__(self, then: Callable[[], object]) -> None:
        super().__init__()
        self.pauses: list[float | None] = []
        self._then = then

    def wait(self, timeout: float | None = None) -> bool:
        self.pauses.append(timeout)
        self._then()
        self.set()
        return True


def test_a_message_that_breaks_us_becomes_a_dead_letter_and_the_next_goes_on(
    app: App, indexer: Indexer, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = changed(1, title="broken")
    monkeypatch.setattr(
        "indexer.run.documents", lambda m, get: 1 / 0 if m == bad else documents(m, get)
    )
    send(app, bad, changed(2))
    indexer.work_once(0)
    assert found(app, "三朵") == [changed(2).link_id]
    assert [one.reason for one in dead_letters(app)] == ["index.failed"]


def test_large_batches_reach_the_index_in_parts(
    app: App, indexer: Indexer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("indexer.run.BULK_CHARS", 15)
    sizes: list[int] = []
    apply = app.index.apply
    monkeypatch.setattr(app.index, "apply", lambda c: (sizes.append(len(c)), apply(c)))
    send(app, changed(1), changed(2), changed(3))
    indexer.work_once(0)
    assert sizes == [2, 2, 2]
