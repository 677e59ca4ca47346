"""The browser found and its options, which are promises about safety."""

import os
from pathlib import Path

import pytest

from crawler.browser import launch
from crawler.browser.launch import context_options, find_browser, launch_options
from linkshot.errors import ConfigError
from linkshot.system.config import Settings


def program(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine without any browser; programs put into `bin` are found."""
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path / "playwright"))
    return tmp_path


def test_the_browser_given_comes_first(bare: Path) -> None:
    program(bare / "bin" / "chromium-headless-shell")
    mine = program(bare / "mine")
    assert find_browser(Settings(browser=str(mine))) == mine


def test_then_playwrights_own_newest_first(bare: Path) -> None:
    program(bare / "bin" / "chromium")
    for build in ("1100", "1200"):
        folder = bare / "playwright" / f"chromium_headless_shell-{build}" / "chrome-linux"
        newest = program(folder / "headless_shell")
    assert find_browser(Settings()) == newest


def test_then_the_systems_headless_shell_before_its_chromium(bare: Path) -> None:
    chromium = program(bare / "bin" / "chromium")
    assert find_browser(Settings()) == chromium
    shell = program(bare / "bin" / "chromium-headless-shell")
    assert find_browser(Settings()) == shell


@pytest.mark.parametrize("given", ["", "/no/such/browser"])
def test_without_one_the_sentence_says_what_to_do(bare: Path, given: str) -> None:
    with pytest.raises(ConfigError, match="LINKSHOT_BROWSER"):
        find_browser(Settings(browser=given))


@pytest.fixture
def options(bare: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    program(bare / "bin" / "chromium")
    monkeypatch.setenv("LINKSHOT_PASSWORD", "secret")
    return launch_options(Settings(), "http://127.0.0.1:1")


@pytest.mark.parametrize(
    "argument",
    [
        "--disable-quic",
        "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
        "--webrtc-ip-handling-policy=disable_non_proxied_udp",
        "--disable-background-networking",
        "--disable-component-update",
        "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    ],
)
def test_nothing_goes_round_the_proxy(options: dict[str, object], argument: str) -> None:
    assert argument in options["args"]  # type: ignore[operator]
    assert options["proxy"] == {"server": "http://127.0.0.1:1"}


def test_the_browser_gets_no_secrets(options: dict[str, object]) -> None:
    assert "LINKSHOT_PASSWORD" not in options["env"]  # type: ignore[operator]


@pytest.mark.parametrize(("uid", "on"), [(0, False), (1000, True)])
def test_the_sandbox_is_off_only_for_root(
    monkeypatch: pytest.MonkeyPatch, bare: Path, uid: int, on: bool
) -> None:
    program(bare / "bin" / "chromium")
    monkeypatch.setattr(os, "geteuid", lambda: uid)
    assert launch_options(Settings(), "http://127.0.0.1:1")["chromium_sandbox"] is on
    assert not [arg for arg in launch.ARGUMENTS if "sandbox" in arg]


def test_a_context_grants_nothing_and_keeps_nothing() -> None:
    options = context_options(Settings(), "Agent", any_certificate=False)
    assert options["service_workers"] == "block"
    assert options["accept_downloads"] is False
    assert options["permissions"] == []
    assert options["ignore_https_errors"] is False
    assert options["user_agent"] == "Agent"
    assert (
        context_options(Settings(user_agent="Mine"), "x", any_certificate=True)["user_agent"]
        == "Mine"
    )
