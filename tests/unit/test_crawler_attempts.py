"""Marks of visits: a mark found means alone, three losses while alone mean poison."""

import asyncio
from pathlib import Path

from crawler.queue import attempt_marks
from crawler.queue.attempt_marks import Attempt
from crawler.queue.visit_gate import Turnstile
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


def test_after_a_loss_the_visit_is_alone_and_only_losses_while_alone_count(tmp_path: Path) -> None:
    store = FilesystemStore(tmp_path)
    begun = [attempt_marks.begin(store, REQUEST) for _ in range(5)]
    assert [one.alone for one in begun] == [False, True, True, True, True]
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
    assert attempt_marks.begin(store, REQUEST).alone


def test_a_suspect_visit_waits_for_the_others_and_keeps_new_ones_out() -> None:
    async def story() -> list[str]:
        turnstile, told, leave = Turnstile(), [], asyncio.Event()

        async def visit(name: str, *, alone: bool = False, wait: bool = False) -> None:
            async with turnstile.enter(alone=alone):
                told.append(f"{name} in")
                if wait:
                    await leave.wait()
                told.append(f"{name} out")

        first = asyncio.ensure_future(visit("first", wait=True))
        await asyncio.sleep(0)
        suspect = asyncio.ensure_future(visit("suspect", alone=True))
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


def test_visits_go_through_together() -> None:
    async def story() -> int:
        turnstile, inside, most = Turnstile(), 0, 0

        async def visit() -> None:
            nonlocal inside, most
            async with turnstile.enter(alone=False):
                inside += 1
                most = max(most, inside)
                await asyncio.sleep(0)
                inside -= 1

        await asyncio.gather(visit(), visit(), visit())
        return most

    assert asyncio.run(story()) == 3


def test_a_suspect_that_gives_up_waiting_lets_others_in() -> None:
    async def story() -> bool:
        turnstile = Turnstile()
        async with turnstile.enter(alone=False):
            suspect = asyncio.ensure_future(turnstile.enter(alone=True).__aenter__())
            await asyncio.sleep(0)
            suspect.cancel()
            await asyncio.gather(suspect, return_exceptions=True)
            async with asyncio.timeout(5), turnstile.enter(alone=False):
                return suspect.cancelled()

    assert asyncio.run(story())
