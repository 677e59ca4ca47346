"""A library with a link of every kind, and the address of every screen that shows one."""

import sys
from dataclasses import dataclass, replace
from datetime import timedelta
from io import BytesIO
from pathlib import Path

from uuid_utils import uuid7

sys.path.insert(0, str(Path(__file__).parent.parent / "integration"))
from web_shelf import TITLE, WHEN, _picture, _put, failed_visit, kept_link, stored_snapshot

from linkshot.app import App
from linkshot.dispatch.dead_letter_records import record
from linkshot.dispatch.results import apply_result
from linkshot.domain.messages import DeadLetter, SnapshotFinished
from linkshot.domain.model import (
    Artifact,
    Hop,
    Link,
    NewLink,
    Outcome,
    Quality,
    Reason,
    Role,
    Verdict,
)
from linkshot.domain.storage_layout import manifest_key
from linkshot.use_cases import imports, links, site_cookies, sites, trash, watches

LIST = b"https://example.com/one\nhttps://example.com/one\njavascript:void(0)\nhttp://\n"
TABS = ("reader", "screenshot", "page", "text", "files", "details")


@dataclass(frozen=True, kw_only=True)
class Library:
    screens: dict[str, str]
    """Name → path."""


def visited(app: App, link: Link, *artifacts: Artifact, **changes: object) -> None:
    """A visit that left these artifacts and is otherwise as `changes` say."""
    snapshot_id = str(uuid7())
    finished = SnapshotFinished(
        request_id=snapshot_id, link_id=link.link_id, url=link.url, outcome=Outcome.STORED,
        reason=Reason.ADD, started_at=WHEN, finished_at=WHEN, final_url=link.url, http_status=200,
        title=link.title or TITLE, language="zh", manifest=manifest_key(link.link_id, snapshot_id),
        artifacts=artifacts,
    )  # fmt: skip
    apply_result(app, replace(finished, **changes))


def fill(app: App) -> Library:
    """Links that are good, watched, failed, gone, blocked, partial, files; a trash, an import, jobs."""
    good = links.add(
        app, NewLink(url="https://example.com/文章", tags=("读", "a/b/c", "dev"), note="看过\n两遍")
    ).link
    for hour in (3, 2, 1):
        stored_snapshot(app, good, title=f"{TITLE} {hour}")
    watches.set_schedule(app, good.link_id, "1d12h")
    text = _put(app, Role.TEXT, "text.txt", "text/plain; charset=utf-8", "没有 found".encode())
    shot = _put(app, Role.SCREENSHOT, "screenshot.webp", "image/webp", _picture(320, 900))
    page = _put(app, Role.HTML, "page.html", "text/html; charset=utf-8", b"<!doctype html><p>404")
    kinds = {name: kept_link(app, f"https://{name}.example/", "kinds") for name in (
        "failed", "gone", "blocked", "image", "pdf", "partial", "waiting"
    )}  # fmt: skip
    hops = (Hop(url="https://failed.example/a", status=302),)
    failed_visit(app, kinds["failed"], "dns", "ERR_NAME_NOT_RESOLVED", hops)
    wrong = Quality(verdict=Verdict.HTTP_ERROR, reasons=("http_404",))
    visited(app, kinds["gone"], text, page, http_status=404, quality=wrong)
    wall = Quality(verdict=Verdict.BLOCKED, reasons=("http_403", "bot_wall"))
    visited(app, kinds["blocked"], text, shot, http_status=403, quality=wall)
    image = _put(app, Role.ORIGINAL, "picture.webp", "image/webp", _picture(64, 64))
    visited(app, kinds["image"], image, language=None)
    file = _put(app, Role.ORIGINAL, "paper.pdf", "application/pdf", b"%PDF-1.7")
    visited(app, kinds["pdf"], text, file)
    lacking = Quality(verdict=Verdict.PARTIAL, reasons=("scroll", "parts"))
    visited(app, kinds["partial"], text, shot, page, quality=lacking)
    with app.catalogue.write() as conn:
        conn.exec_driver_sql("UPDATE links SET due_at = NULL WHERE host NOT LIKE 'waiting%'")
    trash.remove(app, [kept_link(app, "https://removed.example/").link_id])
    sites.put(app, "ruled.example/论坛", {"snapshot": False, "delay_s": 30.0, "consent": "hide"})
    kinds["ruled"] = kept_link(app, "https://ruled.example/论坛/1", "kinds")
    site_cookies.import_file(app, b".example.com\tTRUE\t/\tTRUE\t4000000000\tsid\tsecret")
    report = imports.run(app, BytesIO(LIST), "书签.txt")
    record(app, DeadLetter(
        topic="linkshot.requests", where="linkshot.requests@7", key="a.example", reason="visit.lost",
        detail="three times", value_base64="e30=", at=WHEN + timedelta(hours=1),
    ))  # fmt: skip
    return Library(screens=_screens(good, kinds, report.import_id))


def _screens(good: Link, kinds: dict[str, Link], import_id: str) -> dict[str, str]:
    of_good = {f"link {tab}": f"/links/{good.link_id}?tab={tab}" for tab in TABS}
    of_kinds = {f"link {name}": f"/links/{link.link_id}" for name, link in kinds.items()}
    ledger = {
        f"ledger {name}": f"/imports/{import_id}?outcome={name}"
        for name in ("accepted", "duplicate", "rejected")
    }
    return {
        "list": "/",
        "pictures": "/?view=pictures",
        "results": "/?q=%23kinds&view=rows",
        "no results": "/?q=%23nothing",
        "search error": "/?q=site%3A",
        **of_good,
        **of_kinds,
        "blocked screenshot": f"/links/{kinds['blocked'].link_id}?tab=screenshot",
        "pdf page": f"/links/{kinds['pdf'].link_id}?tab=page",
        "tags": "/tags",
        "jobs": "/jobs",
        "sites": "/sites",
        "import": "/import",
        "cookies": "/cookies",
        **ledger,
        "trash": "/trash",
        "add": "/add?url=https://a.example/&title=T",
        "not found": "/nothing",
    }
