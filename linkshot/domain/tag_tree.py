"""The tree of tags, and how many links each tag has with all below it. (pure)

Documents and links carry tags by id and know nothing of the tree, so that renaming and moving a tag
writes none of them. The count of a tag with children is therefore computed: from the number of links
that carry each tag themselves and, where a link may carry several tags of the subtree, from the number
of distinct links.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

MAX_FACET_TAGS = 50
"""Tags in an answer, besides those of the top level."""
MAX_ROOT_TAGS = 500
"""Tags of the top level in an answer; the most used ones when there are more."""

Counts = Mapping[str, int]
Distinct = Callable[[Mapping[str, tuple[str, ...]]], Counts]
"""Tag → the tags of its subtree, in; tag → how many links carry one of them, out."""


@dataclass(frozen=True)
class TagTree:
    """Which tag lies below which."""

    parents: Mapping[str, str | None]
    """Tag → the tag above it, None at the top."""

    def above(self, tag: str) -> Iterator[str]:
        """The tag itself and those above it, upwards; nothing for an unknown one."""
        seen: set[str] = set()
        at: str | None = tag
        while at is not None and at in self.parents and at not in seen:  # never round a circle
            seen.add(at)
            yield at
            at = self.parents[at]

    @cached_property
    def lines(self) -> Mapping[str, tuple[str, ...]]:
        """Tag → itself and those above it, upwards."""
        return {tag: tuple(self.above(tag)) for tag in self.parents}

    @cached_property
    def members(self) -> Mapping[str, tuple[str, ...]]:
        """Tag with children → itself and all below it."""
        found: dict[str, list[str]] = {}
        for tag, line in self.lines.items():
            for at in line:
                found.setdefault(at, []).append(tag)
        return {tag: tuple(below) for tag, below in found.items() if len(below) > 1}

    @cached_property
    def depths(self) -> Mapping[str, int]:
        """Tag → 1 at the top, 2 below it, …"""
        return {tag: len(line) for tag, line in self.lines.items()}

    def count(self, own: Counts, distinct: Distinct) -> dict[str, int]:
        """Tag → how many links carry it or one below it; tags without any are left out."""
        return self._count(self._carried(own), own, distinct, 0)

    def top(self, own: Counts, distinct: Distinct) -> dict[str, int]:
        """The most used tags and every one of the top level, most used first; as count()."""
        carried = self._carried(own)
        # A tag has no fewer links than any tag below it, so the MAX_FACET_TAGS-th count is no lower than
        # this, and what cannot reach it need not be counted.
        sure = sorted((max(own[one] for one in below) for below in carried.values()), reverse=True)
        least = sure[MAX_FACET_TAGS - 1] if len(sure) >= MAX_FACET_TAGS else 0
        counts = self._count(carried, own, distinct, least)
        # A parent comes before a child with as many links, so that no child appears without it.
        order = sorted(counts, key=lambda tag: (-counts[tag], self.depths[tag], tag))
        roots = [tag for tag in order if self.parents[tag] is None]
        kept = set(roots[:MAX_ROOT_TAGS])
        for tag in order[:MAX_FACET_TAGS]:
            kept.update(self.lines[tag])
        return {tag: counts[tag] for tag in order if tag in kept}

    def _count(
        self, carried: Mapping[str, tuple[str, ...]], own: Counts, distinct: Distinct, least: int
    ) -> dict[str, int]:
        """As count(), without those below the top level that cannot have `least` links."""
        found = {tag: own[below[0]] for tag, below in carried.items() if len(below) == 1}
        several = {
            tag: below
            for tag, below in carried.items()
            if len(below) > 1
            and (self.parents[tag] is None or sum(own[one] for one in below) >= least)
        }
        if several:
            found |= distinct(several)
        return {tag: number for tag, number in found.items() if number > 0}

    def _carried(self, own: Counts) -> dict[str, tuple[str, ...]]:
        """Tag → those of its subtree that a link carries."""
        found: dict[str, list[str]] = {}
        for tag, number in own.items():
            if number > 0:
                for at in self.lines.get(tag, ()):
                    found.setdefault(at, []).append(tag)
        return {tag: tuple(below) for tag, below in found.items()}
