"""A check shares its browser with no page that is visited alone."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from crawler.queue.visit_gate import VisitGate
from crawler.replay import self_check
from linkshot.domain.fidelity import Fidelity
from linkshot.domain.model import Role
from linkshot.system.config import Settings
from pipelines.item import PendingArtifact, SnapshotItem
from tests.integration.pipelines_world import capture, item


def stored(folder: Path) -> SnapshotItem:
    """A page with its archive, about to be stored."""
    archive = folder / "archive.wacz"
    archive.write_bytes(b"")
    page = PendingArtifact(role=Role.HTML, name="page.html", media_type="text/html", data=b"<p>x")
    packed = PendingArtifact(role=Role.WACZ, name=archive.name, media_type="x/y", data=archive)
    made = item(capture("<p>x", started_at=datetime.now(UTC)))
    made.artifacts += [page, packed]
    return made


def test_a_check_waits_until_a_visit_that_is_alone_has_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    order: list[str] = []

    async def check(*_: Any) -> Fidelity:
        order.append("checked")
        return Fidelity(checked_at=datetime.now(UTC))

    async def story() -> None:
        gate = VisitGate()
        handler = SimpleNamespace(browser_pool=None, visit_gate=gate)
        coordinator = SimpleNamespace(
            consumer=SimpleNamespace(draining=False), is_idle=lambda: True
        )
        worker = SimpleNamespace(download_handler=handler, coordinator=coordinator)
        monkeypatch.setattr(self_check, "worker_of", lambda _: worker)
        monkeypatch.setattr(self_check.SnapshotChecker, "check", check)
        settings = Settings(self_check="always")
        crawler: Any = SimpleNamespace(settings={"LINKSHOT_SETTINGS": settings})
        pipeline = self_check.SelfCheckPipeline(crawler)
        async with gate.enter(exclusive=True):
            checking = asyncio.ensure_future(pipeline.process_item(stored(tmp_path)))
            for _ in range(20):
                await asyncio.sleep(0)
            order.append("alone")
        made = await checking
        assert made.fidelity is not None

    asyncio.run(story())
    assert order == ["alone", "checked"]
