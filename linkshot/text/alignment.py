"""Aligns two sequences; never quadratic, whatever they hold. (pure)

Items that occur once in both are anchors (patience diff: the longest rising chain of them); only
the small gaps between anchors are compared item by item.
"""

import difflib
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence

MAX_COMPARED_PAIRS = 10_000
"""A gap with at most this many pairs of items is compared in full; a larger one is a replacement."""

Match = tuple[int, int, int]
"""Start in the old, start in the new, length."""
Opcode = tuple[str, int, int, int, int]
"""`equal`, `insert`, `delete` or `replace`; old [i:j], new [k:m], as in difflib."""


def opcodes(old: Sequence[str], new: Sequence[str]) -> list[Opcode]:
    """What turns `old` into `new`, in order, covering both completely."""
    found: list[Opcode] = []
    i = k = 0
    for start, other, size in [*matches(old, new), (len(old), len(new), 0)]:
        if i < start or k < other:
            op = "delete" if k == other else "insert" if i == start else "replace"
            found.append((op, i, start, k, other))
        if size:
            found.append(("equal", start, start + size, other, other + size))
        i, k = start + size, other + size
    return found


def matches(old: Sequence[str], new: Sequence[str]) -> list[Match]:
    """Stretches that are equal in both, in order; touching ones joined."""
    joined: list[Match] = []
    for i, k, size in _gap(old, new, (0, len(old), 0, len(new)), anchored=False):
        if joined and (joined[-1][0] + joined[-1][2], joined[-1][1] + joined[-1][2]) == (i, k):
            joined[-1] = (joined[-1][0], joined[-1][1], joined[-1][2] + size)
        else:
            joined.append((i, k, size))
    return joined


Range = tuple[int, int, int, int]
"""old [i:j], new [k:m]."""


def _gap(old: Sequence[str], new: Sequence[str], gap: Range, *, anchored: bool) -> Iterator[Match]:
    """Matches inside a gap: equal ends first, then anchors or, in small gaps, everything."""
    i, j, k, m = gap
    head = _common(old[i:j], new[k:m])
    tail = _common(old[i + head : j][::-1], new[k + head : m][::-1])
    if head:
        yield i, k, head
    yield from _middle(old, new, (i + head, j - tail, k + head, m - tail), anchored=anchored)
    if tail:
        yield j - tail, m - tail, tail


def _middle(
    old: Sequence[str], new: Sequence[str], gap: Range, *, anchored: bool
) -> Iterator[Match]:
    i, j, k, m = gap
    if i == j or k == m:
        return
    if (j - i) * (m - k) <= MAX_COMPARED_PAIRS:
        small = difflib.SequenceMatcher(None, old[i:j], new[k:m], autojunk=False)
        yield from ((i + a, k + b, size) for a, b, size in small.get_matching_blocks() if size)
    elif not anchored:
        for a, b in [*_anchors(old, new, gap), (j, m)]:
            yield from _gap(old, new, (i, a, k, b), anchored=True)
            if a < j:
                yield a, b, 1
            i, k = a + 1, b + 1


def _anchors(old: Sequence[str], new: Sequence[str], gap: Range) -> list[tuple[int, int]]:
    """Places of items that occur once on each side, as the longest chain that rises in both."""
    i, j, k, m = gap
    here, there = Counter(old[i:j]), Counter(new[k:m])
    place = {new[b]: b for b in range(k, m) if there[new[b]] == 1}
    pairs = [(a, place[old[a]]) for a in range(i, j) if here[old[a]] == 1 and old[a] in place]
    return _longest_increasing(pairs)


def _longest_increasing(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest subsequence whose second numbers rise (patience sorting, n log n)."""
    tops: list[int] = []
    ends: list[int] = []
    before: list[int] = []
    for number, (_, b) in enumerate(pairs):
        pile = bisect_left(tops, b)
        before.append(ends[pile - 1] if pile else -1)
        tops[pile : pile + 1] = [b]
        ends[pile : pile + 1] = [number]
    chain: list[tuple[int, int]] = []
    number = ends[-1] if ends else -1
    while number >= 0:
        chain.append(pairs[number])
        number = before[number]
    return chain[::-1]


def _common(left: Sequence[str], right: Sequence[str]) -> int:
    """How many items at the beginning are equal."""
    count = 0
    for one, other in zip(left, right, strict=False):
        if one != other:
            break
        count += 1
    return count
