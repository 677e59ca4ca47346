"""Manifests are signed and stamped, and kept without either when that fails."""

import asyncio
import base64
import shutil
import subprocess
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from linkshot.app import App
from linkshot.domain.manifest import Manifest
from linkshot.domain.manifest_seal import split_seal
from linkshot.domain.storage_layout import manifest_key
from linkshot.maintenance.seal_check import SealCheck
from linkshot.maintenance.verify_report import VerifyReport
from linkshot.system.config import Settings
from linkshot.wiring import open_app
from pipelines.store import StorePipeline
from pipelines.timestamp import PAUSE_S, TimestampAuthority
from tests import timestamp_authority
from tests.integration.pipelines_world import LINK, REQUEST, capture, item, through
from tests.sources import ROOT

URL = "http://time.example/tsr"
SETTINGS = Settings(timestamp_authority=URL, timestamp_timeout_s=0.05)
Post = Callable[[str, bytes], Awaitable[tuple[int, bytes]]]


def stored(app: App, post: Post | None = None) -> tuple[bytes, dict[str, Any]]:
    """The stored manifest of a page, and its seal."""
    authority = TimestampAuthority(SETTINGS, post) if post else None
    through(item(capture("<p>page</p>")), StorePipeline(app, authority))
    data = app.store.read(manifest_key(LINK, REQUEST))
    assert Manifest.decode(data).finished.request_id == REQUEST
    seal = split_seal(data)[1]
    assert seal is not None
    return data, seal


def proven(data: bytes, **settings: str) -> tuple[list[str], dict[str, int]]:
    """What verify finds in the seal of a manifest, and what it counts."""
    report = VerifyReport()
    found = SealCheck(Settings(**settings), report).check(data)
    return [code for code, _ in found], report.counts


def test_a_manifest_is_signed_with_the_key_of_the_worker(app: App) -> None:
    data, seal = stored(app)
    assert proven(data) == ([], {"signed": 1, "signing_keys": 1})
    assert "timestamp" not in seal


def test_a_worker_without_a_key_keeps_the_snapshot_and_says_so(tmp_path: Path) -> None:
    with_none = open_app(Settings(data=tmp_path, signing_key=str(tmp_path / "none.pem")))
    data, seal = stored(with_none)
    assert seal["unsigned"] == "signature.no_key"
    assert proven(data) == ([], {})


def test_a_manifest_is_stamped_by_the_authority_of_the_settings(app: App, tmp_path: Path) -> None:
    authority = timestamp_authority.TimestampAuthority(tmp_path / "tsa")

    async def post(url: str, body: bytes) -> tuple[int, bytes]:
        assert url == URL
        return 200, authority.stamp(body)

    data, seal = stored(app, post)
    assert seal["timestamp"]["authority"] == URL
    assert seal["timestamp"]["time"].endswith("Z")
    found, counts = proven(data, timestamp_roots=str(authority.root_file))
    assert (found, counts["stamped"]) == ([], 1)
    assert proven(data)[1]["stamped_untrusted"] == 1


async def _hangs(_url: str, _body: bytes) -> tuple[int, bytes]:
    await asyncio.Event().wait()
    raise AssertionError


async def _refuses(_url: str, _body: bytes) -> tuple[int, bytes]:
    raise ConnectionRefusedError


async def _is_down(_url: str, _body: bytes) -> tuple[int, bytes]:
    return 503, b""


async def _babbles(_url: str, _body: bytes) -> tuple[int, bytes]:
    return 200, b"<html>time flies</html>"


@pytest.mark.parametrize(
    ("post", "code"),
    [
        (_hangs, "timestamp.timeout"),
        (_refuses, "timestamp.unreachable"),
        (_is_down, "timestamp.http"),
        (_babbles, "timestamp.invalid"),
    ],
    ids=["hangs", "refuses", "is down", "babbles"],
)
def test_an_authority_that_fails_costs_the_stamp_alone(app: App, post: Post, code: str) -> None:
    data, seal = stored(app, post)
    assert seal["timestamp"] == {"authority": URL, "error": code}
    assert proven(data)[0] == []


def test_a_stamp_of_another_request_is_not_taken(app: App, tmp_path: Path) -> None:
    authority = timestamp_authority.TimestampAuthority(tmp_path / "tsa")
    answers: list[bytes] = []

    async def replay(_url: str, body: bytes) -> tuple[int, bytes]:
        answers.append(authority.stamp(body))
        return 200, answers[0]

    first = asyncio.run(TimestampAuthority(SETTINGS, replay).stamp(b"a"))
    again = asyncio.run(TimestampAuthority(SETTINGS, replay).stamp(b"a"))
    assert base64.b64decode(first["response"]) == answers[0]
    assert again["error"] == "timestamp.invalid"


def test_an_authority_that_does_not_answer_is_left_alone_for_a_minute() -> None:
    asked: list[str] = []
    now = [0.0]

    async def post(url: str, _body: bytes) -> tuple[int, bytes]:
        asked.append(url)
        raise ConnectionRefusedError

    authority = TimestampAuthority(SETTINGS, post, lambda: now[0])
    codes = [asyncio.run(authority.stamp(b"a"))["error"] for _ in range(2)]
    now[0] = PAUSE_S
    codes.append(asyncio.run(authority.stamp(b"a"))["error"])
    assert codes == ["timestamp.unreachable", "timestamp.paused", "timestamp.unreachable"]
    assert len(asked) == 2


def test_the_commands_of_the_docs_check_a_manifest_without_linkshot(
    app: App, tmp_path: Path
) -> None:
    authority = timestamp_authority.TimestampAuthority(tmp_path / "tsa")

    async def post(_url: str, body: bytes) -> tuple[int, bytes]:
        return 200, authority.stamp(body)

    (tmp_path / "manifest.json").write_bytes(stored(app, post)[0])
    shutil.copy(authority.root_file, tmp_path / "authorities.pem")
    script = (ROOT / "docs" / "provenance.md").read_text("utf-8").split("```bash\n")[-1]
    command = ["bash", "-ec", script.partition("```")[0]]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    first, second, *rest = ran.stdout.split()
    assert first == second
    assert " ".join(rest) == "Verified OK Verification: OK"
