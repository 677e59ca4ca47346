"""Attempt marks: a mark found means isolation, three isolated losses mean poison."""

import asyncio
from pathlib import Path

from crawler.queue import attempt_marks
from crawler.queue.attempt_marks import Attempt
from crawler.queue.visit_gate import VisitGate
from linkshot.adapters.store_filesystem import FilesystemStore
from linkshot.domain.storage_layout import attempt_key

REQUEST = "0190b0d0-0000-7000-8000-000000000001"


def test_a_first_visit_leaves_a_mark(tmp_path: Path) -> None:
    store = FilesystemStore(tmp_path)
    assert attempt_marks.begin(store, REQUEST) == Attempt()
    assert store.stat(attempt_key(REQUEST)) is not None


def test_a_visit_that_ended_leaves_none(tmp_path: Path) -> None:
    store = FilesystemStore(tmp_path)
    attempt_marks.begin(store, REQUEST)
    attempt_marks.end(store, REQUEST)
    assert store.stat(attempt_key(REQUEST)) is None
    assert attempt_marks.begin(store, REQUEST) == Attempt()


def test_after_a_loss_the_visit_is_isolated_and_only_isolated_losses_count(tmp_path: Path) -> None:
    store = FilesystemStore(tmp_path)
    begun = [attempt_marks.begin(store, REQUEST) for _ in range(5)]
    assert [one.isolated for one in begun] == [False, True, True, True, True]
    assert [one.losses for one in begun] == [0, 0, 1, 2, 3]
    assert [one.poison for one in begun] == [False, False, False, False, True]


def test_poison_leaves_its_mark_as_it_was(tmp_path: Path) -> None:
    store = FilesystemStore(tmp_path)
    for _ in range(6):
        last = attempt_marks.begin(store, REQUEST)
    assert last.losses == 3


def test_a_mark_that_cannot_be_read_counts_as_a_loss(tmp_path: Path) -> None:
    store = FilesystemStore(tmp_path)
    store.put(attempt_key(REQUEST), b"{", "application/json")
    assert attempt_marks.begin(store, REQUEST).isolated


def test_an_exclusive_visit_waits_for_the_others_and_keeps_new_ones_out() -> None:
    async def story() -> list[str]:
        gate, told, leave = VisitGate(), [], asyncio.Event()

        async def visit(name: str, *, isolated: bool = False, wait: bool = False) -> None:
            async with gate.enter(exclusive=isolated):
                told.append(f"{name} in")
                if wait:
                    await leave.wait()
                told.append(f"{name} out")

        first = asyncio.ensure_future(visit("first", wait=True))
        await asyncio.sleep(0)
        suspect = asyncio.ensure_future(visit("suspect", isolated=True))
        await asyncio.sleep(0)
        late = asyncio.ensure_future(visit("late"))
        await asyncio.sleep(0)
        leave.set()
        await asyncio.gather(first, suspect, late)
        return told

    assert asyncio.run(story()) == [
        "first in",
        "first out",
        "suspect in",
        "suspect out",
        "late in",
        "late out",
    ]


def test_shared_visits_run_together() -> None:
    async def story() -> int:
        gate, inside, most = VisitGate(), 0, 0

        async def visit() -> None:
            nonlocal inside, most
            async with gate.enter(exclusive=False):
                inside += 1
                most = max(most, inside)
                await asyncio.sleep(0)
                inside -= 1

        await asyncio.gather(visit(), visit(), visit())
        return most

    assert asyncio.run(story()) == 3


def test_a_cancelled_exclusive_visit_lets_others_in() -> None:
    async def story() -> bool:
        gate = VisitGate()
        async with gate.enter(exclusive=False):
            suspect = asyncio.ensure_future(gate.enter(exclusive=True).__aenter__())
            await asyncio.sleep(0)
            suspect.cancel()
            await asyncio.gather(suspect, return_exceptions=True)
            async with asyncio.timeout(5), gate.enter(exclusive=False):
                return suspect.cancelled()

    assert asyncio.run(story())
