"""Several linkshots on one data folder: whoever holds a role does the work, the others follow."""

import json
import os
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

from linkshot.domain.model import NewLink
from linkshot.errors import RoleTaken
from linkshot.maintenance.verify import verify
from linkshot.processes import role_takeover
from linkshot.processes.role_takeover import all_roles
from linkshot.processes.roles import Roles
from linkshot.system import locks
from linkshot.system.config import Settings, settings_env
from linkshot.use_cases import links
from tests.fleet import all_settled, fleet, opened
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


def test_adds_that_wait_take_over_the_work_of_one_that_has_ended(settings: Settings) -> None:
    with Site() as site, ExitStack() as stack:
        adding = [start(settings, site.url(f"/stable?n={n}")) for n in range(TOGETHER)]
        for process in adding:
            stack.callback(process.kill)
        answers = [process.communicate(timeout=240) for process in adding]
    assert [process.returncode for process in adding] == [0] * TOGETHER, answers


def test_up_takes_a_lent_role_when_it_is_given_back(settings: Settings, tmp_path: Path) -> None:
    with opened(settings) as app, Site() as site, fleet(settings, tmp_path) as processes:
        with ExitStack() as lent:
            for role in locks.ROLES:
                lent.enter_context(locks.hold(settings, role, note=locks.lent_note()))
            processes.until(lambda: locks.web_address(settings) is not None)
            assert holders(settings) == {os.getpid()}
        up = locks.holder(settings, locks.UP)
        processes.until(lambda: holders(settings) == {up})
        links.add(app, NewLink(url=site.url("/stable")))
        processes.until(lambda: all_settled(app, 1))
        assert processes.restarts == 0


def holders(settings: Settings) -> set[int | None]:
    """The processes that hold the roles."""
    return {locks.holder(settings, role) for role in locks.ROLES}


def test_up_says_who_holds_a_role_for_good(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(role_takeover, "HOLDER_WAIT_S", 0.1)
    with opened(settings) as app, locks.hold(settings, "crawl"):
        roles = Roles(app)
        with (
            pytest.raises(RoleTaken, match=f"held by process {os.getpid()}"),
            all_roles(app, roles),
        ):
            pytest.fail("it has the role")
        assert roles.stopping.is_set()
        assert locks.holder(settings, "dispatch") is None


def start(settings: Settings, url: str) -> "subprocess.Popen[bytes]":
    """`linkshot --json add URL --wait` as a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "linkshot", "--json", "--quiet", "add", url, "--wait"],
        env={**os.environ, **settings_env(settings)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
