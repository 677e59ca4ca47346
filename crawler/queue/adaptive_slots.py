"""Decides how many pages a worker visits at a time, by the CPU and the memory that the machine has left.

A visit waits most of its time, for servers and for pages to grow quiet: with a fixed number of slots the
CPU idles. The number grows slowly while visits wait for a slot and CPU and memory are left, and shrinks
when either is short, as TCP's window does (RFC 5681 §3.1, additive increase).
"""

import os
from dataclasses import dataclass
from typing import Self

import psutil

SAMPLE_S = 1.0
"""Between two looks at the machine."""
LEAST = 2
"""Also on a busy machine: one slow page must not hold up the others."""
PER_CORE, MOST = 4, 16
"""Slots at most. A light page takes 0.6 CPU-seconds in 2 to 3 seconds of waiting."""
CPU_LEFT, CPU_SHORT = 0.75, 0.97
"""Shares of all cores that are busy: below the first there is room, above the second too little."""
MEMORY_LEFT_BYTES, MEMORY_SHORT_BYTES = 1_500_000_000, 500_000_000
"""Available memory: a heavy page takes some hundred MB, the memory guard ends one that takes more."""


@dataclass(frozen=True, slots=True)
class MachineLoad:
    """How busy the machine is."""

    cpu: float
    """Share of all cores that was busy since the last look, from 0 to 1."""
    memory_bytes: int
    """Memory that can be had without swapping."""

    @classmethod
    def now(cls) -> Self:
        """Since the last call; the first one has no interval and says nothing of the CPU."""
        return cls(psutil.cpu_percent() / 100, psutil.virtual_memory().available)

    @property
    def is_short(self) -> bool:
        """Whether there are too many visits for this machine."""
        return self.cpu > CPU_SHORT or self.memory_bytes < MEMORY_SHORT_BYTES

    @property
    def has_room(self) -> bool:
        """Whether it can take one more."""
        return self.cpu < CPU_LEFT and self.memory_bytes > MEMORY_LEFT_BYTES


def most_slots(wanted: int) -> int:
    """The largest number of slots a worker ever has; `wanted` is the setting, 0 = as the machine allows. (pure but for the number of cores)"""
    return wanted or max(LEAST, min(PER_CORE * (os.cpu_count() or 1), MOST))


def next_slots(slots: int, load: MachineLoad, *, waiting: bool, most: int) -> int:
    """How many slots there are from now on; `waiting`: work could start and has none. (pure)"""
    if load.is_short:
        return max(LEAST, slots - 1)
    if waiting and load.has_room:
        return min(most, slots + 1)
    return slots
