"""How many pages are visited at a time, by what the machine has left."""

from pathlib import Path

import pytest

from crawler.queue.adaptive_slots import LEAST, MOST, MachineLoad, most_slots, next_slots
from crawler.queue.machine_load import ControlGroup, LoadMeter

PLENTY = 8_000_000_000


@pytest.mark.parametrize(
    ("slots", "cpu", "memory", "waiting", "then"),
    [
        (2, 0.3, PLENTY, True, 3),
        (2, 0.3, PLENTY, False, 2),
        (2, 0.9, PLENTY, True, 2),
        (8, 0.3, PLENTY, True, 8),
        (5, 1.0, PLENTY, True, 4),
        (5, 0.1, 400_000_000, True, 4),
        (5, 0.1, 1_000_000_000, True, 5),
        (2, 1.0, PLENTY, True, LEAST),
    ],
    ids=["room", "nobody waits", "busy", "most", "no CPU", "no memory", "little memory", "least"],
)
def test_one_more_or_one_less(
    slots: int, cpu: float, memory: int, waiting: bool, then: int
) -> None:
    assert next_slots(slots, MachineLoad(cpu, memory), waiting=waiting, most=8) == then


def test_a_number_that_was_set_is_the_number() -> None:
    assert most_slots(3, 64, 10**12) == 3


@pytest.mark.parametrize(("cores", "slots"), [(0.5, LEAST), (1, 4), (2, 8), (64, MOST)])
def test_more_cores_more_slots(cores: float, slots: int) -> None:
    assert most_slots(0, cores, 10**12) == slots


def test_all_pages_share_the_memory_of_one_browser() -> None:
    assert most_slots(0, 64, 2_500_000_000) == 8
    assert most_slots(0, 64, 300_000_000) == LEAST


def test_the_load_is_that_of_this_machine() -> None:
    meter = LoadMeter()
    load = meter.read()
    assert 0 <= load.cpu <= 1
    assert load.memory_bytes > 0
    assert meter.cores > 0


UNIFIED = {
    "cpu.max": "150000 100000",
    "cpu.stat": "usage_usec 2500000\nuser_usec 2000000",
    "memory.max": "4000000000",
    "memory.current": "3000000000",
    "memory.stat": "anon 1\ninactive_file 500000000",
}
OLD = {
    "cpu/cpu.cfs_quota_us": "150000",
    "cpu/cpu.cfs_period_us": "100000",
    "cpuacct/cpuacct.usage": "2500000000",
    "memory/memory.limit_in_bytes": "4000000000",
    "memory/memory.usage_in_bytes": "3000000000",
    "memory/memory.stat": "total_inactive_file 500000000",
}
FREE = {
    "cpu.max": "max 100000",
    "memory.max": "max",
    "memory.current": "5",
    "cpu.stat": "usage_usec 1",
}
OLD_FREE = {
    "cpu/cpu.cfs_quota_us": "-1",
    "cpu/cpu.cfs_period_us": "100000",
    "memory/memory.limit_in_bytes": "9223372036854771712",
    "memory/memory.usage_in_bytes": "5",
}


def group(root: Path, files: dict[str, str], membership: str) -> ControlGroup:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text + "\n")
    return ControlGroup(root, membership)


@pytest.mark.parametrize(
    ("files", "membership"),
    [
        (UNIFIED, "0::/"),
        ({f"a/b/{name}": text for name, text in UNIFIED.items()}, "0::/a/b"),
        (UNIFIED, "0::/../not/here"),
        (OLD, "3:cpu,cpuacct:/\n2:memory:/docker/1\n0::/"),
    ],
    ids=["container", "service", "path of the host", "version 1"],
)
def test_the_limits_of_a_container_count(
    tmp_path: Path, files: dict[str, str], membership: str
) -> None:
    found = group(tmp_path, files, membership)
    assert (found.quota_cores(), found.cpu_s(), found.memory_left()) == (1.5, 2.5, 1_500_000_000)


@pytest.mark.parametrize(
    ("files", "membership"),
    [(FREE, "0::/"), (OLD_FREE, "2:memory:/\n3:cpu:/"), ({}, ""), ({"memory.max": "soon"}, "0::/")],
    ids=["none", "none in version 1", "no control groups", "unreadable"],
)
def test_without_limits_there_are_none(
    tmp_path: Path, files: dict[str, str], membership: str
) -> None:
    found = group(tmp_path, files, membership)
    assert (found.quota_cores(), found.memory_left()) == (None, None)
