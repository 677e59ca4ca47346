"""What the queue in a file does with silent members, other processes and a file that fails."""

import multiprocessing
import os
import signal
import sqlite3
from contextlib import closing

import pytest

from linkshot.adapters.queue_sqlite import SqliteQueue
from linkshot.errors import QueueUnavailable
from linkshot.ports import Message

TOPIC = "linkshot.requests"


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def processes(tmp_path, clock):
    """Two processes with the same file, as far as SQLite can tell."""
    both = [SqliteQueue(tmp_path / "queue.db", clock=clock) for _ in range(2)]
    yield both
    for one in both:
        one.close()


def publish(queue: SqliteQueue, *values: str, key: str = "k") -> None:
    queue.publish(TOPIC, [Message(key=key, value=value.encode()) for value in values])


def values(deliveries) -> list[str]:
    return [delivery.value.decode() for delivery in deliveries]


def test_a_key_that_somebody_holds_waits_for_its_holder(processes):
    publish(processes[0], "a", "b")
    one, two = (queue.subscribe([TOPIC], "g", 1) for queue in processes)
    (held,) = one.take(0)
    assert two.take(0) == []
    one.ack(held)
    assert values(two.take(0)) == ["b"]


def test_other_keys_go_to_other_members(processes):
    publish(processes[0], "a", "b", key="host-a")
    publish(processes[0], "c", key="host-c")
    one, two = (queue.subscribe([TOPIC], "g", 1) for queue in processes)
    assert values(one.take(0)) == ["a"]
    assert values(two.take(0)) == ["c"]


def test_what_is_nacked_comes_before_later_ones_of_its_key(processes):
    publish(processes[0], "a", "b", "c")
    one, two = (queue.subscribe([TOPIC], "g", 2) for queue in processes)
    first, second = one.take(0)
    one.nack(second)
    one.nack(first)
    assert values(two.take(0)) == ["a", "b"]


def test_what_a_silent_member_holds_comes_to_others(processes, clock):
    publish(processes[0], "a")
    one, two = (queue.subscribe([TOPIC], "g", 1) for queue in processes)
    one.take(0)
    clock.now += 9
    assert two.take(0) == []
    clock.now += 2
    assert values(two.take(0)) == ["a"]


def test_a_member_is_told_what_it_lost(processes, clock):
    publish(processes[0], "a")
    one, two = (queue.subscribe([TOPIC], "g", 1) for queue in processes)
    held = one.take(0)
    clock.now += 11
    two.take(0)
    assert one.take(0) == []
    assert one.lost() == held
    assert one.lost() == []


def test_settling_a_lost_delivery_does_nothing(processes, clock):
    publish(processes[0], "a")
    one, two = (queue.subscribe([TOPIC], "g", 1) for queue in processes)
    (held,) = one.take(0)
    clock.now += 11
    two.take(0)
    one.ack(held)
    two.close()
    assert processes[0].backlog(TOPIC, "g") == 1


def test_an_old_handle_never_acks_a_new_delivery(processes):
    publish(processes[0], "a")
    one = processes[0].subscribe([TOPIC], "g", 1)
    (first,) = one.take(0)
    one.nack(first)
    (again,) = one.take(0)
    one.ack(first)
    assert processes[0].backlog(TOPIC, "g") == 1
    one.ack(again)
    assert processes[0].backlog(TOPIC, "g") == 0


def test_a_member_that_takes_with_a_full_window_stays_a_member(processes, clock):
    publish(processes[0], "a")
    one, two = (queue.subscribe([TOPIC], "g", 1) for queue in processes)
    one.take(0)
    for _ in range(5):
        clock.now += 4
        assert one.take(0) == []
    assert two.take(0) == []


def test_a_silent_member_is_no_consumer_and_is_one_when_it_is_heard_again(processes, clock):
    one = processes[0].subscribe([TOPIC], "g", 1)
    clock.now += 11
    assert processes[1].consumers(TOPIC, "g") == 0
    processes[1].subscribe([TOPIC], "other", 1)
    assert one.take(0) == []
    assert processes[1].consumers(TOPIC, "g") == 1


def _consume_until_killed(path, ready) -> None:
    queue = SqliteQueue(path)
    member = queue.subscribe([TOPIC], "g", 1)
    ready.send("here")
    while True:
        member.take(1.0)


def test_a_killed_process_is_no_consumer_at_once(tmp_path):
    spawn = multiprocessing.get_context("spawn")
    theirs, ours = spawn.Pipe()
    child = spawn.Process(target=_consume_until_killed, args=(tmp_path / "queue.db", ours))
    child.start()
    theirs.recv()
    queue = SqliteQueue(tmp_path / "queue.db")
    seen = [queue.consumers(TOPIC, "g")]
    os.kill(child.pid, signal.SIGKILL)
    child.join()
    assert [*seen, queue.consumers(TOPIC, "g")] == [1, 0]
    queue.close()


def test_beats_of_before_the_machine_started_again_do_not_count(processes, clock):
    publish(processes[0], "a")
    processes[0].subscribe([TOPIC], "g", 1).take(0)
    clock.now = 3.0
    assert values(processes[1].subscribe([TOPIC], "g", 1).take(0)) == ["a"]


