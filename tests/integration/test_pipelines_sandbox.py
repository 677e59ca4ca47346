"""The sandbox process: what kills it does not hurt the worker."""

import os
from collections.abc import Iterator

import psutil
import pytest

from pipelines.sandbox import SandboxError, SandboxProcess
from tests.integration import sandbox_work as work


@pytest.fixture
def child() -> Iterator[SandboxProcess]:
    one = SandboxProcess()
    yield one
    one.close()


def test_work_is_done_by_one_warm_child(child: SandboxProcess) -> None:
    first, second = child.run(os.getpid), child.run(os.getpid)
    assert first == second != os.getpid()


def test_the_child_knows_no_secrets(child: SandboxProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINKSHOT_STORE", "s3+https://key:secret@host/bucket")
    assert not [name for name in child.run(work.environment) if name.startswith("LINKSHOT_")]


def test_an_error_is_told_and_the_child_lives(child: SandboxProcess) -> None:
    before = child.run(os.getpid)
    with pytest.raises(SandboxError, match="ZeroDivisionError"):
        child.run(divmod, 1, 0)
    assert child.run(os.getpid) == before


def test_work_that_takes_too_long_is_broken_off(child: SandboxProcess) -> None:
    before = child.run(os.getpid)
    with pytest.raises(SandboxError, match="no answer"):
        child.run(work.spin, timeout_s=0.1)  # it would never end by itself
    assert child.run(os.getpid) != before


def test_work_that_ends_the_process_is_survived(child: SandboxProcess) -> None:
    with pytest.raises(SandboxError):
        child.run(os.abort)
    assert child.run(abs, -1) == 1


def test_memory_is_limited(child: SandboxProcess) -> None:
    with pytest.raises(SandboxError, match="MemoryError"):
        child.run(bytes, 3_000_000_000)


def test_a_child_that_grew_is_replaced(child: SandboxProcess) -> None:
    before = child.run(os.getpid)
    child.run(work.grow)
    assert child.run(os.getpid) != before


def test_it_ends_with_its_parent_even_while_it_works(child: SandboxProcess) -> None:
    process = psutil.Process(child.run(os.getpid))
    assert child._pipe is not None
    child._pipe.send((work.spin, (), 60.0))
    child._pipe.close()
    assert process.wait(10) is not None
