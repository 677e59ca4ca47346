"""The key that links are sorted by when those that changed last come first. (pure)

A link whose page has changed has the time of the change, in µs since 1970. One whose page has not
changed since its first snapshot has a key far below all times, in the order in which links were added:
it comes last, and no `changed:` finds it.
"""

UNCHANGED = 2**61
"""What the key of a link that has not changed lies below its by_added; dates reach to 2**58."""
SAME_US = 1_000_000
"""Before version 2.1 a new link had its by_added as its key, some µs more where that was taken; no visit
takes so little time that its change could be meant."""


def unchanged(by_added: int) -> int:
    """The key of a link whose page has not changed; unique because by_added is."""
    return by_added - UNCHANGED


def has_changed(by_changed: int) -> bool:
    """Whether the page of the link with this key has changed since its first snapshot."""
    return by_changed > 0


def renewed(by_changed: int, by_added: int) -> int:
    """The key as an older linkshot wrote it in a message or the journal, put right."""
    return unchanged(by_added) if 0 <= by_changed - by_added < SAME_US else by_changed