def test_a_message_is_deleted_when_every_group_has_acked_it(processes):
    queue = processes[0]
    publish(queue, "a")
    for group in ("one", "two"):
        member = queue.subscribe([TOPIC], group, 1)
        for delivery in member.take(0):
            member.ack(delivery)
    assert queue.backlog(TOPIC, "a group that comes later") == 0


def test_an_ack_that_fails_can_be_tried_again(processes, monkeypatch):
    publish(processes[0], "a")
    member = processes[0].subscribe([TOPIC], "g", 1)
    (held,) = member.take(0)
    with processes[1].file.writing():
        monkeypatch.setattr("linkshot.adapters.queue_sqlite_file.BUSY_S", 0.01)
        with pytest.raises(QueueUnavailable):
            member.ack(held)
    member.ack(held)
    assert processes[0].backlog(TOPIC, "g") == 0


def test_publishing_wakes_a_member_that_waits(tmp_path):
    queue = SqliteQueue(tmp_path / "queue.db")
    member = queue.subscribe([TOPIC], "g", 1)
    stamp = queue.file.stamp()
    publish(queue, "a")
    queue.file.wait(stamp, 60.0)
    assert values(member.take(60.0)) == ["a"]
    queue.close()


def test_a_file_that_is_no_queue_is_unavailable(tmp_path):
    (tmp_path / "queue.db").write_bytes(b"not a database" * 100)
    with pytest.raises(QueueUnavailable, match="not a database"):
        SqliteQueue(tmp_path / "queue.db")


def test_a_file_of_an_older_linkshot_keeps_its_messages(tmp_path):
    path = tmp_path / "queue.db"
    first = SqliteQueue(path)
    first.subscribe(["t"], "g", 10).close()
    first.publish("t", [Message(key="k", value=b"1")])
    first.close()
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("PRAGMA user_version=0")
        db.execute("DROP TABLE members")
        db.execute("CREATE TABLE members (id TEXT PRIMARY KEY, group_name TEXT, beat REAL)")
        db.execute("UPDATE waiting SET member='gone'")
    second = SqliteQueue(path)
    subscription = second.subscribe(["t"], "g", 10)
    assert [delivery.value for delivery in subscription.take(5)] == [b"1"]
    second.close()


def test_a_file_of_a_newer_linkshot_is_left_alone(tmp_path):
    path = tmp_path / "queue.db"
    SqliteQueue(path).close()
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("PRAGMA user_version=99")
    with pytest.raises(QueueUnavailable, match="newer linkshot"):
        SqliteQueue(path)


def test_a_folder_with_spaces_and_chinese_works(tmp_path):
    queue = SqliteQueue(tmp_path / "数据 文件夹?#%" / "queue.db")
    publish(queue, "a")
    assert queue.backlog(TOPIC, "g") == 1
    queue.close()


def _publish_until_killed(path, ready) -> None:
    queue = SqliteQueue(path)
    for number in range(10_000):
        publish(queue, str(number))
        ready.send(number)


def test_what_a_killed_process_published_is_there(tmp_path):
    spawn = multiprocessing.get_context("spawn")
    theirs, ours = spawn.Pipe()
    child = spawn.Process(target=_publish_until_killed, args=(tmp_path / "queue.db", ours))
    child.start()
    told = [theirs.recv() for _ in range(20)]
    os.kill(child.pid, signal.SIGKILL)
    child.join()
    queue = SqliteQueue(tmp_path / "queue.db")
    found = values(queue.subscribe([TOPIC], "g", 10_000).take(0))
    assert found[: len(told)] == [str(number) for number in told]
    assert found == [str(number) for number in range(len(found))]
    queue.close()


def test_a_file_that_took_the_place_of_another_has_other_topics(tmp_path):
    path = tmp_path / "queue.db"
    with closing(SqliteQueue(path)) as first:
        before = first.topic_ids(["linkshot.requests"])
    path.unlink()
    with closing(SqliteQueue(path)) as second:
        assert second.topic_ids(["linkshot.requests"]) != before


@pytest.mark.parametrize("with_wal", [True, False], ids=["all files", "the main file alone"])
def test_a_file_that_is_deleted_while_it_is_open_is_replaced_by_everybody(
    processes, tmp_path, with_wal
):
    one, two = processes
    member = one.subscribe([TOPIC], "g", 10)
    publish(one, "lost")
    (held,) = member.take(0)
    before = one.topic_ids([TOPIC])
    for file in tmp_path.glob("queue.db*" if with_wal else "queue.db"):
        file.unlink()
    publish(two, "new")
    assert values(member.take(0)) == ["new"]
    assert member.lost() == [held]
    member.ack(held)
    assert one.topic_ids([TOPIC]) == two.topic_ids([TOPIC]) != before
    assert one.backlog(TOPIC, "g") == 1


def test_a_message_of_a_replaced_file_is_not_acked_in_its_place(processes, tmp_path):
    one, two = processes
    member = one.subscribe([TOPIC], "g", 10)
    publish(one, "lost")
    (held,) = member.take(0)
    (tmp_path / "queue.db").unlink()
    publish(two, "new")
    member.ack(held)
    assert values(member.take(0)) == ["new"]
