"""Decides how many pages a worker visits at a time, by the CPU and the memory that are left. (pure)

A visit waits most of its time, for servers and for pages to grow quiet: with a fixed number of slots the
CPU idles. The number grows slowly while visits wait for a slot and CPU and memory are left, and shrinks
when either is short, as TCP's window does (RFC 5681 §3.1, additive increase).
"""

from dataclasses import dataclass

SAMPLE_S = 1.0
"""Between two looks at the machine."""
LEAST = 2
"""Also on a busy machine: one slow page must not hold up the others."""
PER_CORE, MOST = 4, 16
"""Slots at most. A light page takes 0.6 CPU-seconds in 2 to 3 seconds of waiting."""
PAGE_BYTES = 300_000_000
"""Memory of the browser per slot."""
CPU_LEFT, CPU_SHORT = 0.75, 0.97
"""Shares of all cores that are busy: below the first there is room, above the second too little."""
MEMORY_LEFT_BYTES, MEMORY_SHORT_BYTES = 1_500_000_000, 500_000_000
"""Available memory: a heavy page takes some hundred MB, the memory guard ends one that takes more."""


@dataclass(frozen=True, slots=True)
class MachineLoad:
    """How busy it is."""

    cpu: float
    """Share of all cores that was busy since the last look, from 0 to 1."""
    memory_bytes: int
    """Memory that can be had without swapping or being killed."""


def most_slots(wanted: int, cores: float, browser_bytes: int) -> int:
    """The largest number of slots a worker ever has; `wanted` is the setting, 0 = as the machine allows.

    All pages share one browser, whose greediest page is ended above `browser_bytes`. (pure)
    """
    return wanted or max(LEAST, min(round(PER_CORE * cores), browser_bytes // PAGE_BYTES, MOST))


def next_slots(slots: int, load: MachineLoad, *, waiting: bool, most: int) -> int:
    """How many slots there are from now on; `waiting`: work could start and has none. (pure)"""
    if load.cpu > CPU_SHORT or load.memory_bytes < MEMORY_SHORT_BYTES:
        return max(LEAST, slots - 1)
    if waiting and load.cpu < CPU_LEFT and load.memory_bytes > MEMORY_LEFT_BYTES:
        return min(most, slots + 1)
    return slots
