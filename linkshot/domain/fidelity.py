"""How well what is stored of a page brings it back: scores, and when they give reason to doubt. (pure)"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

PAGE_DIFFERS, PAGE_LEAKS, ARCHIVE_DIFFERS = "page_differs", "page_leaks", "archive_differs"
DOUBTS = (PAGE_DIFFERS, PAGE_LEAKS, ARCHIVE_DIFFERS)
"""Reason codes of a verdict."""
ENDS_BROWSER = frozenset(("memory", "crash", "timeout", "unrendered", "scripts_off"))
"""What a visit says of pages that end the browser: they would do so again."""
MOVING = ENDS_BROWSER | {
    "load", "quiet", "settle", "dom", "scroll", "scrolled_away", "script", "dialogs", "freed", "navigations", "bytes",
}  # fmt: skip
"""What a visit says of pages that go on changing, too: shown again, they stop elsewhere."""
MOVES = "moving"
"""Why the archive of such a page is not judged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderingScore:
    """One stored form of a page, shown again without a network and compared with the visit."""

    pixels: float | None = None
    """Share of the screenshot's pixels that look different, 0 to 1; None: no picture to compare."""
    text: float | None = None
    """Share of the words of text.txt that are found again, 0 to 1; None: there are none."""
    missing: int = 0
    """Different requests that nothing stored has an answer for."""
    leaks: int = 0
    """Attempts to reach the network by other ways than HTTP; they were refused."""
    failed: str = ""
    """Why it could not be shown: `time`, `crash`, `not_shown`, `unreadable`, `browser`; else empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fidelity:
    """The scores of one snapshot."""

    checked_at: datetime
    page: RenderingScore | None = None
    """Of page.html, with scripts off."""
    archive: RenderingScore | None = None
    """Of archive.wacz, with the page's own scripts running again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FidelityLimits:
    """Beyond these a snapshot is doubtful."""

    pixels: float
    """Greatest share of differing pixels."""
    text: float
    """Least share of words found."""

    def is_passed(self, score: RenderingScore) -> bool:
        """Whether this rendering shows the page; what could not be shown does not."""
        return (
            not score.failed
            and (score.pixels is None or score.pixels <= self.pixels)
            and (score.text is None or score.text >= self.text)
        )

    def doubts(self, checked: Fidelity, cut: Iterable[str] = ()) -> tuple[str, ...]:
        """Those of DOUBTS that these scores give.

        `cut` is what the visit left out. A check that ran out of time or lost its browser says nothing
        about the snapshot, and neither does the archive of a page that never stood still. Requests that
        an archive lacks are no reason, either: pages ask for something else each time, or had asked in
        vain at the visit. What is missing where it is seen shows in pixels and text.
        """
        found, page, archive = [], checked.page, checked.archive
        if page is not None and not is_unjudged(page):
            if not self.is_passed(page):
                found.append(PAGE_DIFFERS)
            if page.missing or page.leaks:
                found.append(PAGE_LEAKS)
        if archive is not None and not is_unjudged(archive) and not self.is_passed(archive):
            found += () if moves(cut) else (ARCHIVE_DIFFERS,)
        return tuple(found)

    def not_judged(self, checked: Fidelity, cut: Iterable[str] = ()) -> dict[str, str]:
        """`page` and `archive`, where these scores say nothing about them → why: `time`, `crash`, `browser`, or
        `moving`, of the archive of a page that never stood still at its visit and looks different now."""
        parts = {"page": checked.page, "archive": checked.archive}
        found = {
            part: score.failed for part, score in parts.items() if score and is_unjudged(score)
        }
        archive = checked.archive
        if "archive" not in found and archive and moves(cut) and not self.is_passed(archive):
            found["archive"] = MOVES
        return found


def moves(cut: Iterable[str]) -> bool:
    """Whether a page whose visit left this out never stood still."""
    return not MOVING.isdisjoint(word.partition(":")[0] for word in cut)


def is_unjudged(score: RenderingScore) -> bool:
    """Whether the check itself failed, which is not the snapshot's fault."""
    return score.failed in ("time", "crash", "browser")
