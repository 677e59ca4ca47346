"""Several linkshots on one data folder: whoever holds a role does the work, the others follow."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from linkshot.maintenance.verify import verify
from linkshot.system.config import Settings, settings_env
from tests.fleet import fleet, opened
from tests.site import Site

pytestmark = pytest.mark.browser

TOGETHER = 5


def test_five_adds_wait_while_up_starts_and_all_end(settings: Settings, tmp_path: Path) -> None:
    with Site() as site, fleet(settings, tmp_path) as processes:
        adding = [start(settings, site.url(f"/stable?n={n}")) for n in range(TOGETHER)]
        processes.keep_running()
        answers = [process.communicate(timeout=240) for process in adding]
        assert [process.returncode for process in adding] == [0] * TOGETHER, answers
        items = [json.loads(out)["items"][0] for out, _ in answers]
        assert {item["snapshot"]["outcome"] for item in items} == {"stored"}
        processes.stop()
    with opened(settings) as app:
        assert verify(app).counts["links"] == TOGETHER


def start(settings: Settings, url: str) -> "subprocess.Popen[bytes]":
    """`linkshot --json add URL --wait` as a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "linkshot", "--json", "--quiet", "add", url, "--wait"],
        env={**os.environ, **settings_env(settings)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
