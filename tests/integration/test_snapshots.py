"""Asking for snapshots, reading them, and what is going on."""

import hashlib
import json
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from catalogue_app import Clock

from linkshot.app import App
from linkshot.catalogue.clock import to_us
from linkshot.catalogue.links import hosts
from linkshot.catalogue.links import links as table
from linkshot.catalogue.snapshots import snapshots as rows
from linkshot.domain.messages import plain_value
from linkshot.domain.model import (
    Artifact,
    Change,
    ChangeKind,
    Failure,
    NewLink,
    Outcome,
    Quality,
    Reason,
    Role,
    Snapshot,
    Verdict,
)
from linkshot.domain.storage_layout import blob_key
from linkshot.errors import Damaged, NotFound
from linkshot.use_cases import links, snapshots, trash

TEXT = "链接快照".encode()
KEY = blob_key(hashlib.sha256(TEXT).hexdigest())


def add(app: App, url: str = "https://example.com/") -> str:
    return links.add(app, NewLink(url=url)).link.link_id


def artifact(data: bytes = TEXT) -> Artifact:
    return Artifact(
        role=Role.TEXT,
        name="text.txt",
        key=KEY,
        media_type="text/plain",
        bytes=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
    )


def stored(app: App, link_id: str, number: int = 1) -> Snapshot:
    return Snapshot(
        snapshot_id=f"0193a000-0000-7000-8000-{number:012d}",
        link_id=link_id,
        outcome=Outcome.STORED,
        reason=Reason.ADD,
        finished_at=app.now() + timedelta(seconds=number),
        taken_at=app.now(),
        final_url="https://example.com/",
        http_status=200,
        title="标题",
        language="zh",
        text_sha256="ab" * 32,
        change=Change(kind=ChangeKind.MAJOR, score=0.5),
        quality=Quality(verdict=Verdict.PARTIAL, reasons=("load",)),
        manifest="snapshots/ab/x/y.json",
        artifacts=(artifact(),),
        failure=Failure(kind="timeout", retryable=True, detail="too slow", retry_after_s=2.5),
    )


def snapshot_values(snapshot: Snapshot) -> dict[str, Any]:
    taken = snapshot.taken_at
    return {
        "snapshot_id": snapshot.snapshot_id,
        "link_id": snapshot.link_id,
        "outcome": snapshot.outcome.value,
        "reason": snapshot.reason.value,
        "finished_at": to_us(snapshot.finished_at),
        "taken_at": None if taken is None else to_us(taken),
        "final_url": snapshot.final_url,
        "http_status": snapshot.http_status,
        "title": snapshot.title,
        "language": snapshot.language,
        "text_sha256": snapshot.text_sha256,
        "change": as_json(snapshot.change),
        "quality": as_json(snapshot.quality),
        "manifest": snapshot.manifest,
        "artifacts": as_json(list(snapshot.artifacts)),
        "failure": as_json(snapshot.failure),
    }


def as_json(value: object | None) -> str | None:
    if value is None:
        return None
    plain = [plain_value(one) for one in value] if isinstance(value, list) else plain_value(value)
    return json.dumps(plain, ensure_ascii=False)


def keep(app: App, snapshot: Snapshot) -> Snapshot:
    with app.catalogue.write() as conn:
        conn.execute(rows.insert().values(**snapshot_values(snapshot)))
        last = table.c.link_id == snapshot.link_id
        ids = {
            "last_snapshot_id": snapshot.snapshot_id,
            "current_snapshot_id": snapshot.snapshot_id,
        }
        conn.execute(table.update().where(last).values(**ids))
    return snapshot


def test_a_snapshot_reads_back_as_it_was_written(kept: App) -> None:
    snapshot = keep(kept, stored(kept, add(kept)))
    assert snapshots.get(kept, None, snapshot.snapshot_id) == snapshot


def test_a_link_shows_its_current_and_last_snapshot(kept: App) -> None:
    snapshot = keep(kept, stored(kept, add(kept)))
    link = links.get(kept, snapshot.link_id)
    assert link.current == link.last == snapshot


def test_history_is_newest_first(kept: App) -> None:
    link_id = add(kept)
    for number in (2, 3, 1):
        keep(kept, stored(kept, link_id, number))
    ids = [snapshot.snapshot_id[-1] for snapshot in snapshots.history(kept, link_id)]
    assert ids == ["3", "2", "1"]


def test_snapshots_of_other_or_removed_links_are_not_found(kept: App) -> None:
    link_id, other = add(kept), add(kept, "https://example.com/other")
    snapshot = keep(kept, stored(kept, link_id))
    with pytest.raises(NotFound):
        snapshots.get(kept, other, snapshot.snapshot_id)
    trash.remove(kept, [link_id])
    with pytest.raises(NotFound) as failure:
        snapshots.get(kept, None, snapshot.snapshot_id)
    assert failure.value.code == "snapshot.not_found"


def test_an_artifact_is_found_by_its_role(kept: App) -> None:
    snapshot = keep(kept, stored(kept, add(kept)))
    assert snapshots.artifact(kept, snapshot.snapshot_id, Role.TEXT) == artifact()
    with pytest.raises(NotFound) as failure:
        snapshots.artifact(kept, snapshot.snapshot_id, Role.WACZ)
    assert failure.value.code == "artifact.not_found"


def test_a_role_of_another_version_hides_no_other_artifact(kept: App) -> None:
    snapshot = keep(kept, stored(kept, add(kept)))
    with kept.catalogue.write() as conn:
        row = conn.execute(sa.select(rows.c.artifacts)).scalar_one()
        (known,) = json.loads(row)
        both = json.dumps([known | {"role": "hologram"}, known])
        conn.execute(rows.update().values(artifacts=both))
    found = snapshots.get(kept, None, snapshot.snapshot_id)
    assert found.artifacts == (artifact(),)


def test_bytes_are_read_whole_and_in_part(kept: App) -> None:
    kept.store.put(KEY, TEXT, "text/plain")
    assert snapshots.read(kept, artifact()) == TEXT
    with snapshots.open_reader(kept, artifact()) as stored:
        stored.seek(3)
        assert stored.read(3) == TEXT[3:6]


@pytest.mark.parametrize("stored_bytes", [None, "链接快找".encode()], ids=["missing", "changed"])
def test_bytes_that_are_not_those_captured_are_damaged(kept: App, stored_bytes) -> None:
    if stored_bytes is not None:
        kept.store.put(KEY, stored_bytes, "text/plain")
    with pytest.raises(Damaged):
        snapshots.read(kept, artifact())


def test_a_person_asking_comes_before_schedules_and_imports(kept: App, clock: Clock) -> None:
    link = links.add(kept, NewLink(url="https://example.com/"), reason=Reason.IMPORT).link
    clock.move(hours=1)
    (asked,) = snapshots.request(kept, [link.link_id])
    with kept.catalogue.read() as conn:
        row = conn.execute(sa.select(table)).mappings().one()
        host = conn.execute(sa.select(hosts)).mappings().one()
    assert (asked.activity, asked.due_at) == ("due", clock.now)
    assert (row["priority"], row["reason"], host["next_priority"]) == (0, "manual", 0)


def test_what_is_on_its_way_is_not_asked_twice(kept: App) -> None:
    link_id = add(kept)
    with kept.catalogue.write() as conn:
        conn.execute(table.update().values(open_request_id="r", due_at=None, sent_at=5))
    (link,) = snapshots.request(kept, [link_id])
    assert (link.activity, link.due_at) == ("sent", None)
