"""`linkshot open`: the address is always there, and what was done with it is said."""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from linkshot.cli import browser_open
from linkshot.domain.model import NewLink
from linkshot.system import locks
from linkshot.system.config import load_settings
from linkshot.use_cases import links
from linkshot.wiring import open_app
from tests.serving import port_of, served

BARE = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}


@dataclass(frozen=True, kw_only=True)
class Running:
    folder: Path
    port: int
    link_id: str

    @property
    def page(self) -> str:
        return f"http://127.0.0.1:{self.port}/links/{self.link_id}"

    def opened(self, *words: str, **environment: str) -> "subprocess.CompletedProcess[str]":
        """`linkshot open` as a person runs it, with no screen but what the test gives."""
        command = [sys.executable, "-m", "linkshot", *words, "--data", str(self.folder)]
        given = BARE | {"LINKSHOT_PORT": str(self.port)} | environment
        return subprocess.run(
            [*command, "open", self.link_id[:8]],
            check=False,
            env=given,
            capture_output=True,
            text=True,
            timeout=60,
        )


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("data")
    app = open_app(load_settings(data=folder))
    link = links.add(app, NewLink(url="https://a.example/")).link
    with served(app) as address:
        yield Running(folder=folder, port=port_of(address), link_id=link.link_id)
    app.close()


def browser(folder: Path, code: int) -> str:
    """A program that notes what it is to show."""
    file = folder / "browser"
    file.write_text(f'#!/bin/sh\necho "$1" > "{folder}/shown"\nexit {code}\n', "utf-8")
    file.chmod(0o755)
    return str(file)


def test_without_a_screen_the_address_is_printed(running: Running) -> None:
    done = running.opened()
    assert (done.returncode, done.stdout) == (0, f"{running.page}\n")
    assert done.stderr == "No browser could be opened from here; open the address above yourself.\n"


def test_a_browser_that_fails_is_no_browser(running: Running, tmp_path: Path) -> None:
    done = running.opened(BROWSER=browser(tmp_path, 1))
    assert (done.returncode, done.stdout) == (0, f"{running.page}\n")
    assert "No browser could be opened" in done.stderr


def test_a_browser_shows_the_page_and_it_is_said(running: Running, tmp_path: Path) -> None:
    done = running.opened(BROWSER=browser(tmp_path, 0))
    assert (tmp_path / "shown").read_text("utf-8").strip() == running.page
    assert (done.stdout, done.stderr) == (f"{running.page}\n", "Opened in your browser.\n")
    chinese = running.opened(BROWSER=browser(tmp_path, 0), LANG="zh_CN.UTF-8")
    assert chinese.stderr == "已在浏览器中打开。\n"


def test_where_nobody_answers_no_browser_is_opened(running: Running, tmp_path: Path) -> None:
    app = open_app(load_settings(data=tmp_path / "quiet"))
    link = links.add(app, NewLink(url="https://a.example/")).link
    app.close()
    away = replace(running, port=9, folder=tmp_path / "quiet", link_id=link.link_id)
    done = away.opened(BROWSER=browser(tmp_path, 0))
    assert (done.returncode, done.stdout) == (0, f"{away.page}\n")
    assert "`linkshot up` starts it" in done.stderr
    assert not (tmp_path / "shown").exists()


def test_the_port_that_the_running_server_took_is_opened(running: Running, tmp_path: Path) -> None:
    done = running.opened(LINKSHOT_PORT="9", BROWSER=browser(tmp_path, 0))
    assert (done.stdout, done.stderr) == (f"{running.page}\n", "Opened in your browser.\n")
    assert (tmp_path / "shown").read_text("utf-8").strip() == running.page


def test_the_server_of_another_folder_on_the_usual_port_is_not_ours(
    running: Running, tmp_path: Path
) -> None:
    other = load_settings(data=tmp_path / "other")
    object.__setattr__(other, "port", running.port)
    assert browser_open.open_browser(other, browser_open.page_url(other, "/x")).startswith(
        "No linkshot of this data"
    )
    given = load_settings(data=tmp_path / "other", port=running.port)
    assert not browser_open.open_browser(given, browser_open.page_url(given, "/x")).startswith(
        "No linkshot"
    )


def test_an_address_is_noted_while_its_server_runs_and_the_first_one_counts(tmp_path: Path) -> None:
    settings = load_settings(data=tmp_path)
    assert locks.web_address(settings) is None
    with locks.web_at(settings, "http://127.0.0.1:8766/"):
        assert locks.web_address(settings) == "http://127.0.0.1:8766/"
        with locks.web_at(settings, "http://127.0.0.1:8767/"):
            assert locks.web_address(settings) == "http://127.0.0.1:8766/"
    assert locks.web_address(settings) is None


@pytest.mark.parametrize(
    ("given", "address"),
    [
        ({}, "http://127.0.0.1:8765/x"),
        ({"host": "0.0.0.0", "port": 99}, "http://127.0.0.1:99/x"),
        ({"host": "::1", "base_path": "/shots"}, "http://[::1]:8765/shots/x"),
        ({"public_url": "https://a.example/shots"}, "https://a.example/shots/x"),
    ],
    ids=["usual", "everywhere", "below a path", "behind a proxy"],
)
def test_the_address_is_the_one_that_people_reach(given: dict[str, object], address: str) -> None:
    assert browser_open.page_url(load_settings(**given), "/x") == address
