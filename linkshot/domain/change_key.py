"""The sort key of the order "last changed first". (pure)

A link whose page has changed has the time of the change, in µs since 1970. One whose page has not
changed since its first snapshot has a key far below all times, in the order in which links were added:
it comes last, and no `changed:` finds it.
"""

UNCHANGED_OFFSET = 2**61
"""Subtracted from by_added to make the key of an unchanged link; dates reach to 2**58."""
SAME_US = 1_000_000
"""Before version 2.1 the key of a new link was its by_added, plus some µs where that was taken. No visit
is short enough for a real change to fall into this window."""


def unchanged_key(by_added: int) -> int:
    """The key of a link whose page has not changed; unique because by_added is."""
    return by_added - UNCHANGED_OFFSET


def has_changed(by_changed: int) -> bool:
    """Whether the page of the link with this key has changed since its first snapshot."""
    return by_changed > 0


def upgraded_key(by_changed: int, by_added: int) -> int:
    """The key as an older linkshot wrote it in a message or the journal, put right."""
    return unchanged_key(by_added) if 0 <= by_changed - by_added < SAME_US else by_changed
