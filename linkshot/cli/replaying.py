"""Shows stored snapshots again in a local browser, and prints how well they show their pages."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import typer

from crawler.replay.local_checker import LocalChecker
from crawler.replay.snapshot_check import (
    StoredPage,
    are_screenshots_cut,
    consent_policy,
    user_agent_of,
    viewport_of,
)
from linkshot.app import App
from linkshot.cli.context import CliContext
from linkshot.cli.printing import printable
from linkshot.domain.fidelity import MOVES, Fidelity, FidelityLimits, RenderingScore
from linkshot.domain.manifest import Manifest
from linkshot.domain.model import Role, Snapshot
from linkshot.domain.upload_format import WACZ
from linkshot.errors import Damaged
from linkshot.maintenance.verify_report import VerifyReport
from linkshot.use_cases import snapshots as reading

NOTIFY_EVERY = 10
PASSED, BELOW, NOT_REPLAYABLE = "passed", "below", "not_replayable"
UNCHECKED, PARTLY_CHECKED = "not_checked", "partly_checked"
WHY = {
    "no_archive": "it has no web archive",
    "no_page": "it is a file, not a page",
    "unrendered": "no browser could show it whole at the visit either",
    "damaged": "what is stored of it is damaged",
    "time": "it did not end in time",
    "crash": "its browser ended",
    "browser": "the browser refused it",
    MOVES: "the page never stood still at the visit",
    "not_shown": "the archive does not have the page",
    "unreadable": "the archive cannot be read",
    "size": "it is too large",
    "view.no_archive": "it has no web archive",
    "snapshot.not_found": "there is no snapshot",
}
"""Why a snapshot, or a part of it, was not checked → in words."""
PART = {"page": "page.html", "archive": "archive"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayedSnapshot:
    """How one snapshot was shown again."""

    snapshot_id: str
    link_id: str
    url: str
    taken_at: datetime | None
    status: str
    """passed, below, partly_checked, not_checked, not_replayable."""
    reasons: tuple[str, ...] = ()
    """What differs, or why it was not checked."""
    not_judged: dict[str, str] = field(default_factory=dict)
    """`page` and `archive`, where the check says nothing about them → why."""
    page: RenderingScore | None = None
    archive: RenderingScore | None = None


def replay_snapshots(
    cli: CliContext, app: App, only: Sequence[str], report: VerifyReport
) -> list[ReplayedSnapshot]:
    """Every stored snapshot of these links, or of all; what differs is added to the report."""
    checker = LocalChecker(app.settings)
    limits = FidelityLimits(
        pixels=app.settings.self_check_pixels, text=app.settings.self_check_text
    )
    found: list[ReplayedSnapshot] = []
    total = reading.count_stored(app, only)
    with checker:
        for one in reading.stored(app, only):
            made = _replay(app, checker, one, limits)
            found.append(made)
            _add(report, made)
            if not cli.json:
                typer.echo(_line(made))
            if len(found) % NOTIFY_EVERY == 0:
                cli.notify(f"{len(found)} of {total} snapshots")
    return found


def _replay(
    app: App, checker: LocalChecker, one: Snapshot, limits: FidelityLimits
) -> ReplayedSnapshot:
    url, partial, manifest = one.final_url or "", one.quality.reasons, None
    try:
        if one.manifest is not None:
            manifest = Manifest.decode(app.store.read(one.manifest))
            url, partial = manifest.requested_url or url, manifest.partial
        why = _not_replayable(one)
        if why:
            return _result(one, url, NOT_REPLAYABLE, (why,))
        checked = checker.check(_stored_page(app, one, url, partial, manifest))
    except (Damaged, KeyError):
        # verify itself has told which object it is
        return _result(one, url, UNCHECKED, ("damaged",))
    doubts = limits.doubts(checked, partial)
    unjudged = limits.not_judged(checked, partial)
    shown = sum(score is not None for score in (checked.page, checked.archive))
    status = BELOW if doubts else PASSED
    if unjudged and not doubts:
        status = PARTLY_CHECKED if len(unjudged) < shown else UNCHECKED
    reasons = doubts or tuple(dict.fromkeys(unjudged.values()))
    return _result(one, url, status, reasons, checked, unjudged)


def _result(
    one: Snapshot,
    url: str,
    status: str,
    reasons: tuple[str, ...],
    checked: Fidelity | None = None,
    not_judged: dict[str, str] | None = None,
) -> ReplayedSnapshot:
    return ReplayedSnapshot(
        snapshot_id=one.snapshot_id,
        link_id=one.link_id,
        url=url,
        taken_at=one.taken_at,
        status=status,
        reasons=reasons,
        not_judged=not_judged or {},
        page=checked.page if checked else None,
        archive=checked.archive if checked else None,
    )


def _not_replayable(one: Snapshot) -> str:
    """Why this snapshot has nothing to show again; empty when it has."""
    if not one.quality.is_rendered:
        return "unrendered"
    if one.artifact(Role.HTML) is None and one.artifact(Role.SCREENSHOT) is None:
        return "no_page"
    return "" if one.artifact(Role.WACZ) or one.artifact(Role.WARC) else "no_archive"


def _uploaded_page(manifest: Manifest | None) -> str:
    """Address of the page in an archive that was uploaded; empty when none was."""
    uploaded = manifest.notes.get("uploaded") if manifest else None
    return str(uploaded.get("page", "")) if isinstance(uploaded, dict) else ""


def archived_page(app: App, one: Snapshot) -> StoredPage:
    """The archive of a snapshot, and what is needed to show it. Raises Damaged."""
    archive = one.artifact(Role.WACZ) or one.artifact(Role.WARC)
    assert one.manifest is not None  # it has an archive
    try:
        manifest = Manifest.decode(app.store.read(one.manifest))
    except KeyError:
        raise Damaged("The manifest is missing from the store.") from None
    uploaded = _uploaded_page(manifest)
    return StoredPage(
        name=one.snapshot_id,
        url=uploaded or manifest.requested_url or one.final_url or "",
        archive_type=archive.media_type if archive else WACZ,
        page=uploaded,
        screenshots=(),
        text="",
        open_archive=(lambda: reading.open_reader(app, archive)) if archive else None,
        consent=consent_policy(manifest.notes),
        viewport=viewport_of(manifest.options),
    )


def _stored_page(
    app: App, one: Snapshot, url: str, partial: Sequence[str], manifest: Manifest | None
) -> StoredPage:
    shots = [each for each in one.artifacts if each.role is Role.SCREENSHOT]
    page, text = one.artifact(Role.HTML), one.artifact(Role.TEXT)
    archive = one.artifact(Role.WACZ) or one.artifact(Role.WARC)
    uploaded = _uploaded_page(manifest)
    return StoredPage(
        name=one.snapshot_id,
        url=uploaded or url,
        screenshots=tuple(reading.read(app, each) for each in shots),
        screenshots_cut=are_screenshots_cut(partial),
        text=reading.read(app, text).decode("utf-8", "replace") if text else "",
        html=reading.read(app, page) if page else None,
        open_archive=(lambda: reading.open_reader(app, archive)) if archive else None,
        archive_type=archive.media_type if archive else WACZ,
        page=uploaded,
        consent=consent_policy(manifest.notes if manifest else {}),
        viewport=viewport_of(manifest.options if manifest else {}),
        user_agent=user_agent_of(manifest.options if manifest else {}),
    )


def _add(report: VerifyReport, one: ReplayedSnapshot) -> None:
    counted = {PASSED: "replayed", BELOW: "replayed"}.get(one.status, one.status)
    report.counts[counted] += 1
    if one.status != BELOW:
        return
    if "page_differs" in one.reasons:
        report.add("V8", "replay.page_differs", *_finding(one, one.page))
    if "page_leaks" in one.reasons:
        report.add("V8", "replay.page_leaks", *_finding(one, one.page))
    if "archive_differs" in one.reasons:
        report.add("V8", "replay.archive_differs", *_finding(one, one.archive))


def _finding(one: ReplayedSnapshot, score: RenderingScore | None) -> tuple[str, str, str]:
    return one.snapshot_id, _score(score) if score else "", one.link_id


def _line(one: ReplayedSnapshot) -> str:
    """One snapshot for people."""
    parts = [
        f"{name} {_score(score)}"
        for name, score in (("page.html", one.page), ("archive", one.archive))
        if score is not None
    ]
    if one.not_judged:
        parts += [f"{PART[part]} not judged: {WHY[why]}" for part, why in one.not_judged.items()]
    elif one.status in (UNCHECKED, NOT_REPLAYABLE):
        parts += [WHY.get(reason, reason) for reason in one.reasons]
    status = one.status.replace("_", " ")
    return f"{status:<14}  {one.snapshot_id}  {printable(one.url)}: {'; '.join(parts)}"


def _score(score: RenderingScore) -> str:
    if score.failed:
        return f"could not be shown ({score.failed})"
    parts = []
    if score.pixels is not None:
        parts.append(f"{score.pixels:.2%} of the pixels differ")
    if score.text is not None:
        parts.append(f"{score.text:.1%} of the words are there")
    if score.missing:
        parts.append(f"{score.missing} requests without an answer")
    if score.leaks:
        parts.append(f"{score.leaks} attempts to reach the network")
    return ", ".join(parts) or "nothing to compare"
